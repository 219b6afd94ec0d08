"""Gaussians that lie on the surfaces which stereo found."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.dense.fuse import DensePoints
from core.gaussians.neighbours import NEIGHBOURS, squares_to_neighbours
from core.gaussians.table import Gaussians
from core.geometry.rotation import quat_facing
from core.geometry.sh import sh_from_color

NARROW = 0.6  # of a point's patch: the least standard deviation along the surface
WIDEST = 25.0  # times the median patch: the most, where points are sparse
THIN = 0.2  # of that: the standard deviation across the surface
OPACITY = 0.5


def surfels(points: DensePoints, others: Tensor, sh_degree: int = 3) -> Gaussians:
    """One flat Gaussian a point, as wide as the way to its neighbours, turned along the surface.

    `others` [M, 3]: where further Gaussians begin, which count as neighbours. A start as wide
    as pixels alone leaves gaps at the first view from beside, and training fills them wrongly.
    """
    n = len(points.positions)
    wide = _wide_as_neighbours(points, others)
    sh = torch.zeros(n, (sh_degree + 1) ** 2, 3)
    sh[:, 0] = sh_from_color(points.colors.float() / 255)
    axes = np.stack([wide, wide, THIN * wide], axis=1)
    return Gaussians(
        means=points.positions.float(),
        quats=quat_facing(points.normals.float()),
        log_scales=torch.from_numpy(np.log(axes)).float(),
        logit_opacity=torch.full((n,), float(np.log(OPACITY / (1 - OPACITY)))),
        sh=sh,
        object_id=torch.zeros(n, dtype=torch.int64),
    )


def _wide_as_neighbours(points: DensePoints, others: Tensor) -> NDArray[np.float64]:
    """Standard deviations [N] along the surface."""
    sides = points.radii.double().numpy()
    everything = torch.cat([points.positions, others]).double().numpy()
    if not len(sides) or len(everything) <= NEIGHBOURS:
        return np.asarray(NARROW * sides)
    away = np.sqrt(squares_to_neighbours(everything)[: len(sides)]).mean(axis=1)
    widest = WIDEST * np.median(sides)
    return np.asarray(np.maximum(NARROW * sides, np.minimum(away, widest)))
