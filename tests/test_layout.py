"""The layout: edits of it, their history, what a project keeps of it."""

import json
import pickle
import random
from pathlib import Path

import numpy as np
import pytest

from app.jobs.files import opened, saved
from app.jobs.values import ProjectFacts
from core.geometry.pose import Pose
from core.project.layout_file import layout_from_json, layout_to_json
from core.scene.document import Document, State
from core.scene.edits import Edit
from core.scene.layout import FIRST_COPY, HERE, Ground, Layout, Placement, tidied
from core.scene.layout_edits import (
    BringBack,
    Delete,
    Duplicate,
    Group,
    Move,
    Rename,
    Reset,
    SetGround,
    SetVisible,
    Together,
    created,
)
from core.scene.plan import Plan
from tests.layouts import rearranged, replayed, some_edit, some_pose

ASIDE = Pose(np.eye(3), np.array([1.0, 0, 0]))


def after(*edits: Edit) -> Layout:
    return replayed(edits)


def test_every_object_stands_where_it_was_until_it_is_touched() -> None:
    layout = Layout()
    assert layout.placement(7) == Placement(7, 7)
    assert layout.as_captured
    assert [each.id for each in layout.of_objects((3, 2))] == [3, 2]
    moved = after(Move({7: ASIDE}))
    assert not moved.as_captured
    assert moved.placement(7).pose.translation.tolist() == [1, 0, 0]
    assert after(Move({7: ASIDE}), Reset((7,))) == layout
    assert after(Move({7: Pose(np.eye(3), np.zeros(3))})) == layout
    assert after(Rename(7, "Chair"), Rename(7, "")) == layout


def test_copies_stand_beside_what_they_copy() -> None:
    layout = after(Move({7: ASIDE}), Duplicate((7,), ASIDE))
    (copy,) = created(Layout(), layout)
    assert copy == FIRST_COPY
    assert layout.placement(copy).object_id == 7
    assert layout.placement(copy).pose.translation.tolist() == [2, 0, 0]
    assert [each.id for each in layout.of_objects((7,))] == [7, copy]


def test_copies_of_a_group_are_a_group_of_their_own() -> None:
    grouped = after(Group((2, 3)))
    layout = replayed([Group((2, 3)), Duplicate((2, 3))])
    first, second = created(grouped, layout)
    assert layout.members(2) == (2, 3)
    assert layout.members(first) == (first, second)
    assert layout.members(4) == (4,)


def test_what_was_deleted_can_be_brought_back_and_ids_are_not_used_again() -> None:
    layout = after(Duplicate((2,)), Delete((FIRST_COPY, 2)), Duplicate((3,)))
    assert not layout.has(2)
    assert not layout.has(FIRST_COPY)
    assert layout.has(FIRST_COPY + 1)
    assert layout.of_objects((2,)) == ()
    with pytest.raises(KeyError):
        layout.placement(2)
    assert BringBack((2,)).apply(Plan(layout=layout)).layout.placement(2) == Placement(2, 2)


def test_edits_of_what_is_gone_change_nothing() -> None:
    plan = Plan(layout=after(Delete((2,))))
    gone: tuple[Edit, ...] = (
        Move({2: ASIDE}), Duplicate((2,)), Delete((2,)), SetVisible((2,), False), Rename(2, "x"),
        Group((2, 3)), Reset((2, 3)), BringBack((5,)), SetGround(Ground()),
    )  # fmt: skip
    assert all(edit.apply(plan) is plan for edit in gone)


def test_together_is_one_step_of_the_history() -> None:
    document = Document()
    document.commit(Together("Copy and hide", (Duplicate((2,)), SetVisible((2,), False))))
    assert document.undo_label == "Copy and hide"
    assert len(document.state.plan.layout.placements) == 2
    document.undo()
    assert document.state.plan.layout == Layout()


def test_a_drag_is_one_step_and_does_not_drift() -> None:
    document = Document()
    for k in range(100):
        document.preview(Move({2: Pose(np.eye(3), np.array([k / 7, 0, 0]))}))
    document.commit(Move({2: ASIDE}))
    assert document.state.plan.layout.placement(2).pose.translation.tolist() == [1, 0, 0]
    document.undo()
    assert document.state.plan.layout == Layout()
    assert document.undo_label is None


def test_what_is_at_hand_goes_with_its_placement() -> None:
    document = Document()
    document.commit(Duplicate((2,)))
    document.show(placed=(2, FIRST_COPY))
    document.undo()
    assert document.state.placed == (2,)


def test_poses_stay_similarities_through_many_edits() -> None:
    chance, pose = random.Random(0), HERE
    for _ in range(300):
        pose = tidied(some_pose(chance) @ pose)
        pose = Pose(pose.rotation, pose.translation, 1.0)
    assert np.abs(pose.rotation @ pose.rotation.T - np.eye(3)).max() < 1e-15 * 8


@pytest.mark.parametrize("seed", range(3))
def test_random_histories_are_a_replay_from_scratch(seed: int, tmp_path: Path) -> None:
    chance, document = random.Random(seed), Document()
    kept: list[Edit] = []  # in the file that was opened last
    done: list[Edit] = []
    undone: list[Edit] = []
    for i in range(500):
        layout, action = document.state.plan.layout, chance.random()
        if action < 0.2:
            document.undo()
            if done:
                undone.append(done.pop())
        elif action < 0.35:
            document.redo()
            if undone:
                done.append(undone.pop())
        elif action < 0.38:
            document.load(State(reopened(document.state.plan, tmp_path / f"{i}.maquette")))
            kept, done, undone = [*kept, *done], [], []
        else:
            if action < 0.5:
                document.preview(some_edit(chance, layout))
            edit = some_edit(chance, layout)
            document.commit(edit)
            if layout_to_json(document.state.plan.layout) != layout_to_json(layout):
                done.append(edit)
                undone.clear()
        if i % 10 == 0:
            assert_same(document.state.plan.layout, replayed([*kept, *done]))
    assert_same(document.state.plan.layout, replayed([*kept, *done]))


def reopened(plan: Plan, folder: Path) -> Plan:
    list(saved(folder, ProjectFacts(plan), folder.parent / "work", None))
    facts = list(opened(folder))[-1].facts  # type: ignore[union-attr]
    assert facts is not None
    return facts.plan


def assert_same(one: Layout, other: Layout) -> None:
    assert layout_to_json(one) == layout_to_json(other)


@pytest.mark.parametrize("seed", range(5))
def test_json_keeps_every_bit(seed: int) -> None:
    layout = rearranged(40, seed)
    read = layout_from_json(json.loads(json.dumps(layout_to_json(layout))))
    assert_same(read, layout)
    assert read.as_captured == layout.as_captured
    assert read.cuts == layout.cuts


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("placements", 0, "pose", "scale"), 0),
        (("placements", 0, "pose", "rotation"), [[1, 0, 0], [0, 1, 0], [0, 0, -1]]),
        (("placements", 0, "pose", "translation"), [0, 0]),
        (("placements", 0, "id"), 40_000),
        (("next_id",), 5),
    ],
)
def test_what_is_no_layout_is_refused(path: tuple[str | int, ...], value: object) -> None:
    content = layout_to_json(after(Move({2: some_pose(random.Random(0))})))
    inner: dict[str | int, object] = content  # type: ignore[assignment]
    for key in path[:-1]:
        inner = inner[key]  # type: ignore[assignment]
    inner[path[-1]] = value
    with pytest.raises((ValueError, TypeError, KeyError)):
        layout_from_json(content)


def test_in_another_process_things_are_still_in_place() -> None:
    for layout in (Layout(), after(Group((2, 3))), rearranged()):
        sent = pickle.loads(pickle.dumps(layout))
        assert_same(sent, layout)
        assert sent.as_captured == layout.as_captured
    assert pickle.loads(pickle.dumps(Layout())) == Layout()
