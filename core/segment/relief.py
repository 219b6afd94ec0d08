"""The scene's shape behind a photo, which tells objects of one colour apart."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.gaussians.table import Gaussians
from core.geometry.camera import View, unproject
from core.render.rasterize import rasterize
from core.segment.warp import Flattening

EMPTY = 0.5  # of alpha: fainter pixels have no depth
SPAN = 2  # pixels to either side that a normal is measured over


class Stand(NamedTuple):
    """Where a photo was taken: `centre` [3] and `up` [3] along its columns, in the scene."""

    centre: NDArray[np.float64]
    up: NDArray[np.float64]


AT_ORIGIN = Stand(np.zeros(3), np.array([0.0, -1.0, 0.0]))  # points in the camera's own frame


@dataclass(frozen=True, eq=False)
class Relief:
    """What a photo's pixels show, at any size: `points` [h, w, 3] in the scene, and unit
    `normals` [h, w, 3] towards the camera. `stand`: where that is.
    """

    points: NDArray[np.float32]
    normals: NDArray[np.float32]
    stand: Stand = AT_ORIGIN

    def resized(self, width: int, height: int) -> "Relief":
        """The same at another size; nothing is mixed, for edges are to stay where they are."""
        if self.points.shape[:2] == (height, width):
            return self
        points, normals = (
            np.asarray(
                cv2.resize(each, (width, height), interpolation=cv2.INTER_NEAREST), np.float32
            )
            for each in (self.points, self.normals)
        )
        return replace(self, points=points, normals=normals)


def relief_of(gaussians: Gaussians, view: View, lens: Flattening) -> Relief:
    """The relief that `gaussians` have from the place of a photo, in the photo's geometry."""
    with torch.no_grad():
        plain = replace(gaussians, sh=gaussians.sh[:, :1])
        render = rasterize(plain, view)
        depth = render.depth
        known = render.alpha > EMPTY
        far = float(depth[known].max()) if known.any() else 1.0
        depth = torch.where(known, depth, far)
        points = unproject(depth, view).numpy()
        centre = view.centre().numpy()
    points = np.asarray(points, np.float32)
    normals = _normals(points, centre)
    size = (view.camera.width, view.camera.height)
    both = lens.to_photo(np.concatenate([points, normals], axis=2), *size)
    stand = Stand(centre.astype(np.float64), -view.camera_from_scene[1, :3].double().numpy())
    return Relief(np.asarray(both[..., :3]), np.asarray(both[..., 3:]), stand)


def _normals(points: NDArray[np.float32], centre: NDArray[np.float32]) -> NDArray[np.float32]:
    smooth = cv2.medianBlur(points, 5)
    wide = cv2.copyMakeBorder(smooth, SPAN, SPAN, SPAN, SPAN, cv2.BORDER_REFLECT_101)
    n = SPAN
    across = wide[n:-n, 2 * n :] - wide[n:-n, : -2 * n]
    down = wide[2 * n :, n:-n] - wide[: -2 * n, n:-n]
    normals = np.cross(across, down)
    normals /= np.linalg.norm(normals, axis=2, keepdims=True) + 1e-12
    away = (normals * (points - centre)).sum(axis=2, keepdims=True) > 0
    return np.asarray(np.where(away, -normals, normals), np.float32)
