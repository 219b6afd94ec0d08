"""How far the surface of one object is from a camera, as its Gaussians alone have it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import View, project
from core.geometry.rotation import matrix_from_quat
from core.mesh.looks import MOSTLY, NOBODY, Look
from core.mesh.values import Floats
from core.render.rasterize import rasterize

SPREAD = 0.03  # of the depth: Gaussians of one pixel further apart are two surfaces, not one
ROUGH = 0.08  # the same where a rough surface is better than none
GRAZING = 0.15  # cosine: surfaces more slanted than this are measured by others
AGREED = 0.8  # length of the normals' mean from which on they tell of one plane
HIDDEN = 1.02  # times the depth: what lies further is behind what is seen
ROUGHLY_HIDDEN = 1.06  # the same where a rough surface is better than none


@dataclass(frozen=True, eq=False)
class DepthView:
    """`depth` [H, W]: z in the camera's frame, 0 where the object is not seen well.

    `rough` [H, W]: the same where it is seen at all. `measured` [H, W]: the same as photos agree
    on it.
    """

    view: View
    depth: Floats
    rough: Floats
    measured: Floats


def outward(gaussians: Gaussians, looks: Sequence[Look]) -> Tensor:
    """[N, 3]: of each Gaussian its shortest axis, towards the cameras that see it."""
    axes = matrix_from_quat(gaussians.quats)
    shortest = gaussians.log_scales.argmin(dim=1)
    normals = axes[torch.arange(len(axes)), :, shortest]
    towards = torch.zeros_like(gaussians.means)
    anyway = torch.zeros_like(gaussians.means)
    for look in looks:
        way = look.view.centre() - gaussians.means
        way = torch.nn.functional.normalize(way, dim=1)
        anyway += way
        towards += way * _seen(gaussians.means, look)[:, None]
    towards = torch.where(towards.norm(dim=1, keepdim=True) > 0, towards, anyway)
    return torch.where((normals * towards).sum(dim=1, keepdim=True) < 0, -normals, normals)


def depth_view(
    gaussians: Gaussians, normals: Tensor, view: View, look: Look | None = None, id_: int = 0
) -> DepthView:
    """What `view` sees of `gaussians`, one object's, with its `normals`.

    In a `look` at the whole scene only pixels count that show object `id_`.
    """
    world = view.camera_from_scene.to(gaussians.means)
    places, turned = gaussians.means @ world[:3, :3].T + world[:3, 3], normals @ world[:3, :3].T
    # How far the camera is from the plane in which each of the flat Gaussians lies.
    away = (places * turned).sum(dim=1, keepdim=True)
    sizes = gaussians.log_scales.sort(dim=1).values
    flatness = 1 - (sizes[:, :1] - sizes[:, 1:2]).exp()
    features = torch.cat([places[:, 2:] ** 2, away, turned, flatness], dim=1)
    plain = Gaussians(
        gaussians.means,
        gaussians.quats,
        gaussians.log_scales,
        gaussians.logit_opacity,
        gaussians.sh[:, :1],
        gaussians.object_id,
    )
    with torch.no_grad():
        seen = rasterize(plain, view, features=features)
    assert seen.features is not None
    mean = seen.features / seen.alpha.clamp_min(1e-6)[..., None]
    spread = (mean[..., 0] - seen.depth**2).clamp_min(0).sqrt()
    rays = _rays(view)
    slant = (mean[..., 2:5] * rays).sum(dim=2)
    agreed = mean[..., 2:5].norm(dim=2)
    rough = (seen.alpha > MOSTLY) & (spread < ROUGH * seen.depth)
    rough &= -slant > GRAZING * agreed * rays.norm(dim=2)
    good = rough & (spread < SPREAD * seen.depth)
    # The nearer half of a Gaussian on a slant hides what lies behind it, so that the middles of
    # those that are seen are too near; their planes (PGSR, Chen et al., 2024) are not, but the
    # rounder Gaussians are, the less does a plane tell.
    plane = mean[..., 1] / torch.where(slant.abs() < 1e-6, -1e-6, slant)
    flat = (agreed > AGREED) & ((plane - seen.depth).abs() < SPREAD * seen.depth)
    depth = seen.depth + torch.where(flat, mean[..., 5] * (plane - seen.depth), 0.0)
    if look is not None:
        shown = torch.from_numpy(look.owner)
        nearest = torch.from_numpy(look.depth)
        rough &= (shown == id_) | (shown == NOBODY)
        rough &= (nearest == 0) | (depth < ROUGHLY_HIDDEN * nearest)
        good &= rough & ((nearest == 0) | (depth < HIDDEN * nearest))
    well, somehow = (
        torch.where(each, depth, 0).numpy().astype(np.float32) for each in (good, rough)
    )
    return DepthView(view, well, somehow, _measured(look, id_, somehow))


def pixel_width(views: Sequence[DepthView]) -> float:
    """How wide a pixel is on what is seen, scene units; the middle one of all."""
    widths = [
        np.median(each.rough[each.rough > 0]) / each.view.camera.fx
        for each in views
        if (each.rough > 0).any()
    ]
    return float(np.median(widths)) if widths else 0.0


def _measured(look: Look | None, id_: int, rough: Floats) -> Floats:
    """What photos agree on where `look` shows object `id_`, and beside it where it is `rough`ly."""
    if look is None or look.measured is None:
        return np.zeros_like(rough)
    near = (rough > 0) & (np.abs(look.measured - rough) < SPREAD * rough)
    mine = (look.owner == id_) | ((look.owner == NOBODY) & near)
    return np.where(mine, look.measured, np.float32(0))


def _rays(view: View) -> Tensor:
    """Directions [H, W, 3] of the pixels where z is 1, camera frame."""
    camera = view.camera
    x = (torch.arange(camera.width) + 0.5 - camera.cx) / camera.fx
    y = (torch.arange(camera.height) + 0.5 - camera.cy) / camera.fy
    h, w = camera.height, camera.width
    return torch.stack([x.expand(h, w), y[:, None].expand(h, w), torch.ones(h, w)], dim=-1)


def _seen(points: Tensor, look: Look) -> Tensor:
    """[N] bool: which `points` [N, 3] are not behind what `look` sees."""
    pixels, z = project(points, look.view)
    camera = look.view.camera
    inside = (z > 0) & (pixels >= 0).all(dim=1)
    inside &= (pixels[:, 0] < camera.width) & (pixels[:, 1] < camera.height)
    x = pixels[:, 0].nan_to_num().clamp(0, camera.width - 1).long()
    y = pixels[:, 1].nan_to_num().clamp(0, camera.height - 1).long()
    return inside & (z < HIDDEN * torch.from_numpy(look.depth)[y, x])
