"""Collisions, falling, floaters, mirror images, and where to take the next photo from."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.gaussians.arrays import SplatArrays
from core.gaussians.provenance import Origin
from core.geometry.camera import View
from core.geometry.planes import Plane
from core.geometry.pose import Pose
from core.geometry.rotation import matrix_from_quat
from core.render.rasterize import rasterize
from core.scene.additions import Addition
from core.scene.advice import guessed_by, photo_to_take, places_to_try
from core.scene.backs import back_completed
from core.scene.collisions import Body, fall, overlap
from core.scene.floaters import floater_scores, likely_floaters
from core.scene.symmetry import Witness, completed, mirrored, reflected, symmetry_plane
from tests.prior_scenes import looking, room, sheet

UP = np.array([0.0, 1.0, 0.0])


def shell(size: float = 1.0, count: int = 12) -> np.ndarray:
    """Points on the faces of a cube that stands on y = 0 around the y axis."""
    s = (np.arange(count) + 0.5) / count - 0.5
    a, b = (each.ravel() for each in np.meshgrid(s, s))
    sides = [
        np.insert(np.stack([a, b], 1), k, side, axis=1) for k in range(3) for side in (-0.5, 0.5)
    ]
    return size * np.add(np.concatenate(sides), (0, 0.5, 0))


def at(x: float, y: float = 0.0, turn: float = 0.0) -> Pose:
    c, s = np.cos(turn), np.sin(turn)
    return Pose(np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]), np.array([x, y, 0.0]))


def test_things_collide_where_their_surfaces_meet() -> None:
    one, small = Body(shell()), Body(shell(0.3))
    assert overlap(one, at(0), one, at(1.5)) == 0
    assert overlap(one, at(0), one, at(0.5)) > 0.05
    assert overlap(one, at(0), one, at(0.0)) == 1
    assert overlap(one, at(0), one, at(1.3, turn=0.8)) == 0
    assert overlap(small, at(0, 0.4), one, at(0)) == 0  # within it, touching nothing
    assert overlap(small, at(0.5, 0.4), one, at(0)) > 0
    both = at(3.0, 1.0, 0.4)
    moved = overlap(one, both @ at(0), one, both @ at(0.5))
    assert moved == pytest.approx(overlap(one, at(0), one, at(0.5)), abs=0.02)


def test_things_fall_until_something_holds_them() -> None:
    table, cup = shell(), shell(0.2)
    above = np.add(cup, (0.1, 1.7, 0.1))
    assert fall(above, table, 0.1) == pytest.approx(0.7, abs=0.01)
    assert fall(np.add(above, (2.0, 0, 0)), table, 0.1) == pytest.approx(1.7, abs=0.01)
    assert fall(above, np.zeros((0, 3)), 0.1) == pytest.approx(1.7, abs=0.01)
    assert fall(np.add(cup, (0, -0.3, 0)), np.add(table, (5.0, 0, 0)), 0.1) == pytest.approx(
        -0.3, abs=0.01
    )
    settled = np.subtract(above, (0, fall(above, table, 0.1), 0))
    assert fall(settled, table, 0.1) == pytest.approx(0, abs=1e-9)


def test_floaters_are_told_from_surfaces() -> None:
    arrays = SplatArrays.from_gaussians(room())
    random = np.random.default_rng(0)
    chosen = random.permutation(len(arrays))[:40]
    floating = np.zeros(len(arrays), bool)
    floating[chosen] = True
    means, opacity = arrays.means.copy(), arrays.logit_opacity.copy()
    means[chosen] = random.uniform((-9, -6, -9), (9, 7, 12), (40, 3))
    opacity[chosen] = random.normal(-1, 1, 40)
    scores = floater_scores(replace(arrays, means=means, logit_opacity=opacity))
    ranks = scores[floating][:, None] > scores[~floating]
    assert ranks.mean() > 0.97
    found = likely_floaters(scores, 0.5)
    assert found[floating].mean() > 0.6
    assert found[~floating].mean() < 0.01
    assert not likely_floaters(scores, 0.0).any()
    for less, more in ((0.2, 0.5), (0.5, 0.9)):
        assert (likely_floaters(scores, less) <= likely_floaters(scores, more)).all()
    assert len(floater_scores(SplatArrays.from_gaussians(room().rows(torch.arange(0))))) == 0


def test_a_mirror_image_of_a_mirror_image_is_the_thing() -> None:
    thing = sheet((0.2, 0.5, 1.0), (0.5, 0.1, 0.3), (0.1, -0.8, 0.0), 0.1)
    plane = Plane(np.array([0.6, 0.0, 0.8]), -0.3)
    twice = mirrored(mirrored(thing, plane), plane)
    torch.testing.assert_close(twice.means, thing.means, atol=1e-5, rtol=0)
    image = mirrored(thing, plane)
    np.testing.assert_allclose(
        image.means.double().numpy(), reflected(thing.means.double().numpy(), plane), atol=1e-5
    )
    mirror = torch.from_numpy(np.eye(3) - 2 * np.outer(plane.normal, plane.normal)).float()
    axes, turned = matrix_from_quat(thing.quats), matrix_from_quat(image.quats)
    wide = torch.exp(thing.log_scales)
    before = (axes * wide[:, None] ** 2) @ axes.transpose(1, 2)
    after = (turned * wide[:, None] ** 2) @ turned.transpose(1, 2)
    torch.testing.assert_close(after, mirror @ before @ mirror, atol=1e-6, rtol=0)
    assert (image.origin == Origin.FILLED).all()


def test_the_mirror_of_a_half_seen_box_is_found_and_used_where_photos_allow() -> None:
    front = sheet((-0.5, 0.5, 0.0), (1.0, 0, 0), (0, -1.0, 0), 0.05)
    side = sheet((-0.5, 0.5, 0.0), (0, 0, 0.6), (0, -1.0, 0), 0.05)
    seen = front.followed_by(side)
    _, share = symmetry_plane(seen.means.double().numpy(), UP)
    assert share > 0.6
    truth = Plane(np.array([1.0, 0, 0]), 0.0)
    view = looking((-1.2, 0.0, -3.0), (0.0, 0.0, 0.3))
    mask = (rasterize(seen, view).alpha > 0.5).numpy()
    depth = rasterize(seen, view).depth
    photo = Witness(view, mask, torch.where(torch.from_numpy(mask), depth, 9.0))
    added = completed(seen, truth, [photo])
    # The other side is behind the front, so nothing speaks against it.
    assert len(added) > 0.8 * len(side)
    assert float((added.means[:, 0] - 0.5).abs().max()) < 0.02
    # A photo that sees through where it would be does.
    beside = looking((2.5, 0.0, 0.3), (0.0, 0.0, 0.3))
    empty = Witness(beside, np.zeros((48, 64), bool), torch.full((48, 64), 9.0))
    assert len(completed(seen, truth, [photo, empty])) < 0.2 * len(added)


def test_a_back_is_added_beside_the_object_and_marked() -> None:
    front = sheet((-0.5, 0.5, 2.0), (1.0, 0, 0), (0, -1.0, 0), 0.05)
    side = sheet((-0.5, 0.5, 2.0), (0, 0, 0.6), (0, -1.0, 0), 0.05)
    thing = front.followed_by(side)
    thing = replace(thing, object_id=torch.full((len(thing),), 2))
    wall = sheet((-3, 2, 4), (6, 0, 0), (0, -4, 0), 0.2)
    views = [looking((x, 0.0, -1.0), (0.0, 0.0, 2.3)) for x in (-1.2, -0.6)]
    *_, found = back_completed(wall.followed_by(thing), 2, views, Pose.identity())
    assert isinstance(found, Addition)
    added = found.splats
    assert len(added) > 0.8 * len(side)
    assert (added.origin == Origin.IMAGINED).all()
    assert (added.object_id == 2).all()
    assert np.abs(added.means[:, 0] - 0.5).max() < 0.03
    # A photo from that side, of a thing without it, allows none.
    beside = [*views, looking((2.2, 0.0, 0.5), (0.0, 0.0, 2.3))]
    *_, less = back_completed(wall.followed_by(thing), 2, beside, Pose.identity())
    assert isinstance(less, Addition)
    assert len(less.splats) < 0.3 * len(added)


def test_what_nobody_judged_is_guessed_where_no_photo_shows_it() -> None:
    scene = room()
    views = [looking((x, 0.3, -1.0), (0.0, 0.0, 3.0)) for x in (-0.5, 0.5)]
    unsure = guessed_by(scene, views)
    x, y, z = scene.means.unbind(1)
    behind = (z > 3.9) & (x.abs() < 0.3) & (y < -0.3)
    assert float(unsure[behind].mean()) > 0.8
    assert float(unsure[(z > 3.9) & (y > 0.8)].mean()) < 0.5
    known = replace(scene, confidence=torch.full((len(scene),), 0.25))
    assert (guessed_by(known, views) == 0.75).all()


def test_the_next_photo_shows_what_is_guessed() -> None:
    scene = room()
    # The left wall was never seen.
    left = (scene.means[:, 0] + 3).abs() < 0.01
    scene = replace(scene, confidence=(~left).float())
    views = [looking((x, 0.3, -1.0), (0.0, 0.0, 3.0)) for x in (-0.5, 0.5)]
    ways = [looking((0.5, 0.3, 0.5), (x, 0.0, 2.5)) for x in (-3.0, 0.0, 3.0)]
    advice = photo_to_take(scene, ways, 3.0)
    assert advice is not None
    assert advice.view is ways[0]
    assert 0.3 < advice.share <= 1
    away = [looking((0.0, 0.0, -3.0), (0.0, 0.0, -9.0))]
    assert photo_to_take(scene, away, 3.0) is None
    outside = [
        looking((-5.0, 0.3, 2.0), (0.0, 0.0, 2.0)),
        looking((-3.5, 0.3, 2.0), (0.0, 0.0, 2.0)),
    ]
    assert photo_to_take(scene, outside, 5.0) is None
    tries = places_to_try(views, torch.tensor([0.0, 1.0, 0.0]))
    assert len(tries) == 36
    assert all(isinstance(each, View) for each in tries)
    distances = [float((each.centre() - torch.tensor([0.0, 0.0, 3.0])).norm()) for each in tries]
    assert max(distances) - min(distances) < 1.0
