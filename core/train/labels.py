"""What masks say while training goes on: which pixels do not count, and whose the Gaussians are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from core.gaussians.rows import RowEdit
from core.gaussians.table import Gaussians


class Labels(Protocol):
    """Asked at the start and after every iteration, so that masks may be corrected meanwhile."""

    def ignored(self, index: int) -> Tensor | None:
        """The pixels [h, w] bool of this photo that are left out of the loss; None for none."""
        ...

    def object_ids(self, gaussians: Gaussians, since: RowEdit | None) -> Tensor | None:
        """[N] int64, the object of each Gaussian; None where nothing is new since the last answer.

        `since` tells how the rows came from those of the last answer; None: they are others.
        """
        ...


@dataclass(frozen=True, eq=False)
class Ignored:
    """See `Labels`: `pixels` [H, W] bool of each photo, or none, that never count."""

    pixels: Sequence[Tensor] = ()

    def ignored(self, index: int) -> Tensor | None:
        """See `Labels`."""
        return self.pixels[index] if self.pixels else None

    def object_ids(self, gaussians: Gaussians, since: RowEdit | None) -> Tensor | None:
        """None: the Gaussians stay whose they are."""
        return None


NO_LABELS = Ignored()
