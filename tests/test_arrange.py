"""Where placements stand, and motions of them: closed forms, and back again."""

import itertools
import math
import random
from dataclasses import replace

import numpy as np
import pytest

from core.geometry.pose import Pose
from core.scene.arrange import (
    Edge,
    Shapes,
    Snapping,
    Stand,
    aligned,
    distributed,
    dropped,
    moved_by,
    scene_pose,
    shift,
    snapped_shift,
    stand,
    stood,
    turn,
)
from core.scene.document import State
from core.scene.layout import Ground, Layout
from core.scene.layout_edits import Move, SetGround
from core.scene.plan import Plan
from tests.layouts import replayed, some_pose
from tests.viewport_scenes import RED, blob, together
from widgets.viewport.catching import room
from widgets.viewport.dragging import Drag, edit_of, motion
from widgets.viewport.eye import Eye
from widgets.viewport.handles import Mode, Part, handles, line_of, on_plane, part_at
from widgets.viewport.navigation import Camera, to_eye

PLACES = {2: (0.0, 0.3, 0.0), 3: (1.0, 0.5, 0.2), 4: (3.0, 0.2, -0.3)}


def shapes() -> Shapes:
    parts = [
        replace(blob(centre, RED), object_id=np.full(400, id_, np.int32))
        for id_, centre in PLACES.items()
    ]
    return Shapes(together(*parts))


def tilted() -> Layout:
    """Everything on another ground, some things moved."""
    chance = random.Random(3)
    ground, pose = some_pose(chance), some_pose(chance)
    return replayed([SetGround(Ground(ground)), Move({3: pose})])


def after(layout: Layout, poses: dict[int, Pose]) -> Layout:
    return Move(poses).apply(Plan(layout=layout)).layout


@pytest.mark.parametrize("layout", [Layout(), tilted()], ids=["plain", "tilted"])
def test_a_motion_of_the_scene_moves_what_stands_in_it(layout: Layout) -> None:
    things, motion = shapes(), some_pose(random.Random(1))
    later = after(layout, moved_by(layout, (2, 3), motion))
    for id_ in (2, 3):
        expected = motion.apply(things.placed(layout, id_))
        np.testing.assert_allclose(things.placed(later, id_), expected, atol=1e-9)
    assert later.placement(4) == layout.placement(4)


@pytest.mark.parametrize("layout", [Layout(), tilted()], ids=["plain", "tilted"])
def test_typed_numbers_are_what_comes_of_them(layout: Layout) -> None:
    things = shapes()
    now = stand(layout, things, (2,))
    assert now is not None
    wished = Stand(np.array([0.4, 0.1, -0.7]), 0.6, 1.5 * now.scale, now.size)
    later = stand(after(layout, stood(layout, (2,), now, wished)), things, (2,))
    assert later is not None
    np.testing.assert_allclose(later.at, wished.at, atol=1e-9)
    assert later.turn == pytest.approx(0.6)
    assert later.scale == pytest.approx(wished.scale)


@pytest.mark.parametrize("layout", [Layout(), tilted()], ids=["plain", "tilted"])
def test_dropped_things_stand_on_the_floor_and_go_straight_down(layout: Layout) -> None:
    things = shapes()
    later = after(layout, dropped(layout, things, (2, 3, 4)))
    for id_ in PLACES:
        box = things.box(later, (id_,))
        assert box is not None
        assert box[0][1] == pytest.approx(0, abs=0.005)
        way = things.placed(later, id_) - things.placed(layout, id_)
        np.testing.assert_allclose(way[:, [0, 2]], 0, atol=1e-9)


@pytest.mark.parametrize("edge", Edge)
def test_aligned_things_are_in_line_with_the_first(edge: Edge) -> None:
    things, layout = shapes(), Layout()
    later = after(layout, aligned(layout, things, (3, 2, 4), 2, edge))
    boxes = [things.box(later, (id_,)) for id_ in (3, 2, 4)]
    ends = [
        {"low": b[0][2], "middle": (b[0][2] + b[1][2]) / 2, "high": b[1][2]} for b in boxes if b
    ]
    np.testing.assert_allclose([each[edge.value] for each in ends], ends[0][edge.value], atol=1e-9)
    assert later.placement(3) == layout.placement(3)


def test_distributed_things_have_equal_gaps() -> None:
    things, layout = shapes(), Layout()
    later = after(layout, distributed(layout, things, (4, 2, 3), 0))
    boxes = [things.box(later, (id_,)) for id_ in (2, 3, 4)]
    gaps = [float(b[0][0] - a[1][0]) for a, b in itertools.pairwise(boxes) if a and b]
    assert gaps[0] == pytest.approx(gaps[1])
    assert not later.placements.keys() - {3}


def test_things_catch_at_sides_tops_and_the_grid() -> None:
    mine = (np.zeros(3), np.ones(3))
    other = (np.array([2.0, 0, 0.1]), np.array([3.0, 0.7, 1.1]))
    how = Snapping(objects=True, reach=0.15)
    way = snapped_shift(mine, np.array([0.9, 0, 0]), [other], how)
    np.testing.assert_allclose(way, [1.0, 0, 0.1])  # side by side, and in line
    way = snapped_shift(mine, np.array([2.1, 0, 0.5]), [other], how)
    assert way[1] == pytest.approx(0.7)  # onto it
    above = np.array([2, 0.7, 0])
    way = snapped_shift((mine[0] + above, mine[1] + above), np.array([-2.0, 0, 0]), [other], how)
    assert way[1] == pytest.approx(-0.7)  # and down again
    way = snapped_shift(mine, np.array([0.33, 0.2, 0.61]), [], Snapping(grid=0.25))
    np.testing.assert_allclose(np.array([0.5, 0, 0.5])[[0, 2]] + way[[0, 2]], [0.75, 1.0])
    assert way[1] == pytest.approx(0.2)


def looking_down() -> Eye:
    return to_eye(Camera(offset=np.array([0.0, 0.0, 4.0]), pitch=-0.6), 800, 600)


def begun(part: Part, mode: Mode = Mode.MOVE) -> tuple[Drag, Eye]:
    things, eye, layout = shapes(), looking_down(), Layout()
    box, pivot = things.box(layout, (2,)), things.pivot(layout, (2,))
    assert box is not None
    assert pivot is not None
    grabbed = (box[0] + box[1]) / 2
    (x, y), _ = eye.project(grabbed)
    return Drag(layout, (2,), box, pivot, part, mode, (x, y), grabbed), eye


def test_what_was_grabbed_stays_under_the_mouse_and_on_its_height() -> None:
    drag, eye = begun(Part.BODY)
    at = (drag.start[0] + 140, drag.start[1] + 60)
    done = motion(drag, eye, at, free=False, how=Snapping())
    assert done.way is not None
    assert done.way[1] == pytest.approx(0)
    pixel, _ = eye.project(done.pose.apply(drag.grabbed))
    np.testing.assert_allclose(pixel, at, atol=1e-6)
    free = motion(drag, eye, at, free=True, how=Snapping())
    pixel, _ = eye.project(free.pose.apply(drag.grabbed))
    np.testing.assert_allclose(pixel, at, atol=1e-6)
    assert free.way is not None
    assert abs(free.way @ eye.forward) < 1e-9


def test_arrows_move_along_their_axis_alone_and_the_ring_turns_about_the_foot() -> None:
    for part, axis in ((Part.X, 0), (Part.Y, 1), (Part.Z, 2)):
        drag, eye = begun(part)
        tip, _ = eye.project(drag.pivot + 0.3 * np.eye(3)[axis])
        foot, _ = eye.project(drag.pivot)
        drag = replace(drag, start=tuple(foot))
        done = motion(drag, eye, tuple(tip), free=False, how=Snapping())
        np.testing.assert_allclose(done.way, 0.3 * np.eye(3)[axis], atol=1e-6)
    drag, eye = begun(Part.RING)
    start, end = (
        eye.project(drag.pivot + 0.4 * np.array([math.sin(a), 0, math.cos(a)]))[0]
        for a in (0.2, 1.1)
    )
    done = motion(replace(drag, start=tuple(start)), eye, tuple(end), free=False, how=Snapping())
    assert done.angle == pytest.approx(0.9)
    np.testing.assert_allclose(done.pose.apply(drag.pivot), drag.pivot, atol=1e-9)
    caught = motion(
        replace(drag, start=tuple(start)), eye, tuple(end), free=False,
        how=Snapping(angle=math.radians(15)),
    )  # fmt: skip
    assert caught.angle == pytest.approx(math.radians(45) + math.radians(0), abs=math.radians(8))


def test_an_edit_of_a_drag_says_what_it_does() -> None:
    for mode, words in ((Mode.MOVE, "Move"), (Mode.TURN, "Turn"), (Mode.SCALE, "Scale")):
        drag, eye = begun(Part.BODY, mode)
        at = (drag.start[0] + 30, drag.start[1] - 20)
        assert edit_of(drag, motion(drag, eye, at, free=False, how=Snapping())).label == words


def test_handles_are_taken_where_they_are_seen() -> None:
    drag, eye = begun(Part.BODY)
    for mode in Mode:
        shown = handles(drag.box, drag.pivot, eye, mode, 1.0)
        assert shown is not None
        for part in shown.parts:
            line = line_of(shown, part)
            (x, y), _ = eye.project(line[-1] if part is not Part.RING else line[9])
            assert part_at(shown, eye, x, y, 1.0) is part
        assert part_at(shown, eye, 5, 5, 1.0) is None


@pytest.mark.parametrize("orthographic", [False, True])
def test_the_ring_is_not_taken_through_the_thing(orthographic: bool) -> None:
    box, pivot = (np.array([-0.5, 0.0, -0.5]), np.array([0.5, 1.0, 0.5])), np.zeros(3)
    eye = to_eye(Camera(pitch=-0.4, orthographic=orthographic), 800, 600)
    shown = handles(box, pivot, eye, Mode.TURN, 1.0)
    assert shown is not None
    behind, before = ([0.0, 0.0, side * shown.radius] for side in (-1, 1))
    far, near = (eye.project(np.array(place))[0] for place in (behind, before))
    assert part_at(shown, eye, *far, 1.0) is None
    assert part_at(shown, eye, *near, 1.0) is Part.RING
    above = to_eye(Camera(pitch=-1.5, orthographic=orthographic), 800, 600)
    whole = handles(box, pivot, above, Mode.TURN, 1.0)
    assert whole is not None
    np.testing.assert_array_equal(whole.ring[0], whole.ring[-1])


def test_beyond_the_horizon_there_is_no_floor() -> None:
    eye = to_eye(Camera(pitch=0.0), 800, 600)
    up = np.array([0.0, 1, 0])
    assert on_plane(eye, 400, 299, np.array([0.0, -1, 0]), up) is None
    assert on_plane(eye, 400, 100, np.array([0.0, -1, 0]), up) is None
    assert on_plane(eye, 400, 500, np.array([0.0, -1, 0]), up) is not None


def test_a_turn_is_against_the_clock_from_above() -> None:
    np.testing.assert_allclose(
        turn(np.zeros(3), math.pi / 2).apply(np.array([0.0, 0, 1])), [1, 0, 0], atol=1e-12
    )
    moved = after(Layout(), moved_by(Layout(), (2,), shift(np.array([1.0, 2, 3]))))
    assert scene_pose(moved, 2).translation.tolist() == [1, 2, 3]


def test_what_runs_into_others_is_told_and_what_touched_before_is_not() -> None:
    state = State(content=shapes().content)
    apart = room(state, shapes(), (2,))
    assert apart is not None
    assert apart.before == 0
    assert not apart.runs_into(shift(np.array([-1.0, 0, 0])))
    assert apart.runs_into(shift(np.array([0.8, 0.2, 0.2])))
    within = Move({2: shift(np.array([0.8, 0.2, 0.2]))}).apply(Plan())
    touching = room(State(content=shapes().content, plan=within), shapes(), (2,))
    assert touching is not None
    assert touching.before > 0.005
    assert not touching.runs_into(shift(np.zeros(3)))
    assert not touching.runs_into(shift(np.array([-1.0, 0, 0])))


def test_a_thing_falls_onto_what_is_below_it() -> None:
    things, layout = shapes(), after(Layout(), {2: shift(np.array([1.0, 2.0, 0.2]))})
    later = after(layout, dropped(layout, things, (2,), (3, 4)))
    box, below = things.box(later, (2,)), things.box(later, (3,))
    assert box is not None
    assert below is not None
    assert box[0][1] == pytest.approx(below[1][1], abs=0.05)
