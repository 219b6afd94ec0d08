"""Cleaning up in the whole window: keys, slider and buttons; undone, saved, opened and exported."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.program import Program
from core.export.ply import read_ply
from core.gaussians.arrays import SplatArrays
from core.geometry.pose import Pose
from core.scene.document import State
from core.scene.layout import Layout
from core.scene.layout_edits import Move
from core.scene.movable import labelled, shown_placements
from core.scene.regions import Box, Floaters
from tests.display import missing_display
from tests.test_layout_view import place, things
from tests.viewport_scenes import drag, settled
from tests.window_files import export
from tests.window_parts import CONTROL, Answers, at_rest, click, notice, press, until
from widgets.panels.editors import NumberEditor
from widgets.viewport.outlines import Tool
from widgets.viewport.volume import Grip, grips

WHY = missing_display()
pytestmark = pytest.mark.skipif(bool(WHY), reason=WHY)
LEFT, BARE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
FLYING = (3, 500)


@pytest.fixture
def scene(program: Program) -> Program:
    """Three balls and two Gaussians far off, in the layout's workspace, picking out."""
    splats = things()
    means = splats.means.copy()
    means[list(FLYING)] += np.float32(30)
    program.document.load(State(content=replace(splats, means=means)))
    program.window.workspaces.chosen.emit("layout")
    view = program.window.viewport
    view.setFocus()
    settled(view)
    press(view, Qt.Key.Key_5)
    until(lambda: program.window.layout_panel.clean.isVisible())
    return program


def counted(program: Program, count: int) -> None:
    words = program.window.layout_panel.clean.words
    until(lambda: f"{count:,} Gaussians" in words.text() if count else "Nothing" in words.text())


def frame(program: Program, ball: tuple[float, float, float], half: int = 60) -> None:
    view = program.window.viewport
    at = place(view, ball)
    drag(view, (at.x() - half, at.y() - half), (at.x() + half, at.y() + half))


def ids(program: Program) -> np.ndarray:
    splats = labelled(program.state)
    assert splats is not None
    return splats.object_id


def test_floaters_go_at_the_strength_that_was_seen(
    scene: Program, answers: Answers, tmp_path: Path
) -> None:
    box, view = scene.window.layout_panel.clean, scene.window.viewport
    click(box.search)
    counted(scene, 2)
    box.strength.setFocus()
    press(box.strength, Qt.Key.Key_Home)
    counted(scene, 0)
    for _ in range(3):
        press(box.strength, Qt.Key.Key_PageUp)
    counted(scene, 2)
    view.setFocus()
    press(view, Qt.Key.Key_Delete)
    counted(scene, 0)
    assert scene.state.plan.layout.cuts == (Floaters(0.3),)
    export(scene, tmp_path / "clean.ply")
    until(lambda: not scene.exporting.running)
    assert len(read_ply(tmp_path / "clean.ply")) == 1198
    answers.file = tmp_path / "clean.maquette"
    scene.projects.save_as()
    until(lambda: not scene.document.modified)
    press(scene.window, Qt.Key.Key_Z, CONTROL)
    assert scene.state.plan.layout == Layout()
    scene.document.load(State())
    scene.open(tmp_path / "clean.maquette")
    until(lambda: scene.state.plan.layout.cuts == (Floaters(0.3),) and at_rest(scene))


def test_a_part_becomes_a_thing_that_is_moved_and_given_back(scene: Program) -> None:
    view, box = scene.window.viewport, scene.window.layout_panel.clean
    at = place(view, (1.0, 0.0, 0.0))
    QTest.mouseClick(view, LEFT, BARE, at)
    until(lambda: scene.state.placed == (2,))
    press(view, Qt.Key.Key_M)
    drag(view, (at.x(), at.y() - 80), (at.x() + 90, at.y() + 80))
    until(lambda: "Gaussians" in box.words.text())
    press(view, Qt.Key.Key_J)
    (new,) = scene.state.placed
    assert new not in (2, 3)
    assert scene.document.undo_label == "Split off"
    part = (ids(scene) == new).sum()
    assert 50 < part < 350
    assert [each.id for each in shown_placements(scene.state)].count(new) == 1
    assert scene.state.plan.masks.object(new).name.endswith("part")
    press(scene.window, Qt.Key.Key_Z, CONTROL)
    assert not (ids(scene) == new).any()
    press(scene.window, Qt.Key.Key_Z, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert (ids(scene) == new).sum() == part
    scene.document.show(placed=(2, new))
    scene.actions["merge"].trigger()
    assert scene.document.undo_label == "Merge"
    assert (ids(scene) == 2).sum() == 400
    assert scene.state.placed == (2,)


def test_what_is_picked_out_is_moved_to_another_thing_unless_that_was_moved(
    scene: Program,
) -> None:
    box, view = scene.window.layout_panel.clean, scene.window.viewport
    press(view, Qt.Key.Key_M)
    frame(scene, (0.0, 0.0, 0.0), 40)
    until(lambda: "Gaussians" in box.words.text())
    picked, kept = len(scene.arranging.cleaning.sources()), scene.state.marked
    assert picked >= 1
    before = (ids(scene) == 3).sum()
    names = [action.text() for action in box.targets.actions()]
    assert len(names) == len(scene.arranging.cleaning.targets())
    box.targets.actions()[1].trigger()
    assert (ids(scene) == 3).sum() > before
    assert scene.document.undo_label == "Move to another object"
    scene.document.undo()
    scene.document.commit(Move({3: Pose(np.eye(3), np.ones(3))}))
    scene.document.show(marked=kept)
    box.targets.actions()[1].trigger()
    notice(scene, "were moved")
    assert scene.document.undo_label == "Move"


def test_a_crop_is_kept_dragged_again_and_taken_back(scene: Program) -> None:
    box, view = scene.window.layout_panel.clean, scene.window.viewport
    QTest.mouseClick(view, LEFT, BARE, place(view, (1.0, 0.0, 0.0)))
    press(view, Qt.Key.Key_K)
    scene.document.show(placed=())
    assert not box.reset.isEnabled()
    click(box.keep)
    settled(view)
    assert scene.document.undo_label == "Crop"
    first = scene.state.plan.layout.erased
    press(view, Qt.Key.Key_O)
    click(box.keep)
    second = scene.state.plan.layout.erased
    assert len(first) == len(second) == 1
    assert first != second
    click(box.reset)
    assert scene.state.plan.layout.erased == ()
    press(scene.window, Qt.Key.Key_Z, CONTROL)
    assert scene.state.plan.layout.erased == second


def test_elsewhere_nothing_is_picked_out(scene: Program) -> None:
    view = scene.window.viewport
    press(view, Qt.Key.Key_M)
    frame(scene, (0.0, 0.0, 0.0))
    assert scene.state.marked is not None
    press(view, Qt.Key.Key_1)
    assert scene.state.marked is None
    press(view, Qt.Key.Key_L)
    frame(scene, (0.0, 0.0, 0.0))
    scene.window.workspaces.chosen.emit("build")
    assert scene.state.marked is None
    content = scene.state.content
    assert isinstance(content, SplatArrays)


def test_a_crop_is_set_to_exact_numbers(scene: Program) -> None:
    box, selecting = scene.window.layout_panel.clean, scene.window.viewport.selecting
    click(box.tools[Tool.BALL])
    assert box.volume.fields["radius"].isVisible()
    assert not box.volume.fields["wide"].isVisible()
    for name, number in (("x", 1.0), ("y", 0.0), ("z", 0.0), ("radius", 0.45)):
        typed(box.volume.fields[name], number)
    assert selecting.volume is not None
    assert [*selecting.volume.centre, selecting.volume.half[0]] == [1.0, 0.0, 0.0, 0.45]
    click(box.tools[Tool.BOX])
    for name, number in (("wide", 1.2), ("tall", 1.3), ("deep", 1.4), ("turn", 30.0)):
        typed(box.volume.fields[name], number)
    click(box.keep)
    (crop,) = scene.state.plan.layout.erased
    assert isinstance(crop, Box)
    assert crop.centre == (1.0, 0.0, 0.0)
    assert crop.half == pytest.approx((0.6, 0.65, 0.7))
    assert crop.turn[0] == pytest.approx((3**0.5 / 2, 0.0, -0.5))
    # What is dragged is told in numbers as well.
    click(box.tools[Tool.BOX])
    settled(scene.window.viewport)
    start = place(scene.window.viewport, tuple(grips(selecting.volume)[Grip.HIGH_Y]))
    drag(scene.window.viewport, (start.x(), start.y()), (start.x(), start.y() - 20))
    tall = box.volume.fields["tall"].box.value()
    assert tall > 1.31
    assert tall == pytest.approx(2 * selecting.volume.half[1], abs=1e-3)


def typed(field: NumberEditor, number: float) -> None:
    """Type a number and go on."""
    field.box.setFocus()
    field.box.selectAll()
    QTest.keyClicks(field.box, f"{number}")
    QTest.keyClick(field.box, Qt.Key.Key_Return)
