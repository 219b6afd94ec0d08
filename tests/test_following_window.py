"""Masks corrected in the window, by mouse and keys: the scene's objects follow, come what may."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.program import Program
from core.gaussians.arrays import SplatArrays
from tests.mask_bench import drag_photo
from tests.window_parts import (
    CONTROL,
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
    seen,
    small_room,
    take_photos,
    training,
    until,
)
from widgets.viewport.options import Shading

pytestmark = pytest.mark.slow
Key, SHIFT = Qt.Key, Qt.KeyboardModifier.ShiftModifier
FIRST, SECOND = 2, 3  # ids of the user's objects


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def program(qapp: QApplication, home: Path) -> Iterator[Program]:
    """One for the whole story: each test goes on where the one before it ended."""
    with opened(home) as program:
        yield program


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    return small_room(tmp_path_factory.mktemp("room"))


def objects(program: Program) -> set[int]:
    """Whose the Gaussians are that are shown."""
    splats = program.state.content
    return set(np.unique(splats.object_id).tolist()) if isinstance(splats, SplatArrays) else set()


def paint(program: Program, *places: tuple[float, float], new: bool = False) -> None:
    """With a large brush, in the workspace of masks; a `new` object."""
    page = program.window.masks
    press(program.window, Key.Key_2, CONTROL)
    until(lambda: page.ready)
    if new:
        press(page.view, Key.Key_N)
    press(page.view, Key.Key_B)
    drag_photo(page.view, *places)


def test_what_is_built_has_the_objects_of_the_masks(program: Program, room: Room) -> None:
    until(lambda: ready(program))
    take_photos(program, room)
    know_places(program, room)
    paint(program, (20, 20), (60, 20), (60, 60), (20, 60), (20, 100), (60, 100))
    assert program.state.object == FIRST
    begin_training(program)
    until(lambda: FIRST in objects(program))
    assert training(program)


def test_a_mask_corrected_in_training_is_followed_at_once(program: Program) -> None:
    began: list[bool] = []
    program.building.began.connect(began.append)
    before = iteration(program)
    paint(program, (100, 20), (140, 20), (140, 60), (100, 60), (100, 100), (140, 100), new=True)
    until(lambda: SECOND in objects(program))
    press(program.window, Key.Key_Z, CONTROL)
    until(lambda: SECOND not in objects(program))
    assert FIRST in objects(program)
    press(program.window, Key.Key_Y, CONTROL)
    until(lambda: {FIRST, SECOND} <= objects(program))
    assert training(program)
    until(lambda: iteration(program) > before)
    assert began == []


def test_the_view_shows_whose_everything_is(program: Program) -> None:
    viewport = program.window.viewport
    press(program.window, Key.Key_3, CONTROL)
    plain = seen(program)
    viewport.setFocus()
    press(viewport, Key.Key_5, SHIFT)
    assert viewport.options.shading is Shading.OBJECTS
    assert program.actions["shade_objects"].isChecked()
    words = viewport._captions.legend.accessibleName()
    assert "Object 1" in words
    assert "Object 2" in words
    assert viewport._captions.legend.isVisible()
    until(lambda: np.abs(seen(program) - plain).mean() > 0.02)
    click(program.window.view_bar.widgetForAction(program.actions["shade_origin"]))
    assert "Not judged" in viewport._captions.legend.accessibleName()
    press(viewport, Key.Key_H, SHIFT)
    assert not viewport.options.filled
    press(viewport, Key.Key_H, SHIFT)
    press(viewport, Key.Key_5, SHIFT)


def test_in_a_pause_the_objects_follow_and_nothing_is_trained(program: Program) -> None:
    program.actions["pause"].trigger()
    until(lambda: program.building.activity.paused)
    before = iteration(program)
    press(program.window, Key.Key_Z, CONTROL)
    until(lambda: SECOND not in objects(program))
    assert iteration(program) == before
    program.actions["resume"].trigger()
    until(lambda: training(program) and iteration(program) > before)
    assert SECOND not in objects(program)


def test_after_training_they_follow_as_well(program: Program) -> None:
    program.building.stop()
    until(lambda: ready(program))
    assert FIRST in objects(program)
    press(program.window, Key.Key_Y, CONTROL)
    until(lambda: SECOND in objects(program) and at_rest(program))
    press(program.window, Key.Key_Z, CONTROL)
    until(lambda: SECOND not in objects(program) and at_rest(program))
    press(program.window, Key.Key_Z, CONTROL)
    press(program.window, Key.Key_Z, CONTROL)
    until(lambda: objects(program) == {0} and at_rest(program))
    assert button_of(program, "build").isEnabled()
