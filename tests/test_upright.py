"""Scenes whose up, floor and unit are known, seen from a frame where they are not."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.capture.lens import Lens
from core.capture.reconstruction import PlacedPhoto, Reconstruction, SparsePoints
from core.geometry.pose import Pose
from core.poses.upright import camera_up, find_floor, median_depth, moved_reconstruction, upright

Array = NDArray[np.float64]

LENS = Lens("PINHOLE", 640, 480, (500.0, 500.0, 320.0, 240.0))
TILTED = Pose(
    Rotation.from_euler("xyz", [0.7, -2.0, 1.1]).as_matrix(), np.array([3.0, -1.0, 8.0]), 2.5
)


def looking_at(center: Array, target: Array) -> Array:
    """A camera [4, 4] held level (x horizontal) at `center`."""
    forward = (target - center) / np.linalg.norm(target - center)
    right = np.cross(forward, [0.0, 1.0, 0.0])
    right /= np.linalg.norm(right)
    turn = np.stack([right, np.cross(forward, right), forward])
    camera = np.eye(4)
    camera[:3, :3], camera[:3, 3] = turn, -turn @ center
    return camera


def room(*, floor: bool = True, views: int = 6) -> Reconstruction:
    """A table-sized heap on a floor at y = 0, photographed from a ring of level cameras."""
    random = np.random.default_rng(3)
    heap = random.uniform([-0.4, 0.05, -0.4], [0.4, 0.8, 0.4], (300, 3))
    ground = random.uniform([-2.0, 0.0, -2.0], [2.0, 0.0, 2.0], (300, 3))
    ground[:, 1] = random.normal(scale=0.004, size=300)
    points = np.vstack([heap, ground]) if floor else heap
    angles = np.linspace(0.0, 2.0, views)
    centers = np.stack([2 * np.sin(angles), np.full(views, 1.2), 2 * np.cos(angles)], axis=1)
    photos = tuple(
        PlacedPhoto(f"{i}.jpg", LENS, looking_at(center, np.array([0.0, 0.3, 0.0])))
        for i, center in enumerate(centers)
    )
    seen = np.repeat(np.arange(views), len(points)), np.tile(np.arange(len(points)), views)
    return Reconstruction(
        photos,
        SparsePoints(points, np.zeros((len(points), 3), np.uint8), np.zeros(len(points)), *seen),
        (),
    )


def tilt_degrees(placed: Reconstruction, truth: Reconstruction) -> float:
    """Angle between the true up and y, as the first camera sees them."""
    up = truth.photos[0].camera_from_scene[:3, 1]
    found = placed.photos[0].camera_from_scene[:3, 1]
    return float(np.degrees(np.arccos(np.clip(up @ found, -1.0, 1.0))))


def test_up_and_floor_are_found_from_any_frame() -> None:
    found = upright(moved_reconstruction(room(), TILTED))
    assert found.floor_found
    assert tilt_degrees(found, room()) < 0.5
    ground = found.points.positions[300:]
    assert np.abs(ground[:, 1]).max() < 0.03
    assert (found.points.positions[:300, 1] > 0.0).all()


def test_without_a_floor_the_lowest_points_lie_at_zero_and_this_is_said() -> None:
    found = upright(moved_reconstruction(room(floor=False), TILTED))
    assert not found.floor_found
    assert tilt_degrees(found, room()) < 0.5
    assert np.quantile(found.points.positions[:, 1], 0.02) == pytest.approx(0.0, abs=1e-9)


def test_what_the_cameras_look_at_is_in_the_middle() -> None:
    found = upright(moved_reconstruction(room(), TILTED))
    heap = found.points.positions[:300].mean(axis=0)
    assert np.hypot(heap[0], heap[2]) < 0.1


def test_the_unit_is_the_median_depth_or_stays() -> None:
    tilted = moved_reconstruction(room(), TILTED)
    assert median_depth(upright(tilted)) == pytest.approx(1.0)
    assert median_depth(upright(tilted, rescale=False)) == pytest.approx(median_depth(tilted))


def test_the_frame_that_comes_in_does_not_matter() -> None:
    """Heights and distances come out the same; the turn about y is nobody's business."""
    one, two = upright(room()), upright(moved_reconstruction(room(), TILTED))
    np.testing.assert_allclose(one.points.positions[:, 1], two.points.positions[:, 1], atol=2e-3)
    np.testing.assert_allclose(
        np.linalg.norm(one.points.positions, axis=1),
        np.linalg.norm(two.points.positions, axis=1),
        atol=5e-3,
    )


def test_pictures_stay_the_same() -> None:
    """A point is where it was in each camera, up to the unit."""
    before = moved_reconstruction(room(), TILTED)
    after = upright(before, rescale=False)
    for old, new in zip(before.photos, after.photos, strict=True):
        seen_old = before.points.positions @ old.camera_from_scene[:3, :3].T
        seen_new = after.points.positions @ new.camera_from_scene[:3, :3].T
        np.testing.assert_allclose(
            seen_old + old.camera_from_scene[:3, 3],
            seen_new + new.camera_from_scene[:3, 3],
            atol=1e-9,
        )


@pytest.mark.parametrize("views", [1, 2])
def test_one_or_two_photos_are_turned_by_their_tops(views: int) -> None:
    found = upright(moved_reconstruction(room(views=views, floor=False), TILTED))
    assert tilt_degrees(found, room()) < 40.0
    assert np.isfinite(found.points.positions).all()


def test_cameras_upside_down_do_not_turn_the_world_over() -> None:
    cameras = np.stack([photo.camera_from_scene for photo in room().photos])
    cameras[0] = np.diag([-1.0, -1.0, 1.0, 1.0]) @ cameras[0]
    assert camera_up(cameras)[1] > 0.99


def test_a_table_above_the_floor_is_not_the_floor() -> None:
    random = np.random.default_rng(5)
    table = random.uniform([-1.0, 0.7, -1.0], [1.0, 0.7, 1.0], (600, 3))
    ground = random.uniform([-2.0, 0.0, -2.0], [2.0, 0.0, 2.0], (200, 3))
    floor = find_floor(np.vstack([table, ground]), 0.01, seed=0)
    assert floor is not None
    assert floor[1] == pytest.approx(0.0, abs=1e-6)


def test_no_photos_no_change() -> None:
    empty = Reconstruction((), SparsePoints.none(), ())
    assert upright(empty) is empty


def test_photos_without_points_are_placed_too() -> None:
    bare = Reconstruction(room().photos, SparsePoints.none(), ())
    assert not upright(bare).floor_found
