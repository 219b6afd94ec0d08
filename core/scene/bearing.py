"""What holds a thing where it stands: the floor, a top of the room, or that of another thing."""

from collections.abc import Collection, Iterable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from core.geometry.pose import Pose
from core.scene.arrange import Shapes
from core.scene.layout import Layout
from core.scene.supports import Support, find_supports
from core.scene.tops import room_tops, unscaled

Array = NDArray[np.float64]

LEVEL = float(np.cos(np.radians(2.0)))  # a top that leans more carries nothing

ROOM = -1
Tops = dict[int, tuple[Support, ...]]  # by the placement that they are carried by


class Bearing:
    """The tops of a scene, each looked for once. `shapes` are its own, `depth` is half its size.

    A ground is for good: another needs another of these.
    """

    def __init__(self, shapes: Shapes, ground: Pose, depth: float) -> None:
        self._shapes, self._depth = shapes, depth
        self._scale, self._frame = ground.scale, unscaled(ground)
        self._of_room: dict[frozenset[int], tuple[Support, ...]] = {}
        self._of_objects: dict[int, tuple[Support, ...]] = {}

    def tops(self, layout: Layout, elsewhere: Collection[int], moved: Iterable[int]) -> Tops:
        """By the placement that they are of; `ROOM` for the room's own.

        `elsewhere`: objects that are not all where they were captured; `moved`: placements that
        stand somewhere instead.
        """
        still = frozenset(elsewhere)
        if still not in self._of_room:
            self._of_room[still] = room_tops(self._shapes.content, layout, still)
        return {ROOM: self._of_room[still]} | {id_: self._carried(layout, id_) for id_ in moved}

    def below(self, feet: Array, slack: float, tops: Tops, *, without: int) -> float:
        """The height of what is highest under any of `feet` [P, 3], a thing's, all at one height.

        Scene frame; it may be `slack` higher than they are. 0, the floor, where there is no top.
        `without`: the placement that stands there.
        """
        places, most = feet[:, [0, 2]] / self._scale, (float(feet[0, 1]) + slack) / self._scale
        heights = [
            top.height
            for id_, each in tops.items()
            for top in each
            if id_ != without
            and 0.0 < top.height <= most
            and bool(_around(top).holds(places).any())
        ]
        return self._scale * max(heights, default=0.0)

    def _carried(self, layout: Layout, id_: int) -> tuple[Support, ...]:
        """The tops of a placement's object, where it stands."""
        placement = layout.placement(id_)
        own = placement.object_id
        if own not in self._of_objects:
            points = self._shapes.points(own)
            ids, back = np.full(len(points), own), self._frame.inverse()
            self._of_objects[own] = find_supports(points, ids, back, self._depth)
        motion = self._frame @ placement.pose @ self._frame.inverse()
        if motion.rotation[1, 1] < LEVEL:
            return ()
        return tuple(_moved(top, motion) for top in self._of_objects[own])


def _around(top: Support) -> Support:
    """`top` without dents: there it is hidden by what stands on it."""
    hull = cv2.convexHull(top.outline.astype(np.float32))[:, 0]
    return replace(top, outline=hull.astype(np.float64))


def _moved(top: Support, motion: Pose) -> Support:
    """`top` under a level `motion` of the frame that it is told in."""
    x, z = top.outline.T
    there = motion.apply(np.stack([x, np.full(len(x), top.height), z], axis=1))
    area = top.area * motion.scale**2
    height = float(there[:, 1].mean())
    return replace(top, height=height, outline=there[:, [0, 2]], area=area)
