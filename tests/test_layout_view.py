"""Things in the view: chosen by clicks, dragged by hand; a drag is one step of the history."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.gaussians.arrays import SplatArrays
from core.scene.document import Document, State
from core.scene.layout import Layout
from tests.display import missing_display
from tests.viewport_scenes import BLUE, GREEN, RED, SIZE, blob, drag, move, pause, settled, together
from widgets.viewport.handles import Mode
from widgets.viewport.pointing import Asked
from widgets.viewport.widget import Viewport

WHY = missing_display()
pytestmark = pytest.mark.skipif(bool(WHY), reason=WHY)
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def things() -> SplatArrays:
    """A red ball that is the background's, a green one, 2, and a blue one, 3."""

    def marked(ball: SplatArrays, id_: int) -> SplatArrays:
        return replace(ball, object_id=np.full(len(ball), id_, np.int32))

    return together(
        blob((0, 0, 0), RED), marked(blob((1, 0, 0), GREEN), 2), marked(blob((-1, 0.5, 0), BLUE), 3)
    )


@pytest.fixture
def scene(qtbot: QtBot) -> Iterator[tuple[Viewport, Document]]:
    viewport, document = Viewport(), Document(State(content=things()))
    qtbot.addWidget(viewport)
    viewport.resize(*SIZE)
    document.changed.connect(viewport.show_state)
    arranger = viewport.arranger
    arranger.previewed.connect(document.preview)
    arranger.edited.connect(document.commit)
    arranger.chosen.connect(lambda ids: document.show(placed=ids))
    viewport.show_state(None, document.state)
    viewport.show()
    qtbot.waitExposed(viewport)
    settled(viewport)
    arranger.set_active(True)
    yield viewport, document
    viewport.hide()


def place(viewport: Viewport, point: tuple[float, float, float]) -> QPoint:
    """Where a point of the scene is seen."""
    (x, y), _ = viewport.pilot.eye(1e9).project(np.array(point, float))
    return QPoint(round(x), round(y))


def click(viewport: Viewport, at: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseClick(viewport, LEFT, keys, at)
    settled(viewport)


def test_clicks_choose_things_and_the_background_none(scene: tuple[Viewport, Document]) -> None:
    viewport, document = scene
    click(viewport, place(viewport, (1, 0, 0)))
    assert document.state.placed == (2,)
    click(viewport, place(viewport, (-1, 0.5, 0)), Qt.KeyboardModifier.ShiftModifier)
    assert document.state.placed == (2, 3)
    click(viewport, place(viewport, (1, 0, 0)), Qt.KeyboardModifier.ShiftModifier)
    assert document.state.placed == (3,)
    click(viewport, place(viewport, (0, 0, 0)))
    assert document.state.placed == ()
    assert document.undo_label is None


def test_a_drag_moves_what_is_chosen_along_the_floor_in_one_step(
    scene: tuple[Viewport, Document],
) -> None:
    viewport, document = scene
    click(viewport, place(viewport, (1, 0, 0)))
    camera = viewport.pilot.camera
    start = place(viewport, (1, 0.1, 0))
    drag(viewport, (start.x(), start.y()), (start.x() + 60, start.y() + 10))
    assert viewport.pilot.camera is camera
    assert document.undo_label == "Move"
    pose = document.state.plan.layout.placement(2).pose
    assert abs(pose.translation[1]) < 1e-9
    assert np.linalg.norm(pose.translation) > 0.1
    at = pose.translation + np.array([1.0, 0, 0])
    click(viewport, place(viewport, (0, 0, 0)))
    click(viewport, place(viewport, tuple(at)))
    assert document.state.placed == (2,)  # found where it stands now
    document.undo()
    assert document.state.plan.layout == Layout()
    assert document.undo_label is None


def test_beside_what_is_chosen_a_drag_turns_the_view(scene: tuple[Viewport, Document]) -> None:
    viewport, document = scene
    click(viewport, place(viewport, (1, 0, 0)))
    camera = viewport.pilot.camera
    start = place(viewport, (-1, 0.5, 0))
    drag(viewport, (start.x(), start.y()), (start.x() + 40, start.y()))
    assert viewport.pilot.camera is not camera
    assert document.undo_label is None


def test_escape_gives_a_drag_up_and_then_the_choice(scene: tuple[Viewport, Document]) -> None:
    viewport, document = scene
    click(viewport, place(viewport, (1, 0, 0)))
    at = place(viewport, (1, 0.1, 0))
    QTest.mousePress(viewport, LEFT, NONE, at)
    for step in (10, 20, 30):
        move(viewport, (at.x() + step, at.y()), LEFT, NONE)
        pause(0.03)
    assert document.state.plan.layout != Layout()
    QTest.keyClick(viewport, Qt.Key.Key_Escape)
    assert document.state.plan.layout == Layout()
    QTest.mouseRelease(viewport, LEFT, NONE, at)
    assert document.undo_label is None
    assert document.state.placed == (2,)
    QTest.keyClick(viewport, Qt.Key.Key_Escape)
    assert document.state.placed == ()


def test_elsewhere_than_in_the_layout_nothing_is_chosen(scene: tuple[Viewport, Document]) -> None:
    viewport, document = scene
    viewport.arranger.set_active(False)
    click(viewport, place(viewport, (1, 0, 0)))
    assert document.state.placed == ()


def test_a_stroke_erases_what_it_touches_and_stays_undoable(
    scene: tuple[Viewport, Document],
) -> None:
    viewport, document = scene
    viewport.arranger.set_mode(Mode.ERASE)
    at = place(viewport, (1, 0, 0))
    drag(viewport, (at.x(), at.y()), (at.x() + 12, at.y()))
    assert document.undo_label == "Erase"
    (region,) = document.state.plan.layout.erased
    content = document.state.content
    assert isinstance(content, SplatArrays)
    gone = region.holds(content.means.astype(np.float64))
    assert gone[content.object_id == 2].any()
    assert not gone[content.object_id != 2].any()
    document.undo()
    assert document.state.plan.layout.erased == ()


def test_three_clicks_are_asked_for_and_escape_takes_the_question_back(
    scene: tuple[Viewport, Document],
) -> None:
    viewport, document = scene
    heard: list[Asked | None] = []
    viewport.arranger.pointed.connect(heard.append)
    viewport.arranger.ask("floor", 3)
    balls = ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (-1.0, 0.5, 0.0))
    for ball in balls:
        click(viewport, place(viewport, ball))
    last = heard[-1]
    assert last is not None
    assert last.complete
    for point, ball in zip(last.points, balls, strict=True):
        assert np.linalg.norm(point - ball) < 0.3
    assert document.state.placed == ()
    viewport.arranger.ask("length", 2)
    QTest.keyClick(viewport, Qt.Key.Key_Escape)
    assert heard[-1] is None
    click(viewport, place(viewport, (1, 0, 0)))
    assert document.state.placed == (2,)


def test_a_drag_keeps_to_an_axis_by_its_key(scene: tuple[Viewport, Document]) -> None:
    viewport, document = scene
    click(viewport, place(viewport, (1, 0, 0)))
    at = place(viewport, (1, 0.1, 0))
    QTest.mousePress(viewport, LEFT, NONE, at)
    for step in (10, 25, 40):
        move(viewport, (at.x() + step, at.y() + step // 2), LEFT, NONE)
        pause(0.05)
    settled(viewport)
    free = document.state.plan.layout.placement(2).pose.translation
    assert np.abs(free[[0, 2]]).min() > 0.01
    for key, axis in ((Qt.Key.Key_X, 0), (Qt.Key.Key_Y, 1), (Qt.Key.Key_Z, 2)):
        QTest.keyClick(viewport, key)
        settled(viewport)
        kept = document.state.plan.layout.placement(2).pose.translation
        assert np.abs(np.delete(kept, axis)).max() < 1e-9
    QTest.keyClick(viewport, Qt.Key.Key_Z)
    settled(viewport)
    assert np.allclose(document.state.plan.layout.placement(2).pose.translation, free)
    QTest.mouseRelease(viewport, LEFT, NONE, at)
    assert not viewport.arranger.snaps
    assert document.undo_label == "Move"


def test_a_drag_goes_on_after_moves_that_changed_nothing(scene: tuple[Viewport, Document]) -> None:
    viewport, document = scene
    click(viewport, place(viewport, (1, 0, 0)))
    at = place(viewport, (1, 0.1, 0))
    arranger, pixel = viewport.arranger, (float(at.x()), float(at.y()))
    assert arranger.press(pixel)
    arranger.move(pixel, free=False, snap=False)
    assert document.state.plan.layout == Layout()
    arranger.move((pixel[0] + 40, pixel[1]), free=False, snap=False)
    assert document.state.plan.layout != Layout()  # at once, without a picture in between
    arranger.release()
    assert document.undo_label == "Move"
