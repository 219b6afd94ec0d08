"""Cameras as the kernels take them: how a pixel and its inverse depth land in another picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.geometry.camera import Pinhole, View

Array = NDArray[np.float64]
Kernel = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Eye:
    """A view in numpy. `rotation` [3, 3] and `translation` [3]: camera from scene, float64."""

    camera: Pinhole
    rotation: Array
    translation: Array

    def centre(self) -> Array:
        """Where the camera stands, scene frame."""
        return -self.rotation.T @ self.translation

    def finite(self) -> bool:
        """Whether all of its numbers are."""
        numbers = [*self.rotation.ravel(), *self.translation, self.camera.fx, self.camera.fy]
        return bool(np.isfinite(numbers).all())

    def matrix(self) -> Array:
        """K for pixels counted from the first one's centre, as arrays are indexed."""
        k = self.camera.matrix().numpy()
        k[:2, 2] -= 0.5
        return k

    def resized(self, width: int, height: int) -> "Eye":
        return Eye(self.camera.resized(width, height), self.rotation, self.translation)

    def seen(self, points: Array) -> tuple[Array, NDArray[np.bool_]]:
        """`points` [K, 3] in the camera's frame, and which of them lie in the picture."""
        at = points @ self.rotation.T + self.translation
        z = np.where(at[:, 2] > 0, at[:, 2], 1.0)
        x = at[:, 0] / z * self.camera.fx + self.camera.cx
        y = at[:, 1] / z * self.camera.fy + self.camera.cy
        inside = (x >= 0) & (y >= 0) & (x < self.camera.width) & (y < self.camera.height)
        return at, inside & (at[:, 2] > 0)


def eye_of(view: View) -> Eye:
    """`view` as an `Eye`."""
    world = view.camera_from_scene.detach().cpu().double().numpy()
    return Eye(view.camera, world[:3, :3], world[:3, 3])


def fitted(camera: Pinhole, longest: int) -> tuple[int, int]:
    """Width and height of `camera` with its long side at most `longest`."""
    shrink = min(1.0, longest / max(camera.width, camera.height))
    return max(1, round(camera.width * shrink)), max(1, round(camera.height * shrink))


def landing(of: Eye, to: Eye) -> Array:
    """[3, 4] M with M @ (x, y, 1, w) = s * (x', y', 1): where pixel x, y of inverse depth w lands.

    s is z in the other camera over z in this one.
    """
    rotation = to.rotation @ of.rotation.T
    translation = to.translation - rotation @ of.translation
    k = to.matrix()
    return np.concatenate(
        [k @ rotation @ np.linalg.inv(of.matrix()), (k @ translation)[:, None]], axis=1
    )


def landings(of: Eye, to: Sequence[Eye]) -> Kernel:
    """`landing` for each of `to`, [S, 3, 4] float32."""
    return np.stack([landing(of, eye) for eye in to]).astype(np.float32)


def corners(camera: Pinhole) -> Array:
    """Nine pixels [9, 2] spread over the picture."""
    xs, ys = (np.array([0.1, 0.5, 0.9]) * side for side in (camera.width, camera.height))
    return np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2)


def travel(of: Eye, to: Eye, low: float, high: float) -> float:
    """How many pixels in `to` a pixel moves from inverse depth `low` to `high`, in the median.

    0 where it is never before the camera.
    """
    pixels = corners(of.camera)
    ends = []
    for w in np.linspace(low, high, 9):
        at = np.column_stack([pixels, np.ones(9), np.full(9, w)]) @ landing(of, to).T
        front = at[:, 2] > 1e-6
        ends.append(np.where(front[:, None], at[:, :2] / np.maximum(at[:, 2:], 1e-6), np.nan))
    steps = np.linalg.norm(np.diff(np.array(ends), axis=0), axis=2)
    counted = np.isfinite(steps).any(0)
    return float(np.median(np.nansum(steps[:, counted], axis=0))) if counted.any() else 0.0
