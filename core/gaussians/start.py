"""The first Gaussians, from the points that the photos' matches gave."""

import numpy as np
import torch
from numpy.typing import NDArray

from core.capture.reconstruction import SparsePoints
from core.errors import UserError
from core.gaussians.neighbours import squares_to_neighbours
from core.gaussians.table import Gaussians
from core.geometry.sh import sh_from_color

FEWEST_POINTS = 10


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
    scales = np.sqrt(squares_to_neighbours(positions).mean(axis=1))
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


def _inliers(positions: NDArray[np.float64]) -> NDArray[np.bool_]:
    """[P] bool: not absurdly far away (bad triangulations at the horizon would be huge)."""
    if len(positions) < FEWEST_POINTS:
        return np.ones(len(positions), bool)
    away = np.linalg.norm(positions - np.median(positions, axis=0), axis=1)
    near: NDArray[np.bool_] = away < 20 * np.median(away)
    return near
