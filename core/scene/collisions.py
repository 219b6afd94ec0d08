"""Whether things run into each other, and how far one may fall until something holds it."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.geometry.pose import Pose

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

Array = NDArray[np.float64]

MOST = 3000  # points of a body that are looked at
CLOSE = 1.0  # times the usual way between a body's points: nearer surfaces touch
GIVE = 0.02  # of a body's height: what rests on another may lie so far in it


@dataclass(frozen=True, eq=False)
class Body:
    """The surface of a thing as `points` [P, 3], in its own frame (`body_points`)."""

    points: Array

    @cached_property
    def few(self) -> Array:
        """At most `MOST` of the points."""
        return self.points[:: max(1, -(-len(self.points) // MOST))]

    @cached_property
    def tree(self) -> "cKDTree":
        """For the nearest of the points."""
        from scipy.spatial import cKDTree  # a third of a second to load

        return cKDTree(self.few)

    @cached_property
    def spacing(self) -> float:
        """The usual way from a point to the nearest other."""
        if len(self.few) < 2:
            return 0.0
        return float(np.median(self.tree.query(self.few, 2)[0][:, 1]))

    @cached_property
    def box(self) -> tuple[Array, Array]:
        """Lowest and highest corner [3]."""
        return self.points.min(axis=0), self.points.max(axis=0)


def overlap(one: Body, one_pose: Pose, other: Body, other_pose: Pose) -> float:
    """Share in [0, 1] of the surface of `one` that lies in or at the surface of `other`.

    Each stands as its pose says, in one frame. Surfaces are hollow: a thing within another,
    touching nothing, does not collide with it, as books in a shelf do not. 0 where boxes are apart.
    """
    other_from_one = other_pose.inverse() @ one_pose
    moved = other_from_one.apply(one.few)
    reach = CLOSE * max(other.spacing, other_from_one.scale * one.spacing)
    low, high = other.box
    near = ((moved > low - reach) & (moved < high + reach)).all(axis=1)
    if not near.any():
        return 0.0
    away = other.tree.query(moved[near], distance_upper_bound=reach)[0]
    return float(np.isfinite(away).sum()) / len(moved)


def fall(thing: Array, others: Array, cell: float) -> float:
    """How far `thing` [P, 3] falls, y up, until `others` [Q, 3] or the ground at y = 0 hold it.

    By columns `cell` wide: the least way from its lowest point there to the highest of the others
    below. Negative where it has to rise to stand on the ground.
    """
    columns, lowest = _columns(thing, cell)
    give = GIVE * float(np.ptp(thing[:, 1]))
    ways = [lowest.min()]
    if len(others):
        floor = dict(zip(map(tuple, columns), lowest, strict=True))
        at = np.floor(others[:, [0, 2]] / cell).astype(np.int64)
        for place, height in zip(map(tuple, at), others[:, 1], strict=True):
            bottom = floor.get(place)
            if bottom is not None and height <= bottom + give:
                ways.append(bottom - height)
    return float(min(ways))


def _columns(points: Array, cell: float) -> tuple[NDArray[np.int64], Array]:
    """The columns [C, 2] that `points` stand in, and the lowest y [C] in each."""
    at = np.floor(points[:, [0, 2]] / cell).astype(np.int64)
    columns, row = np.unique(at, axis=0, return_inverse=True)
    lowest = np.full(len(columns), np.inf)
    np.minimum.at(lowest, row.reshape(-1), points[:, 1])
    return columns, lowest
