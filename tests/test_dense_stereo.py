"""Stereo finds surfaces whose place is known, and says where it does not know."""

import numpy as np
import pytest
import torch

from core.dense import sources
from core.dense.cameras import eye_of
from core.dense.depth import DepthMap
from core.dense.sources import choose, ranges, references
from core.dense.stereo import stereo_depths
from core.geometry.camera import View
from tests.dense_scenes import (
    TALL,
    WIDE,
    Card,
    card,
    looking,
    measured,
    noise,
    photographed,
    points_on,
)

PLACES = (-0.35, 0.0, 0.35)


def depths_of(cards: list[Card], places: tuple[float, ...] = PLACES) -> tuple[DepthMap, ...]:
    views = [looking(x) for x in places]
    photos = [photographed(view, cards)[0] for view in views]
    return measured(views, photos, [points_on(cards)] * len(views))


def test_a_slanted_plane() -> None:
    wall = card(3.0, 3.0, seed=1, tilt=30)
    found = depths_of([wall])[1]
    truth = photographed(looking(0.0), [wall])[1]
    known = found.depth > 0
    assert known.float().mean() > 0.7
    errors = (found.depth / truth - 1).abs()[known]
    assert errors.quantile(0.95) < 0.01
    normal = torch.tensor([np.sin(np.radians(30)), 0, -np.cos(np.radians(30))]).float()
    angles = torch.rad2deg(torch.arccos((found.normal[known] @ normal).clamp(-1, 1)))
    assert angles.median() < 6
    assert torch.allclose(found.normal[known].norm(dim=-1), torch.ones(int(known.sum())))


def test_an_edge_with_hidden_ground_behind() -> None:
    cards = [card(4.0, 5.0, seed=1), card(2.0, 0.35, seed=2)]
    found = depths_of(cards)[1]
    truth = photographed(looking(0.0), cards)[1]
    sure = found.confidence > 0.5
    assert sure.float().mean() > 0.4
    wrong = (found.depth / truth - 1).abs() > 0.03
    assert (wrong & sure).sum() < 0.03 * sure.sum()
    front = (truth < 3) & (found.depth > 0)
    assert front.sum() > 0.5 * (truth < 3).sum()


def test_what_is_not_known_is_zero_everywhere() -> None:
    for found in depths_of([card(3.0, 1.0, seed=3)]):
        nothing = found.depth == 0
        assert nothing.any()
        assert (found.confidence[nothing] == 0).all()
        assert (found.normal[nothing] == 0).all()
        assert (found.confidence[~nothing] > 0).all()
        assert found.confidence.max() <= 1


@pytest.mark.parametrize("scale", [0.01, 250.0])
def test_the_unit_of_length_does_not_matter(scale: float) -> None:
    wall = card(3.0, 3.0, seed=1, tilt=20)
    photos = [photographed(looking(x), [wall])[0] for x in PLACES]
    points = points_on([wall])
    one = measured([looking(x) for x in PLACES], photos, [points] * 3)[1]
    views = [looking(x, scale=scale) for x in PLACES]
    other = measured(views, photos, [scale * points] * 3)[1]
    both = (one.depth > 0) & (other.depth > 0)
    assert both.sum() > 0.98 * (one.depth > 0).sum()
    assert ((other.depth / (scale * one.depth) - 1).abs()[both]).quantile(0.99) < 0.01


def test_the_same_twice() -> None:
    wall = card(3.0, 3.0, seed=1, tilt=20)
    for one, other in zip(depths_of([wall]), depths_of([wall]), strict=True):
        assert torch.equal(one.depth, other.depth)
        assert torch.equal(one.normal, other.normal)
        assert torch.equal(one.confidence, other.confidence)


def test_without_points_the_places_of_the_cameras_must_do() -> None:
    wall = card(3.0, 3.0, seed=1)
    views = [looking(x) for x in PLACES]
    photos = [photographed(view, [wall])[0] for view in views]
    found = measured(views, photos, [np.zeros((0, 3))] * 3)[1]
    known = found.depth > 0
    assert known.float().mean() > 0.5
    assert ((found.depth / 3 - 1).abs()[known] < 0.02).float().mean() > 0.9


def test_wrong_points_and_poses_that_are_no_numbers_break_nothing() -> None:
    wall = card(3.0, 3.0, seed=1)
    views = [looking(x) for x in PLACES]
    photos = [photographed(view, [wall])[0] for view in views]
    wild = np.concatenate([points_on([wall]), [[np.nan, 0, 1], [0, 0, 1e12], [0, 0, -5]]])
    lost = View(views[2].camera, torch.full((4, 4), torch.nan))
    found = measured([*views, lost], [*photos, photos[0]], [wild] * 4)
    assert (found[1].depth > 0).float().mean() > 0.7
    assert (found[3].depth == 0).all()


def nothing_known(maps: tuple[DepthMap, ...]) -> bool:
    return all(bool((found.depth == 0).all()) for found in maps)


def test_nothing_is_known_of_one_photo_or_from_one_place() -> None:
    wall = card(3.0, 3.0, seed=1)
    assert nothing_known(depths_of([wall], (0.0,)))
    assert nothing_known(depths_of([wall], (0.0, 0.0, 0.0)))
    assert measured([], [], []) == ()


def test_nothing_is_known_of_bare_walls() -> None:
    bare = card(3.0, 3.0, seed=1)
    bare = Card(bare.centre, bare.right, bare.down, np.full_like(noise(0), 90))
    assert nothing_known(depths_of([bare]))


def test_it_tells_how_far_it_is_and_stops() -> None:
    wall = card(3.0, 3.0, seed=1)
    views = [looking(x) for x in PLACES]
    photos = [photographed(view, [wall])[0] for view in views]
    seen = [points_on([wall])] * 3
    steps = list(stereo_depths(views, photos, seen))
    assert [step.done for step in steps[:-1]] == [0, 0, 1, 2, 3]  # type: ignore[union-attr]
    assert isinstance(steps[-1], tuple)
    assert not any(
        isinstance(step, tuple) for step in stereo_depths(views, photos, seen, lambda: True)
    )


def test_maps_are_at_most_as_large_as_wished() -> None:
    wall = card(3.0, 3.0, seed=1)
    views = [looking(x).resized(6 * WIDE, 6 * TALL) for x in (0.0, 0.3)]
    photos = [photographed(view, [wall])[0] for view in views]
    found = measured(views, photos, [points_on([wall])] * 2)
    assert found[0].depth.shape == (360, 480)


@pytest.mark.slow
def test_of_many_photos_a_few_are_looked_at_and_the_same_are_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wall = card(3.0, 20.0, seed=1)
    eyes = [eye_of(looking(0.1 * k)) for k in range(60)]
    points = points_on([wall], count=1000)
    seen = [points[eye.seen(points)[1]] for eye in eyes]
    chosen = choose(eyes, seen, ranges(eyes, seen))
    monkeypatch.setattr(sources, "MOST_LOOKED_AT", len(eyes))
    assert chosen == choose(eyes, seen, ranges(eyes, seen))


def test_of_many_photos_some_are_measured_and_every_place_is() -> None:
    wall = card(3.0, 6.0, seed=1)
    eyes = [eye_of(looking(0.1 * k)) for k in range(30)]
    points = points_on([wall], count=400)
    seen = [points[eye.seen(points)[1]] for eye in eyes]
    chosen = references(eyes, seen, choose(eyes, seen, ranges(eyes, seen)), cover=3)
    assert 4 <= len(chosen) <= 20
    shown = sum(eyes[k].seen(points)[1].astype(int) for k in chosen)
    in_three = sum(eye.seen(points)[1].astype(int) for eye in eyes) >= 3
    assert (np.asarray(shown)[in_three] >= 3).mean() > 0.9
