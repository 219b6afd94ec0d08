"""Training that is stopped, saved and gone on with in another window, all by mouse and keys."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.program import Program
from core.gaussians.arrays import SplatArrays
from tests.display import missing_display
from tests.window_parts import (
    CONTROL,
    Answers,
    Room,
    at_rest,
    begin_training,
    button_of,
    click,
    iteration,
    know_places,
    opened,
    press,
    ready,
    said,
    small_room,
    take_photos,
    until,
)

ITERATIONS = 60
SHIFT = Qt.KeyboardModifier.ShiftModifier
WAIT = 300.0  # seconds, at most


@pytest.fixture
def room(tmp_path: Path, qapp: QApplication) -> Room:
    why = missing_display()
    if why:
        pytest.skip(why)
    return small_room(tmp_path / "room")


def trained(program: Program) -> SplatArrays:
    """What is there when all iterations are done."""
    until(lambda: iteration(program) == ITERATIONS and at_rest(program), WAIT)
    splats = program.state.content
    assert isinstance(splats, SplatArrays)
    return splats


@pytest.mark.slow
def test_stopped_saved_and_gone_on_with_it_arrives_at_the_same(room: Room, tmp_path: Path) -> None:
    project, answers = tmp_path / "a.maquette", Answers()
    answers.file = project
    with opened(tmp_path / "one", answers) as program:
        program.desk.engine.start()
        until(lambda: ready(program), WAIT)
        take_photos(program, room)
        know_places(program, room, ITERATIONS)
        begin_training(program)
        whole = trained(program)
        until(lambda: ready(program), WAIT)
        click(button_of(program, "build"))  # once more, from the beginning
        until(lambda: 0 < iteration(program) < ITERATIONS, WAIT)
        press(program.window, Qt.Key.Key_Period, CONTROL)
        until(lambda: at_rest(program), WAIT)
        reached = iteration(program)
        assert 0 < reached < ITERATIONS
        press(program.window, Qt.Key.Key_S, CONTROL)
        until(lambda: program.state.path == project and at_rest(program), WAIT)
        assert not program.document.modified
        assert program.state.training is not None
        assert program.state.training.iteration == reached
    with opened(tmp_path / "other", answers, project) as program:
        until(lambda: program.state.path == project and ready(program), WAIT)
        assert iteration(program) == reached
        assert program.state.training is not None
        press(program.window, Qt.Key.Key_B, CONTROL | SHIFT)
        again = trained(program)
        assert said(program) == []
    for name, column in vars(whole).items():
        np.testing.assert_array_equal(getattr(again, name), column, err_msg=name)
