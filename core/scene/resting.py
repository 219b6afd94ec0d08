"""Things put down: onto what is below them, and out of what they stand in."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.scene.arrange import Poses, Shapes, dropped, moved_by, shift
from core.scene.collisions import Body, overlap
from core.scene.layout import HERE, Layout

TOUCHING = 0.01  # of a thing's surface, in others: it stands beside them
WAYS = 16  # directions looked in
STEP, FARTHEST = 0.08, 1.6  # of a thing's size: how far it is moved, little by little


def rested(layout: Layout, shapes: Shapes, ids: Sequence[int], others: Sequence[int]) -> Poses:
    """Each straight down onto the floor or others; one that stands in others beside them.

    Beside: at the nearest place on the floor where it is clear of them, if there is one.
    """
    poses: Poses = {}
    around = [shapes.placed(layout, id_) for id_ in others if layout.has(id_)]
    rest = Body(np.concatenate(around)) if around else None
    for id_ in ids:
        points, there = shapes.placed(layout, id_), layout
        if len(points) and rest is not None and _in(points, rest):
            there = _with(layout, dropped(layout, shapes, (id_,)))
            way = _clear(Body(shapes.placed(there, id_)), rest)
            there = _with(there, moved_by(there, (id_,), shift(way)))
        poses |= {id_: there.placement(id_).pose} | dropped(there, shapes, (id_,), others)
    return poses


def _in(points: NDArray[np.float64], rest: Body) -> bool:
    return overlap(Body(points), HERE, rest, HERE) >= TOUCHING


def _with(layout: Layout, poses: Poses) -> Layout:
    return layout.with_placements(
        [replace(layout.placement(id_), pose=pose) for id_, pose in poses.items()]
    )


def _clear(thing: Body, rest: Body) -> NDArray[np.float64]:
    """The shortest way [3] along the floor out of `rest`; none where there is none near."""
    low, high = thing.box
    size = float(np.linalg.norm(high - low))
    for away in np.arange(STEP, FARTHEST, STEP) * size:
        for angle in 2 * np.pi * np.arange(WAYS) / WAYS:
            way: NDArray[np.float64] = away * np.array([np.cos(angle), 0.0, np.sin(angle)])
            if overlap(thing, shift(way), rest, HERE) < TOUCHING:
                return way
    return np.zeros(3)
