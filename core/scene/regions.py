"""Parts of space whose Gaussians are not wanted: told by shape, so that training may go on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Point = tuple[float, float, float]
Turn = tuple[Point, Point, Point]  # rows of a rotation matrix

UPRIGHT: Turn = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
CHUNK = 4_000_000  # distances reckoned at once


@dataclass(frozen=True)
class Balls:
    """All that is nearer to one of `centres` than its radius: a sphere, or a brush's stroke.

    Capture frame. `objects`: ids of the objects it is about, empty for all.
    """

    centres: tuple[Point, ...]
    radii: tuple[float, ...]
    objects: frozenset[int] = frozenset()

    def holds(self, points: Array) -> NDArray[np.bool_]:
        """[N] which of `points` [N, 3] lie in it."""
        inside = np.zeros(len(points), bool)
        if not self.centres:
            return inside
        centres, radii = np.array(self.centres), np.array(self.radii)
        low, high = (centres - radii[:, None]).min(axis=0), (centres + radii[:, None]).max(axis=0)
        near = np.flatnonzero(((points >= low) & (points <= high)).all(axis=1))
        for rows in np.array_split(near, 1 + len(near) * len(centres) // CHUNK):
            squared = ((points[rows, None] - centres) ** 2).sum(axis=2)
            inside[rows] = (squared < radii**2).any(axis=1)
        return inside


@dataclass(frozen=True)
class Box:
    """A box around `centre` whose axes are the rows of `turn`, or with `outside` all but it.

    Capture frame. `half`: half its lengths. `objects`: as for `Balls`.
    """

    centre: Point
    half: Point
    turn: Turn = UPRIGHT
    outside: bool = False
    objects: frozenset[int] = frozenset()

    def holds(self, points: Array) -> NDArray[np.bool_]:
        """[N] which of `points` [N, 3] lie in it."""
        along = (points - np.array(self.centre)) @ np.array(self.turn).T
        inside: NDArray[np.bool_] = (np.abs(along) < np.array(self.half)).all(axis=1)
        return ~inside if self.outside else inside


Region = Balls | Box


def erased(
    means: NDArray[np.floating], object_id: NDArray[np.integer], regions: tuple[Region, ...]
) -> NDArray[np.bool_]:
    """[N] which Gaussians with these centres [N, 3] and objects [N] lie in one of `regions`."""
    gone = np.zeros(len(means), bool)
    points = np.asarray(means, np.float64) if regions else np.zeros((0, 3))
    for region in regions:
        inside = region.holds(points)
        if region.objects:
            inside &= np.isin(object_id, list(region.objects))
        gone |= inside
    return gone
