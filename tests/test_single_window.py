"""One photo dropped into the window becomes a scene."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.program import Program
from core.gaussians.arrays import SplatArrays
from core.gaussians.provenance import Origin
from core.single.stance import film, up_of
from tests.single_scenes import truth
from tests.window_parts import (
    BARE,
    LEFT,
    Answers,
    at_rest,
    button_of,
    click,
    drop,
    opened,
    pause,
    press,
    ready,
    said,
    until,
)


def test_one_photo_in_the_window(qapp: QApplication, tmp_path: Path) -> None:
    photo = tmp_path / "room.jpg"
    Image.fromarray(truth(0).photo).resize((160, 120)).save(photo, quality=95)
    with opened(tmp_path / "home", Answers()) as program:
        until(lambda: ready(program))
        drop(program, photo)
        until(lambda: program.window.strip.model.names == [photo.name] and at_rest(program))
        tell_the_horizon(program)
        click(button_of(program, "build"))
        until(lambda: program.state.step is not None)
        until(lambda: not program.building.running)
        content = program.state.content
        assert isinstance(content, SplatArrays)
        assert not (content.origin == Origin.OBSERVED).any()
        assert program.state.reconstruction is not None
        assert program.state.reconstruction.floor_found
        assert held_to(program)
        assert any("From one photo nothing can be measured" in words for words in said(program))
        assert program.building.can_build()
        assert not program.actions["go_on"].isEnabled()  # there is nothing to train on


def tell_the_horizon(program: Program) -> None:
    """Drag the right end of the horizon, undo and redo that, and type a focal length."""
    page, box = program.window.photo_page, program.window.properties.stance
    layer = page.horizon
    until(lambda: layer.isVisible() and not layer.area.isEmpty())
    assert layer.looked is not None
    assert (layer.looked.along >= 0).sum() > 10  # edges are shown
    found, steps = layer.horizon, program.document.undo_label
    assert found is not None
    end, way = layer.ends()[1].toPoint(), QPoint(0, -30)
    QTest.mousePress(layer, LEFT, BARE, end)
    QTest.mouseMove(layer, end + way)
    press(layer, Qt.Key.Key_Escape)  # it is given up
    QTest.mouseRelease(layer, LEFT, BARE, end + way)
    assert layer.horizon == found
    assert program.document.undo_label == steps
    QTest.mousePress(layer, LEFT, BARE, end)
    for k in range(1, 4):
        QTest.mouseMove(layer, end + way * k / 3)
        pause(0.02)
    assert layer.horizon is not None
    assert layer.horizon[1] == pytest.approx(found[1] - 30 / layer.area.height())
    assert program.document.undo_label == steps  # nothing is kept before it is let go
    QTest.mouseRelease(layer, LEFT, BARE, end + way)
    told = layer.horizon
    assert told is not None
    assert told[0] == found[0]
    assert program.state.plan.stances[photo_name(program)].horizon == told
    assert program.document.undo_label == "Move the horizon"
    program.actions["undo"].trigger()  # one step, however often the mouse moved
    assert program.document.undo_label == steps
    until(lambda: layer.horizon == found)
    program.actions["redo"].trigger()
    assert layer.horizon == told
    until(lambda: at_rest(program))
    number = box.fields["focal"].box
    number.setFocus()
    number.selectAll()
    QTest.keyClicks(number, "31.5")
    press(number, Qt.Key.Key_Return)
    until(lambda: at_rest(program) and program.state.plan.stances[photo_name(program)].focal)
    assert box.reset.isEnabled()
    assert "yours" in box.words.text()


def photo_name(program: Program) -> str:
    return program.window.strip.model.names[0]


def held_to(program: Program) -> bool:
    """Whether the camera is as the user told it."""
    stance, state = program.state.plan.stances[photo_name(program)], program.state
    assert stance.horizon is not None
    assert stance.focal is not None
    assert state.reconstruction is not None
    (placed,) = state.reconstruction.photos
    focal = placed.lens.params[0]
    up = up_of(stance.horizon, focal, placed.lens.width, placed.lens.height)
    lens = film(focal / placed.lens.width, placed.lens.width, placed.lens.height)
    return np.allclose(placed.camera_from_scene[:3, 1], up, atol=1e-5) and abs(lens - 31.5) < 1e-6
