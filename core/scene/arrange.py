"""Where placements stand in the scene frame, and the motions that bring them somewhere else."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays
from core.geometry.pose import Pose
from core.scene.collisions import fall
from core.scene.layout import Layout
from core.scene.shown import Content

Array = NDArray[np.float64]
Box = tuple[Array, Array]  # lowest and highest corner [3], scene frame
Poses = dict[int, Pose]

SOLID = 0.0  # logit opacity from which a Gaussian is part of a surface
MOST_POINTS = 3000
COLUMN = 0.04  # of a thing's diagonal: how wide the columns are in which it falls
FINEST, ROUGHEST = 0.005, 0.25  # of the scene's size: what a grid's cell may be
EDGES = (0.5, 99.5)  # percentiles of an object's middles: a few always lie far off


class Shapes:
    """Surface points of objects in the capture frame, each looked up once.

    `content` is never changed; what is kept is only what was reckoned of it.
    """

    def __init__(self, content: SplatArrays) -> None:
        self.content = content
        self._points: dict[int, Array] = {}

    def points(self, object_id: int) -> Array:
        """[P, 3], evenly thinned; none where the object has no Gaussians."""
        if object_id not in self._points:
            rows = np.flatnonzero(self.content.object_id == object_id)
            solid = rows[self.content.logit_opacity[rows] > SOLID]
            rows = solid if len(solid) else rows
            rows = rows[:: max(1, -(-len(rows) // MOST_POINTS))]
            means = self.content.means[rows].astype(np.float64)
            self._points[object_id] = means[np.isfinite(means).all(axis=1)]
        return self._points[object_id]

    def placed(self, layout: Layout, id_: int) -> Array:
        """[P, 3] points of a placement in the scene frame."""
        placement = layout.placement(id_)
        return scene_pose(layout, id_).apply(self.points(placement.object_id))

    def box(self, layout: Layout, ids: Iterable[int]) -> Box | None:
        """Around placements; None where there is nothing of them."""
        parts = [self.placed(layout, id_) for id_ in ids if layout.has(id_)]
        boxes = [np.percentile(part, EDGES, axis=0) for part in parts if len(part)]
        if not boxes:
            return None
        return np.min([low for low, _ in boxes], axis=0), np.max(
            [high for _, high in boxes], axis=0
        )

    def pivot(self, layout: Layout, ids: Sequence[int]) -> Array | None:
        """What placements are turned and scaled about [3], and told to be at: the foot of one, as
        it was captured; the foot of the box around several."""
        there = [id_ for id_ in ids if layout.has(id_)]
        if len(there) != 1:
            box = self.box(layout, there)
            return None if box is None else foot(box)
        ground, placement = layout.ground.scene_from_capture, layout.placement(there[0])
        points = self.points(placement.object_id)
        if not len(points):
            return None
        low, high = np.percentile(ground.apply(points), EDGES, axis=0)
        return scene_pose(layout, there[0]).apply(ground.inverse().apply(foot((low, high))))


def shapes_of(content: Content | None, before: Shapes | None) -> Shapes | None:
    """Of splats: `before` where it is of the same. None where there are no splats."""
    if not isinstance(content, SplatArrays):
        return None
    return before if before is not None and before.content is content else Shapes(content)


def scene_pose(layout: Layout, id_: int) -> Pose:
    """From where the object was captured to where the placement stands in the scene frame."""
    return layout.ground.scene_from_capture @ layout.placement(id_).pose


def moved_by(layout: Layout, ids: Iterable[int], motion: Pose) -> Poses:
    """Poses of placements after `motion`, a similarity of the scene frame."""
    ground = layout.ground.scene_from_capture
    inner = ground.inverse() @ motion @ ground
    return {id_: inner @ layout.placement(id_).pose for id_ in ids if layout.has(id_)}


def shift(way: Array) -> Pose:
    """A motion by `way` [3]."""
    return Pose(np.eye(3), np.asarray(way, np.float64))


def turn(pivot: Array, angle: float) -> Pose:
    """A turn about the upright axis through `pivot` [3]; from above, against the clock."""
    cos, sin = math.cos(angle), math.sin(angle)
    rotation = np.array([[cos, 0.0, sin], [0.0, 1.0, 0.0], [-sin, 0.0, cos]])
    return Pose(rotation, pivot - rotation @ pivot)


def grown(pivot: Array, factor: float) -> Pose:
    """Larger by `factor` while `pivot` [3] stays."""
    return Pose(np.eye(3), (1 - factor) * pivot, factor)


def foot(box: Box) -> Array:
    """The middle of a box's lower side [3]: what things are turned and scaled about."""
    low, high = box
    middle = (low + high) / 2
    return np.array([middle[0], low[1], middle[2]])


def yaw(rotation: Array) -> float:
    """How far `rotation` [3, 3] turns about the upright axis, in radians."""
    across = float(rotation[0, 2] - rotation[2, 0])
    return math.atan2(across, float(rotation[0, 0] + rotation[2, 2]))


def dropped(
    layout: Layout, shapes: Shapes, ids: Sequence[int], others: Sequence[int] = ()
) -> Poses:
    """Each straight down until the floor or one of `others` holds it; up where it is below."""
    around = [shapes.placed(layout, id_) for id_ in others if layout.has(id_)]
    below = np.concatenate(around) if around else np.zeros((0, 3))
    poses: Poses = {}
    for id_ in ids:
        points = shapes.placed(layout, id_)
        if not len(points):
            continue
        low, high = np.percentile(points, EDGES, axis=0)
        inside = points[(points[:, 1] >= low[1])]
        way = fall(inside, below, COLUMN * float(np.linalg.norm(high - low)))
        poses |= moved_by(layout, (id_,), shift(np.array([0.0, -way, 0.0])))
    return poses


@dataclass(frozen=True, eq=False)
class Stand:
    """How chosen placements stand, in numbers: their pivot [3], the turn of the first about the
    upright axis in radians, its size as a part of what was captured, and how long [3] they are."""

    at: Array
    turn: float
    scale: float
    size: Array


def stand(layout: Layout, shapes: Shapes, ids: Sequence[int]) -> Stand | None:
    """None where there is nothing to tell of."""
    there = [id_ for id_ in ids if layout.has(id_)]
    box, at = shapes.box(layout, there), shapes.pivot(layout, there)
    if box is None or at is None:
        return None
    ground, first = layout.ground.scene_from_capture, layout.placement(there[0]).pose
    inner = ground.rotation @ first.rotation @ ground.rotation.T
    return Stand(at, yaw(inner), first.scale, box[1] - box[0])


def stood(layout: Layout, ids: Sequence[int], now: Stand, wished: Stand) -> Poses:
    """Poses that make the numbers of placements that stand as `now` those of `wished`."""
    motion = shift(wished.at - now.at) @ turn(now.at, wished.turn - now.turn)
    motion = motion @ grown(now.at, wished.scale / now.scale)
    return moved_by(layout, ids, motion)


class Edge(Enum):
    """What of things is brought into a line."""

    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"


def aligned(
    layout: Layout, shapes: Shapes, ids: Sequence[int], axis: int, edge: Edge = Edge.MIDDLE
) -> Poses:
    """Placements moved along `axis` (0 x, 1 y, 2 z) until that edge of each is the first's."""
    boxes = _boxes(layout, shapes, ids)
    if len(boxes) < 2:
        return {}
    goal = _edge(next(iter(boxes.values())), axis, edge)
    return _shifted(layout, {i: goal - _edge(box, axis, edge) for i, box in boxes.items()}, axis)


def distributed(layout: Layout, shapes: Shapes, ids: Sequence[int], axis: int) -> Poses:
    """Those between the two outermost moved along `axis` until all gaps are alike."""
    boxes = _boxes(layout, shapes, ids)
    if len(boxes) < 3:
        return {}
    order = sorted(boxes, key=lambda id_: float(_edge(boxes[id_], axis, Edge.MIDDLE)))
    lengths = [float(boxes[id_][1][axis] - boxes[id_][0][axis]) for id_ in order]
    reach = float(boxes[order[-1]][1][axis] - boxes[order[0]][0][axis])
    gap = (reach - sum(lengths)) / (len(order) - 1)
    ways, at = {}, float(boxes[order[0]][0][axis])
    for id_, length in zip(order, lengths, strict=True):
        ways[id_] = at - float(boxes[id_][0][axis])
        at += length + gap
    return _shifted(layout, {id_: ways[id_] for id_ in order[1:-1]}, axis)


@dataclass(frozen=True)
class Snapping:
    """What motions catch at. `grid`: scene units, `angle`: radians; 0 for none.

    `objects`: tops and sides of other things no further than `reach` scene units.
    """

    grid: float = 0.0
    angle: float = 0.0
    objects: bool = False
    reach: float = 0.0


def snapped_shift(box: Box, way: Array, others: Sequence[Box], how: Snapping) -> Array:
    """`way` [3] of a thing in `box`, along the floor, brought to what is near: to the grid, then
    beside, in line with or onto other things."""
    way = way.copy()
    if how.grid > 0:
        start = foot(box)[[0, 2]]
        way[[0, 2]] = np.round((start + way[[0, 2]]) / how.grid) * how.grid - start
    if not how.objects:
        return way
    for axis in (0, 2):
        mine = np.array([box[0][axis], box[1][axis]]) + way[axis]
        gaps = [
            float(side - face)
            for low, high in others
            for face in mine
            for side in (low[axis], high[axis])
        ]
        nearest = min(gaps, key=abs, default=math.inf)
        if abs(nearest) < how.reach:
            way[axis] += nearest
    before, below = top_below(box, np.zeros(3), others), top_below(box, way, others)
    stood = before is not None and abs(box[0][1] - before) < how.reach
    if below is not None or stood:
        way[1] = (below or 0.0) - box[0][1]
    return way


def top_below(box: Box, way: Array, others: Sequence[Box]) -> float | None:
    """The height of the things that are under the middle of one that was moved by `way`."""
    x, _, z = foot(box) + way
    tops = [float(high[1]) for low, high in others if low[0] < x < high[0] and low[2] < z < high[2]]
    return max(tops, default=None)


def snapped_angle(angle: float, how: Snapping) -> float:
    """The nearest turn that things catch at, radians."""
    return round(angle / how.angle) * how.angle if how.angle > 0 else angle


def grid_cell(least: float, size: float) -> float:
    """1, 2 or 5 times a power of ten, at least `least`, and neither tiny nor huge for a scene of
    that size."""
    least = min(max(least, FINEST * size), ROUGHEST * size)
    power = 10.0 ** math.floor(math.log10(max(least, 1e-9)))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= least * (1 - 1e-9))


def _boxes(layout: Layout, shapes: Shapes, ids: Sequence[int]) -> dict[int, Box]:
    found = {id_: shapes.box(layout, (id_,)) for id_ in ids}
    return {id_: box for id_, box in found.items() if box is not None}


def _edge(box: Box, axis: int, edge: Edge) -> float:
    low, high = float(box[0][axis]), float(box[1][axis])
    return {Edge.LOW: low, Edge.MIDDLE: (low + high) / 2, Edge.HIGH: high}[edge]


def _shifted(layout: Layout, ways: Mapping[int, float], axis: int) -> Poses:
    poses: Poses = {}
    for id_, way in ways.items():
        if way:
            poses |= moved_by(layout, (id_,), shift(way * np.eye(3)[axis]))
    return poses
