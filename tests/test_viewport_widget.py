"""The viewport, used as people use it: real events, and what is then seen where."""

from collections.abc import Iterator
from dataclasses import fields, replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from core.capture.photos import Capture
from core.scene.document import State
from core.scene.plan import Plan
from core.train.trainer import Step
from tests.viewport_scenes import (
    BLUE,
    GREEN,
    RED,
    SIZE,
    around,
    blob,
    drag,
    pause,
    pixels,
    place_of,
    region,
    settled,
    shown,
    three_blobs,
)
from widgets.viewport.gizmo import Gizmo
from widgets.viewport.navigation import Side, camera_axes, position
from widgets.viewport.options import Shading
from widgets.viewport.widget import Viewport

MIDDLE = (SIZE[0] // 2, SIZE[1] // 2)
Key, Modifier, Button = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton


@pytest.fixture
def viewport(qtbot: QtBot) -> Iterator[Viewport]:
    made = Viewport()
    qtbot.addWidget(made)
    made.resize(*SIZE)
    made.set_options(replace(made.options, grid=False, axes=False))
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    made.setFocus()
    qtbot.waitUntil(made.hasFocus)
    yield made
    made.hide()


def test_new_content_is_brought_into_the_picture(viewport: Viewport) -> None:
    shown(viewport)
    picture = pixels(viewport)
    assert np.allclose(place_of(picture, RED), (240, 195), atol=25)
    assert place_of(picture, BLUE)[0] < place_of(picture, RED)[0] < place_of(picture, GREEN)[0]
    assert place_of(picture, BLUE)[1] < place_of(picture, RED)[1]  # y is up


def test_a_drag_turns_the_scene_and_then_nothing_runs(viewport: Viewport) -> None:
    shown(viewport)
    before = pixels(viewport)
    drag(viewport, (200, 160), (330, 160))
    after = pixels(viewport)
    assert place_of(after, GREEN)[0] < place_of(before, GREEN)[0] - 20
    assert viewport.pilot.touched
    assert viewport.easel is not None
    assert viewport.easel.finished is not None
    assert viewport.easel.finished.quality.scale == 1
    assert not viewport.busy


def test_dragging_with_shift_or_the_middle_button_moves_the_scene(viewport: Viewport) -> None:
    shown(viewport)
    before = place_of(pixels(viewport), RED)
    drag(viewport, MIDDLE, (MIDDLE[0] + 60, MIDDLE[1] - 40), modifiers=Modifier.ShiftModifier)
    moved = place_of(pixels(viewport), RED)
    assert np.allclose(moved - before, (60, -40), atol=6)
    drag(viewport, MIDDLE, (MIDDLE[0] - 60, MIDDLE[1] + 40), Button.MiddleButton)
    assert np.allclose(place_of(pixels(viewport), RED), before, atol=6)


def test_the_right_button_looks_around(viewport: Viewport) -> None:
    shown(viewport)
    before = position(viewport.pilot.camera)
    drag(viewport, MIDDLE, (MIDDLE[0] + 40, MIDDLE[1]), Button.RightButton)
    assert np.allclose(position(viewport.pilot.camera), before)
    assert place_of(pixels(viewport), RED)[0] < 230  # the mouse to the right looks to the right


def test_the_wheel_brings_nearer_what_is_under_the_cursor(viewport: Viewport, qtbot: QtBot) -> None:
    shown(viewport)
    at = place_of(pixels(viewport), GREEN)
    for _ in range(3):
        wheel(viewport, (int(at[0]), int(at[1])), 120)
    settled(viewport)
    picture = pixels(viewport)
    assert np.allclose(place_of(picture, GREEN), at, atol=8)
    near = np.abs(picture - GREEN).max(axis=2) < 0.2
    assert near.sum() > 500


def test_f_brings_the_scene_back(viewport: Viewport) -> None:
    shown(viewport)
    before = place_of(pixels(viewport), RED)
    drag(viewport, MIDDLE, (450, 20), modifiers=Modifier.ShiftModifier)
    drag(viewport, (450, 20), (460, 300), modifiers=Modifier.ShiftModifier)
    QTest.keyClick(viewport, Key.Key_F)
    settled(viewport)
    assert np.allclose(place_of(pixels(viewport), RED), before, atol=20)


def test_keys_of_the_numpad_show_the_sides(viewport: Viewport) -> None:
    shown(viewport)
    numpad, control = Modifier.KeypadModifier, Modifier.ControlModifier
    QTest.keyClick(viewport, Key.Key_7, numpad)
    settled(viewport)
    assert np.allclose(camera_axes(viewport.pilot.camera)[2], (0, -1, 0), atol=1e-9)
    QTest.keyClick(viewport, Key.Key_1, numpad | control)
    settled(viewport)
    picture = pixels(viewport)
    assert place_of(picture, GREEN)[0] < place_of(picture, BLUE)[0]
    QTest.keyClick(viewport, Key.Key_5, numpad)
    assert viewport.orthographic
    QTest.keyClick(viewport, Key.Key_1)  # not on the numpad: no business of ours
    assert viewport.pilot.camera.yaw == pytest.approx(np.pi)


def test_digits_with_shift_choose_what_is_shown(viewport: Viewport) -> None:
    for key, shading in ((Key.Key_5, Shading.OBJECTS), (Key.Key_6, Shading.ORIGIN)):
        QTest.keyClick(viewport, key, Modifier.ShiftModifier)
        assert viewport.options.shading is shading
    QTest.keyClick(viewport, Key.Key_2)
    assert viewport.options.shading is Shading.ORIGIN
    QTest.keyClick(viewport, Key.Key_1, Modifier.ShiftModifier)
    assert viewport.options.shading is Shading.COLOR


def test_a_click_on_the_compass_shows_a_side(viewport: Viewport) -> None:
    shown(viewport)
    compass = viewport.findChild(Gizmo)
    assert compass is not None
    ball = next(ball for ball in compass.balls() if ball.side is Side.RIGHT)
    QTest.mouseClick(compass, Button.LeftButton, pos=QPoint(int(ball.x), int(ball.y)))
    settled(viewport)
    assert np.allclose(camera_axes(viewport.pilot.camera)[2], (-1, 0, 0), atol=1e-9)


def test_keys_fly_while_they_are_held(viewport: Viewport) -> None:
    shown(viewport)
    before = position(viewport.pilot.camera)
    QTest.keyPress(viewport, Key.Key_W)
    pause(0.3)
    flown = position(viewport.pilot.camera) - before
    QTest.keyRelease(viewport, Key.Key_W)
    assert flown @ camera_axes(viewport.pilot.camera)[2] > 0.1
    settled(viewport)
    after = position(viewport.pilot.camera)
    pause(0.1)
    assert np.array_equal(position(viewport.pilot.camera), after)


def test_flying_ends_when_the_focus_goes_and_text_fields_keep_their_keys(
    viewport: Viewport, qtbot: QtBot
) -> None:
    shown(viewport)
    QTest.keyPress(viewport, Key.Key_W)
    field = QLineEdit()
    qtbot.addWidget(field)
    field.show()
    field.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    settled(viewport)
    before = position(viewport.pilot.camera)
    qtbot.keyClicks(field, "wasd f")
    pause(0.1)
    assert field.text() == "wasd f"
    assert np.array_equal(position(viewport.pilot.camera), before)


def test_a_double_click_turns_about_what_is_there(viewport: Viewport) -> None:
    shown(viewport)
    before = pixels(viewport)
    at = place_of(before, GREEN)
    QTest.mouseDClick(viewport, Button.LeftButton, pos=QPoint(int(at[0]), int(at[1])))
    settled(viewport)
    from_middle = viewport.pilot.camera.pivot - (1, 0, 0)
    assert np.linalg.norm(from_middle) == pytest.approx(0.2, abs=0.06)
    assert np.abs(pixels(viewport) - before).mean() < 0.01  # the picture does not jump
    drag(viewport, (60, 60), (220, 60))
    assert np.allclose(place_of(pixels(viewport), GREEN), at, atol=50)


def test_shadings_differ_and_say_so(viewport: Viewport) -> None:
    shown(viewport)
    pictures = []
    for shading in Shading:
        viewport.set_options(replace(viewport.options, shading=shading))
        settled(viewport)
        pictures.append(region(pixels(viewport), *MIDDLE, half=40))
    for i, one in enumerate(pictures):
        assert all(np.abs(one - other).max() > 0.05 for other in pictures[:i])


def test_the_camera_stays_where_the_user_put_it(viewport: Viewport) -> None:
    state = State(plan=Plan(Capture(())), reconstruction=around())
    viewport.show_state(None, state)
    begun = position(viewport.pilot.camera)
    newer = replace(state, content=three_blobs())
    viewport.show_state(state, newer)
    settled(viewport)
    assert np.allclose(position(viewport.pilot.camera), begun)
    drag(viewport, MIDDLE, (300, 160))
    put = position(viewport.pilot.camera)
    again = replace(newer, content=blob((5, 5, 5), RED))
    viewport.show_state(newer, again)
    settled(viewport)
    assert np.array_equal(position(viewport.pilot.camera), put)
    viewport.show_state(again, State(content=blob((5, 5, 5), RED)))
    settled(viewport)
    assert np.allclose(viewport.pilot.camera.pivot, (5, 5, 5), atol=0.1)


def test_a_click_on_a_frustum_chooses_its_photo(viewport: Viewport, qtbot: QtBot) -> None:
    viewport.show_state(None, State(reconstruction=around()))
    viewport.look_from(Side.TOP)
    viewport.frame_all()
    settled(viewport)
    easel = viewport.easel
    assert easel is not None
    assert easel.finished is not None
    places = [
        (x, y)
        for y in range(2, SIZE[1], 4)
        for x in range(2, SIZE[0], 4)
        if easel.renderer.frustum_at(x, y) == "c.jpg"
    ]
    with qtbot.waitSignal(viewport.photo_chosen) as chosen:
        QTest.mouseClick(viewport, Button.LeftButton, pos=QPoint(*places[len(places) // 2]))
    assert chosen.args == ["c.jpg"]


def wheel(viewport: Viewport, at: tuple[int, int], angle: int) -> None:
    place = QPointF(*at)
    event = QWheelEvent(
        place,
        viewport.mapToGlobal(place),
        QPoint(),
        QPoint(0, angle),
        Button.NoButton,
        Modifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)
    pause(0.025)


def test_newer_splats_of_a_scene_being_built_are_shown_in_their_time(viewport: Viewport) -> None:
    state = State(reconstruction=around(), content=three_blobs(), step=some_step())
    viewport.show_state(None, state)
    settled(viewport)
    for centre in ((0, 0.5, 0), (0, 0, 0)):
        newer = replace(state, content=blob(centre, GREEN))
        viewport.show_state(state, newer)
        state = newer
    settled(viewport)
    picture = pixels(viewport)
    assert np.isnan(place_of(picture, RED)).any()
    assert np.allclose(place_of(picture, GREEN), MIDDLE, atol=25)


def some_step() -> Step:
    return Step(*(0 for _ in fields(Step)))  # type: ignore[arg-type]
