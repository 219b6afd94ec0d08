"""Lifting labels to Gaussians: exact where photos tell, and by the neighbours where they do not."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.gaussians.table import Gaussians
from core.geometry.camera import Pinhole, View
from core.segment.counting import PhotoVotes, together
from core.segment.labels import BACKGROUND, IGNORE, UNLABELLED, PhotoMask
from core.segment.lift import labels_in, lift, rendered_labels, votes_of
from core.segment.masks import FLOOR
from core.segment.tidy import tidied

CAMERA = Pinhole(96, 72, 80.0, 80.0, 48.0, 36.0)


def views() -> list[View]:
    found = []
    for turn in (-0.4, 0.0, 0.4):
        c, s = np.cos(turn), np.sin(turn)
        pose = np.eye(4)
        pose[:3, :3] = [[c, 0, s], [0, 1, 0], [-s, 0, c]]
        pose[:3, 3] = [0, 0, 4]
        found.append(View(CAMERA, torch.from_numpy(pose).float()))
    return found


def clusters(kind: torch.dtype = torch.float32) -> Gaussians:
    """Three opaque balls of Gaussians, apart from each other in every view."""
    generator = torch.Generator().manual_seed(0)
    count = 60
    middles = torch.tensor([[-1.0, 0.3, 0.0], [0.0, -0.4, 0.2], [1.0, 0.2, -0.1]])
    means = (middles[:, None] + 0.12 * torch.randn(3, count, 3, generator=generator)).flatten(0, 1)
    n = len(means)
    colors = torch.rand(3, 1, 3, generator=generator).repeat(1, count, 1).flatten(0, 1)
    return Gaussians(
        means=means.to(kind),
        quats=torch.tensor([[1.0, 0, 0, 0]]).repeat(n, 1).to(kind),
        log_scales=torch.full((n, 3), -3.0, dtype=kind),
        logit_opacity=torch.full((n,), 2.0, dtype=kind),
        sh=(colors[:, None] - 0.5).to(kind),
        object_id=torch.tensor([4, 7, 9]).repeat_interleave(count),
    )


def images(gaussians: Gaussians) -> list[np.ndarray]:
    """What true ids look like, from every view; 0 where nothing is."""
    ids = (0, 4, 7, 9)
    own = torch.nn.functional.one_hot(
        torch.searchsorted(torch.tensor(ids), gaussians.object_id), len(ids)
    )
    votes = replace(lift(gaussians, [], []), ids=ids, weights=own.float())
    seen = [rendered_labels(gaussians, view, votes) for view in views()]
    return [np.where(image == UNLABELLED, 0, image) for image in seen]


def test_true_ids_come_back_exactly() -> None:
    gaussians = clusters()
    votes = lift(gaussians, views(), images(gaussians))
    assert torch.equal(votes.object_ids(), gaussians.object_id)
    assert torch.equal(tidied(gaussians, votes).object_ids(), gaussians.object_id)


def test_votes_sum_to_one() -> None:
    gaussians = clusters()
    votes = lift(gaussians, views(), images(gaussians))
    torch.testing.assert_close(votes.shares.sum(1), torch.ones(len(gaussians)))
    weights = tidied(gaussians, votes).weights.sum(1)
    torch.testing.assert_close(weights, torch.ones(len(gaussians)))


def test_counting_agrees_with_the_gradient_of_the_reference() -> None:
    gaussians, view = clusters(), views()[1]
    image = images(gaussians)[1]
    counted = votes_of(gaussians, view, image, (0, 4, 7, 9))
    exact = votes_of(clusters(torch.float64), view, image, (0, 4, 7, 9))
    torch.testing.assert_close(counted.double(), exact, rtol=1e-3, atol=1e-3)


def test_all_labels_together_weigh_what_the_picture_weighs() -> None:
    """One label everywhere: its votes are all of the Gaussians' blending weights."""
    from core.render.rasterize import rasterize

    gaussians, view = clusters(), views()[0]
    votes = votes_of(gaussians, view, np.full((72, 96), 5), (5,))
    alpha = rasterize(gaussians, view).alpha
    assert float(votes.sum()) == pytest.approx(float(alpha.sum()), rel=1e-4)


def test_pixels_of_which_nothing_is_said_do_not_vote() -> None:
    gaussians = clusters()
    silent = [np.full((72, 96), label, np.uint16) for label in (UNLABELLED, IGNORE, UNLABELLED)]
    votes = lift(gaussians, views(), silent)
    assert float(votes.seen.sum()) == 0
    assert labels_in(silent) == (0,)
    assert not votes.object_ids().any()


def test_what_no_photo_shows_follows_its_neighbours() -> None:
    gaussians = clusters()
    whole = images(gaussians)
    # Of each ball hardly more than one column of pixels is labelled.
    partly = np.where(np.arange(96)[None] % 20 == 8, whole[1], UNLABELLED)
    votes = lift(gaussians, [views()[1]], [partly])
    assert (votes.seen < 1e-6).any()
    assert torch.equal(tidied(gaussians, votes).object_ids(), gaussians.object_id)


def test_a_corrected_mask_is_followed_without_anything_else() -> None:
    gaussians = clusters()
    before = images(gaussians)
    after = [np.where(image == 7, 8, image) for image in before]
    votes = lift(gaussians, views(), after)
    expected = torch.where(gaussians.object_id == 7, 8, gaussians.object_id)
    assert torch.equal(votes.object_ids(), expected)


def test_images_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="for a view of"):
        lift(clusters(), views()[:1], [np.zeros((10, 10), np.uint16)])


def test_what_lies_on_the_floor_wins_where_both_were_said() -> None:
    gaussians, rug = clusters(), FLOOR + 6
    mask = PhotoMask.blank(CAMERA.height, CAMERA.width)
    one, none = torch.ones(len(gaussians), 1), torch.zeros(len(gaussians))
    floor, other = (PhotoVotes(mask, (id_,), one, none) for id_ in (FLOOR, rug))
    assert together(gaussians, [floor, other]).object_ids().unique().tolist() == [rug]
    unsaid = PhotoVotes(mask, (BACKGROUND,), 0 * one, torch.ones(len(gaussians)))
    assert together(gaussians, [floor, unsaid]).object_ids().unique().tolist() == [FLOOR]
