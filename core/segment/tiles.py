"""Pictures of small whole numbers in tiles: versions share what is the same, and take little room.

A picture is never changed; `combined` and `with_part` make another one whose untouched tiles are
those of the first. A tile is one number where it is all alike, else its runs row by row: a few
kilobytes where masks have borders, nothing to speak of elsewhere.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SIDE = 256  # pixels; the last tiles of a row and a column may be smaller
Codes = NDArray[np.uint16]


class Area(NamedTuple):
    """Whole pixels: left <= x < right, top <= y < bottom."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def rows(self) -> slice:
        return slice(self.top, self.bottom)

    @property
    def columns(self) -> slice:
        return slice(self.left, self.right)

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width)"""
        return self.bottom - self.top, self.right - self.left

    def meet(self, other: "Area") -> "Area":
        """What lies in both; without pixels where nothing does."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Area(left, top, max(left, right), max(top, bottom))

    def __bool__(self) -> bool:
        return self.right > self.left and self.bottom > self.top


@dataclass(frozen=True, eq=False)
class Runs:
    """A tile row by row: `values` [R] hold from the pixels `starts` [R] on."""

    starts: NDArray[np.uint16]
    values: Codes


Tile = int | Runs
Combine = Callable[[Codes, Codes], Codes]


@dataclass(frozen=True, eq=False)
class Tiled:
    """A picture [height, width] of numbers from 0 to 65535; `tiles` row by row."""

    height: int
    width: int
    tiles: tuple[Tile, ...]

    @staticmethod
    def full(height: int, width: int, value: int = 0) -> "Tiled":
        """The same number everywhere."""
        return Tiled(height, width, (value,) * len(_areas(height, width)))

    @staticmethod
    def of(codes: Codes) -> "Tiled":
        """`codes` [H, W] in tiles."""
        height, width = codes.shape
        areas = _areas(height, width)
        return Tiled(height, width, tuple(packed(codes[a.rows, a.columns]) for a in areas))

    @property
    def area(self) -> Area:
        """All of the picture."""
        return Area(0, 0, self.width, self.height)

    @property
    def size(self) -> int:
        """Bytes that the tiles take, but for those of one number."""
        return sum(tile_size(tile) for tile in self.tiles)

    def size_since(self, older: "Tiled") -> int:
        """Bytes of the tiles that `older` does not have."""
        pairs = zip(self.tiles, older.tiles, strict=True)
        return sum(tile_size(now) for now, then in pairs if now is not then)

    def whole(self) -> Codes:
        """The numbers [H, W], an array of the caller's own."""
        return self.part(self.area)

    def part(self, area: Area) -> Codes:
        """The numbers in `area`, which lies inside the picture."""
        answer = np.empty(area.shape, np.uint16)
        for i, tile_area in self.meeting(area):
            common = tile_area.meet(area)
            rows, columns = _within(common, area)
            tile = self.tiles[i]
            if isinstance(tile, int):
                answer[rows, columns] = tile
            else:
                own_rows, own_columns = _within(common, tile_area)
                answer[rows, columns] = unpacked(tile, tile_area.shape)[own_rows, own_columns]
        return answer

    def with_part(self, area: Area, codes: Codes) -> "Tiled":
        """This picture with `codes` in `area`; itself where they are the same as before."""
        tiles = list(self.tiles)
        for i, tile_area in self.meeting(area):
            common = tile_area.meet(area)
            before = unpacked(tiles[i], tile_area.shape)
            inside, new = before[_within(common, tile_area)], codes[_within(common, area)]
            if not np.array_equal(inside, new):
                after = before.copy()
                after[_within(common, tile_area)] = new
                tiles[i] = packed(after)
        return self._with(tiles)

    def combined(self, other: "Tiled", function: Combine, *, idle: int | None = None) -> "Tiled":
        """`function` of the numbers of both, place by place; itself where nothing changes.

        Where `other` is all `idle`, this picture stays as it is and is not looked at.
        """
        assert (self.height, self.width) == (other.height, other.width)
        tiles = list(self.tiles)
        for i, area in enumerate(_areas(self.height, self.width)):
            mine, theirs = tiles[i], other.tiles[i]
            if isinstance(theirs, int) and theirs == idle:
                continue
            uniform = isinstance(mine, int) and isinstance(theirs, int)
            shape = (1, 1) if uniform else area.shape
            before = unpacked(mine, shape)
            after = function(before, unpacked(theirs, shape))
            if not np.array_equal(before, after):
                tiles[i] = packed(after)
        return self._with(tiles)

    def mapped(self, function: Callable[[Codes], Codes]) -> "Tiled":
        """`function`, which works place by place, of all numbers."""
        return self.combined(self, lambda mine, _: function(mine))

    def changes(self, since: "Tiled") -> tuple[Area, ...]:
        """The tiles that are other than in `since`, an older version: where to look again."""
        areas = _areas(self.height, self.width)
        pairs = zip(self.tiles, since.tiles, areas, strict=True)
        return tuple(area for now, then, area in pairs if not _same(now, then))

    def values(self) -> frozenset[int]:
        """The numbers that occur."""
        found: set[int] = set()
        for tile in self.tiles:
            found.update((tile,) if isinstance(tile, int) else np.unique(tile.values).tolist())
        return frozenset(found)

    def bounds(self) -> Area:
        """The smallest area of all pixels other than 0; without pixels where there are none."""
        found: list[Area] = []
        for tile, area in zip(self.tiles, _areas(self.height, self.width), strict=True):
            if isinstance(tile, int):
                found += [area] if tile else []
                continue
            ys, xs = np.nonzero(unpacked(tile, area.shape))
            left, top = area.left + int(xs.min()), area.top + int(ys.min())
            found.append(
                Area(left, top, area.left + int(xs.max()) + 1, area.top + int(ys.max()) + 1)
            )
        if not found:
            return Area(0, 0, 0, 0)
        lefts, tops, rights, bottoms = zip(*found, strict=True)
        return Area(min(lefts), min(tops), max(rights), max(bottoms))

    def count(self) -> int:
        """How many pixels are other than 0."""
        return sum(
            int(np.count_nonzero(unpacked(tile, area.shape)))
            for tile, area in zip(self.tiles, _areas(self.height, self.width), strict=True)
            if tile != 0
        )

    def meeting(self, area: Area) -> Iterator[tuple[int, Area]]:
        """The tiles that `area` meets: the place in `tiles`, and where each lies."""
        across = -(-self.width // SIDE)
        inside = area.meet(self.area)
        if not inside:
            return
        for row in range(inside.top // SIDE, (inside.bottom - 1) // SIDE + 1):
            for column in range(inside.left // SIDE, (inside.right - 1) // SIDE + 1):
                yield row * across + column, _area(row, column, self.height, self.width)

    def _with(self, tiles: list[Tile]) -> "Tiled":
        same = all(now is then for now, then in zip(tiles, self.tiles, strict=True))
        return self if same else replace(self, tiles=tuple(tiles))


def same_numbers(one: Tiled, other: Tiled) -> bool:
    """Whether two pictures are the same, number by number; at once where they share their tiles."""
    if (one.height, one.width) != (other.height, other.width):
        return False
    return all(_alike(mine, theirs) for mine, theirs in zip(one.tiles, other.tiles, strict=True))


def packed(codes: Codes) -> Tile:
    """A tile [h, w]."""
    flat = codes.ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1])
    if len(changes) == 0:
        return int(flat[0])
    starts = np.zeros(len(changes) + 1, np.uint16)
    starts[1:] = changes + 1
    return Runs(starts, flat[starts])


def unpacked(tile: Tile, shape: tuple[int, int]) -> Codes:
    """The tile's numbers [h, w]."""
    if isinstance(tile, int):
        return np.full(shape, tile, np.uint16)
    ends = np.append(tile.starts[1:].astype(np.int64), shape[0] * shape[1])
    return np.repeat(tile.values, ends - tile.starts).reshape(shape)


def tile_size(tile: Tile) -> int:
    """Bytes of its arrays."""
    return 0 if isinstance(tile, int) else tile.starts.nbytes + tile.values.nbytes


def _same(one: Tile, two: Tile) -> bool:
    return one is two or (isinstance(one, int) and isinstance(two, int) and one == two)


def _alike(one: Tile, two: Tile) -> bool:
    if isinstance(one, int) or isinstance(two, int):
        return one == two
    return one is two or (
        np.array_equal(one.starts, two.starts) and np.array_equal(one.values, two.values)
    )


def _within(area: Area, outer: Area) -> tuple[slice, slice]:
    """Rows and columns of `area`, counted from the corner of `outer`."""
    return (
        slice(area.top - outer.top, area.bottom - outer.top),
        slice(area.left - outer.left, area.right - outer.left),
    )


def _area(row: int, column: int, height: int, width: int) -> Area:
    return Area(
        column * SIDE, row * SIDE, min(width, (column + 1) * SIDE), min(height, (row + 1) * SIDE)
    )


@lru_cache(maxsize=64)
def _areas(height: int, width: int) -> tuple[Area, ...]:
    rows, columns = range(-(-height // SIDE)), range(-(-width // SIDE))
    return tuple(_area(row, column, height, width) for row in rows for column in columns)
