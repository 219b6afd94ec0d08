"""What keeps Gaussians from learning a few photos by heart; one small function each."""

from dataclasses import replace

import cv2
import torch
from torch import Tensor

from core.dense.depth import DepthMap
from core.gaussians.table import Gaussians
from core.render.render import Render

LEAST, MOST = 1e-5, 1 - 1e-6  # opacities
EDGE = 10.0  # how fast smoothness gives way to differences of brightness, which are in [0, 1]


def fade(logit_opacity: Tensor, part: float) -> None:
    """Take `part` of each opacity [N] away, in place: what photos ask for comes back.

    Han et al., "Binocular-guided 3D Gaussian splatting" (2024), section 3.3.
    """
    with torch.no_grad():
        opacity = torch.sigmoid(logit_opacity).mul_(1 - part)
        logit_opacity.copy_(torch.logit(opacity.clamp_(LEAST, MOST)))


def thinned(scene: Gaussians, part: float, generator: torch.Generator) -> Gaussians:
    """`scene` without a random `part` of its rows, the others as much more opaque.

    Park et al., "DropGaussian" (CVPR 2025), eq. 5.
    """
    kept = torch.rand(len(scene), generator=generator).to(scene.means) >= part
    opacity = torch.sigmoid(scene.logit_opacity) * kept / (1 - part)
    return replace(scene, logit_opacity=torch.logit(opacity.clamp(LEAST, MOST)))


def shorten(log_scales: Tensor, means: Tensor, centres: Tensor, reach: float) -> None:
    """Let no standard deviation be more than `reach` times the way to the nearest camera, in place.

    `log_scales`, `means` [N, 3], `centres` [P, 3]. What is wider hangs before the next view
    like a veil, and the photos see only its border.
    """
    with torch.no_grad():
        near = torch.cdist(means, centres).amin(dim=1)
        log_scales.clamp_max_(torch.log(reach * near + 1e-9)[:, None])


def depth_loss(render: Render, depth: Tensor, confidence: Tensor) -> Tensor:
    """How far the depth drawn is from `depth` [H, W], 0 where unknown; scalar, in [0, 1].

    The difference in proportion to the sum, weighted by `confidence` [H, W], over all pixels.
    """
    drawn = render.depth_sum / render.alpha.clamp_min(1e-3)
    error = (drawn - depth).abs() / (drawn.detach() + depth).clamp_min(1e-6)
    return (error * confidence).mean()


def roughness(render: Render, photo: Tensor, free: Tensor) -> Tensor:
    """How much the surfaces drawn bend where `free` [H, W] is 1; a scalar.

    Second differences of the inverse depth, which vanish on planes, relative to its mean, and
    exp(-`EDGE` |brightness difference|) of each: edges of the `photo` (uint8 [H, W, 3]) may
    be edges of things (edge-aware smoothness: Godard et al., CVPR 2017, eq. 3).
    """
    inverse = render.alpha / render.depth_sum.clamp_min(1e-6)
    inverse = inverse / inverse.detach().mean()
    grey = photo.to(inverse).mean(dim=2) / 255
    total = inverse.new_zeros(())
    for across, bright, where in ((inverse, grey, free), (inverse.T, grey.T, free.T)):
        bend = (across[2:] - 2 * across[1:-1] + across[:-2]).abs()
        step = (bright[1:] - bright[:-1]).abs()
        total = (
            total
            + (bend * torch.exp(-EDGE * torch.maximum(step[1:], step[:-1])) * where[1:-1]).sum()
        )
    return total / inverse.numel()


def sized(depth: DepthMap, like: Tensor) -> tuple[Tensor, Tensor]:
    """Depth and confidence of the map at the size of `like` [H, W]: each pixel the nearest's."""
    height, width = like.shape
    planes = (depth.depth, depth.confidence)
    if depth.depth.shape != like.shape:
        size, way = (width, height), cv2.INTER_NEAREST
        resized = [cv2.resize(p.numpy(), size, interpolation=way) for p in planes]
        planes = (torch.from_numpy(resized[0]), torch.from_numpy(resized[1]))
    return planes[0].to(like), planes[1].to(like)
