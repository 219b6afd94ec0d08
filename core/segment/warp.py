"""Between photos with their lenses and flat pictures of the same view, either way."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.capture.lens import Lens, undistorted_pinhole
from core.capture.pixels import fitted_size
from core.capture.reconstruction import PlacedPhoto
from core.geometry.camera import Pinhole, View

STRIDE = 8  # pixels between the places where the lens is asked; between them it is interpolated

Picture = NDArray[Any]  # [H, W] or [H, W, C]


@dataclass(frozen=True, eq=False)
class Flattening:
    """A photo's lens, and the pinhole that sees the same. Sizes may differ in scale.

    Borders differ too: a pinhole sees a little less than a lens that bends.
    """

    lens: Lens
    camera: Pinhole

    def to_flat(self, picture: Picture, nearest: bool = False) -> Picture:
        """`picture` [H, W, ...] of the lens, as the pinhole sees it [h, w, ...]."""
        height, width = picture.shape[:2]
        x, y = _grid(self.camera.width, self.camera.height)
        rays = np.stack(
            [(x - self.camera.cx) / self.camera.fx, (y - self.camera.cy) / self.camera.fy]
        )
        places = self.lens.pixels(rays.reshape(2, -1).T).T.reshape(rays.shape)
        scale = (width / self.lens.width, height / self.lens.height)
        return _remapped(picture, places, scale, (self.camera.width, self.camera.height), nearest)

    def to_photo(self, picture: Picture, width: int, height: int, nearest: bool = False) -> Picture:
        """`picture` [h, w, ...] of the pinhole, as a photo of this lens and size shows it.

        Where the pinhole sees nothing, the nearest of what it sees.
        """
        x, y = _grid(width, height)
        own = self.lens.resized(width, height).camera()
        rays = own.cam_from_img(np.stack([x.ravel(), y.ravel()], axis=1))
        rays = np.asarray(rays).T.reshape(2, *x.shape)
        camera = self.camera.resized(picture.shape[1], picture.shape[0])
        places = np.stack([rays[0] * camera.fx + camera.cx, rays[1] * camera.fy + camera.cy])
        return _remapped(picture, places, (1.0, 1.0), (width, height), nearest)


def flattening(placed: PlacedPhoto, longest: int) -> tuple[Flattening, View]:
    """The flat view of `placed`, at most `longest` pixels a side; float32."""
    import torch

    size = fitted_size(placed.lens.width, placed.lens.height, longest)
    camera = undistorted_pinhole(placed.lens, *size)
    view = View(camera, torch.from_numpy(placed.camera_from_scene).float())
    return Flattening(placed.lens, camera), view


def _grid(width: int, height: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The centres of cells STRIDE wide that cover a picture, with one more around them."""
    across, down = -(-width // STRIDE), -(-height // STRIDE)
    x = STRIDE * (np.arange(-1, across + 1) + 0.5)
    y = STRIDE * (np.arange(-1, down + 1) + 0.5)
    grid_x, grid_y = np.meshgrid(x, y)
    return grid_x, grid_y


def _remapped(
    picture: Picture,
    places: NDArray[np.float64],
    scale: tuple[float, float],
    size: tuple[int, int],
    nearest: bool,
) -> Picture:
    """`picture` at `places` [2, rows, columns], which are those of the cells of `_grid`."""
    width, height = size
    maps = []
    for plane, ratio in zip(places, scale, strict=True):
        cells = plane.astype(np.float32)
        whole = (cells.shape[1] * STRIDE, cells.shape[0] * STRIDE)
        fine = np.asarray(cv2.resize(cells, whole, interpolation=cv2.INTER_LINEAR), np.float32)
        inner = fine[STRIDE : STRIDE + height, STRIDE : STRIDE + width]
        # OpenCV's coordinates have the first pixel's centre at 0.
        maps.append(np.ascontiguousarray(inner * np.float32(ratio) - np.float32(0.5)))
    x, y = maps
    how = cv2.INTER_NEAREST if nearest else cv2.INTER_LINEAR
    channels = picture.reshape(*picture.shape[:2], -1)
    # By fours: OpenCV takes no more channels at a time.
    groups = [
        np.ascontiguousarray(channels[..., k : k + 4]) for k in range(0, channels.shape[2], 4)
    ]
    parts = [
        np.asarray(cv2.remap(each, x, y, how, borderMode=cv2.BORDER_REPLICATE)) for each in groups
    ]
    whole_picture = np.concatenate([part.reshape(height, width, -1) for part in parts], axis=2)
    return whole_picture.reshape(height, width, *picture.shape[2:])
