"""What keeps Gaussians from learning a few photos by heart."""

import math
from dataclasses import replace

import cv2
import torch
from torch import Tensor

from core.dense.depth import DepthMap
from core.gaussians.table import Gaussians
from core.render.render import Render

LEAST, MOST = 1e-5, 1 - 1e-6


def fade(logit_opacity: Tensor, part: float, radii: Tensor | None = None) -> None:
    """Take `part` of each opacity away, in place (Han et al., Binocular3DGS, 2024, eq. 10)."""
    with torch.no_grad():
        opacity = torch.sigmoid(logit_opacity) * (1 - part)
        faded = torch.logit(opacity.clamp_(LEAST, MOST))
        if radii is not None:
            faded = torch.where(radii > 0, faded, logit_opacity)
        logit_opacity.copy_(faded)


def blunt(log_scales: Tensor, most: float) -> None:
    with torch.no_grad():
        cap = log_scales.sort(dim=1).values[:, 1:2] + math.log(most)
        log_scales.copy_(torch.minimum(log_scales, cap))


def thinned(scene: Gaussians, part: float, generator: torch.Generator) -> Gaussians:
    """`scene` without a random `part` of its opacity, the rest made up for it (DropGaussian)."""
    n = len(scene)
    keep = (torch.rand(n, generator=generator) >= part).to(scene.means)
    opacity = torch.sigmoid(scene.logit_opacity) * keep / (1 - part)
    return replace(scene, logit_opacity=torch.logit(opacity.clamp(LEAST, MOST)))


def shorten(log_scales: Tensor, means: Tensor, centres: Tensor, reach: float) -> None:
    with torch.no_grad():
        near = torch.cdist(means, centres.to(means)).amin(dim=1)
        log_scales.clamp_max_(torch.log(reach * near + 1e-9)[:, None])


def fitted(depth: DepthMap, width: int, height: int) -> tuple[Tensor, Tensor]:
    if depth.depth.shape == (height, width):
        return depth.depth, depth.confidence
    z, c = (
        cv2.resize(x.numpy(), (width, height), interpolation=cv2.INTER_NEAREST)
        for x in (depth.depth, depth.confidence)
    )
    return torch.from_numpy(z), torch.from_numpy(c)


def depth_loss(render: Render, depth: DepthMap) -> Tensor:
    h, w = render.alpha.shape
    z, confidence = fitted(depth, w, h)
    drawn = render.depth_sum / render.alpha.clamp_min(1e-3)
    error = (drawn - z).abs() / (drawn.detach() + z).clamp_min(1e-6)
    return (error * confidence).sum() / (h * w)


def smoothness(render: Render, photo: Tensor, depth: DepthMap | None) -> Tensor:
    h, w = render.alpha.shape
    d = render.alpha / render.depth_sum.clamp_min(1e-6)
    d = d / d.detach().mean()
    grey = photo.to(d).mean(dim=2) / 255
    free = torch.ones_like(d)
    if depth is not None:
        free = (fitted(depth, w, h)[0] <= 0).to(d)
    gx, gy = (grey[:, 1:] - grey[:, :-1]).abs(), (grey[1:] - grey[:-1]).abs()
    xx = (
        (d[:, 2:] - 2 * d[:, 1:-1] + d[:, :-2]).abs()
        * torch.exp(-10 * torch.maximum(gx[:, 1:], gx[:, :-1]))
        * free[:, 1:-1]
    )
    yy = (
        (d[2:] - 2 * d[1:-1] + d[:-2]).abs()
        * torch.exp(-10 * torch.maximum(gy[1:], gy[:-1]))
        * free[1:-1]
    )
    return (xx.sum() + yy.sum()) / (h * w)
