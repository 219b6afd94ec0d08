"""Following masks: what is kept and counted anew comes to what counting everything comes to."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.gaussians.rows import RowEdit
from core.gaussians.table import Gaussians
from core.segment import follow
from core.segment.follow import Following
from core.segment.labels import IGNORE, UNLABELLED, PhotoMask, Standing
from core.segment.lift import Votes
from core.segment.propagate import Lifted, lift_masks, through_scene
from core.segment.tiles import Tiled, same_numbers
from tests.test_segment_lift import clusters, images
from tests.test_segment_propagate import NAMES, photos, pictures

Masks = dict[str, PhotoMask]


def masks(*names: str) -> Masks:
    """The true labels of these photos, as if the user had said them."""
    true = dict(zip(NAMES, images(clusters()), strict=True))
    return {name: PhotoMask.from_arrays(true[name], None, Standing.USER) for name in names}


def corrected(mask: PhotoMask, before: int, after: int) -> PhotoMask:
    labels = mask.labels()
    return PhotoMask.from_arrays(np.where(labels == before, after, labels), None, Standing.USER)


def whole(gaussians: Gaussians, given: Mapping[str, PhotoMask]) -> Votes:
    return Following(photos()).votes(gaussians, given)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the photos whose votes are counted."""
    names: list[str] = []
    count = follow.photo_votes

    def noted(gaussians: Gaussians, photo: follow.PlacedPhoto, mask: PhotoMask) -> object:
        names.append(photo.name)
        return count(gaussians, photo, mask)

    monkeypatch.setattr(follow, "photo_votes", noted)
    return names


def test_all_together_is_what_lifting_says() -> None:
    given = masks(*NAMES)
    labels = given["b.jpg"].labels()
    labels[:, :40] = UNLABELLED
    labels[:20] = IGNORE
    given["b.jpg"] = PhotoMask.from_arrays(labels, None, Standing.USER)
    given["c.jpg"] = replace(given["c.jpg"], standing=Standing.PROPAGATED)
    found, expected = whole(clusters(), given), lift_masks(clusters(), photos(), given).votes
    assert found.ids == expected.ids
    torch.testing.assert_close(found.weights, expected.weights, atol=2e-3, rtol=0)


def test_after_any_corrections_it_is_as_counted_from_scratch() -> None:
    gaussians, following = clusters(), Following(photos())
    given: Masks = {}
    steps: list[Masks] = [
        masks("a.jpg"),
        masks("b.jpg"),
        {"a.jpg": corrected(masks("a.jpg")["a.jpg"], 7, 12)},
        {"b.jpg": PhotoMask.blank(72, 96)},
        masks("a.jpg", "c.jpg"),
    ]
    for step in steps:
        given |= step
        found, expected = following.votes(gaussians, given), whole(gaussians, given)
        assert found.ids == expected.ids
        torch.testing.assert_close(found.weights, expected.weights)
    assert torch.equal(found.object_ids(), gaussians.object_id)


def test_what_carrying_told_holds_until_something_else_is_said() -> None:
    gaussians, following, given = clusters(), Following(photos()), masks("b.jpg")
    steps = through_scene(gaussians, photos(), given, pictures().__getitem__)
    lifted = next(step for step in steps if isinstance(step, Lifted))
    following.hear(gaussians, lifted.said)
    told, alone = following.votes(gaussians, given), whole(gaussians, given)
    torch.testing.assert_close(told.weights, lifted.votes.weights, atol=2e-3, rtol=0)
    assert (told.weights - alone.weights).abs().max() > 0.01
    given["b.jpg"] = corrected(given["b.jpg"], 7, 12)
    after = following.votes(gaussians, given).object_ids()
    seven = told.object_ids() == 7
    assert seven.any()
    assert (after[seven] == 12).float().mean() > 0.9
    assert torch.equal(after[~seven], told.object_ids()[~seven])
    assert torch.equal(
        following.votes(gaussians, {}).object_ids(), whole(gaussians, {}).object_ids()
    )


def test_only_the_corrected_photo_is_counted_again(counted: list[str]) -> None:
    gaussians, following, given = clusters(), Following(photos()), masks(*NAMES)
    following.votes(gaussians, given)
    assert counted == list(NAMES)
    given["b.jpg"] = corrected(given["b.jpg"], 7, 12)
    again = {name: PhotoMask(Tiled.of(m.codes.whole()), m.standing) for name, m in given.items()}
    following.votes(gaussians, again)  # the others came by another way, but say the same
    assert counted[3:] == ["b.jpg"]
    following.votes(clusters(), again)
    assert counted[4:] == []


def test_moved_gaussians_are_counted_again_by_and_by(
    counted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "RECOUNTED", 1)
    gaussians, following, given = clusters(), Following(photos()), masks(*NAMES)
    following.votes(gaussians, given)
    nothing = RowEdit.keep(torch.ones(len(gaussians), dtype=torch.bool))
    for _ in range(3):
        gaussians = replace(gaussians, means=gaussians.means + 1e-3)
        following.votes(gaussians, given, nothing)
    assert counted[3:] == list(NAMES)


def test_gaussians_of_which_nothing_is_known_are_counted_anew(counted: list[str]) -> None:
    following, given = Following(photos()), masks(*NAMES)
    following.votes(clusters(), given)
    other = clusters().rows(torch.arange(100))
    found = following.votes(other, given)
    assert counted[3:] == list(NAMES)
    torch.testing.assert_close(found.weights, whole(other, given).weights)


def test_children_are_whose_their_parents_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "RECOUNTED", 0)
    gaussians, following, given = clusters(), Following(photos()), masks(*NAMES)
    following.votes(gaussians, given)
    parent = torch.cat([torch.arange(0, len(gaussians), 2), torch.arange(0, 90, 3)])
    fresh = torch.arange(len(parent)) >= (len(gaussians) + 1) // 2
    grown = gaussians.rows(parent)
    votes = following.votes(grown, given, RowEdit(parent, fresh))
    assert torch.equal(votes.object_ids(), gaussians.object_id[parent])


def test_votes_take_no_more_room_than_they_may(
    counted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "ROOM", 0)
    gaussians, following, given = clusters(), Following(photos()), masks(*NAMES)
    expected = following.votes(gaussians, given).weights
    torch.testing.assert_close(following.votes(gaussians, given).weights, expected)
    assert counted == [*NAMES, *NAMES]


def test_pictures_are_the_same_number_by_number() -> None:
    numbers = np.random.default_rng(0).integers(0, 3, (300, 300)).astype(np.uint16)
    numbers[:256, :256] = 1
    one = Tiled.of(numbers)
    assert same_numbers(one, Tiled.of(numbers.copy()))
    numbers[299, 299] += 1
    assert not same_numbers(one, Tiled.of(numbers))
    assert not same_numbers(one, Tiled.full(300, 299))


def test_a_handful_of_gaussians_and_such_as_are_no_numbers_do_no_harm() -> None:
    given = masks(*NAMES)
    few = clusters().rows(torch.tensor([0, 60, 120]))
    assert torch.equal(whole(few, given).object_ids(), few.object_id)
    broken = clusters()
    broken.means[5], broken.sh[7] = float("nan"), float("inf")
    ids = whole(broken, given).object_ids()
    well = torch.ones(len(broken), dtype=torch.bool)
    well[[5, 7]] = False
    assert torch.equal(ids[well], broken.object_id[well])
