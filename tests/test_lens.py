"""Undistortion: the pinhole sees what the lens saw, without border, alias or shift."""

import cv2
import numpy as np
import pytest

from core.capture.lens import Lens, undistort, undistorted_pinhole
from core.errors import UserError
from core.geometry.camera import Pinhole

LENSES = [
    Lens("SIMPLE_RADIAL", 640, 480, (500.0, 320.0, 240.0, -0.1)),
    Lens("RADIAL", 640, 480, (500.0, 320.0, 240.0, 0.1, 0.05)),
    Lens("OPENCV", 640, 480, (500.0, 510.0, 330.0, 235.0, -0.2, 0.05, 0.001, -0.002)),
    Lens("OPENCV_FISHEYE", 640, 480, (300.0, 300.0, 320.0, 240.0, 0.01, 0.002, 0.0, 0.0)),
    Lens(
        "FULL_OPENCV",
        640,
        480,
        (500.0, 500.0, 320.0, 240.0, 0.1, 0.02, 0.001, 0.001, 0.01, 0.1, 0.0, 0.0),
    ),
    Lens("SIMPLE_RADIAL_FISHEYE", 640, 480, (300.0, 320.0, 240.0, 0.02)),
    Lens("RADIAL_FISHEYE", 640, 480, (150.0, 320.0, 240.0, 0.02, 0.0)),
    Lens("FOV", 640, 480, (300.0, 300.0, 320.0, 240.0, 0.9)),
    Lens(
        "THIN_PRISM_FISHEYE",
        640,
        480,
        (300.0, 300.0, 320.0, 240.0, 0.01, 0.001, 0.001, 0.001, 0.0, 0.0, 0.001, 0.001),
    ),
]
WHITE = np.full((480, 640, 3), 255, np.uint8)


def scene(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A smooth picture, red and green and blue, as a function of direction (x / z, y / z)."""
    waves = [np.sin(6 * x + 4 * y), np.cos(5 * y - 3 * x), np.sin(2 * x * y + x)]
    return np.stack([127.5 + 100 * wave for wave in waves], axis=-1)


def seen_by_lens(lens: Lens) -> np.ndarray:
    """What the lens photographs of `scene`, [H, W, 3] uint8."""
    u, v = np.meshgrid(np.arange(lens.width) + 0.5, np.arange(lens.height) + 0.5)
    rays = lens.camera().cam_from_img(np.stack([u.ravel(), v.ravel()], axis=1))
    picture = scene(rays[:, 0], rays[:, 1]).reshape(lens.height, lens.width, 3)
    return np.nan_to_num(picture).round().astype(np.uint8)


def seen_by_pinhole(camera: Pinhole) -> np.ndarray:
    u, v = np.meshgrid(np.arange(camera.width) + 0.5, np.arange(camera.height) + 0.5)
    return scene((u - camera.cx) / camera.fx, (v - camera.cy) / camera.fy)


@pytest.mark.parametrize("lens", LENSES, ids=lambda lens: lens.model)
@pytest.mark.parametrize("size", [(640, 480), (213, 160)])
def test_the_pinhole_sees_the_same_scene(lens: Lens, size: tuple[int, int]) -> None:
    camera = undistorted_pinhole(lens, *size)
    flat, valid = undistort(seen_by_lens(lens), lens, camera)
    assert flat.shape == (size[1], size[0], 3)
    assert flat.dtype == np.uint8
    assert valid.all()
    expected = seen_by_pinhole(camera)
    difference = (flat - expected)[2:-2, 2:-2]
    assert np.abs(difference).mean() < 0.6
    difference -= difference.mean()  # OpenCV rounds halves up
    for axis in (0, 1):  # by how many pixels the picture lies beside where it should
        slope = np.gradient(expected, axis=axis)[2:-2, 2:-2]
        assert abs((difference * slope).sum() / (slope * slope).sum()) < 0.05


@pytest.mark.parametrize("lens", LENSES, ids=lambda lens: lens.model)
def test_the_picture_is_full_and_as_wide_as_can_be(lens: Lens) -> None:
    camera = undistorted_pinhole(lens, 640, 480)
    flat, valid = undistort(WHITE, lens, camera)
    assert valid.all()
    assert flat.min() == 255
    reach = max(camera.cx / camera.fx, (640 - camera.cx) / camera.fx)
    if reach < 1.99:  # not held back by the greatest angle
        wider = Pinhole(640, 480, camera.fx * 0.98, camera.fy * 0.98, camera.cx, camera.cy)
        assert not undistort(WHITE, lens, wider)[1].all()


def test_the_scaled_camera_is_the_same_camera() -> None:
    for lens in LENSES:
        whole, half = undistorted_pinhole(lens, 640, 480), undistorted_pinhole(lens, 320, 240)
        assert half.fx == pytest.approx(whole.fx / 2, rel=1e-6)
        assert half.fy / half.fx == pytest.approx(whole.fy / whole.fx, rel=1e-6)
        assert (half.cx, half.cy) == pytest.approx((whole.cx / 2, whole.cy / 2))


@pytest.mark.parametrize(
    "lens",
    [
        Lens("PINHOLE", 640, 480, (500.0, 520.0, 300.0, 250.0)),
        Lens("SIMPLE_PINHOLE", 640, 480, (500.0, 300.0, 250.0)),
        Lens("OPENCV", 640, 480, (500.0, 520.0, 300.0, 250.0, 0.0, 0.0, 0.0, 0.0)),
    ],
)
def test_a_pinhole_stays_exactly_as_it_is(lens: Lens) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
    camera = undistorted_pinhole(lens, 640, 480)
    assert (camera.fx, camera.cx, camera.cy) == (500.0, 300.0, 250.0)
    flat, valid = undistort(noise, lens, camera)
    assert np.array_equal(flat, noise)
    assert valid.all()
    half = undistorted_pinhole(lens, 320, 240)
    assert half == camera.resized(320, 240)
    blocks = noise.reshape(240, 2, 320, 2, 3).mean((1, 3))
    assert np.abs(undistort(noise, lens, half)[0] - blocks).max() <= 1


def test_another_pinhole_than_the_lens_is_remapped_without_shift() -> None:
    lens = Lens("PINHOLE", 640, 480, (500.0, 500.0, 320.0, 240.0))
    moved = Pinhole(640, 480, 500.0, 500.0, 310.0, 240.0)
    picture = seen_by_lens(lens)
    flat, valid = undistort(picture, lens, moved)
    assert np.abs(flat[:, :630].astype(int) - picture[:, 10:]).max() <= 2
    assert valid[:, :630].all()
    assert not valid[:, 630:].any()
    assert (flat[:, 630:] == 0).all()


def test_pixels_may_come_at_another_size_than_the_lens() -> None:
    lens = LENSES[2]
    picture = seen_by_lens(lens)
    half = cv2.resize(picture, (320, 240), interpolation=cv2.INTER_AREA)
    camera = undistorted_pinhole(lens, 160, 120)
    one, two = undistort(picture, lens, camera)[0], undistort(half, lens, camera)[0]
    assert np.abs(one.astype(int) - two).mean() < 0.6


def test_fine_patterns_average_out_instead_of_aliasing() -> None:
    lens = Lens("SIMPLE_RADIAL", 1200, 900, (1000.0, 600.0, 450.0, -0.05))
    stripes = np.zeros((900, 1200, 3), np.uint8)
    stripes[:, ::2] = 255
    flat, _ = undistort(stripes, lens, undistorted_pinhole(lens, 150, 112))
    assert np.abs(flat.astype(int) - 127).max() < 12


def test_where_a_lens_turns_back_on_itself_is_not_seen() -> None:
    """With k = -0.6 no ray lands further than 0.5 focal lengths from the middle."""
    lens = Lens("SIMPLE_RADIAL", 640, 480, (500.0, 320.0, 240.0, -0.6))
    camera = undistorted_pinhole(lens, 640, 480)
    corner = np.hypot(320 / camera.fx, 240 / camera.fy)
    assert corner <= 1 / np.sqrt(3 * 0.6) + 0.02
    wide = Pinhole(640, 480, 200.0, 200.0, 320.0, 240.0)
    _, valid = undistort(WHITE, lens, wide)
    assert valid[240, 320]
    assert not valid[0, 0]


def test_lenses_that_cannot_be_flattened_are_errors() -> None:
    with pytest.raises(UserError, match="see all around"):
        undistorted_pinhole(Lens("EQUIRECTANGULAR", 640, 320, (640.0, 320.0)), 640, 320)
    with pytest.raises(UserError, match="does not describe"):
        undistorted_pinhole(Lens("SIMPLE_RADIAL", 640, 480, (500.0, -900.0, 240.0, 0.1)), 640, 480)
