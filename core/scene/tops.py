"""What of the room itself things can stand on: table tops and shelves that nobody marked."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays
from core.geometry.pose import Pose
from core.scene.arrange import EDGES, Box, Poses, Shapes, dropped, moved_by, shift
from core.scene.floor import surface_points
from core.scene.layout import Layout
from core.scene.shown import bounds
from core.scene.supports import Support, find_supports, support_below

Array = NDArray[np.float64]

MOST = 8000  # points looked at: some hundredths of a second
SLACK = 0.05  # of a thing's height: a top that reaches so far into it may carry it


def tops_of(shapes: Shapes, layout: Layout, things: Collection[int]) -> tuple[Support, ...]:
    """`room_tops`, found once for each scene and floor."""
    key = layout.ground.scene_from_capture, frozenset(things)
    known = _FOUND.get(shapes)
    if known is None or known[0] is not key[0] or known[1] != key[1]:
        known = _FOUND[shapes] = *key, room_tops(shapes.content, layout, things)
    return known[2]


_FOUND: WeakKeyDictionary[Shapes, tuple[Pose, frozenset[int], tuple[Support, ...]]]
_FOUND = WeakKeyDictionary()


def room_tops(content: SplatArrays, layout: Layout, things: Collection[int]) -> tuple[Support, ...]:
    """The level surfaces of all rows but those of `things`; largest first."""
    ids = set(np.unique(content.object_id).tolist()) - set(things)
    points = surface_points(content, ids, MOST)
    low, high = bounds(content)
    depth = float(np.linalg.norm(high - low)) / 2
    if not len(points) or not depth > 0:
        return ()
    frame = unscaled(layout.ground.scene_from_capture).inverse()
    return find_supports(points, np.zeros(len(points), np.int64), frame, depth)


def landed(
    layout: Layout,
    shapes: Shapes,
    ids: Sequence[int],
    others: Sequence[int],
    tops: tuple[Support, ...],
) -> Poses:
    """Each straight down until the floor, one of `others` or one of the room's `tops` holds it."""
    poses = dropped(layout, shapes, ids, others)
    scale = layout.ground.scene_from_capture.scale
    for id_ in poses:
        points = shapes.placed(layout, id_)
        low, high = np.percentile(points, EDGES, axis=0)
        middle = 0.5 * (low + high)
        place = np.array([middle[0], low[1], middle[2]]) / scale
        height = scale * support_below(tops, place, SLACK * float(high[1] - low[1]) / scale)
        there = layout.with_placements([replace(layout.placement(id_), pose=poses[id_])])
        fallen = float(np.percentile(shapes.placed(there, id_)[:, 1], EDGES[0]))
        if height > fallen:
            poses |= moved_by(layout, (id_,), shift(np.array([0.0, height - low[1], 0.0])))
    return poses


def boxes(tops: Sequence[Support], scale: float) -> tuple[Box, ...]:
    """The tops as flat boxes in the scene frame, `scale` units of it long a unit of theirs."""
    found = []
    for each in tops:
        (x, z), (u, v) = each.outline.min(axis=0), each.outline.max(axis=0)
        low, high = np.array([x, each.height, z]), np.array([u, each.height, v])
        found.append((scale * low, scale * high))
    return tuple(found)


def unscaled(ground: Pose) -> Pose:
    """`ground` with units as long as those that it leads from."""
    return Pose(ground.rotation, ground.translation / ground.scale)
