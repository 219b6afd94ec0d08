"""Flat Gaussians laid on a face, marked as put there without evidence."""

import math

import numpy as np
import torch
from numpy.typing import NDArray

from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.rotation import quat_facing
from core.geometry.sh import sh_from_color

Array = NDArray[np.float64]

WIDE, THIN = 0.6, 0.1  # standard deviations, in the distance between two
OPAQUE = 0.97


def laid(
    places: Array,
    normal: Array,
    colors: NDArray[np.float32],
    spacing: float,
    object_id: int,
    bands: int,
) -> Gaussians:
    """One Gaussian at each of `places` [P, 3], `spacing` apart, in `colors` [P, 3] from all sides.

    `bands`: coefficients of the spherical harmonics, of which all but the first are 0.
    """
    n = len(places)
    sh = torch.zeros(n, bands, 3)
    sh[:, 0] = sh_from_color(torch.from_numpy(np.asarray(colors, np.float32)))
    sizes = torch.tensor([WIDE * spacing, WIDE * spacing, THIN * spacing])
    return Gaussians(
        means=torch.from_numpy(np.asarray(places, np.float32)),
        quats=quat_facing(torch.from_numpy(np.asarray(normal, np.float32)))[None].repeat(n, 1),
        log_scales=sizes.log().repeat(n, 1),
        logit_opacity=torch.full((n,), math.log(OPAQUE / (1 - OPAQUE))),
        sh=sh,
        object_id=torch.full((n,), object_id, dtype=torch.int64),
        origin=torch.full((n,), Origin.FILLED, dtype=torch.uint8),
        confidence=torch.zeros(n),
    )
