"""What dragged things catch at: a grid as fine as suits the view, and the things around. Pure."""

import math

from core.scene.arrange import Box, Shapes, Snapping, grid_cell
from core.scene.document import State
from core.scene.movable import shown_placements
from widgets.viewport.eye import Eye

CATCH = 10.0  # logical pixels from which things snap to others
CELL = 12.0  # logical pixels, of the grid at least
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
    """Boxes of the things that are seen and not chosen."""
    if shapes is None:
        return ()
    ids = [each.id for each in shown_placements(state) if each.visible]
    boxes = [shapes.box(state.plan.layout, (id_,)) for id_ in ids if id_ not in state.placed]
    return tuple(box for box in boxes if box is not None)
