"""What is made for the layout in the whole window: by keys and clicks, in a process of its own."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.program import Program
from core.export.ply import read_ply
from core.gaussians.arrays import SplatArrays
from core.gaussians.provenance import Origin
from core.scene.additions import Kind
from core.scene.layout import FIRST_INSERTED
from tests import hidden_wall
from tests.display import missing_display
from tests.hidden_wall import SCREEN
from tests.test_inserting import box_glb
from tests.window_files import export
from tests.window_parts import (
    CONTROL,
    Answers,
    at_rest,
    click,
    notice,
    pause,
    press,
    until,
)

WHY = missing_display()
pytestmark = pytest.mark.skipif(bool(WHY), reason=WHY)


@pytest.fixture
def room(program: Program) -> Program:
    """The room with a screen, in the layout's workspace, the screen chosen."""
    program.document.load(hidden_wall.state())
    program.show_workspace("layout")
    program.window.viewport.setFocus()
    pause(0.3)
    listed = program.window.layout_panel.list
    click_item(program, 0)
    assert listed.count() == 1
    until(lambda: program.state.placed == (SCREEN,))
    return program


def click_item(program: Program, row: int) -> None:
    from PySide6.QtTest import QTest

    listed = program.window.layout_panel.list
    place = listed.visualItemRect(listed.item(row)).center()
    QTest.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=place)
    program.window.viewport.setFocus()


def made(program: Program) -> list[Kind]:
    return [each.kind for each in program.state.plan.additions]


def test_a_deleted_thing_leaves_what_was_behind_it_in_one_step(
    room: Program, answers: Answers, tmp_path: Path
) -> None:
    before = room.state
    press(room.window.viewport, Qt.Key.Key_Delete)
    line = room.window.layout_panel.making
    until(line.isVisible)
    until(lambda: made(room) == [Kind.BEHIND], 300)
    until(lambda: not line.isVisible())
    content = room.state.content
    assert isinstance(content, SplatArrays)
    assert (content.origin == Origin.IMAGINED).sum() > 50
    assert room.document.undo_label == "Delete"
    export(room, tmp_path / "room.ply")
    until(lambda: not room.exporting.running)
    written = read_ply(tmp_path / "room.ply")
    assert (written.origin == Origin.IMAGINED).sum() == (content.origin == Origin.IMAGINED).sum()
    answers.file = tmp_path / "room.maquette"
    room.projects.save_as()
    until(lambda: not room.document.modified)
    room.document.load(hidden_wall.state())
    room.open(tmp_path / "room.maquette")
    until(lambda: made(room) == [Kind.BEHIND] and at_rest(room))
    again = room.state.content
    assert isinstance(again, SplatArrays)
    np.testing.assert_array_equal(again.means, content.means)
    assert room.document.undo_label is None
    assert before.plan.additions == ()
    # What is opened is shown in Build; what Layout can do can be done there alone.
    assert not room.actions["take_out"].isEnabled()
    click(room.window.workspaces.segments.buttons["layout"])
    assert room.actions["take_out"].isEnabled()
    room.actions["take_out"].trigger()
    assert made(room) == []


@pytest.mark.slow
def test_one_step_back_the_thing_stands_there_again(room: Program) -> None:
    before = room.state
    press(room.window.viewport, Qt.Key.Key_Delete)
    until(lambda: made(room) == [Kind.BEHIND], 300)
    room.actions["take_out"].trigger()
    assert made(room) == []
    press(room.window, Qt.Key.Key_Z, CONTROL)
    assert made(room) == [Kind.BEHIND]
    press(room.window, Qt.Key.Key_Z, CONTROL)
    assert room.state.plan is before.plan
    assert room.state.content is before.content


@pytest.mark.slow
def test_filling_can_be_stopped_and_asked_for_later(room: Program) -> None:
    press(room.window.viewport, Qt.Key.Key_Delete)
    line = room.window.layout_panel.making
    until(line.isVisible)
    click(line.stop)
    until(lambda: not line.isVisible())
    pause(0.3)
    assert made(room) == []
    assert not room.arranging.making.busy
    press(room.window.viewport, Qt.Key.Key_B, Qt.KeyboardModifier.ShiftModifier)
    until(lambda: made(room) == [Kind.BEHIND], 300)


def test_without_filling_at_once_a_hole_stays_a_hole(room: Program) -> None:
    room.actions["fill_always"].trigger()
    press(room.window.viewport, Qt.Key.Key_Delete)
    pause(0.3)
    assert not room.arranging.making.busy
    room.actions["fill_always"].trigger()
    assert room.arranging.filling.automatic
    room.document.undo()


def test_an_object_of_a_file_is_inserted_settled_moved_kept_and_written(
    room: Program, answers: Answers, tmp_path: Path
) -> None:
    view, before = room.window.viewport, room.state.plan
    box_glb(tmp_path / "box.glb")
    answers.file = tmp_path / "box.glb"
    press(view, Qt.Key.Key_Insert)
    until(lambda: made(room) == [Kind.THING], 300)
    assert room.state.placed == (FIRST_INSERTED,)
    listed = room.window.layout_panel.list
    assert [listed.item(k).text() for k in range(listed.count())] == ["Object 2", "box"]
    stand = room.arranging.stand()
    assert stand is not None
    assert stand.at[1] == pytest.approx(0, abs=0.02)
    press(view, Qt.Key.Key_D, CONTROL)
    assert len(room.state.placed) == 1
    press(view, Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier)
    answers.file = tmp_path / "kept.maquette"
    room.projects.save_as()
    until(lambda: not room.document.modified)
    content = room.state.content
    room.document.load(hidden_wall.state())
    room.open(tmp_path / "kept.maquette")
    until(lambda: made(room) == [Kind.THING] and at_rest(room))
    again = room.state.content
    assert isinstance(content, SplatArrays)
    assert isinstance(again, SplatArrays)
    np.testing.assert_array_equal(again.object_id, content.object_id)
    assert len(room.state.plan.layout.placements) == 1
    assert before.additions == ()


@pytest.mark.slow
def test_one_of_a_projects_objects_is_asked_for(
    room: Program, answers: Answers, tmp_path: Path
) -> None:
    answers.file = tmp_path / "other.maquette"
    room.projects.save_as()
    until(lambda: not room.document.modified)
    press(room.window.viewport, Qt.Key.Key_Insert)
    until(lambda: made(room) == [Kind.THING], 300)
    (addition,) = room.state.plan.additions
    assert addition.name == "Object 2"
    room.document.undo()
    assert made(room) == []


def test_the_best_place_for_a_photo_is_shown_and_flown_to(room: Program) -> None:
    view = room.window.viewport
    before = view.pilot.camera
    press(view, Qt.Key.Key_V, Qt.KeyboardModifier.ShiftModifier)
    until(lambda: view.contents.shown.frustums[-1].name == "advised", 300)
    assert len(view.contents.shown.frustums) == 4
    assert view.pilot.camera != before
    notice(room, "would settle most")
    room.document.load(hidden_wall.state())
    assert len(view.contents.shown.frustums) == 3


@pytest.mark.slow
def test_what_is_not_alike_on_both_sides_is_told(room: Program) -> None:
    content = room.state.content
    assert isinstance(content, SplatArrays)
    lopsided = content.means.copy()
    own = content.object_id == SCREEN
    lopsided[own] += 0.3 * np.random.default_rng(0).normal(size=(int(own.sum()), 3))
    room.document.show(content=replace(content, means=lopsided.astype(np.float32)))
    press(room.window.viewport, Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    notice(room, "not alike on both sides", 300)
    assert made(room) == []
