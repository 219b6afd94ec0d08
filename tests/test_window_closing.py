"""Closing the window: unsaved work is asked after, and nothing stays behind."""

import os
import weakref
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.dialogs import Answer
from core.gaussians.arrays import SplatArrays
from core.project.folder import is_project
from core.scene.document import State
from core.scene.edits import AddPhotos
from core.train.steps import Step
from tests.panel_state import capture
from tests.viewport_scenes import around, three_blobs
from tests.window_left import nothing_left
from tests.window_parts import (
    CONTROL,
    Answers,
    Room,
    at_rest,
    notice,
    opened,
    pause,
    press,
    shown_part,
    small_room,
    sweep,
    take_photos,
    until,
)
from widgets.viewport.renderer import Renderer


@pytest.mark.parametrize("times", [2, pytest.param(50, marks=pytest.mark.slow)])
def test_opened_and_closed_again_and_again_it_leaves_nothing(
    times: int, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[dict[str, int]] = []
    release = Renderer.release

    def released(renderer: Renderer) -> None:
        assert renderer.counts()
        release(renderer)
        left.append(renderer.counts())

    monkeypatch.setattr(Renderer, "release", released)
    content, memory = three_blobs(), []
    with nothing_left(tmp_path / "left"):
        for _ in range(times):
            gone = used_and_closed(tmp_path, content)
            sweep()
            assert [each() for each in gone] == [None, None]
            memory.append(resident())
        # One of a test before may end here as well.
        assert len(left) >= times
        assert not any(left)
    if times >= 20:
        growth = memory[-1] - memory[9]
        assert growth < 0.5 * (times - 10), memory  # MB


def used_and_closed(folder: Path, content: SplatArrays) -> list[weakref.ref[object]]:
    """The program and its window, of which the scene and the curves have been seen."""
    with opened(folder) as program:
        window = program.window
        program.document.load(State(content=content, reconstruction=around()))
        program.show_workspace("build")
        window.docks["curves"].show()
        for k in range(5):
            window.curves.add(Step(k, 9, 0.1, 0.5, 20.0, 1200))
        until(lambda: shown_part(program) > 0.01)
        pause(0.3)
        return [weakref.ref(program), weakref.ref(window)]


def resident() -> float:
    """Memory of this process in MB; 0 where the system does not tell."""
    status = Path("/proc/self/statm")
    if not status.exists():
        return 0.0
    return int(status.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    return small_room(tmp_path_factory.mktemp("room"))


def test_unsaved_work_is_asked_after(qapp: QApplication, room: Room, tmp_path: Path) -> None:
    answers = Answers()
    with opened(tmp_path, answers) as program:
        window = program.window
        take_photos(program, room)
        press(window, Qt.Key.Key_Q, CONTROL)
        assert answers.asked == ["keep"]
        assert window.isVisible()
        assert program.document.modified
        answers.keep = Answer.SAVE  # but no place to save it in is chosen
        window.close()
        pause(0.2)
        assert answers.asked == ["keep", "keep", "project"]
        assert window.isVisible()
        (tmp_path / "file").touch()
        answers.file = tmp_path / "file" / "room.maquette"  # a place that cannot be
        window.close()
        notice(program, "room.maquette")
        until(lambda: at_rest(program))
        assert window.isVisible()
        assert program.document.modified
        answers.file = tmp_path / "room.maquette"
        window.close()
        until(lambda: not window.isVisible())
        assert is_project(tmp_path / "room.maquette")
        assert not program.document.modified
    with opened(tmp_path) as program:
        (card,) = program.window.welcome.cards()
        assert card.recent.name == "room"
        assert card.recent.picture is not None


def test_work_may_be_given_up(qapp: QApplication, tmp_path: Path) -> None:
    answers = Answers(keep=Answer.DISCARD)
    with opened(tmp_path, answers) as program:
        program.document.commit(AddPhotos(capture()))
        assert program.window.isWindowModified()
        assert program.window.close()
        assert not program.window.isVisible()
        assert answers.asked == ["keep"]


def test_nobody_is_asked_where_there_is_nothing_to_lose(qapp: QApplication, tmp_path: Path) -> None:
    answers = Answers()
    with opened(tmp_path, answers) as program:
        assert program.window.close()
    assert answers.asked == []
