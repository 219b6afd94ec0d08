"""What the segmenter thinks may be objects, to pick from: small ones first, larger on demand."""

from collections.abc import Sequence

from core.segment.tiles import Area, Tiled


class Proposals:
    """Those of one photo; `known` tells whether they were asked for."""

    def __init__(self) -> None:
        self.known = False
        self._steps = 0  # from the smallest to the one that is meant
        self._regions: tuple[Tiled, ...] = ()

    def forget(self) -> None:
        """Of another photo nothing is known."""
        self.known, self._regions = False, ()

    def show(self, regions: Sequence[Tiled]) -> None:
        """These are the proposals."""
        self.known = True
        self._regions = tuple(sorted(regions, key=Tiled.count))

    def at(self, pixel: tuple[int, int] | None) -> Tiled | None:
        """The one that holds the pixel (x, y): the smallest, or as many larger as was asked."""
        found = self._holding(pixel)
        return found[min(self._steps, len(found) - 1)] if found else None

    def larger(self, pixel: tuple[int, int] | None) -> None:
        """Mean the next larger from now on; after the largest the smallest again."""
        count = len(self._holding(pixel))
        self._steps = (min(self._steps, count - 1) + 1) % count if count else 0

    def _holding(self, pixel: tuple[int, int] | None) -> tuple[Tiled, ...]:
        if pixel is None:
            return ()
        x, y = pixel
        here = Area(x, y, x + 1, y + 1)
        return tuple(each for each in self._regions if each.part(here)[0, 0])
