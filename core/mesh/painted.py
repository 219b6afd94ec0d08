"""Triangles with colours as Gaussians: flat discs strewn evenly over them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays
from core.gaussians.table import Gaussians
from core.geometry.rotation import quat_facing
from core.geometry.sh import sh_from_color
from core.mesh.values import triangle_areas

Floats = NDArray[np.float32]

MOST = 60_000  # discs
WIDE, THIN = 0.75, 0.08  # standard deviations, in the distance between two
OPAQUE = 0.97
GOLDEN = (0.7548776662466927, 0.5698402909980532)  # of the plastic number: evenly spread pairs


@dataclass(frozen=True, eq=False)
class Painted:
    """Triangles `corners` [F, 3, 3], their `colors` [F, 3, 3] sRGB in [0, 1] at the corners.

    Where there is a `picture` [h, w, 3], its colours at `along` [F, 3, 2] (0 to 1, down from its
    top left) are taken times these.
    """

    corners: NDArray[np.float64]
    colors: Floats
    along: Floats | None = None
    picture: NDArray[np.uint8] | None = None


def strewn(parts: Sequence[Painted], most: int = MOST) -> SplatArrays:
    """About `most` discs on the triangles of `parts`, as far apart everywhere; object 0.

    None where the triangles have no area.
    """
    areas = [triangle_areas(part.corners) for part in parts]
    total = float(sum(area.sum() for area in areas))
    if not total > 0:
        nothing = np.zeros((0, 3))
        return _discs(nothing, nothing, nothing, 1.0)
    spacing = math.sqrt(total / most)
    found = [_on(part, area, spacing**2) for part, area in zip(parts, areas, strict=True)]
    places, normals, colors = (np.concatenate(column) for column in zip(*found, strict=True))
    return _discs(places, normals, colors, spacing)


def _on(part: Painted, areas: NDArray[np.float64], each: float) -> tuple[NDArray[np.float64], ...]:
    """Places, normals and colours [P, 3] of the points that a part has, one for `each` area."""
    # Systematic: what one triangle is too small for is left to the next.
    ends = np.floor(np.cumsum(areas) / each + 0.5).astype(np.int64)
    own = np.repeat(np.arange(len(areas)), np.diff(ends, prepend=0))
    k = np.arange(len(own))
    u, v = ((0.5 + k * step) % 1.0 for step in GOLDEN)
    over = u + v > 1
    u, v = np.where(over, 1 - u, u), np.where(over, 1 - v, v)
    weights = np.stack([1 - u - v, u, v], axis=1)[:, :, None]
    corners = part.corners[own]
    colors = (weights * part.colors[own]).sum(axis=1)
    if part.along is not None and part.picture is not None:
        at = (weights * part.along[own]).sum(axis=1) % 1.0
        height, width = part.picture.shape[:2]
        column = np.minimum((at[:, 0] * width).astype(np.int64), width - 1)
        row = np.minimum((at[:, 1] * height).astype(np.int64), height - 1)
        colors = colors * part.picture[row, column] / 255
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
    return (weights * corners).sum(axis=1), normals, colors


def _discs(
    places: NDArray[np.float64],
    normals: NDArray[np.float64],
    colors: NDArray[np.float64],
    spacing: float,
) -> SplatArrays:
    n = len(places)
    sizes = torch.tensor([WIDE * spacing, WIDE * spacing, THIN * spacing])
    return SplatArrays.from_gaussians(
        Gaussians(
            means=torch.from_numpy(places).float(),
            quats=quat_facing(torch.from_numpy(normals).float()),
            log_scales=sizes.log().repeat(n, 1),
            logit_opacity=torch.full((n,), math.log(OPAQUE / (1 - OPAQUE))),
            sh=sh_from_color(torch.from_numpy(colors).float())[:, None],
            object_id=torch.zeros(n, dtype=torch.int64),
        )
    )
