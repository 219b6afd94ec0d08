"""A draft at the size that a network works at, and its answer at the draft's size again."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate, pad

from core.prior.protocol import Draft


@dataclass(frozen=True)
class Canvas:
    """Rows and columns of a draft, of it enlarged, and of that padded to whole latents."""

    height: int
    width: int
    down: int
    across: int
    multiple: int

    @staticmethod
    def of(draft: Draft, side: int, multiple: int, most: int | None = None) -> "Canvas":
        """Smaller drafts are enlarged until their longer side is `side`, what the network knows.

        Larger ones stay as they are, up to `most`.
        """
        height, width = draft.alpha.shape
        longest = max(height, width)
        scale = max(1.0, side / longest)
        if most is not None:
            scale = min(scale, most / longest)
        down, across = (max(1, round(scale * each)) for each in (height, width))
        return Canvas(height, width, down, across, multiple)

    def onto(self, picture: Tensor) -> Tensor:
        """[H, W] or [H, W, C] of any size as [1, C, h, w], its last rows and columns repeated."""
        channels = picture[..., None] if picture.dim() == 2 else picture
        resized = channels.permute(2, 0, 1)[None].float()
        size = (self.down, self.across)
        if resized.shape[2:] != size:
            resized = interpolate(
                resized, size, mode="bilinear", align_corners=False, antialias=True
            )
        below, beside = -self.down % self.multiple, -self.across % self.multiple
        return pad(resized, (0, beside, 0, below), mode="replicate")

    def back(self, picture: Tensor) -> Tensor:
        """[1, C, h, w] as [H, W, C], without what was padded."""
        cropped = picture[..., : self.down, : self.across].float()
        if cropped.shape[2:] != (self.height, self.width):
            cropped = interpolate(cropped, (self.height, self.width), mode="area")
        return cropped[0].permute(1, 2, 0)


def filled(color: Tensor, alpha: Tensor) -> Tensor:
    """`color` [1, 3, H, W] over black with `alpha` [1, 1, H, W]: what lacks is taken from around.

    From coarser and coarser means, so that holes go over softly into what surrounds them.
    """
    if min(color.shape[2:]) <= 1:
        return color / alpha.clamp_min(1e-6)
    halves = (avg_pool2d(each, 2, ceil_mode=True) for each in (color, alpha))
    around = interpolate(filled(*halves), color.shape[2:], mode="bilinear", align_corners=False)
    return color + (1 - alpha) * around


def known(draft: Draft, keep: float) -> Tensor:
    """[H, W] in [0, 1]: how far each pixel is to stay; what photos saw of what is there."""
    return (keep * draft.alpha * draft.visibility).clamp(0, 1)


def nearness(depth: Tensor) -> Tensor:
    """[H, W, 3] from `depth` [H, W]: nearer is brighter, from 0 to 1, as MiDaS shows it.

    Where there is no depth it is 0, as far as can be.
    """
    there = depth > 0
    if not there.any():
        return torch.zeros(*depth.shape, 3, device=depth.device)
    inverse = torch.where(there, 1 / depth.clamp_min(1e-6), torch.zeros_like(depth))
    low, high = inverse[there].min(), inverse[there].max()
    shown = torch.where(there, (inverse - low) / (high - low).clamp_min(1e-6), inverse)
    return shown.clamp(0, 1)[..., None].expand(*depth.shape, 3)
