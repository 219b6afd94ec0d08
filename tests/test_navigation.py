"""Laws of moving about: what stays under the cursor, what stays as far, what never happens."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.geometry.camera import Pinhole, View, project
from widgets.viewport.eye import Eye
from widgets.viewport.flight import FLIGHT, Flight, PhotoCamera, beside_photo, blended, photo_eye
from widgets.viewport.navigation import (
    Camera,
    Side,
    camera_axes,
    camera_from_scene,
    flown,
    framed,
    looked,
    orbited,
    panned,
    pivoted,
    point_under,
    position,
    rigid,
    seen_from,
    to_eye,
    upright,
    zoomed,
)

SIZE = (960, 540)
EAR = (700.0, 100.0)  # some place in the picture
POINTS = np.array([[0.1, 0.2, -0.3], [1.0, -0.5, 0.4], [-0.7, 0.9, 0.2]])


def some_camera(orthographic: bool = False) -> Camera:
    return Camera(
        pivot=np.array([0.3, -0.2, 0.5]),
        offset=np.array([0.4, -0.3, 5.0]),
        yaw=0.7,
        pitch=-0.4,
        orthographic=orthographic,
        scene_size=2.0,
    )


def eye(camera: Camera) -> Eye:
    return to_eye(camera, *SIZE)


def pixel(camera: Camera, point: np.ndarray) -> np.ndarray:
    return eye(camera).project(point)[0]


def behind(camera: Camera) -> np.ndarray:
    """How far the eye of a parallel projection steps back."""
    return camera_axes(camera)[2] * (4 * camera.scene_size if camera.orthographic else 0)


both = pytest.mark.parametrize("orthographic", [False, True])


@both
def test_cameras_are_rigid_and_upright(orthographic: bool) -> None:
    axes = camera_axes(some_camera(orthographic))
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(axes) == pytest.approx(1)
    assert axes[0, 1] == 0
    assert axes[1, 1] < 0


@both
def test_the_pivot_is_where_the_offset_says(orthographic: bool) -> None:
    camera = some_camera(orthographic)
    seen = camera_from_scene(camera) @ [*camera.pivot, 1]
    np.testing.assert_allclose(seen[:3], camera.offset)
    np.testing.assert_allclose(eye(camera).centre, position(camera) - behind(camera))


@both
def test_orbiting_keeps_the_distance_and_the_pivot_in_its_place(orthographic: bool) -> None:
    before = some_camera(orthographic)
    after = orbited(before, 37, 21, SIZE)
    assert np.linalg.norm(position(after) - after.pivot) == pytest.approx(
        np.linalg.norm(position(before) - before.pivot)
    )
    np.testing.assert_allclose(pixel(after, before.pivot), pixel(before, before.pivot))
    assert not np.allclose(pixel(after, POINTS), pixel(before, POINTS), atol=1)


def test_what_is_dragged_follows_the_hand() -> None:
    camera = Camera()
    front = np.array([0.0, 0.0, 1.0])
    right = pixel(orbited(camera, 10, 0, SIZE), front)
    down = pixel(orbited(camera, 0, 10, SIZE), front)
    assert right[0] > SIZE[0] / 2
    assert down[1] > SIZE[1] / 2


@both
def test_panning_keeps_what_was_taken_under_the_cursor(orthographic: bool) -> None:
    camera = some_camera(orthographic)
    taken = point_under(camera, (200, 300), SIZE)
    np.testing.assert_allclose(pixel(camera, taken), (200, 300))
    np.testing.assert_allclose(pixel(panned(camera, (200, 300), EAR, SIZE), taken), EAR)


@both
@pytest.mark.parametrize("factor", [1.3, 0.6])
def test_zooming_keeps_what_is_under_the_cursor(orthographic: bool, factor: float) -> None:
    camera = some_camera(orthographic)
    kept = point_under(camera, EAR, SIZE)
    after = zoomed(camera, factor, EAR, SIZE)
    np.testing.assert_allclose(pixel(after, kept), EAR)
    spread = np.ptp(pixel(after, camera.pivot + 0.01 * camera_axes(camera)[:2]), axis=0)
    before = np.ptp(pixel(camera, camera.pivot + 0.01 * camera_axes(camera)[:2]), axis=0)
    np.testing.assert_allclose(spread, factor * before, rtol=0.02)


def test_zooming_on_and_on_goes_through_the_pivot() -> None:
    camera = Camera(scene_size=2.0)
    for _ in range(2000):
        camera = zoomed(camera, 1.5, (480, 270), SIZE)
    assert position(camera)[2] < -1


@both
def test_numbers_stay_finite(orthographic: bool) -> None:
    camera = some_camera(orthographic)
    for factor in (1e9, 0.0, 1e-9, -1.0, *[0.5] * 3000, *[2.0] * 3000):
        camera = zoomed(camera, factor, EAR, SIZE)
        assert np.isfinite(camera_from_scene(camera)).all()
        assert camera.offset[2] > 0
    camera = framed(camera, np.zeros(3), np.zeros(3), SIZE)
    assert np.isfinite(eye(camera).clip_from_scene()).all()


@pytest.mark.parametrize("turned", [orbited, looked])
def test_the_pitch_never_flips(turned: object) -> None:
    camera = some_camera()
    for dy in (400, 400, 400, -4000, 77):
        camera = turned(camera, 13, dy, SIZE)  # type: ignore[operator]
        assert abs(camera.pitch) <= math.pi / 2
        assert camera_axes(camera)[1, 1] <= 1e-9


def test_looking_around_stays_where_it_stands() -> None:
    before = some_camera()
    after = looked(before, 50, -20, SIZE)
    np.testing.assert_allclose(position(after), position(before))
    assert after.yaw != before.yaw


def test_flying_goes_as_far_as_the_time_and_the_scene_are_long() -> None:
    before = some_camera()
    ahead = position(flown(before, (0, 0, 1), 2.0, False)) - position(before)
    np.testing.assert_allclose(ahead / np.linalg.norm(ahead), camera_axes(before)[2])
    halves = flown(flown(before, (0, 0, 1), 1.0, False), (0, 0, 1), 1.0, False)
    np.testing.assert_allclose(position(halves) - position(before), ahead)
    larger = replace(before, scene_size=4.0)
    np.testing.assert_allclose(
        position(flown(larger, (0, 0, 1), 1, False)) - position(larger), ahead
    )
    aslant = position(flown(before, (1, 1, 1), 2.0, False)) - position(before)
    assert np.linalg.norm(aslant) == pytest.approx(np.linalg.norm(ahead))
    assert aslant @ camera_axes(before)[1] < 0  # up is against "down"
    fast = position(flown(before, (0, 0, 1), 2.0, True)) - position(before)
    assert np.linalg.norm(fast) > 2 * np.linalg.norm(ahead)
    assert flown(before, (0, 0, 0), 1.0, True) is before


@both
@pytest.mark.parametrize("size", [(960, 540), (300, 800)])
def test_framing_shows_all_of_a_box_large(orthographic: bool, size: tuple[int, int]) -> None:
    low, high = np.array([-1.0, 0.0, -2.0]), np.array([1.0, 3.0, 2.0])
    camera = framed(some_camera(orthographic), low, high, size)
    corners = np.stack(np.meshgrid(*zip(low, high, strict=True)), axis=-1).reshape(-1, 3)
    pixels, z = to_eye(camera, *size).project(corners)
    assert (z > 0).all()
    assert (pixels > 0).all()
    assert (pixels < size).all()
    assert np.ptp(pixels, axis=0).max() > 0.4 * min(size)
    np.testing.assert_allclose(
        pixels.mean(axis=0), (size[0] / 2, size[1] / 2), atol=0.1 * min(size)
    )


@both
def test_a_new_pivot_leaves_the_picture_as_it_is(orthographic: bool) -> None:
    before = some_camera(orthographic)
    point = point_under(before, EAR, SIZE) + 0.7 * camera_axes(before)[2]
    after = pivoted(before, point)
    np.testing.assert_allclose(after.pivot, point)
    np.testing.assert_allclose(pixel(after, POINTS), pixel(before, POINTS))
    turned = orbited(after, 30, 40, SIZE)
    np.testing.assert_allclose(pixel(turned, point), pixel(before, point))


def test_what_cannot_be_seen_is_no_pivot() -> None:
    camera = some_camera()
    assert pivoted(camera, position(camera) - camera_axes(camera)[2]) is camera
    assert pivoted(camera, np.full(3, np.nan)) is camera


@pytest.mark.parametrize(
    ("side", "forward", "up"),
    [
        (Side.FRONT, (0, 0, -1), (0, 1, 0)),
        (Side.BACK, (0, 0, 1), (0, 1, 0)),
        (Side.RIGHT, (-1, 0, 0), (0, 1, 0)),
        (Side.LEFT, (1, 0, 0), (0, 1, 0)),
        (Side.TOP, (0, -1, 0), (0, 0, -1)),
        (Side.BOTTOM, (0, 1, 0), (0, 0, 1)),
    ],
)
def test_sides_are_seen_along_the_axes(side: Side, forward: object, up: object) -> None:
    before = some_camera()
    after = seen_from(before, side)
    np.testing.assert_allclose(camera_axes(after)[2], forward, atol=1e-12)
    np.testing.assert_allclose(-camera_axes(after)[1], up, atol=1e-12)
    np.testing.assert_allclose(pixel(after, before.pivot), (480, 270))
    assert np.linalg.norm(after.offset) == pytest.approx(np.linalg.norm(before.offset))


def test_parallel_pictures_are_as_large_at_the_pivot() -> None:
    wide = some_camera()
    beside = wide.pivot + 0.1 * camera_axes(wide)[:2]
    parallel = replace(wide, orthographic=True)
    np.testing.assert_allclose(pixel(parallel, wide.pivot), pixel(wide, wide.pivot))
    np.testing.assert_allclose(pixel(parallel, beside), pixel(wide, beside))
    far = wide.pivot + camera_axes(wide)[2]
    assert not np.allclose(pixel(parallel, far), pixel(wide, far), atol=1)


def some_photo(width: int = 640, height: int = 480) -> PhotoCamera:
    pinhole = Pinhole(width, height, 500.0, 510.0, 322.0, 233.0)
    a, b = 0.3, 0.2
    roll = np.array([[math.cos(a), -math.sin(a), 0], [math.sin(a), math.cos(a), 0], [0, 0, 1]])
    tilt = np.array([[1, 0, 0], [0, math.cos(b), -math.sin(b)], [0, math.sin(b), math.cos(b)]])
    downward = np.diag([1.0, -1.0, -1.0])
    return PhotoCamera("a.jpg", pinhole, rigid(roll @ tilt @ downward, np.array([0.1, 0.2, 3.0])))


@pytest.mark.parametrize("size", [(960, 540), (400, 900)])
def test_a_photos_eye_sees_what_the_photo_saw(size: tuple[int, int]) -> None:
    photo = some_photo()
    view = View(photo.pinhole, torch.from_numpy(photo.camera_from_scene))
    expected, _ = project(torch.from_numpy(POINTS), view)
    pixels, _ = photo_eye(photo, *size, 1.0).project(POINTS)
    scale = min(size[0] / 640, size[1] / 480)
    margin = (np.array(size) - scale * np.array([640, 480])) / 2
    assert margin.min() == pytest.approx(0)
    np.testing.assert_allclose((pixels - margin) / scale, expected.numpy())


def test_beside_a_photo_the_camera_is_level_and_sees_as_much() -> None:
    photo = some_photo()
    camera = beside_photo(photo, 2.0, *SIZE, scene_size=1.0)
    theirs = photo_eye(photo, *SIZE, 1.0)
    np.testing.assert_allclose(position(camera), theirs.centre, atol=1e-12)
    np.testing.assert_allclose(camera_axes(camera)[2], theirs.forward, atol=1e-12)
    assert eye(camera).fy == pytest.approx(theirs.fy)


@pytest.mark.parametrize("side", list(Side))
def test_level_cameras_are_found_again(side: Side) -> None:
    before = seen_from(some_camera(), side)
    after = upright(camera_from_scene(before), before.offset[2], before.fov_y, before.scene_size)
    np.testing.assert_allclose(camera_from_scene(after), camera_from_scene(before), atol=1e-9)


def test_a_flight_goes_from_one_view_to_the_other() -> None:
    start, end = eye(some_camera()), photo_eye(some_photo(), *SIZE, 1.0)
    flight = Flight(start, began=10.0)
    np.testing.assert_allclose(
        flight.eye(end, 10.0).camera_from_scene, start.camera_from_scene, atol=1e-9
    )
    assert flight.eye(end, 10.0 + FLIGHT) is end
    halfway = blended(start, end, 0.5)
    turn = halfway.camera_from_scene[:3, :3]
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-9)
    np.testing.assert_allclose(halfway.centre, (start.centre + end.centre) / 2)
    assert not flight.over(10.1)
    assert flight.over(10.3)


def test_the_way_to_a_parallel_picture_is_a_step() -> None:
    start, end = eye(some_camera()), eye(some_camera(orthographic=True))
    assert blended(start, end, 0.1) is end
