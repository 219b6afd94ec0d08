"""Part of space as small cubes: what is said of a place holds for whatever Gaussians are there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Numbers = NDArray[np.int32]

FURTHEST = 1 << 20  # cells from the origin, either way
AROUND = np.stack(np.meshgrid(*[(-1, 0, 1)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)


@dataclass(frozen=True, eq=False)
class Cells:
    """The cubes `at` [K, 3], counted from the origin of the capture frame, `side` units long."""

    side: float
    at: Numbers

    def holds(self, points: NDArray[np.floating]) -> NDArray[np.bool_]:
        """[N] which of `points` [N, 3] lie in one of them."""
        inside = np.zeros(len(points), bool)
        if not len(self.at):
            return inside
        low, high = self.side * self.at.min(axis=0), self.side * (self.at.max(axis=0) + 1.0)
        near = np.flatnonzero(((points >= low) & (points < high)).all(axis=1))
        inside[near] = np.isin(_keys(_numbers(points[near], self.side)), _keys(self.at))
        return inside


NOWHERE = Cells(1.0, np.zeros((0, 3), np.int32))


def cells_of(points: Array, side: float, *, without: Array) -> Cells:
    """The cells of `points` [P, 3] and those next to them, but none that holds one of `without`."""
    if not len(points):
        return NOWHERE
    own = np.unique(_numbers(points, side), axis=0)
    grown = np.unique((own[:, None] + AROUND).reshape(-1, 3), axis=0)
    taken = np.isin(_keys(grown), _keys(_numbers(without, side)))
    return Cells(side, np.ascontiguousarray(grown[~taken], np.int32))


def _numbers(points: NDArray[np.floating], side: float) -> NDArray[np.int64]:
    cells = np.floor(np.asarray(points, np.float64) / side)
    return np.clip(cells, -FURTHEST, FURTHEST - 1).astype(np.int64)


def _keys(cells: NDArray[np.integer]) -> NDArray[np.int64]:
    """One number for each cell."""
    x, y, z = (cells.astype(np.int64) + FURTHEST).T
    return np.asarray((x * 2 * FURTHEST + y) * 2 * FURTHEST + z)
