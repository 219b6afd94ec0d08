"""A target as it is shown to people while training goes on: small pictures, and what it took."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

SHOWN = 160  # pixels, the longer side


@dataclass(frozen=True, eq=False)
class Imagined:
    """News of a prior: the target that it made last.

    `draft` and `target` uint8 [h, w, 3]: what the scene showed from there, and what it should;
    `relied` uint8 [h, w]: how far each pixel is relied on, 255 for wholly. `used`: whether it is
    trained on at all. `seconds`: of making it; `share` in [0, 1] of training's work that the prior
    has taken so far, meeting its targets included.
    """

    draft: NDArray[np.uint8]
    target: NDArray[np.uint8]
    relied: NDArray[np.uint8]
    used: bool
    seconds: float
    share: float


def thumbnail(picture: Tensor) -> NDArray[np.uint8]:
    """`picture` [H, W, C] or [H, W] in [0, 1], its longer side at most `SHOWN` pixels, as uint8."""
    channels = (picture if picture.dim() == 3 else picture[..., None]).detach().permute(2, 0, 1)
    height, width = channels.shape[1:]
    shrink = max(1.0, max(height, width) / SHOWN)
    size = (max(1, round(height / shrink)), max(1, round(width / shrink)))
    small = interpolate(channels[None].float().cpu(), size, mode="area")[0]
    bytes_ = (255 * small.clamp(0, 1)).round().byte().permute(1, 2, 0)
    shown: NDArray[np.uint8] = (bytes_ if picture.dim() == 3 else bytes_[..., 0]).numpy().copy()
    return shown
