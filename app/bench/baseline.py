"""Adapter: what anyone can run on a CPU from the package index, for the bench to compare with.

gsplat's projection and spherical harmonics in torch, then compositing in torch, tile by
tile: gsplat's own compositing in torch does not run without CUDA. Where gsplat is not
installed, core's reference in float32 stands in.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.render.reference import rasterize_reference
from core.render.render import ALPHA_MAX, ALPHA_MIN, BLUR, LIGHT_MIN, NEAR

TILE = 16


class Baseline(NamedTuple):
    """`render` gives [H, W, 5]: colour over black, depth sum, alpha; SH of the rows' degree."""

    name: str
    render: Callable[[Gaussians, View], Tensor]


class _Splats(NamedTuple):
    """Visible rows, nearest first."""

    means2d: Tensor  # [M, 2] pixels
    conics: Tensor  # [M, 3]
    opacity: Tensor  # [M]
    channels: Tensor  # [M, 4] colour, z
    box: Tensor  # [4, M] first and last tile across, first and last tile down


def find_baseline() -> Baseline:
    """The best one that this machine can run."""
    try:
        from gsplat.cuda import _torch_impl as gsplat_torch
    except Exception as error:  # noqa: BLE001 - a package half there fails in many ways
        reason = str(error).split("\n")[0]
        return Baseline(f"tile-wise torch of core/render/reference.py ({reason})", _reference)

    def render(gaussians: Gaussians, view: View) -> Tensor:
        splats = _project(gsplat_torch, gaussians, view)
        return _composite(splats, view.camera.width, view.camera.height)

    return Baseline("gsplat's torch projection and SH, tile-wise torch compositing", render)


def _reference(gaussians: Gaussians, view: View) -> Tensor:
    black = torch.zeros(3).to(gaussians.means)
    drawn = rasterize_reference(gaussians, view, gaussians.sh_degree, black, None, False)
    return torch.cat([drawn.color, drawn.depth_sum[..., None], drawn.alpha[..., None]], dim=-1)


def _project(gsplat_torch: Any, gaussians: Gaussians, view: View) -> _Splats:
    camera = view.camera
    world = view.camera_from_scene.to(gaussians.means)
    scales, opacity = torch.exp(gaussians.log_scales), torch.sigmoid(gaussians.logit_opacity)
    covariances, _ = gsplat_torch._quat_scale_to_covar_preci(gaussians.quats, scales, True, False)
    radii, means2d, depths, conics, _ = gsplat_torch._fully_fused_projection(
        gaussians.means,
        covariances,
        world[None],
        camera.matrix().to(gaussians.means)[None],
        camera.width,
        camera.height,
        eps2d=BLUR,
        near_plane=NEAR,
    )
    centre = -world[:3, :3].T @ world[:3, 3]
    directions = gaussians.means - centre
    colors = gsplat_torch._spherical_harmonics(gaussians.sh_degree, directions, gaussians.sh)
    visible = torch.nonzero((radii[0] > 0).all(dim=-1)).squeeze(-1)
    rows = visible[torch.argsort(depths[0, visible].detach())]
    centres, reach = means2d[0, rows], radii[0, rows].to(means2d)
    low = ((centres.detach() - reach) / TILE).floor()
    high = ((centres.detach() + reach) / TILE).floor()
    return _Splats(
        centres,
        conics[0, rows],
        opacity[rows],
        torch.cat([(colors[rows] + 0.5).clamp_min(0), depths[0, rows, None]], dim=1),
        torch.stack([low[:, 0], high[:, 0], low[:, 1], high[:, 1]]),
    )


def _composite(splats: _Splats, width: int, height: int) -> Tensor:
    lines = []
    for ty in range(-(-height // TILE)):
        here = torch.nonzero((splats.box[2] <= ty) & (splats.box[3] >= ty)).squeeze(-1)
        left, right = splats.box[0, here], splats.box[1, here]
        tiles = []
        for tx in range(-(-width // TILE)):
            rows = here[(left <= tx) & (right >= tx)]
            tiles.append(_tile(splats, rows, tx, ty, width, height))
        lines.append(torch.cat(tiles, dim=1))
    return torch.cat(lines, dim=0)


def _tile(splats: _Splats, rows: Tensor, tx: int, ty: int, width: int, height: int) -> Tensor:
    """[h, w, 5] of one tile."""
    like = splats.means2d
    x = torch.arange(tx * TILE, min((tx + 1) * TILE, width)).to(like) + 0.5
    y = torch.arange(ty * TILE, min((ty + 1) * TILE, height)).to(like) + 0.5
    if len(rows) == 0:
        return like.new_zeros(len(y), len(x), 5)
    dx = x[None, None, :] - splats.means2d[rows, 0, None, None]
    dy = y[None, :, None] - splats.means2d[rows, 1, None, None]
    xx, xy, yy = (column[:, None, None] for column in splats.conics[rows].unbind(1))
    power = 0.5 * (xx * dx * dx + yy * dy * dy) + xy * dx * dy
    alpha = splats.opacity[rows, None, None] * torch.exp(-power)
    alpha = alpha.clamp_max(ALPHA_MAX)
    none = torch.zeros((), dtype=like.dtype)
    alpha = torch.where(alpha >= ALPHA_MIN, alpha, none)
    alpha = torch.where(torch.cumprod(1 - alpha, dim=0) > LIGHT_MIN, alpha, none)
    light = torch.cumprod(1 - alpha, dim=0)
    before = torch.cat([torch.ones_like(light[:1]), light[:-1]])
    seen = torch.einsum("nhw,nc->hwc", alpha * before, splats.channels[rows])
    return torch.cat([seen, 1 - light[-1][..., None]], dim=-1)
