"""What dragged things catch at: a grid as fine as suits the view, and the things around. Pure."""

import math
from collections.abc import Collection
from dataclasses import dataclass, replace

from core.geometry.pose import Pose
from core.scene.arrange import Box, Shapes, Snapping, grid_cell, scene_pose
from core.scene.collisions import Body, overlap
from core.scene.document import State
from core.scene.layout import Layout
from core.scene.movable import shown_placements
from core.scene.riding import riders
from core.scene.tops import boxes, tops_of
from widgets.viewport.eye import Eye

CATCH = 10.0  # logical pixels from which things snap to others
CELL = 12.0  # logical pixels, of the grid at least
MORE = 0.005  # of a thing's surface in others, beyond what was there before it was moved
ANGLE = math.radians(15)


def catching(eye: Eye, box: Box | None, ratio: float, size: float) -> Snapping:
    """For a thing in `box` that `eye` sees in a scene of `size`; `ratio`: physical pixels a logical
    one."""
    unit = size / 1000  # of a logical pixel
    if box is not None:
        _, z = eye.project((box[0] + box[1]) / 2)
        unit = ratio / eye.fx * (1.0 if eye.orthographic else abs(float(z)))
    return Snapping(grid_cell(CELL * unit, size), ANGLE, objects=True, reach=CATCH * unit)


def beside(state: State, moving: Collection[int]) -> list[int]:
    """Ids of what is seen and not `moving`."""
    return [each.id for each in shown_placements(state) if each.visible and each.id not in moving]


def with_riders(state: State, shapes: Shapes | None) -> tuple[int, ...]:
    """Ids of what is chosen, and of what is seen to stand on it."""
    if shapes is None:
        return state.placed
    rest = beside(state, state.placed)
    return state.placed + riders(state.plan.layout, shapes, state.placed, rest)


def clicked(
    layout: Layout, present: tuple[int, ...], id_: int | None, *, adding: bool
) -> tuple[int, ...]:
    """What is chosen after a click on placement `id_` and its group: that alone, or `adding` it to
    what is `present`, or taking it away there."""
    if id_ is None:
        return ()
    members = layout.members(id_)
    rest = tuple(each for each in present if each not in members) if adding else ()
    return rest if adding and id_ in present else (*rest, *members)


def others(state: State, shapes: Shapes | None, moving: Collection[int]) -> tuple[Box, ...]:
    """Boxes of the things that are seen and not `moving`, and of the room's own tops."""
    if shapes is None:
        return ()
    layout, things = state.plan.layout, shown_placements(state)
    ids = beside(state, moving)
    found = [shapes.box(layout, (id_,)) for id_ in ids]
    tops = tops_of(shapes, layout, {each.object_id for each in things})
    flat = boxes(tops, layout.ground.scene_from_capture.scale)
    return (*(box for box in found if box is not None), *flat)


@dataclass(frozen=True, eq=False)
class Room:
    """Things to be moved among others, each with its pose in the scene; `before`: how much of them
    was in others before they were moved."""

    own: tuple[tuple[Body, Pose], ...]
    around: tuple[tuple[Body, Pose], ...]
    before: float = 0.0

    def share(self, motion: Pose) -> float:
        """How much of one of them is in another thing, at most, after `motion`."""
        pairs = [(one, other) for one in self.own for other in self.around]
        shares = [overlap(a, motion @ pose, b, there) for (a, pose), (b, there) in pairs]
        return max(shares, default=0.0)

    def runs_into(self, motion: Pose) -> bool:
        """Whether `motion` brings more of them into others: a mug touches its table already."""
        return self.share(motion) > self.before + MORE


def room(state: State, shapes: Shapes | None, moving: Collection[int]) -> Room | None:
    """What is `moving`, among the other things that are seen."""
    if shapes is None:
        return None
    own: list[tuple[Body, Pose]] = []
    around: list[tuple[Body, Pose]] = []
    for each in shown_placements(state):
        points = shapes.points(each.object_id)
        if len(points) and (each.visible or each.id in moving):
            listed = own if each.id in moving else around
            listed.append((Body(points), scene_pose(state.plan.layout, each.id)))
    there = Room(tuple(own), tuple(around))
    return replace(there, before=there.share(Pose.identity()))
