"""The floor in the whole window: looked for by a button, in a process of its own, and confirmed."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.program import Program
from core.scene.layout import Ground, Layout
from core.scene.plan import Plan
from tests import hidden_wall
from tests.display import missing_display
from tests.window_parts import CONTROL, click, notice, opened, press, until

WHY = missing_display()
pytestmark = pytest.mark.skipif(bool(WHY), reason=WHY)


@pytest.fixture(scope="module")
def program(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with opened(tmp_path_factory.mktemp("home")) as program:
        yield program


def test_the_floor_is_found_proposed_and_confirmed(program: Program) -> None:
    state = hidden_wall.state()
    program.document.load(replace(state, plan=Plan(layout=Layout(ground=Ground()))))
    program.window.workspaces.chosen.emit("layout")
    box = program.window.layout_panel.floor
    click(box.search)
    until(lambda: program.document.undo_label == "Find the floor")
    notice(program, "floor")
    ground = program.state.plan.layout.ground
    up = ground.scene_from_capture.rotation[1]
    assert np.degrees(np.arccos(up[1])) < 0.5
    corners = np.array([[-2.0, -1.0, 1.0], [2.0, -1.0, 3.0]])  # the floor is at y = -1
    assert np.abs(ground.scene_from_capture.apply(corners)[:, 1]).max() < 0.03
    assert not ground.confirmed
    click(box.confirm)
    assert program.state.plan.layout.ground.confirmed
    assert not box.confirm.isEnabled()
    press(program.window, Qt.Key.Key_Z, CONTROL)
    press(program.window, Qt.Key.Key_Z, CONTROL)
    assert program.state.plan.layout == Layout()
    assert program.document.undo_label is None
