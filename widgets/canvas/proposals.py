"""What the segmenter thinks may be objects, to pick from: small ones first, larger on demand."""

from collections.abc import Sequence
from functools import reduce

from core.segment.regions import united
from core.segment.tiles import Area, Tiled

Pixel = tuple[int, int]  # x, y


class Proposals:
    """Those of one photo; `known` tells whether they were asked for."""

    def __init__(self) -> None:
        self.known = False
        self._steps = 0  # from the smallest to the one that is meant
        self._regions: tuple[Tiled, ...] = ()
        self._all: Tiled | None = None  # what is meant to be seen while none is pointed at

    def forget(self) -> None:
        """Of another photo nothing is known."""
        self.known, self._regions, self._all = False, (), None

    def show(self, regions: Sequence[Tiled], *, all_lit: bool = False) -> None:
        """These are the proposals; with `all_lit` they are seen before one is pointed at."""
        self.known = True
        self._regions = tuple(sorted(regions, key=Tiled.count))
        self._all = reduce(united, regions) if all_lit and regions else None

    def at(self, pixel: Pixel | None) -> Tiled | None:
        """The one that holds the pixel: the smallest, or as many larger as was asked."""
        found = self._holding(pixel)
        return found[min(self._steps, len(found) - 1)] if found else None

    def seen_at(self, pixel: Pixel | None) -> Tiled | None:
        """What to show while the mouse is at the pixel, None: nowhere."""
        return self.at(pixel) or self._all

    def larger(self, pixel: Pixel | None) -> None:
        """Mean the next larger from now on; after the largest the smallest again."""
        count = len(self._holding(pixel))
        self._steps = (min(self._steps, count - 1) + 1) % count if count else 0

    def _holding(self, pixel: Pixel | None) -> tuple[Tiled, ...]:
        if pixel is None:
            return ()
        return tuple(each for each in self._regions if holds(each, pixel))


def holds(region: Tiled, pixel: Pixel) -> bool:
    """Whether the pixel, which is in the photo, is of `region`."""
    x, y = pixel
    return bool(region.part(Area(x, y, x + 1, y + 1))[0, 0])
