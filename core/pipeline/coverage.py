"""How well a capture's photos cover what they show: what decides how much help training needs."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.geometry.camera import View, project

SAMPLES = 4000  # points looked at
FACING = 0.15  # cosine to a surface below which a photo tells little of it


@dataclass(frozen=True)
class Coverage:
    """`photos` that see a typical place; `angle`: degrees between the two of them farthest apart.

    Medians over the surfaces found.
    """

    photos: float
    angle: float


def coverage(positions: Tensor, normals: Tensor, views: Sequence[View]) -> Coverage:
    """Of surfaces at `positions` [N, 3] with `normals` [N, 3], by what lies in the pictures.

    What is hidden behind other things counts as seen: that is rare where photos are few.
    """
    step = max(1, len(positions) // SAMPLES)
    positions, normals = positions[::step], normals[::step]
    if not len(positions):
        return Coverage(0.0, 0.0)
    seen, rays = zip(*(_seen(positions, normals, view) for view in views), strict=True)
    sees, directions = torch.stack(seen, dim=1), torch.stack(rays, dim=1)  # [N, P], [N, P, 3]
    cosines = directions @ directions.transpose(1, 2)
    both = sees[:, :, None] & sees[:, None, :]
    widest = torch.where(both, cosines, 1.0).amin(dim=(1, 2)).clamp(-1, 1)
    angles = torch.rad2deg(torch.arccos(widest))
    return Coverage(float(sees.sum(dim=1).float().median()), float(angles.median()))


def _seen(positions: Tensor, normals: Tensor, view: View) -> tuple[Tensor, Tensor]:
    """Which points the view shows [N], and the directions to its camera [N, 3]."""
    pixels, depth = project(positions, view)
    camera = view.camera
    x, y = pixels.unbind(-1)
    inside = (depth > 0) & (x >= 0) & (y >= 0) & (x < camera.width) & (y < camera.height)
    rays = torch.nn.functional.normalize(view.centre().to(positions) - positions, dim=1)
    return inside & ((rays * normals).sum(dim=1) > FACING), rays
