"""What keeps Gaussians from learning a few photos by heart."""

import math
from dataclasses import replace

import torch
from torch import Tensor

from core.gaussians.table import Gaussians

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
