"""What of an object's Gaussians is its body: where it begins and ends, without strays."""

import numpy as np
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays

Array = NDArray[np.float64]

FAINT = 0.2  # opacity below which a Gaussian tells nothing of where an object ends
NEIGHBOUR = 4  # the how-manieth nearest other says how alone a Gaussian is
ALONE = 4.0  # times as far from it as most are, and a Gaussian is a stray
FEWEST = 10


def body_points(splats: SplatArrays) -> Array:
    """Middles [P, 3] of the Gaussians that are not faint and not far from all others.

    By distance to the fourth nearest, beside its median (statistical outlier removal: Rusu et
    al., 2008). Of fewer than ten, all.
    """
    points = splats.means[splats.logit_opacity > np.log(FAINT / (1 - FAINT))].astype(np.float64)
    if len(points) < FEWEST:
        return splats.means.astype(np.float64)
    body: Array = points[loneliness(points) < ALONE]
    return body


def loneliness(points: Array) -> Array:
    """[P]: distance to the fourth nearest other of `points` [P, 3], in medians of it."""
    from scipy.spatial import cKDTree  # a third of a second to load

    if len(points) <= NEIGHBOUR:
        return np.ones(len(points))
    away = cKDTree(points).query(points, NEIGHBOUR + 1)[0][:, NEIGHBOUR]
    return np.asarray(away / max(float(np.median(away)), 1e-12))
