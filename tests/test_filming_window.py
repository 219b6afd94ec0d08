"""Films in the window: key frames from the view, the view along them, and what is written."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.engine.events import EngineState
from app.program import Program
from core.export.pictures import Kind
from core.export.shots import Source
from core.export.video import frames
from core.gaussians.arrays import SplatArrays
from core.geometry.pose import Pose
from core.scene.layout import Ground
from tests.window_files import splats
from tests.window_parts import (
    BARE,
    CONTROL,
    LEFT,
    Answers,
    click,
    drag_across,
    drop,
    notice,
    opened,
    pause,
    press,
    until,
)

Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture(scope="module")
def program(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One for the whole story, with a file of splats open."""
    folder = tmp_path_factory.mktemp("home")
    with opened(folder, Answers()) as program:
        program.exporting.desk.engine.start()
        until(lambda: program.desk.engine.state is EngineState.READY, 300)
        drop(program, splats(folder))
        until(lambda: isinstance(program.state.content, SplatArrays))
        yield program


def eye(program: Program) -> np.ndarray:
    return program.window.viewport.pilot.eye(1e9).camera_from_scene


def test_key_frames_come_from_the_view(program: Program) -> None:
    panel, dock = program.window.path, program.window.docks["path"]
    assert not dock.isVisible()
    program.actions["camera_path"].trigger()
    assert dock.isVisible()
    assert panel.hint.isVisible()
    assert not panel.play.isEnabled()
    click(panel.add)
    first = eye(program)
    drag_across(program.window.viewport, QPoint(150, 20))
    press(program.window, Key.Key_K, CONTROL)
    drag_across(program.window.viewport, QPoint(100, -30))
    click(panel.add)
    path = program.state.plan.path
    assert len(path.keys) == panel.list.count() == 3
    np.testing.assert_allclose(path.keys[0].matrix, first, atol=1e-9)
    np.testing.assert_allclose(path.keys[2].matrix, eye(program), atol=1e-9)
    assert panel.list.item(0).text() == "Key frame 1, at 0.0 s"
    assert panel.list.item(2).text() == "Key frame 3, at 8.0 s"
    assert program.document.undo_label == "Add key frame"
    assert program.document.modified


def test_they_are_put_in_order_and_taken_back(program: Program) -> None:
    panel, document = program.window.path, program.document
    keys = document.state.plan.path.keys
    QTest.mouseClick(
        panel.list.viewport(), LEFT, BARE, panel.list.visualItemRect(panel.list.item(2)).center()
    )
    click(panel.tools["up"])
    assert document.state.plan.path.keys == (keys[0], keys[2], keys[1])
    assert panel.list.currentRow() == 1
    click(panel.tools["remove"])
    assert document.state.plan.path.keys == (keys[0], keys[1])
    press(program.window, Key.Key_Z, CONTROL)
    press(program.window, Key.Key_Z, CONTROL)
    assert document.state.plan.path.keys == keys
    panel.seconds.box.setValue(0.6)
    QTest.mouseClick(panel.closed, LEFT, BARE, QPoint(8, panel.closed.height() // 2))
    assert (document.state.plan.path.seconds, document.state.plan.path.closed) == (0.6, True)
    assert panel.list.item(2).text() != "Key frame 3, at 0.6 s"


def test_a_double_click_looks_from_there(program: Program) -> None:
    panel = program.window.path
    place = panel.list.visualItemRect(panel.list.item(0)).center()
    QTest.mouseClick(panel.list.viewport(), LEFT, BARE, place)
    QTest.mouseDClick(panel.list.viewport(), LEFT, BARE, place)
    wanted = program.state.plan.path.keys[0].matrix
    np.testing.assert_allclose(eye(program), wanted, atol=1e-6)


def test_the_view_follows_the_path_and_comes_back(program: Program) -> None:
    panel, before = program.window.path, eye(program)
    panel.seconds.box.setValue(3)
    click(panel.play)
    assert panel.play.accessibleName() == "Stop"
    until(lambda: np.abs(eye(program) - before).max() > 0.1)
    assert program.filming.playing
    until(lambda: not program.filming.playing)
    np.testing.assert_allclose(eye(program), before, atol=1e-9)
    assert panel.play.accessibleName() == "Play"
    panel.seconds.box.setValue(60)
    click(panel.play)
    pause(0.1)
    drag_across(program.window.viewport, QPoint(80, 0))
    until(lambda: not program.filming.playing)


def test_it_stays_with_the_things_when_the_floor_is_moved(program: Program) -> None:
    document, before = program.document, program.state.plan
    turn = Pose(np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]]), np.array([0.0, 1, 0]), 2.0)
    plan = replace(before, layout=replace(before.layout, ground=Ground(turn)))
    document.show(content=document.state.content)
    document.commit(_Put(plan))
    program.filming.show(1)
    wanted = turn.moved_camera(before.path.keys[1].matrix)
    np.testing.assert_allclose(eye(program), wanted, atol=1e-6)
    document.undo()


class _Put:
    """Whatever plan a test wants."""

    label = "Put"

    def __init__(self, plan: object) -> None:
        self._plan = plan

    def apply(self, _plan: object) -> object:
        return self._plan


def test_without_perspective_there_is_no_key_frame(program: Program) -> None:
    keys = program.state.plan.path.keys
    program.actions["orthographic"].trigger()
    pause(0.3)
    press(program.window, Key.Key_K, CONTROL)
    click(notice(program, "A film is seen in perspective").close_button)
    program.actions["orthographic"].trigger()
    assert program.state.plan.path.keys == keys


def test_a_film_is_written_along_the_path(program: Program, tmp_path: Path) -> None:
    pytest.importorskip("av")
    program.window.path.seconds.box.setValue(0.5)
    press(program.window, Key.Key_E, CONTROL | SHIFT)
    dialog = program.exporting.dialog
    assert dialog is not None
    form = dialog.form
    assert (form.kind, form.wish.shots.source) == (Kind.FILM, Source.PATH)
    assert not form.seconds.isVisible()
    form.sizes.setCurrentIndex(0)
    form.rates.setCurrentIndex(0)
    assert form.sized.text().startswith("12 frames, about ")
    program.dialogs.file = tmp_path / "film"
    click(dialog.begin)
    until(lambda: dialog.pages.currentWidget() is dialog.end, 240)
    assert dialog.end.head.text() == "Done and checked"
    assert "film.mp4 holds 12 pictures" in dialog.end.words.text()
    shown = list(frames(tmp_path / "film.mp4"))
    assert [each.shape for each in shown] == [(360, 640, 3)] * 12
    click(dialog.end.back)
    form.choose(Kind.STILLS)
    assert form.suffix == ""
    program.dialogs.file = tmp_path / "stills"
    click(dialog.begin)
    until(lambda: dialog.pages.currentWidget() is dialog.end, 240)
    assert len(list((tmp_path / "stills").glob("key-*.png"))) == 3
    click(dialog.end.done)
