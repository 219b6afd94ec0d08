"""The plain torch rasterizer, tile by tile: slow, short, and the definition of correct."""

from typing import NamedTuple

import torch
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.geometry.rotation import matrix_from_quat
from core.geometry.sh import sh_colors
from core.render.render import (
    ALPHA_MAX,
    ALPHA_MIN,
    BLUR,
    FRUSTUM_MARGIN,
    LIGHT_MIN,
    NEAR,
    Render,
)

TILE = 16


class Splats(NamedTuple):
    """Gaussians as the picture sees them, visible ones only, nearest first."""

    means2d: Tensor  # [M, 2] pixels
    conics: Tensor  # [M, 3] inverse covariance: xx, xy, yy
    opacity: Tensor  # [M]
    channels: Tensor  # [M, 3 + 1 + F] colour, z, features
    extents: Tensor  # [M, 2] half size in pixels of the box beyond which alpha < ALPHA_MIN
    rows: Tensor  # [M] index into the table


def rasterize_reference(
    gaussians: Gaussians,
    view: View,
    sh_degree: int,
    background: Tensor,
    features: Tensor | None,
    probe: bool,
) -> Render:
    """See `rasterize`. Any dtype and device; float64 is the reference."""
    means2d = torch.zeros_like(gaussians.means[:, :2], requires_grad=True) if probe else None
    splats = project_splats(gaussians, view, sh_degree, features, means2d)
    width, height = view.camera.width, view.camera.height
    rows = [
        torch.cat([_tile(splats, x, y, width, height) for x in range(0, width, TILE)], dim=1)
        for y in range(0, height, TILE)
    ]
    picture = torch.cat(rows, dim=0)
    light = picture[..., -1]
    radii = gaussians.means.new_zeros(len(gaussians))
    radii[splats.rows] = splats.extents.detach().amax(dim=1)
    return Render(
        color=picture[..., :3] + light[..., None] * background,
        alpha=1 - light,
        depth_sum=picture[..., 3],
        features=None if features is None else picture[..., 4:-1],
        radii=radii,
        means2d=means2d,
    )


def project_splats(
    gaussians: Gaussians,
    view: View,
    sh_degree: int,
    features: Tensor | None = None,
    means2d_probe: Tensor | None = None,
) -> Splats:
    """Perspective projection of the Gaussians (EWA splatting: Zwicker et al., 2001, eq. 31)."""
    world = view.camera_from_scene.to(gaussians.means)
    seen = gaussians.means @ world[:3, :3].T + world[:3, 3]
    opacity = torch.sigmoid(gaussians.logit_opacity)
    rows = torch.nonzero((seen[:, 2] > NEAR) & (opacity > ALPHA_MIN)).squeeze(-1)
    seen, opacity = seen[rows], opacity[rows]
    camera = view.camera
    means2d = torch.stack(
        [
            camera.fx * seen[:, 0] / seen[:, 2] + camera.cx,
            camera.fy * seen[:, 1] / seen[:, 2] + camera.cy,
        ],
        dim=1,
    )
    if means2d_probe is not None:
        means2d = means2d + means2d_probe[rows]
    covariance = _covariances2d(gaussians, rows, seen, view)
    xx, xy, yy = covariance[:, 0, 0], covariance[:, 0, 1], covariance[:, 1, 1]
    determinant = xx * yy - xy * xy
    conics = torch.stack([yy, -xy, xx], dim=1) / determinant[:, None]
    reach = 2 * torch.log(opacity / ALPHA_MIN)
    extents = torch.sqrt(reach[:, None] * torch.stack([xx, yy], dim=1)).detach()
    centre = -world[:3, :3].T @ world[:3, 3]
    directions = torch.nn.functional.normalize(gaussians.means[rows] - centre, dim=1)
    channels = [sh_colors(directions, gaussians.sh[rows], sh_degree), seen[:, 2:]]
    if features is not None:
        channels.append(features[rows])
    # In sight: at least one pixel centre lies in the box of its extents.
    size = torch.tensor([camera.width, camera.height]).to(means2d)
    low = (means2d.detach() - extents - 0.5).ceil().clamp_min(0)
    high = torch.minimum((means2d.detach() + extents - 0.5).floor(), size - 1)
    inside = (low <= high).all(dim=1) & (determinant > 1e-10)
    order = torch.argsort(seen[:, 2].detach(), stable=True)
    order = order[inside[order]]
    return Splats(
        means2d[order],
        conics[order],
        opacity[order],
        torch.cat(channels, dim=1)[order],
        extents[order],
        rows[order],
    )


def _covariances2d(gaussians: Gaussians, rows: Tensor, seen: Tensor, view: View) -> Tensor:
    """Covariances [M, 2, 2] in pixels^2 of `rows`, centres `seen` [M, 3] by the camera."""
    camera = view.camera
    x, y, z = seen.unbind(1)
    mx, my = FRUSTUM_MARGIN * camera.width, FRUSTUM_MARGIN * camera.height
    # Far outside the picture the Jacobian explodes: hold it at the margin.
    tx = (x / z).clamp((-camera.cx - mx) / camera.fx, (camera.width - camera.cx + mx) / camera.fx)
    ty = (y / z).clamp((-camera.cy - my) / camera.fy, (camera.height - camera.cy + my) / camera.fy)
    zero = torch.zeros_like(z)
    jacobian = torch.stack(
        [camera.fx / z, zero, -camera.fx * tx / z, zero, camera.fy / z, -camera.fy * ty / z], dim=1
    ).reshape(-1, 2, 3)
    world = view.camera_from_scene.to(gaussians.means)
    axes = matrix_from_quat(gaussians.quats[rows]) * torch.exp(gaussians.log_scales[rows])[:, None]
    spread = jacobian @ world[:3, :3] @ axes
    blur = BLUR * torch.eye(2).to(spread)
    return spread @ spread.transpose(1, 2) + blur


def _tile(splats: Splats, x0: int, y0: int, width: int, height: int) -> Tensor:
    """Channels and, last, the light left over, [h, w, C + 1], of the tile at pixel (x0, y0)."""
    x1, y1 = min(x0 + TILE, width), min(y0 + TILE, height)
    centre, reach = splats.means2d.detach(), splats.extents
    hit = (centre[:, 0] + reach[:, 0] >= x0) & (centre[:, 0] - reach[:, 0] <= x1)
    hit &= (centre[:, 1] + reach[:, 1] >= y0) & (centre[:, 1] - reach[:, 1] <= y1)
    rows = torch.nonzero(hit).squeeze(-1)
    like = splats.means2d
    dx = torch.arange(x0, x1).to(like) + 0.5 - splats.means2d[rows, 0, None]
    dy = torch.arange(y0, y1).to(like) + 0.5 - splats.means2d[rows, 1, None]
    dx, dy = dx[:, None, :], dy[:, :, None]
    xx, xy, yy = (column[:, None, None] for column in splats.conics[rows].unbind(1))
    power = -0.5 * (xx * dx * dx + yy * dy * dy) - xy * dx * dy
    alpha = (splats.opacity[rows, None, None] * torch.exp(power)).clamp_max(ALPHA_MAX)
    alpha = torch.where(alpha >= ALPHA_MIN, alpha, 0.0)
    # Cut the ray where the light would fall below LIGHT_MIN, that Gaussian not drawn.
    alpha = torch.where(torch.cumprod(1 - alpha, dim=0) > LIGHT_MIN, alpha, 0.0)
    light = (
        torch.cumprod(torch.cat([torch.ones_like(alpha[:1]), 1 - alpha]), dim=0)
        if len(rows)
        else like.new_ones(1, y1 - y0, x1 - x0)
    )
    seen = torch.einsum("nhw,nc->hwc", alpha * light[:-1], splats.channels[rows])
    return torch.cat([seen, light[-1][..., None]], dim=-1)
