"""Cameras as they are: COLMAP's models with their distortion, and the pinhole they undistort to."""

from dataclasses import dataclass

import numpy as np
import pycolmap
from numpy.typing import NDArray

Array = NDArray[np.float64]


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
        camera = self.camera()
        camera.rescale(new_width=width, new_height=height)
        return Lens(self.model, width, height, tuple(camera.params))

    def pixels(self, rays: Array) -> Array:
        """Pixels [N, 2] where the directions `rays` [N, 2] (x / z, y / z) land."""
        ones = np.ones((len(rays), 1))
        return np.asarray(self.camera().img_from_cam(np.hstack([rays, ones])))
