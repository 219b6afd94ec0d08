"""How well a capture's photos cover what they show: what decides how much help training needs."""

from collections.abc import Sequence

import torch
from torch import Tensor

from core.dense.depth import DepthMap
from core.dense.fuse import DensePoints
from core.geometry.camera import View, project

SAMPLES = 4000  # points looked at
FACING = 0.15  # cosine to a surface below which a photo tells little of it


def coverage(points: DensePoints, views: Sequence[View], depths: Sequence[DepthMap]) -> float:
    """How many photos agree on where a typical surface is: the median over `points`, 0 for none.

    The photos that have the place in sight, times the part that agrees of those whose depth
    (`depths`, one a view) was measured at all: with many photos that is not done for each.
    """
    step = max(1, len(points.positions) // SAMPLES)
    positions, normals, agree = (
        column[::step] for column in (points.positions, points.normals, points.seen)
    )
    if not len(positions):
        return 0.0
    sees = torch.stack([in_sight(positions, normals, view) for view in views])  # [P, N]
    measured = torch.tensor([bool((depth.depth > 0).any()) for depth in depths])
    of = sees[measured].sum(dim=0).clamp_min(1)
    return float((sees.sum(dim=0) * (agree / of).clamp_max(1)).median())


def in_sight(positions: Tensor, normals: Tensor, view: View) -> Tensor:
    """[N] bool: which points lie in the picture and face it, whatever may be before them."""
    pixels, depth = project(positions, view)
    camera = view.camera
    x, y = pixels.unbind(-1)
    inside = (depth > 0) & (x >= 0) & (y >= 0) & (x < camera.width) & (y < camera.height)
    rays = torch.nn.functional.normalize(view.centre().to(positions) - positions, dim=1)
    return inside & ((rays * normals).sum(dim=1) > FACING)
