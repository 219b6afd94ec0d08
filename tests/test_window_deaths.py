"""The builder is killed in the midst of training: the window lives, tells it, and goes on."""

import os
import signal
import sys
from collections.abc import Iterator

import numpy as np
import psutil
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.engine.events import EngineState
from app.program import Program
from core.gaussians.arrays import SplatArrays
from tests.window_left import nothing_left, process_of
from tests.window_parts import (
    Room,
    at_rest,
    begin_training,
    cleared,
    click,
    iteration,
    know_places,
    notice,
    opened,
    pause,
    ready,
    said,
    small_room,
    take_photos,
    training,
    until,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    return small_room(tmp_path_factory.mktemp("room"))


@pytest.fixture(scope="module")
def shared(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Nothing is left of it, nor of any process that it has had."""
    folder = tmp_path_factory.mktemp("home")
    with nothing_left(folder / "left"), opened(folder) as program:
        yield program


@pytest.fixture
def program(shared: Program) -> Program:
    cleared(shared)
    return shared


@pytest.mark.parametrize("kills", [1, pytest.param(20, marks=pytest.mark.slow)])
def test_after_a_kill_the_window_lives_and_training_goes_on(
    kills: int, program: Program, room: Room
) -> None:
    take_photos(program, room)
    know_places(program, room)
    begin_training(program)
    random = np.random.default_rng(kills)
    beats: list[int] = []
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(1))
    timer.start(16)
    for k in range(kills):
        until(lambda: training(program))
        pause(random.uniform(0.0, 3.0))
        number, beaten = process_of(program.building.engine), len(beats)
        os.kill(number, signal.SIGKILL)
        box = notice(program, "The work stopped unexpectedly (signal 9, SIGKILL) while training.")
        kept, reached = program.state.content, iteration(program)
        assert not psutil.pid_exists(number)
        assert isinstance(kept, SplatArrays)
        assert "memory" in box.notice.hint
        assert not program.building.running
        assert not program.window.progress.stop.isEnabled()
        until(lambda beaten=beaten: len(beats) > beaten + 20)  # while the next engine starts
        (go_on,) = box.buttons
        assert go_on.text() == "Go on from the last snapshot"
        if k % 2:
            until(lambda: ready(program), 60)  # else it is clicked before another child is up
        click(go_on)
        assert said(program) == []
        until(lambda: training(program))
        until(lambda reached=reached: iteration(program) > reached)
    timer.stop()
    click(program.window.progress.stop)
    until(lambda: at_rest(program))
    assert said(program) == []


def test_the_desk_may_die_too(program: Program, room: Room) -> None:
    number = process_of(program.desk.engine)
    os.kill(number, signal.SIGKILL)
    until(lambda: program.desk.engine.state is EngineState.STARTING)
    take_photos(program, room)  # they wait until another child is there
    assert said(program) == []


def test_a_kill_before_there_is_anything_offers_to_try_again(program: Program, room: Room) -> None:
    take_photos(program, room)
    know_places(program, room)
    program.build()
    number = process_of(program.building.engine)
    os.kill(number, signal.SIGKILL)
    box = notice(program, "The work stopped unexpectedly")
    assert program.state.content is None
    (again,) = box.buttons
    assert again.text() == "Try again"
    until(lambda: ready(program))
    click(again)
    until(lambda: training(program))
    # It still trains when the window is closed, and that too leaves nothing.
