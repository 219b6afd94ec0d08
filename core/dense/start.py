"""Gaussians that lie on the surfaces which stereo found."""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.dense.fuse import DensePoints
from core.gaussians.table import Gaussians
from core.geometry.rotation import quat_facing
from core.geometry.sh import sh_from_color

KD_TREE = 4  # FLANN's name for the one of its indices that is exact
NEIGHBOURS = 3
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
    wide = _wide_as_neighbours(points, others.numpy())
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


def _wide_as_neighbours(points: DensePoints, others: NDArray[np.float32]) -> NDArray[np.float64]:
    """Standard deviations [N] along the surface."""
    sides = points.radii.double().numpy()
    if len(sides) + len(others) <= NEIGHBOURS:
        return np.asarray(NARROW * sides)
    positions = points.positions.numpy()
    everything = np.concatenate([positions, others]).astype(np.float32)
    everything = everything - np.median(everything, axis=0)
    index = cv2.flann.Index(everything, {"algorithm": KD_TREE})
    _, squares = index.knnSearch(everything[: len(positions)], NEIGHBOURS + 1)
    away = np.sqrt(np.asarray(squares[:, 1:], np.float64)).mean(axis=1)
    return np.maximum(NARROW * sides, np.minimum(away, WIDEST * np.median(sides)))
