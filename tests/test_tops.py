"""Tops of the room itself: dropped onto, caught by what is dragged, wherever the floor is."""

import random
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.gaussians.arrays import SplatArrays
from core.gaussians.moved import moved
from core.gaussians.table import Gaussians
from core.geometry.pose import Pose
from core.scene.arrange import Shapes, Snapping, moved_by, shift, snapped_shift
from core.scene.layout import Ground, Layout
from core.scene.layout_edits import Move
from core.scene.plan import Plan
from core.scene.tops import boxes, landed, tops_of
from tests.layouts import some_pose
from tests.prior_scenes import sheet

THING = 2
TOP = 0.8


def table() -> Gaussians:
    """A floor, a table top above it, both the background's, and a thing at 2 above the top."""
    floor = sheet((-3, 0, -3), (6, 0, 0), (0, 0, 6), 0.12)
    top = sheet((-0.6, TOP, -0.5), (1.2, 0, 0), (0, 0, 1.0), 0.05)
    thing = sheet((-0.1, 2, -0.1), (0.2, 0, 0), (0, 0, 0.2), 0.02)
    side = sheet((-0.1, 2, -0.1), (0.2, 0, 0), (0, 0.2, 0), 0.02)
    thing = thing.followed_by(side)
    thing = replace(thing, object_id=torch.full((len(thing),), THING))
    return floor.followed_by(top).followed_by(thing)


def seen_on(ground: Pose) -> tuple[Shapes, Layout]:
    """The table as captured in another frame, which `ground` leads out of."""
    there = SplatArrays.from_gaussians(moved(table(), ground.inverse()))
    return Shapes(there), Layout(ground=Ground(ground))


GROUNDS = [Pose.identity(), some_pose(random.Random(5))]


@pytest.mark.parametrize("ground", GROUNDS, ids=["plain", "tilted"])
def test_a_thing_falls_onto_the_rooms_own_table_and_beside_it_to_the_floor(ground: Pose) -> None:
    shapes, layout = seen_on(ground)
    tops = tops_of(shapes, layout, (THING,))
    assert tops_of(shapes, layout, (THING,)) is tops
    scale = ground.scale
    assert scale * tops[0].height == pytest.approx(TOP, abs=0.02)
    for aside, height in ((0.0, TOP), (1.5, 0.0)):
        begun = Move(moved_by(layout, (THING,), shift(np.array([aside, 0, 0])))).apply(
            Plan(layout=layout)
        )
        poses = landed(begun.layout, shapes, (THING,), (), tops)
        later = Move(poses).apply(begun).layout
        box = shapes.box(later, (THING,))
        assert box is not None
        assert box[0][1] == pytest.approx(height, abs=0.025)
        assert box[0][0] == pytest.approx(aside - 0.1, abs=0.025)


def test_a_dragged_thing_is_put_onto_the_rooms_own_table() -> None:
    shapes, layout = seen_on(Pose.identity())
    flat = boxes(tops_of(shapes, layout, (THING,)), 1.0)
    mine = (np.array([1.4, 0.0, -0.1]), np.array([1.6, 0.2, 0.1]))
    way = snapped_shift(mine, np.array([-1.5, 0, 0]), flat, Snapping(objects=True, reach=0.05))
    assert way[1] == pytest.approx(TOP, abs=0.02)
    on = (mine[0] + way, mine[1] + way)
    back = snapped_shift(on, np.array([1.5, 0, 0]), flat, Snapping(objects=True, reach=0.05))
    assert on[0][1] + back[1] == pytest.approx(0, abs=1e-6)
