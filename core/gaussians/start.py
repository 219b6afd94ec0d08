"""The first Gaussians, from the points that the photos' matches gave."""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.capture.reconstruction import SparsePoints
from core.errors import UserError
from core.gaussians.table import Gaussians
from core.geometry.sh import sh_from_color

FEWEST_POINTS = 10
KD_TREE = 4  # FLANN's name for the one of its indices that is exact
NEIGHBOURS = 3  # a Gaussian reaches about as far as its third neighbour (Kerbl et al., 2023)


def gaussians_from_points(
    points: SparsePoints, *, sh_degree: int = 3, opacity: float = 0.1
) -> Gaussians:
    """One round Gaussian a point, as wide as the way to its neighbours.

    Raises `UserError` if there are too few points to begin with.
    """
    kept = _inliers(points.positions)
    positions, colors = points.positions[kept], points.colors[kept]
    n = len(positions)
    if n < FEWEST_POINTS:
        raise UserError(
            f"Only {n} points were found in the photos, too few to begin a scene with.",
            hint="Add photos that overlap more, of things with texture.",
        )
    scales = np.sqrt(_squares_to_neighbours(positions).mean(axis=1))
    scales = scales.clip(np.percentile(scales, 1) + 1e-7, np.percentile(scales, 95) + 1e-7)
    sh = torch.zeros(n, (sh_degree + 1) ** 2, 3)
    sh[:, 0] = sh_from_color(torch.from_numpy(colors.astype(np.float32) / 255))
    quats = torch.zeros(n, 4)
    quats[:, 0] = 1
    return Gaussians(
        means=torch.from_numpy(positions.astype(np.float32)),
        quats=quats,
        log_scales=torch.from_numpy(np.log(scales).astype(np.float32))[:, None].repeat(1, 3),
        logit_opacity=torch.full((n,), float(np.log(opacity / (1 - opacity)))),
        sh=sh,
        object_id=torch.zeros(n, dtype=torch.int64),
    )


def _squares_to_neighbours(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Squared distances [P, NEIGHBOURS] from each of `positions` [P, 3] to the nearest others."""
    # OpenCV's tree, since SciPy's takes a third of a second to load.
    near = (positions - np.median(positions, axis=0)).astype(np.float32)
    _, squares = cv2.flann.Index(near, {"algorithm": KD_TREE}).knnSearch(near, NEIGHBOURS + 1)
    return np.asarray(squares[:, 1:], np.float64)  # the first is the point itself


def _inliers(positions: NDArray[np.float64]) -> NDArray[np.bool_]:
    """[P] bool: not absurdly far away (bad triangulations at the horizon would be huge)."""
    if len(positions) < FEWEST_POINTS:
        return np.ones(len(positions), bool)
    away = np.linalg.norm(positions - np.median(positions, axis=0), axis=1)
    near: NDArray[np.bool_] = away < 20 * np.median(away)
    return near
