"""What the photos tell about each Gaussian: whether they measured where it is, and how well."""

import math
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.geometry.rotation import matrix_from_quat
from core.geometry.sh import SH_C0
from core.render.rasterize import rasterize
from core.render.render import ALPHA_MIN, BLUR

HIDDEN = 0.05  # up to this share of its light a photo tells nothing about a Gaussian
OBSERVED = math.radians(1)  # between the rays of two photos: from here on they measure its depth
HALF_SURE = math.radians(10)  # between the rays of two photos: they tell as much as the prior


def judged(gaussians: Gaussians, views: Sequence[View], *, imagined: bool = False) -> Gaussians:
    """`gaussians` with the `origin` and `confidence` that photos taken from `views` bear out.

    A photo tells where a Gaussian is across its ray, nothing along it. Photos with unit rays d
    that see the shares s of it (`shares_seen`), w = max(0, s - HIDDEN) / (1 - HIDDEN), together
    tell sum w (I - d d^T): the normal matrix of triangulation, in units of one photo's say. Its
    least eigenvalue x is what they tell about the direction that they know least. Two photos in
    full view whose rays are an angle a apart give x(a) = 2 sin^2(a / 2), a single one gives 0.

    `confidence` = x / (x + x(HALF_SURE)): the photos' part of what is known, beside a prior that
    tells as much as two photos HALF_SURE apart. `origin` is OBSERVED where x >= x(OBSERVED), and
    REGULARISED elsewhere; rows that are FILLED stay so. Those that no photo sees are IMAGINED where
    a prior was at work (`imagined`), or was before. As much work as one picture and its gradient
    a view.
    """
    information, seen = _information(gaussians, views)
    told = information.float()
    origin = torch.where(told >= _of_two(OBSERVED), Origin.OBSERVED, Origin.REGULARISED)
    origin[~seen & (imagined | (gaussians.origin == Origin.IMAGINED))] = Origin.IMAGINED
    origin[gaussians.origin == Origin.FILLED] = Origin.FILLED
    confidence = told / (told + _of_two(HALF_SURE))
    return replace(gaussians, origin=origin.to(torch.uint8), confidence=confidence)


def shares_seen(gaussians: Gaussians, view: View, counts: Tensor | None = None) -> Tensor:
    """[N] in [0, 1]: how much of each Gaussian the picture from `view` shows.

    Its blending weights alpha times transmittance, summed over the pixels, as part of what the
    sum would be in a picture without borders and with nothing before it. `counts` [H, W] in
    {0, 1}: the pixels that are summed over, if not all.
    """
    # Alike from all sides and never black, its gradient by the coefficient is the sum of weights.
    grey = torch.zeros_like(gaussians.sh[:, :1]).requires_grad_()
    plain = replace(gaussians.map(Tensor.detach), sh=grey)
    shown = rasterize(plain, view).color[..., 0]
    shown = shown if counts is None else shown * counts.to(shown)
    shown.sum().backward()  # type: ignore[no-untyped-call]
    assert grey.grad is not None
    return share_of(grey.grad[:, 0, 0] / SH_C0, gaussians, view)


def share_of(weights: Tensor, gaussians: Gaussians, view: View) -> Tensor:
    """`shares_seen` from `weights` [N]: blending weights summed over all of the picture."""
    return (weights / _footprints(gaussians, view)).nan_to_num(posinf=0).clamp(0, 1)


def _footprints(gaussians: Gaussians, view: View) -> Tensor:
    """[N] pixels: the integral of each one's alpha over the ellipse in which it is drawn.

    As `project_splats` has it, but for centres far outside the picture, in less than half the
    time.
    """
    means, world = gaussians.means.detach(), view.camera_from_scene.to(gaussians.means)
    turn = matrix_from_quat(gaussians.quats.detach())
    axes = turn * torch.exp(gaussians.log_scales.detach())[:, None]
    axes = (axes.transpose(1, 2).reshape(-1, 3) @ world[:3, :3].T).reshape(-1, 3, 3)
    x, y, z = (means @ world[:3, :3].T + world[:3, 3])[:, None].unbind(2)
    across = view.camera.fx / z * (axes[..., 0] - x / z * axes[..., 2])
    down = view.camera.fy / z * (axes[..., 1] - y / z * axes[..., 2])
    xx, yy = (across * across).sum(1) + BLUR, (down * down).sum(1) + BLUR
    xy = (across * down).sum(1)
    opacity = torch.sigmoid(gaussians.logit_opacity.detach())
    area = 2 * math.pi * (xx * yy - xy * xy).clamp_min(BLUR * BLUR).sqrt()
    return area * (opacity - ALPHA_MIN)


def _information(gaussians: Gaussians, views: Sequence[View]) -> tuple[Tensor, Tensor]:
    """[N] float64: the least eigenvalue of sum w (I - d d^T), see `judged`; whether any w > 0."""
    means = gaussians.means.detach()
    total = torch.zeros(len(means), 3, 3, dtype=torch.float64, device=means.device)
    identity = torch.eye(3).to(means)
    for view in views:
        weight = ((shares_seen(gaussians, view) - HIDDEN) / (1 - HIDDEN)).clamp_min(0)
        ray = torch.nn.functional.normalize(means - view.centre().to(means), dim=1).nan_to_num()
        total += weight[:, None, None] * (identity - ray[:, :, None] * ray[:, None, :])
    eigenvalues: Tensor = torch.linalg.eigvalsh(total)  # in ascending order
    return eigenvalues[:, 0].clamp_min(0), eigenvalues[:, 2] > 0


def _of_two(angle: float) -> float:
    """The least eigenvalue that two photos in full view give whose rays are `angle` apart."""
    return 2 * math.sin(angle / 2) ** 2
