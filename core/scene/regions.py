"""Parts of a scene, told by shape or by rule and not by rows, so that training may go on."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays
from core.scene.floaters import floater_scores, likely_floaters

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ids = NDArray[np.integer]
Point = tuple[float, float, float]
Turn = tuple[Point, Point, Point]  # rows of a rotation matrix
Row = tuple[float, float, float, float]

UPRIGHT: Turn = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


@dataclass(frozen=True)
class Balls:
    """All that is nearer to one of `centres` than its radius: a sphere, or a brush's stroke.

    With `outside` all but that. Capture frame. `objects`: ids of the objects it is about, empty
    for all.
    """

    centres: tuple[Point, ...]
    radii: tuple[float, ...]
    objects: frozenset[int] = frozenset()
    outside: bool = False

    def holds(self, points: Array) -> Bools:
        """[N] which of `points` [N, 3] lie in it."""
        inside = np.zeros(len(points), bool)
        if not self.centres:
            return ~inside if self.outside else inside
        centres, radii = np.array(self.centres), np.array(self.radii)
        low, high = (centres - radii[:, None]).min(axis=0), (centres + radii[:, None]).max(axis=0)
        near = np.flatnonzero(((points >= low) & (points <= high)).all(axis=1))
        near = near[np.argsort(points[near, 0])]  # so that each ball looks at a slice of them
        along = points[near, 0]
        starts = np.searchsorted(along, centres[:, 0] - radii)
        ends = np.searchsorted(along, centres[:, 0] + radii, side="right")
        for centre, radius, start, end in zip(centres, radii, starts, ends, strict=True):
            rows = near[start:end]
            inside[rows] |= ((points[rows] - centre) ** 2).sum(axis=1) < radius**2
        return ~inside if self.outside else inside


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

    def holds(self, points: Array) -> Bools:
        """[N] which of `points` [N, 3] lie in it."""
        along = (points - np.array(self.centre)) @ np.array(self.turn).T
        inside: Bools = (np.abs(along) < np.array(self.half)).all(axis=1)
        return ~inside if self.outside else inside


@dataclass(frozen=True)
class Prism:
    """All that a camera sees within an outline, whatever hides it: what a lasso goes around.

    `camera`: rows of the matrix that takes a point (x, y, z, 1) of the capture frame to (u w, v w,
    w); w <= 0 lies behind the eye. `outline`: corners (u, v), closed by itself; what it goes
    around more than once is inside. `objects`: as for `Balls`.
    """

    camera: tuple[Row, Row, Row]
    outline: tuple[tuple[float, float], ...]
    objects: frozenset[int] = frozenset()

    def holds(self, points: Array) -> Bools:
        """[N] which of `points` [N, 3] lie in it."""
        inside = np.zeros(len(points), bool)
        if len(self.outline) < 3:
            return inside
        camera, corners = np.array(self.camera), np.array(self.outline)
        seen = points @ camera[:, :3].T + camera[:, 3]
        before = seen[:, 2] > 0
        at = seen[:, :2] / np.where(before, seen[:, 2], 1.0)[:, None]
        near = before & ((at >= corners.min(axis=0)) & (at <= corners.max(axis=0))).all(axis=1)
        rows = np.flatnonzero(near)
        inside[rows] = _turns(corners, at[rows]) != 0
        return inside


@dataclass(frozen=True)
class Floaters:
    """Whatever is a likely floater at a `strength` in [0, 1], of the scene as it is by then.

    `objects`: as for `Balls`.
    """

    strength: float
    objects: frozenset[int] = frozenset()


class How(Enum):
    """What a region does to those before it."""

    ADD = "add"
    TAKE = "take"
    CUT = "cut"  # only what is in both stays


@dataclass(frozen=True)
class Chosen:
    """Regions one after the other."""

    steps: "tuple[tuple[How, Region], ...]" = ()


Region = Balls | Box | Prism | Floaters | Chosen


def everything(objects: frozenset[int] = frozenset()) -> Region:
    """All there is of `objects`, or of all."""
    return Box((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), outside=True, objects=objects)


def reversed_in(region: Region, objects: frozenset[int]) -> Region:
    """All of `objects` that is not in `region`."""
    return Chosen(((How.ADD, everything(objects)), (How.TAKE, region)))


def rows_in(region: Region, splats: SplatArrays, object_id: Ids) -> Bools:
    """[N] which of `splats`, whose objects are `object_id` [N], lie in `region`."""
    return _rows_in(region, splats, splats.means.astype(np.float64), object_id)


def _rows_in(region: Region, splats: SplatArrays, points: Array, object_id: Ids) -> Bools:
    if isinstance(region, Chosen):
        found = np.zeros(len(points), bool)
        for how, part in region.steps:
            inside = _rows_in(part, splats, points, object_id)
            match how:
                case How.ADD:
                    found |= inside
                case How.TAKE:
                    found &= ~inside
                case How.CUT:
                    found &= inside
        return found
    if isinstance(region, Floaters):
        inside = likely_floaters(floater_scores(splats), region.strength)
    else:
        inside = region.holds(points)
    if region.objects:
        inside &= np.isin(object_id, list(region.objects))
    return inside


def _turns(corners: Array, at: Array) -> NDArray[np.int64]:
    """[N] how often the closed line through `corners` [K, 2] goes around each of `at` [N, 2]."""
    count = np.zeros(len(at), np.int64)
    x, y = at[:, 0], at[:, 1]
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        left = (x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)
        count += (y0 <= y) & (y < y1) & (left > 0)
        count -= (y1 <= y) & (y < y0) & (left < 0)
    return count
