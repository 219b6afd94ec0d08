"""What a new user does, from the first start to the finished scene, by mouse and keys."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from app.program import Program
from core.gaussians.arrays import SplatArrays
from core.scene.plan import names
from tests.small_room import SAMPLE
from tests.window_parts import (
    CONTROL,
    Answers,
    Room,
    at_rest,
    begin_training,
    button_of,
    click,
    drag_across,
    drop,
    iteration,
    know_places,
    opened,
    pause,
    press,
    ready,
    said,
    seen,
    shown_part,
    small_room,
    training,
    until,
)
from widgets.panels.photo_status import Standing, photo_statuses

Key = Qt.Key
PHOTO = "IMG_0003.jpg"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def answers() -> Answers:
    return Answers()


@pytest.fixture(scope="module")
def program(qapp: QApplication, home: Path, answers: Answers) -> Iterator[Program]:
    """One for the whole story: each test goes on where the one before it ended."""
    with opened(home, answers) as program:
        yield program


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    return small_room(tmp_path_factory.mktemp("room"))


def standings(program: Program) -> set[Standing]:
    return {status.standing for status in photo_statuses(program.state).values()}


def at_last_still(read: Callable[[], tuple[float, int]]) -> tuple[float, int]:
    """What `read` gives, once it has given the same for more than a second."""
    since, value = time.monotonic(), read()

    def still() -> bool:
        nonlocal since, value
        if (now := read()) != value:
            since, value = time.monotonic(), now
        return time.monotonic() - since > 1.2

    until(still)
    return value


def test_the_welcome_is_there_at_first(program: Program) -> None:
    window = program.window
    assert window.stack.currentWidget() is window.welcome
    assert window.welcome.isVisible()
    words = " ".join(label.text() for label in window.welcome.findChildren(QLabel))
    assert "Drop photos, a folder, a project or a scene here" in words
    assert "memory" in words.lower()
    assert "core" in words.lower()
    assert window.windowTitle() == "Maquette[*]"
    for name in ("build", "save", "export", "undo", "redo", "go_on", "pause", "stop"):
        assert not program.actions[name].isEnabled()


def test_a_dropped_folder_fills_the_strip(program: Program, room: Room) -> None:
    until(lambda: ready(program))
    drop(program, room.photos)
    strip = program.window.strip
    until(lambda: len(strip.model.names) == 8 and at_rest(program))
    assert strip.model.names == [f"IMG_000{i}.jpg" for i in range(1, 9)]
    assert strip.head.text() == "8 photos"
    assert standings(program) == {Standing.WAITING}
    for name in strip.model.names:
        picture = strip.thumbnail(name)
        assert isinstance(picture, QImage)
        assert picture.width() > 100
    assert program.window.stack.currentWidget() is program.window.photo_page
    assert program.window.isWindowModified()
    assert program.document.undo_label == "Add 8 photos"


def test_a_photo_is_excluded_and_brought_back_by_keys(program: Program) -> None:
    strip, undo, redo = program.window.strip, program.actions["undo"], program.actions["redo"]
    row = strip.model.index(strip.model.names.index(PHOTO))
    place = strip.list.visualRect(row).center()
    strip.list.setFocus()
    click_at(program, place)
    assert strip.selection() == (PHOTO,)
    assert program.state.selected == PHOTO
    press(strip.list, Key.Key_Backspace, CONTROL)
    assert program.state.plan.excluded == {PHOTO}
    assert strip.head.text() == "8 photos, 1 excluded"
    assert undo.text() == f"Undo Exclude {PHOTO}"
    press(program.window, Key.Key_Z, CONTROL)
    assert program.state.plan.excluded == frozenset()
    assert undo.text() == "Undo Add 8 photos"
    assert redo.text() == f"Redo Exclude {PHOTO}"
    press(program.window, Key.Key_Y, CONTROL)
    assert program.state.plan.excluded == {PHOTO}
    assert not redo.isEnabled()
    strip.list.setFocus()
    press(strip.list, Key.Key_Space)
    assert program.state.plan.excluded == frozenset()
    assert undo.text() == f"Undo Include {PHOTO}"
    assert undo in [action for menu in menus(program) for action in menu.actions()]


def test_a_build_shows_the_scene_while_it_grows(program: Program, room: Room) -> None:
    program.new()
    assert program.state.plan.capture is not None  # unsaved, and the answer was to cancel
    program.show_options(grid=False, axes=False, frustums=False)
    know_places(program, room)
    begin_training(program)
    assert program.window.stack.currentWidget() is program.window.build_page
    assert program.window.docks["curves"].isVisible()
    assert standings(program) == {Standing.PLACED}
    assert not button_of(program, "build").isEnabled()
    until(lambda: iteration(program) > 0)
    until(lambda: shown_part(program) > 0.1)


def test_the_scene_is_turned_while_it_trains(program: Program) -> None:
    viewport = program.window.viewport
    reached, camera, before = iteration(program), viewport.pilot.camera, seen(program)
    drag_across(viewport, QPoint(160, 30))
    pause(0.3)
    assert viewport.pilot.camera.yaw != camera.yaw
    assert np.abs(seen(program) - before).mean() > 0.01
    assert training(program)
    until(lambda: iteration(program) > reached)


def test_pause_holds_the_work_and_resume_goes_on(program: Program) -> None:
    line = program.window.progress
    assert line.pause.accessibleName() == "Pause"
    click(line.pause)
    until(lambda: line.activity.paused)
    assert line.pause.accessibleName() == "Resume"
    assert program.actions["resume"].isEnabled()
    reached, _drawn = at_last_still(lambda: (line.activity.done, iteration(program)))
    click(line.pause)
    until(lambda: not line.activity.paused and line.activity.done > reached)


def test_stop_keeps_what_was_reached_and_train_on_goes_on(program: Program) -> None:
    line = program.window.progress
    click(line.stop)
    until(lambda: at_rest(program))
    assert isinstance(program.state.content, SplatArrays)
    reached = iteration(program)
    assert reached > 0
    assert not line.stop.isEnabled()
    assert program.actions["go_on"].isEnabled()
    until(lambda: ready(program))
    kept = program.state.content
    press(program.window, Key.Key_B, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    until(lambda: iteration(program) > reached)
    assert program.state.content is not kept
    assert standings(program) == {Standing.PLACED}
    press(program.window, Key.Key_Period, CONTROL)
    until(lambda: at_rest(program))
    assert iteration(program) > reached
    assert said(program) == []


def test_the_picture_is_saved(program: Program, answers: Answers, tmp_path: Path) -> None:
    answers.file = tmp_path / "picture"
    program.actions["save_picture"].trigger()
    image = QImage(str(tmp_path / "picture.png"))
    assert (image.width(), image.height()) == program.window.viewport.physical_size()
    program.actions["copy_picture"].trigger()
    assert QApplication.clipboard().image().size() == image.size()


def test_the_project_comes_back_as_it_was(
    program: Program, answers: Answers, tmp_path: Path
) -> None:
    answers.file = tmp_path / "room.maquette"
    press(program.window, Key.Key_S, CONTROL)
    until(lambda: not program.document.modified)
    assert not program.window.isWindowModified()
    assert program.window.windowTitle() == "room[*] - Maquette"
    before = program.state
    press(program.window, Key.Key_N, CONTROL)
    assert program.state.plan.capture is None
    assert program.state.content is None
    assert program.window.welcome.isVisible()
    assert program.window.strip.model.names == []
    (card,) = program.window.welcome.cards()
    assert card.recent.picture is not None
    click(card)
    until(lambda: program.state.content is not None and at_rest(program))
    state = program.state
    assert isinstance(state.content, SplatArrays)
    assert isinstance(before.content, SplatArrays)
    assert np.array_equal(state.content.sh, before.content.sh)
    assert names(state.plan) == names(before.plan)
    assert state.plan == before.plan
    assert standings(program) == {Standing.PLACED}
    assert state.step is not None
    assert before.step is not None
    assert state.step.iteration == before.step.iteration
    assert state.path == tmp_path / "room.maquette"
    assert program.actions["go_on"].isEnabled()
    assert not program.window.isWindowModified()
    until(lambda: shown_part(program) > 0.1)
    until(lambda: program.window.strip.thumbnail(PHOTO) is not None)
    assert said(program) == []


def click_at(program: Program, place: QPoint) -> None:
    QTest.mouseClick(program.window.strip.list.viewport(), Qt.MouseButton.LeftButton, pos=place)


def menus(program: Program) -> list:
    return [action.menu() for action in program.window.menuBar().actions()]


@pytest.mark.slow
def test_the_sample_is_placed_and_trained_from_nothing(qapp: QApplication, tmp_path: Path) -> None:
    """All of it, the solver too."""
    with opened(tmp_path) as program:
        click(program.window.welcome.buttons[2])
        until(lambda: len(names(program.state.plan)) == 12 and at_rest(program))
        assert len(list((SAMPLE / "photos").iterdir())) == 12
        click(button_of(program, "build"))
        until(lambda: program.state.reconstruction is not None, 300)
        assert Standing.PLACED in standings(program)
        until(lambda: iteration(program) > 20)
        program.show_options(grid=False, axes=False, frustums=False)
        until(lambda: shown_part(program) > 0.1)
        click(program.window.progress.stop)
        until(lambda: at_rest(program))
        assert isinstance(program.state.content, SplatArrays)
        assert said(program) == []
