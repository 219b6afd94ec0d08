"""What a press of the mouse becomes while it is held: a stroke, a lasso, a box, a move."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from core.segment import regions
from core.segment.labels import PhotoMask
from core.segment.protocol import Box
from core.segment.tiles import Tiled

CLOSE = 2.0  # logical pixels: a line is not told more exactly than so

Place = tuple[float, float]  # x, y in image pixels


@dataclass(frozen=True)
class Marks:
    """What is drawn over the photo, in image pixels."""

    box: Box | None = None
    path: tuple[Place, ...] = ()


class Drag(Protocol):
    """Follows the mouse until it is let go."""

    def move(self, place: Place) -> None:
        """To this place of the photo."""
        ...

    def marks(self) -> Marks:
        """What to draw meanwhile."""
        ...


@dataclass
class StrokeDrag:
    """A brush or an eraser: `mask` is already as it will be.

    `paint` makes of a mask and a region what the tool makes of it.
    """

    mask: PhotoMask
    paint: Callable[[PhotoMask, Tiled], PhotoMask]
    radius: float
    last: Place
    region: Tiled = field(init=False)

    def __post_init__(self) -> None:
        self.region = regions.nothing(self.mask.height, self.mask.width)
        self.move(self.last)

    def move(self, place: Place) -> None:
        piece = np.array([self.last, place])
        passed = regions.stroke(piece, self.radius, self.mask.height, self.mask.width)
        self.region = regions.united(self.region, passed)
        self.mask = self.paint(self.mask, passed)
        self.last = place

    def marks(self) -> Marks:
        return Marks()


@dataclass
class LassoDrag:
    """A line around what is meant; `close`: how near places are not told apart."""

    path: list[Place]
    close: float

    def move(self, place: Place) -> None:
        if max(abs(place[0] - self.path[-1][0]), abs(place[1] - self.path[-1][1])) >= self.close:
            self.path.append(place)

    def marks(self) -> Marks:
        return Marks(path=tuple(self.path))

    def region(self, height: int, width: int) -> Tiled:
        """What the line goes round."""
        return regions.polygon(np.array(self.path), height, width)


@dataclass
class BoxDrag:
    """From one corner to the other."""

    start: Place
    end: Place

    def move(self, place: Place) -> None:
        self.end = place

    def marks(self) -> Marks:
        return Marks(box=self.box())

    def box(self) -> Box:
        (x, y), (u, v) = self.start, self.end
        return Box(min(x, u), min(y, v), max(x, u), max(y, v))


def across(places: Sequence[Place]) -> float:
    """How far the places go, in image pixels."""
    return float(np.ptp(np.array(places), axis=0).max())
