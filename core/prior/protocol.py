"""What every prior does: from a guess at a new view to a better picture of it."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from core.geometry.camera import View
from core.progress import Progress


@dataclass(frozen=True, eq=False)
class PosedPhoto:
    """A photo [H, W, 3] in [0, 1] with the view that it was taken from, of the same size.

    `depth` [H, W]: z of the surfaces that the scene has there, 0 where none; None if unknown.
    """

    view: View
    color: Tensor
    depth: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Draft:
    """What is known of a picture that nobody took.

    All pictures are [H, W], on one device, of the size of `view`.
    """

    view: View
    color: Tensor  # [H, W, 3] in [0, 1]: the scene as it is now
    alpha: Tensor  # [H, W] in [0, 1]
    depth: Tensor  # [H, W] z in scene units, 0 where nothing is
    visibility: Tensor  # [H, W] in [0, 1]: how much of this the photos saw
    photos: tuple[PosedPhoto, ...]  # the nearest ones, nearest first


@dataclass(frozen=True, eq=False)
class Target:
    """What the scene should look like there: `color` [H, W, 3] in [0, 1].

    `confidence` [H, W] in [0, 1]: how far the prior itself stands by each pixel.
    """

    color: Tensor
    confidence: Tensor


class Prior(Protocol):
    """Anything that betters a draft."""

    def refine(self, draft: Draft, level: float, seed: int) -> Generator[Progress, None, Target]:
        """A target for `draft`, yielding between its steps; closing the generator cancels.

        `level` in (0, 1]: how much of the draft is given up before it is made anew, as a part
        of the diffusion's time; at 1 hardly more than the photos counts. Same inputs and
        `seed`, same target on the same device.
        """
        ...
