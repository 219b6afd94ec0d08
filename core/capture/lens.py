"""Cameras as they are: COLMAP's models with their distortion, and the pinhole they undistort to."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from core.capture.colmap_library import pycolmap
from core.errors import UserError

if TYPE_CHECKING:
    from core.geometry.camera import Pinhole

Array = NDArray[np.float64]
Pixels = NDArray[np.uint8]

PINHOLE_MODELS = frozenset(("SIMPLE_PINHOLE", "PINHOLE"))
# A pinhole as well where all their distortion is 0; a fisheye without coefficients is still one.
RADIAL_MODELS = frozenset(("SIMPLE_RADIAL", "RADIAL", "OPENCV", "FULL_OPENCV"))
SPHERICAL_MODELS = frozenset(("EQUIRECTANGULAR",))

# The widest pinhole made of a fisheye, as x / z at the rim of the picture: 127 degrees across.
# Beyond it most of the pixels go to the stretched rim.
WIDEST = 2.0
NARROWEST_ZOOM = 16.0
# Output pixels between the places where the lens is asked; between them its map is interpolated
# (off by less than 0.07 pixels in a fisheye's picture 213 wide, by far less in most others).
STRIDE = 4
STRIP = 32 * STRIDE  # output rows at a time: a whole map would be larger than the photo
# Samples per output pixel along each axis. Measured against many: 56 dB with 2, 50 dB with 1.
SAMPLES = 2


@dataclass(frozen=True)
class Lens:
    """A COLMAP camera: `model` name, picture size in pixels, `params` in COLMAP's order."""

    model: str
    width: int
    height: int
    params: tuple[float, ...]

    def camera(self) -> pycolmap.Camera:
        return pycolmap.Camera(
            model=self.model, width=self.width, height=self.height, params=list(self.params)
        )

    def resized(self, width: int, height: int) -> "Lens":
        """The same lens with its picture stretched to `width` x `height`."""
        if (width, height) == (self.width, self.height):
            return self
        camera = self.camera()
        camera.rescale(new_width=width, new_height=height)
        return Lens(self.model, width, height, tuple(map(float, camera.params)))

    def pixels(self, rays: Array) -> Array:
        """Pixels [N, 2] where the directions `rays` [N, 2] (x / z, y / z) land."""
        ones = np.ones((len(rays), 1))
        return np.asarray(self.camera().img_from_cam(np.hstack([rays, ones])))

    def pinhole(self) -> "Pinhole | None":
        """This lens as a pinhole where it is one, else None."""
        camera = self.camera()
        distortion = [self.params[i] for i in camera.extra_params_idxs()]
        if self.model in PINHOLE_MODELS or (self.model in RADIAL_MODELS and not any(distortion)):
            return _without_distortion(camera)
        return None


def undistorted_pinhole(lens: Lens, width: int, height: int) -> "Pinhole":
    """The pinhole with a picture of `width` x `height` that sees as much of `lens` as it can
    without seeing beyond it.

    Its principal point is the lens's, and so is the ratio of its focal lengths.
    A lens that is a pinhole answers itself, resized. Raises `UserError` for
    lenses of which no pinhole can be made.
    """
    if lens.model in SPHERICAL_MODELS:
        raise UserError(
            f"Pictures of the camera model {lens.model} see all around and cannot be flattened.",
            hint="Cut them into ordinary views first.",
        )
    exact = lens.pinhole()
    if exact is not None:
        return exact.resized(width, height)
    start = _without_distortion(lens.camera()).resized(width, height)
    reach_x = max(start.cx, width - start.cx) / start.fx
    reach_y = max(start.cy, height - start.cy) / start.fy
    low, high = max(reach_x, reach_y) / WIDEST, NARROWEST_ZOOM
    if not _sees_only(lens, _zoomed(start, high)):
        raise UserError(
            f"The lens {lens.model} {lens.params} does not describe a picture of "
            f"{lens.width} x {lens.height} pixels.",
            hint="Check the file that the cameras come from.",
        )
    if _sees_only(lens, _zoomed(start, low)):
        return _zoomed(start, low)
    # What a narrower view sees is part of what a wider one sees, so halving finds the limit.
    for _ in range(40):
        middle = (low + high) / 2
        if _sees_only(lens, _zoomed(start, middle)):
            high = middle
        else:
            low = middle
    return _zoomed(start, high)


def undistort(pixels: Pixels, lens: Lens, camera: "Pinhole") -> tuple[Pixels, NDArray[np.bool_]]:
    """The picture that `camera` sees in `pixels`, and where it sees any.

    Args:
        pixels: [h, w, 3] uint8, the lens's picture at any size in its proportion.
        lens: what took it.
        camera: usually `undistorted_pinhole(lens, ...)`.

    Returns:
        [H, W, 3] uint8, black where nothing was seen, and the mask [H, W] of
        what was. Each pixel is the mean over its area. Where the lens already
        is `camera`, the pixels come back as they are.
    """
    height, width = pixels.shape[:2]
    lens = lens.resized(width, height)
    exact = lens.pinhole()
    shrinks = camera.width <= width and camera.height <= height
    if exact is not None and shrinks and exact.resized(camera.width, camera.height) == camera:
        size = (camera.width, camera.height)
        same = (
            pixels
            if size == (width, height)
            else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        )
        return np.asarray(same, np.uint8), np.ones((camera.height, camera.width), np.bool_)
    pixels, lens = _reduced(pixels, lens, camera)
    # Values of cells, STRIDE pixels wide; one more on each side to interpolate up to the edge.
    across, down = -(-camera.width // STRIDE), -(-camera.height // STRIDE)
    u = STRIDE * (np.arange(-1, across + 1, dtype=np.float64) + 0.5)
    v = STRIDE * (np.arange(-1, down + 1, dtype=np.float64) + 0.5)
    cells = _places(lens, camera, u, v)
    flat = np.zeros((camera.height, camera.width, 3), np.uint8)
    valid = np.zeros((camera.height, camera.width), np.bool_)
    for top in range(0, camera.height, STRIP):
        rows = slice(top, min(top + STRIP, camera.height))
        strip = cells[top // STRIDE : -(-rows.stop // STRIDE) + 2]
        flat[rows], valid[rows] = _resampled(pixels, strip, rows.stop - top, camera.width)
    return flat, valid


def _without_distortion(camera: pycolmap.Camera) -> "Pinhole":
    # Here alone, because it brings PyTorch: a process that only places photos never loads it.
    from core.geometry.camera import Pinhole

    return Pinhole(
        width=camera.width,
        height=camera.height,
        fx=float(camera.focal_length_x),
        fy=float(camera.focal_length_y),
        cx=float(camera.principal_point_x),
        cy=float(camera.principal_point_y),
    )


def _zoomed(camera: "Pinhole", zoom: float) -> "Pinhole":
    return replace(camera, fx=camera.fx * zoom, fy=camera.fy * zoom)


def _sees_only(lens: Lens, camera: "Pinhole") -> bool:
    """Whether all that `camera` sees, to the outer edge of its picture, is in the lens's."""
    places = _places(
        lens, camera, np.linspace(0, camera.width, 65), np.linspace(0, camera.height, 65)
    )
    return bool(((places >= 0) & (places <= (lens.width, lens.height))).all())


def _places(lens: Lens, camera: "Pinhole", u: Array, v: Array) -> Array:
    """Pixels [len(v), len(u), 2] of `lens` that pixels (u, v) of `camera` see.

    NaN where the lens's polynomial has turned back on itself and maps two rays
    to one pixel: the further one is not in the picture.
    """
    x, y = np.meshgrid((u - camera.cx) / camera.fx, (v - camera.cy) / camera.fy)
    places = lens.pixels(np.stack([x, y], axis=-1).reshape(-1, 2)).reshape(len(v), len(u), 2)
    along_v = np.asarray(np.gradient(places, axis=0))
    along_u = np.asarray(np.gradient(places, axis=1))
    turned = along_u[..., 0] * along_v[..., 1] - along_u[..., 1] * along_v[..., 0] <= 0
    return np.where(turned[..., None], np.nan, places)


def _reduced(pixels: Pixels, lens: Lens, camera: "Pinhole") -> tuple[Pixels, Lens]:
    """Pixels and lens with at most `SAMPLES` pixels to one of `camera`, at its centre."""
    own = _without_distortion(lens.camera())
    ratio = max(own.fx / camera.fx, own.fy / camera.fy) / SAMPLES
    if ratio <= 1:
        return pixels, lens
    height, width = pixels.shape[:2]
    size = (max(1, round(width / ratio)), max(1, round(height / ratio)))
    reduced = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return np.asarray(reduced, np.uint8), lens.resized(*size)


def _resampled(
    pixels: Pixels, cells: Array, height: int, width: int
) -> tuple[Pixels, NDArray[np.bool_]]:
    """The picture [height, width, 3] whose cells see the places `cells`, and where it sees any.

    `cells` [rows + 2, columns + 2, 2] cover it with one more on each side.
    """
    places = _samples(cells, height, width)
    limits = np.array(pixels.shape[1::-1], np.float32)
    seen = ((places >= 0) & (places <= limits)).all(axis=2)
    # OpenCV's coordinates have the first pixel's centre at 0.
    x, y = np.nan_to_num(np.moveaxis(places, 2, 0) - np.float32(0.5), nan=-1.0)
    fine = cv2.remap(pixels, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    flat = np.array(cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    valid = np.asarray(seen.reshape(height, SAMPLES, width, SAMPLES).all(axis=(1, 3)))
    flat[~valid] = 0
    return flat, valid


def _samples(cells: Array, height: int, width: int) -> NDArray[np.float32]:
    """`cells` interpolated to the places [height * SAMPLES, width * SAMPLES, 2] of all samples."""
    step = STRIDE * SAMPLES
    # cv2.resize holds values to be those of cell centres, which is what they are.
    size = (cells.shape[1] * step, cells.shape[0] * step)
    fine = cv2.resize(cells.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    inner = fine[step : step + height * SAMPLES, step : step + width * SAMPLES]
    return np.asarray(inner, np.float32)
