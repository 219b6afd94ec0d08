"""What training can be asked to meet beside its photos."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypedDict

from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.render.render import Render


def _unheard(_: float) -> None:
    pass


@dataclass(frozen=True, eq=False)
class Added:
    """A scalar to add to a step's loss, and the picture that it comes from.

    `took` hears how many CPU seconds its gradient cost.
    """

    loss: Tensor
    render: Render
    view: View
    took: Callable[[float], None] = _unheard


class Manner(TypedDict):
    """How pictures are drawn at a step of training: arguments of `rasterize`."""

    sh_degree: int
    background: Tensor
    probe: bool


class Term(Protocol):
    """Something that draws pictures of the scene in training and says what they should be."""

    def added(self, scene: Gaussians, spent: float, manner: Manner) -> Added | None:
        """What it asks of `scene` when `spent` in [0, 1] of the budget is gone; None for nothing.

        Its picture is to be drawn in the `manner` of the photo's, for which it is added.
        """
        ...

    def after(self, columns: Mapping[str, Tensor]) -> None:
        """A step has moved the scene's `columns` [N, ...]: what must not be may be put right."""
        ...
