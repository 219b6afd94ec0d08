"""Projects in the window: unsaved work is kept, recovered or thrown away; others' are read only."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.program import Program
from app.projects.lock import LOCK
from app.projects.unsaved import found
from core.pipeline.settings import PRESETS, Preset
from core.project.folder import open_project
from core.scene.edits import ChangeSettings
from core.scene.plan import names
from tests.small_room import REPOSITORY
from tests.test_project_lock import HOLDS, elsewhere
from tests.window_parts import (
    CONTROL,
    Answers,
    Room,
    at_rest,
    cleared,
    click,
    notice,
    opened,
    pause,
    press,
    said,
    small_room,
    take_photos,
    until,
)

SHOTS = os.environ.get("MAQUETTE_SHOTS")  # a folder for pictures of what is tested


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    return small_room(tmp_path_factory.mktemp("room"))


@pytest.fixture(scope="module")
def answers() -> Answers:
    return Answers()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def shared(qapp: QApplication, home: Path, answers: Answers) -> Iterator[Program]:
    with opened(home, answers) as program:
        yield program


@pytest.fixture
def program(shared: Program, answers: Answers) -> Program:
    cleared(shared)
    shared.projects.lock.release()
    answers.asked.clear()
    return shared


def shot(program: Program, name: str) -> None:
    if SHOTS:
        pause(1.0)
        program.window.screen().grabWindow(0).save(f"{SHOTS}/{name}.png")


def quicker(program: Program) -> None:
    """Change something that a project keeps."""
    program.document.commit(ChangeSettings(PRESETS[Preset.QUICK]))


def kept(program: Program) -> None:
    """Have what is unsaved kept now."""
    saving = program.projects.autosaving
    before, saving._due = saving.count, 0.0
    until(lambda: saving.count > before and at_rest(program))


def crashed(program: Program, home: Path) -> Path:
    """What another window left that was killed just after it had kept the same."""
    own = program.projects.autosaving.own.folder
    assert own is not None
    left = home / "unsaved" / f"left {time.time()}"
    shutil.copytree(own, left)  # its lock names another folder, so nobody holds it
    return left


def test_unsaved_work_is_kept_and_recovered(
    program: Program, room: Room, home: Path, answers: Answers, tmp_path: Path
) -> None:
    take_photos(program, room)
    quicker(program)
    kept(program)
    crashed(program, home)
    cleared(program)
    until(lambda: not program.document.modified)
    program.projects.recovery.offer()
    sheet = program.projects.recovery.sheet
    assert sheet is not None
    (card,) = sheet.cards
    assert card.found.name == room.photos.name
    assert not card.found.picture.isNull()
    until(sheet.isVisible)
    shot(program, "recovery")
    click(card.recover)
    until(lambda: len(names(program.state.plan)) == 8 and at_rest(program))
    assert program.state.plan.settings == PRESETS[Preset.QUICK]
    assert program.document.modified
    assert program.state.path is None
    shot(program, "recovered")
    answers.file = tmp_path / "room.maquette"
    press(program.window, Qt.Key.Key_S, CONTROL)
    until(lambda: not program.document.modified and at_rest(program))
    assert len(open_project(answers.file).capture.photos) == 8
    assert found(home / "unsaved") == []


def test_discarded_work_is_gone_at_once(
    program: Program, room: Room, home: Path, answers: Answers
) -> None:
    take_photos(program, room)
    kept(program)
    left = crashed(program, home)
    cleared(program)
    program.projects.recovery.offer()
    sheet = program.projects.recovery.sheet
    assert sheet is not None
    (card,) = sheet.cards
    click(card.discard)
    assert not left.exists()
    assert not sheet.isVisible()
    assert answers.asked == []
    program.projects.recovery.offer()  # nothing is offered


def test_another_windows_project_is_read_only(
    program: Program, room: Room, answers: Answers, tmp_path: Path
) -> None:
    take_photos(program, room)
    mine, others = tmp_path / "mine.maquette", tmp_path / "others.maquette"
    program.session.save_to(others)
    until(lambda: not program.document.modified and at_rest(program))
    program.projects.lock.release()
    before = (others / "manifest.json").read_bytes()
    holds = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(others)],
        cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with holds:
        assert holds.stdout is not None
        assert holds.stdout.readline().strip() == "None"
        cleared(program)
        program.open(others)
        box = notice(program, "others.maquette is open in another window: here it is read only.")
        until(lambda: at_rest(program))
        assert str(holds.pid) in box.notice.hint
        assert "others (read only)" in program.window.windowTitle()
        shot(program, "read-only")
        quicker(program)
        answers.file = others  # somebody's who is at work
        press(program.window, Qt.Key.Key_S, CONTROL)
        notice(program, "is open in another window.")
        answers.file = mine
        press(program.window, Qt.Key.Key_S, CONTROL)
        until(lambda: program.state.path == mine and at_rest(program))
        assert "read only" not in program.window.windowTitle()
        assert (others / "manifest.json").read_bytes() == before
        assert (mine / LOCK).exists()
        holds.kill()
    program.open(others)
    until(lambda: program.state.path == others and at_rest(program))
    assert not program.projects.read_only
    assert not (mine / LOCK).exists()


def test_another_computers_project_may_be_written_anyway_until_that_one_does(
    program: Program, room: Room, tmp_path: Path
) -> None:
    take_photos(program, room)
    path = tmp_path / "shared.maquette"
    program.session.save_to(path)
    until(lambda: not program.document.modified and at_rest(program))
    cleared(program)
    elsewhere(path, time.time())
    program.open(path)
    box = notice(program, "shared.maquette is open in another window: here it is read only.")
    until(lambda: program.state.path == path and at_rest(program))
    assert "elsewhere" in box.notice.hint
    assert program.projects.read_only
    shot(program, "other-computer")
    click(box.buttons[1])
    until(lambda: not program.projects.read_only and at_rest(program))
    quicker(program)
    press(program.window, Qt.Key.Key_S, CONTROL)
    until(lambda: not program.document.modified and at_rest(program))
    before = (path / "manifest.json").read_bytes()
    elsewhere(path, time.time())
    program.projects.beat()
    notice(program, "shared.maquette is open in another window: here it is read only.")
    assert "read only" in program.window.windowTitle()
    assert (path / "manifest.json").read_bytes() == before


def test_photos_that_moved_are_found_and_kept(
    program: Program, room: Room, answers: Answers, tmp_path: Path
) -> None:
    photos = tmp_path / "photos"
    shutil.copytree(room.photos, photos)
    take_photos(program, Room(photos, room.model))
    folder = tmp_path / "a.maquette"
    program.session.save_to(folder)
    until(lambda: not program.document.modified and at_rest(program))
    cleared(program)
    moved = tmp_path / "elsewhere" / "deep"
    moved.parent.mkdir()
    photos.rename(moved)
    first = sorted(moved.iterdir())[0]
    first.rename(tmp_path / first.name)
    program.open(folder)
    box = notice(program, "8 photos of the project are not where they were.")
    shot(program, "moved")
    answers.file = moved.parent
    click(box.buttons[0])
    notice(program, "7 photos were found.")
    box = notice(program, "A photo of the project is not where it was.")
    answers.file = tmp_path
    click(box.buttons[0])
    notice(program, "A photo was found.")
    assert program.document.modified
    until(lambda: at_rest(program))
    press(program.window, Qt.Key.Key_S, CONTROL)
    until(lambda: not program.document.modified and at_rest(program))
    assert all(photo.path.is_file() for photo in open_project(folder).capture.photos)
    cleared(program)
    program.open(folder)
    until(lambda: len(names(program.state.plan)) == 8 and at_rest(program))
    assert said(program) == []
