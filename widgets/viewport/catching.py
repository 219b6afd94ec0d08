"""What dragged things catch at: a grid as fine as suits the view, and the things around. Pure."""

import math
from dataclasses import dataclass, replace

from core.geometry.pose import Pose
from core.scene.arrange import Box, Shapes, Snapping, grid_cell, scene_pose
from core.scene.collisions import Body, overlap
from core.scene.document import State
from core.scene.movable import shown_placements
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


def others(state: State, shapes: Shapes | None) -> tuple[Box, ...]:
    """Boxes of the things that are seen and not chosen, and of the room's own tops."""
    if shapes is None:
        return ()
    layout, things = state.plan.layout, shown_placements(state)
    ids = [each.id for each in things if each.visible and each.id not in state.placed]
    found = [shapes.box(layout, (id_,)) for id_ in ids]
    tops = tops_of(shapes, layout, {each.object_id for each in things})
    flat = boxes(tops, layout.ground.scene_from_capture.scale)
    return (*(box for box in found if box is not None), *flat)


@dataclass(frozen=True, eq=False)
class Room:
    """Chosen things among others, each with its pose in the scene; `before`: how much of them was
    in others before they were moved."""

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


def room(state: State, shapes: Shapes | None) -> Room | None:
    """What is chosen, among the other things that are seen."""
    if shapes is None:
        return None
    own: list[tuple[Body, Pose]] = []
    around: list[tuple[Body, Pose]] = []
    for each in shown_placements(state):
        points = shapes.points(each.object_id)
        if len(points) and (each.visible or each.id in state.placed):
            listed = own if each.id in state.placed else around
            listed.append((Body(points), scene_pose(state.plan.layout, each.id)))
    there = Room(tuple(own), tuple(around))
    return replace(there, before=there.share(Pose.identity()))
