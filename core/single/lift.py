"""Gaussians at the pixels of a picture whose depth is known: it looks the same from its camera."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.camera import View, unproject
from core.geometry.rotation import quat_from_matrix
from core.geometry.sh import sh_from_color

WIDE, THIN = 0.52, 0.1  # standard deviations, in pixels laid on the surface
STEEPEST = 0.12  # cosine: a surface seen at a flatter angle is not stretched any more
OPAQUE = 0.97
STEP = 1.15  # times as far away: such neighbours lie on two surfaces


def lifted(
    color: Tensor,
    depth: NDArray[np.float32],
    view: View,
    ids: NDArray[np.integer],
    surfaces: NDArray[np.integer],
    origin: Origin,
    confidence: NDArray[np.float32],
) -> Gaussians:
    """One flat Gaussian a pixel, in `color` [H, W, 3] at z = `depth` [H, W], row by row.

    `ids` [H, W]: their objects; `surfaces` [H, W]: pixels of one number may lie on one surface;
    `confidence` [H, W]. Each covers its pixel, along the surface that its neighbours tell;
    spherical harmonics of degree 0.
    """
    z = torch.from_numpy(depth).double()
    places = unproject(z, view)
    camera = view.camera
    normal = _normals(places, z, torch.from_numpy(surfaces)).reshape(-1, 3)
    means = places.reshape(-1, 3)
    ways = torch.nn.functional.normalize(means - view.centre().double(), dim=-1)
    slant = (normal * ways).sum(dim=-1)
    normal = torch.where(slant[:, None] > 0, -normal, normal)
    # Across the slant a pixel is as wide as it is; along it, longer.
    across = torch.linalg.cross(normal, ways)
    upright = view.camera_from_scene[1, :3].double().expand_as(normal)
    level = across.norm(dim=-1, keepdim=True) < 1e-4
    across = torch.where(level, torch.linalg.cross(normal, upright), across)
    across = torch.nn.functional.normalize(across, dim=-1)
    along = torch.linalg.cross(normal, across)
    pixel = z.reshape(-1) / camera.fx
    longer = pixel / slant.abs().clamp(min=STEEPEST)
    scales = torch.stack([WIDE * pixel, WIDE * longer, THIN * pixel], dim=-1)
    n = len(means)
    return Gaussians(
        means=means.float(),
        quats=quat_from_matrix(torch.stack([across, along, normal], dim=-1)).float(),
        log_scales=scales.log().float(),
        logit_opacity=torch.full((n,), math.log(OPAQUE / (1 - OPAQUE))),
        sh=sh_from_color(color.reshape(-1, 3))[:, None],
        object_id=torch.from_numpy(ids.astype(np.int64)).reshape(-1),
        origin=torch.full((n,), origin, dtype=torch.uint8),
        confidence=torch.from_numpy(confidence).reshape(-1),
    )


def _normals(places: Tensor, depth: Tensor, ids: Tensor) -> Tensor:
    """Unit normals [H, W, 3], from those neighbours that lie on the same surface."""
    across = _slope(places, depth, ids)
    down = _slope(places.transpose(0, 1), depth.T, ids.T).transpose(0, 1)
    normals = torch.linalg.cross(across, down)
    length = normals.norm(dim=-1, keepdim=True)
    ahead = torch.nn.functional.normalize(places - places.mean(dim=(0, 1)), dim=-1)
    return torch.where(length > 0, normals / length.clamp(min=1e-30), ahead)


def _slope(places: Tensor, depth: Tensor, ids: Tensor) -> Tensor:
    """The way [H, W, 3] from each pixel to the next, by those neighbours that there are."""
    step = places[:, 1:] - places[:, :-1]
    ratio = depth[:, 1:] / depth[:, :-1]
    same = (ids[:, 1:] == ids[:, :-1]) & (ratio < STEP) & (ratio > 1 / STEP)
    step, weight = torch.where(same[..., None], step, 0.0), same.double()
    total, count = torch.zeros_like(places), torch.zeros_like(depth)
    total[:, 1:] += step
    total[:, :-1] += step
    count[:, 1:] += weight
    count[:, :-1] += weight
    mean = total / count.clamp(min=1)[..., None]
    # A pixel without a neighbour on its surface faces the camera, roughly.
    lone = torch.zeros_like(mean)
    lone[..., :2] = 1e-6
    return torch.where(count[..., None] > 0, mean, lone)
