"""Keys for hands that are used to Blender: by real events, on the sheet, and at the next start."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app import preferences
from app.program import Program
from app.rows.keymaps import KEYS, use_keys
from core.scene.document import State
from core.scene.layout import Layout
from tests.display import missing_display
from tests.test_layout_view import place, things
from tests.viewport_scenes import drag, move, pause, settled
from tests.window_parts import opened, press, until
from widgets.viewport.gestures import gestures
from widgets.viewport.keymap import Keymap

WHY = missing_display()
pytestmark = pytest.mark.skipif(bool(WHY), reason=WHY)
LEFT, RIGHT, MIDDLE = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.RightButton,
    Qt.MouseButton.MiddleButton,
)
NO_BUTTON, BARE = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def program(qapp: QApplication, home: Path) -> Iterator[Program]:
    with opened(home) as program:
        yield program


@pytest.fixture
def scene(program: Program) -> Program:
    """Three balls in the layout's workspace, the green one chosen, with Blender's keys."""
    program.document.load(State(content=things()))
    program.window.workspaces.chosen.emit("layout")
    program.actions["mode_move"].trigger()
    program.actions["keys_blender"].trigger()
    program.window.viewport.setFocus()
    program.document.show(placed=(2,))
    settled(program.window.viewport)
    return program


def hold(program: Program, key: Qt.Key, way: QPoint) -> None:
    """Press a key over the green ball and move the mouse, without a button."""
    view = program.window.viewport
    at = place(view, (1.0, 0.0, 0.0))
    QCursor.setPos(view.mapToGlobal(at))
    until(lambda: view.mapFromGlobal(QCursor.pos()) == at)
    press(view, key)
    assert view.arranger.grabbed
    begun = view.mapFromGlobal(QCursor.pos())
    for part in (0.3, 0.7, 1.0):
        where = begun + way * part
        move(view, (where.x(), where.y()), NO_BUTTON, BARE)
        pause(0.05)
    until(lambda: program.state.plan.layout != Layout())


def way_of(program: Program) -> np.ndarray:
    return np.asarray(program.state.plan.layout.placement(2).pose.translation)


def test_g_moves_x_keeps_to_an_axis_and_a_click_lets_go(scene: Program) -> None:
    view = scene.window.viewport
    hold(scene, Qt.Key.Key_G, QPoint(60, 30))
    free = way_of(scene)
    assert np.abs(free[[0, 2]]).min() > 1e-3
    press(view, Qt.Key.Key_X)
    until(lambda: abs(way_of(scene)[2]) < 1e-9)
    assert abs(way_of(scene)[0]) > 0.05
    assert scene.state.placed == (2,)  # X is not heard as "delete"
    QTest.mouseClick(view, LEFT, BARE, view.rect().center())
    assert not view.arranger.grabbed
    assert scene.document.undo_label == "Move"
    assert abs(way_of(scene)[0]) > 0.05
    assert scene.state.placed == (2,)
    scene.document.undo()
    assert scene.state.plan.layout == Layout()


def test_r_turns_and_s_scales_and_escape_or_the_right_button_give_up(scene: Program) -> None:
    view = scene.window.viewport
    hold(scene, Qt.Key.Key_S, QPoint(70, -60))
    assert scene.state.plan.layout.placement(2).pose.scale != 1
    press(view, Qt.Key.Key_Escape)
    assert scene.state.plan.layout == Layout()
    hold(scene, Qt.Key.Key_R, QPoint(70, 40))
    QTest.mouseClick(view, RIGHT, BARE, view.rect().center())
    assert scene.state.plan.layout == Layout()
    assert scene.document.undo_label is None
    hold(scene, Qt.Key.Key_R, QPoint(70, 40))
    press(view, Qt.Key.Key_Return)
    assert scene.document.undo_label == "Turn"


def test_the_middle_button_turns_and_letters_fly_only_with_the_right_one(scene: Program) -> None:
    view = scene.window.viewport
    distance = np.linalg.norm(view.pilot.camera.offset)
    drag(view, (40, 200), (90, 200), MIDDLE)
    assert np.linalg.norm(view.pilot.camera.offset) == pytest.approx(distance)
    camera = view.pilot.camera
    QTest.keyPress(view, Qt.Key.Key_W)
    pause(0.1)
    QTest.keyRelease(view, Qt.Key.Key_W)
    assert view.pilot.camera is camera
    QTest.mousePress(view, RIGHT, BARE, QPoint(40, 200))
    QTest.keyPress(view, Qt.Key.Key_W)
    pause(0.1)
    QTest.keyRelease(view, Qt.Key.Key_W)
    QTest.mouseRelease(view, RIGHT, BARE, QPoint(40, 200))
    assert view.pilot.camera is not camera
    use_keys(scene, Keymap.MAQUETTE)
    press(view, Qt.Key.Key_G)
    assert not view.arranger.grabbed


def test_the_choice_is_kept_and_the_sheet_tells_it(scene: Program, home: Path) -> None:
    def told() -> dict[str, tuple[str, ...]]:
        return {text: keys for _, text, keys in scene.actions.shortcuts()}

    assert preferences.load(home / "preferences.ini").keys == "blender"
    assert told()["Delete"] == ("X", "Del")
    assert "Stop at other things" not in told()
    assert any("G, R, S" in how for _, how in gestures(Keymap.BLENDER))
    assert scene.actions["snap"].toolTip().endswith("(Shift+Tab)")
    scene.actions["keys_maquette"].trigger()
    assert preferences.load(home / "preferences.ini").keys == "maquette"
    assert told()["Snap"] == ("X",)
    assert scene.actions["snap"].toolTip().endswith("(X or Ctrl)")


def test_no_two_actions_share_a_key(scene: Program) -> None:
    names = {row.name for row in scene.actions.rows}
    assert set(KEYS[Keymap.BLENDER]) <= names
    views = (None, scene.window.viewport)
    here = [row for row in scene.actions.rows if row.near in views and row.menu[:5] != "Masks"]
    count: Counter[str] = Counter()
    for row in here:
        count.update(key.toString() for key in scene.actions[row.name].shortcuts())
    changed = {key for keys in KEYS[Keymap.BLENDER].values() for key in keys}
    assert [key for key in changed if count[key] > 1] == []
