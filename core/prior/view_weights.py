"""How much a prior has to say where the photos saw so much."""

from dataclasses import dataclass
from enum import Enum

import torch
from torch import Tensor


class Blend(Enum):
    """How a prior's word and the photos' are weighed against each other."""

    DISTILLED = "distilled"  # the prior's gradient alone is weighted (DP-Recon, sections 3.2, 3.3)
    SHARED = "shared"  # L_SDS (1 - V) + L_img V: what was seen is to stay as it was


@dataclass(frozen=True)
class ViewWeights:
    """The thresholds of visibility V in [0, 1]; DP-Recon's, which were set for its own V."""

    blend: Blend = Blend.DISTILLED
    most: float = 20.0  # the weight of shapes that no photo saw
    tau: float = 0.5  # V from which on a shape is mostly seen: there the weight is 1
    seen: float = 0.3  # V above which colours are not touched

    def of_shape(self, visibility: Tensor) -> Tensor:
        """w of `visibility` (any shape): `most` at 0, 1 at `tau`, 0 at 1, straight between."""
        if self.blend is Blend.SHARED:
            return 1 - visibility
        hidden = self.most - (self.most - 1) / self.tau * visibility
        return torch.where(visibility <= self.tau, hidden, (1 - visibility) / (1 - self.tau))

    def of_color(self, visibility: Tensor) -> Tensor:
        """w of `visibility` (any shape): 1 up to `seen`, 0 above."""
        if self.blend is Blend.SHARED:
            return 1 - visibility
        return (visibility <= self.seen).to(visibility)
