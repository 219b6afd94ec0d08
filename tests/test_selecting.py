"""Gaussians in the view: picked out with lasso, frame, brush, box and sphere, by real events."""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.gaussians.arrays import SplatArrays
from core.geometry.pose import Pose
from core.scene.document import Document, State
from core.scene.layout_edits import Duplicate, Erase, Move
from core.scene.regions import Chosen, Floaters, rows_in
from tests.display import missing_display
from tests.test_layout_view import click, place, things
from tests.viewport_scenes import SIZE, drag, move, pause, pixels, region, settled
from widgets.viewport.handles import Mode
from widgets.viewport.outlines import MOST, Tool, thinned
from widgets.viewport.volume import Grip, grips
from widgets.viewport.widget import Viewport

WHY = missing_display()
pytestmark = pytest.mark.skipif(bool(WHY), reason=WHY)
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
GREEN_BALL, BLUE_BALL, RED_BALL = (1.0, 0.0, 0.0), (-1.0, 0.5, 0.0), (0.0, 0.0, 0.0)


@pytest.fixture
def scene(qtbot: QtBot) -> Iterator[tuple[Viewport, Document]]:
    viewport, document = Viewport(), Document(State(content=things()))
    qtbot.addWidget(viewport)
    viewport.resize(*SIZE)
    document.changed.connect(viewport.show_state)
    viewport.arranger.previewed.connect(document.preview)
    viewport.arranger.edited.connect(document.commit)
    viewport.arranger.chosen.connect(lambda ids: document.show(placed=ids))
    viewport.selecting.chose.connect(lambda region: document.show(marked=region))
    viewport.show_state(None, document.state)
    viewport.show()
    qtbot.waitExposed(viewport)
    settled(viewport)
    viewport.arranger.set_active(True)
    viewport.arranger.set_mode(Mode.SELECT)
    yield viewport, document
    viewport.hide()


def marked(document: Document) -> NDArray[np.bool_]:
    """[3, 400] of the three balls: red, green, blue."""
    content, chosen = document.state.content, document.state.marked
    assert isinstance(content, SplatArrays)
    if chosen is None:
        return np.zeros((3, 400), bool)
    return rows_in(chosen, content, content.object_id).reshape(3, 400)


def frame(
    viewport: Viewport, ball: tuple[float, float, float], keys: Qt.KeyboardModifier = NONE
) -> None:
    """Drag a rectangle over all of a ball."""
    at = place(viewport, ball)
    drag(viewport, (at.x() - 60, at.y() - 60), (at.x() + 60, at.y() + 60), modifiers=keys)


def shares(document: Document) -> list[float]:
    return [float(each) for each in marked(document).mean(axis=1)]


def test_frames_pick_out_add_take_away_and_cut(scene: tuple[Viewport, Document]) -> None:
    viewport, document = scene
    camera = viewport.pilot.camera
    viewport.selecting.set_tool(Tool.FRAME)
    counts: list[int] = []
    viewport.selecting.counted.connect(counts.append)
    frame(viewport, GREEN_BALL)
    assert shares(document) == [0, 1, 0]
    assert counts[-1] == 400
    frame(viewport, BLUE_BALL, SHIFT)
    assert shares(document) == [0, 1, 1]
    assert counts[-1] == 800
    frame(viewport, GREEN_BALL, ALT)
    assert shares(document) == [0, 0, 1]
    frame(viewport, BLUE_BALL, SHIFT | ALT)
    assert shares(document) == [0, 0, 1]
    frame(viewport, RED_BALL, SHIFT | ALT)
    assert shares(document) == [0, 0, 0]
    frame(viewport, RED_BALL)
    assert shares(document) == [1, 0, 0]
    assert viewport.pilot.camera is camera
    assert document.undo_label is None
    QTest.keyClick(viewport, Qt.Key.Key_Escape)
    settled(viewport)
    assert document.state.marked is None
    assert counts[-1] == 0


def test_what_is_picked_out_has_another_colour(scene: tuple[Viewport, Document]) -> None:
    viewport, document = scene
    at = place(viewport, GREEN_BALL)
    before = region(pixels(viewport), at.x(), at.y())
    viewport.selecting.set_tool(Tool.FRAME)
    frame(viewport, GREEN_BALL)
    after = region(pixels(viewport), at.x(), at.y())
    assert after[2] > before[2] + 0.3
    red = place(viewport, RED_BALL)
    assert region(pixels(viewport), red.x(), red.y())[2] < 0.3
    document.show(marked=None)
    settled(viewport)
    assert np.allclose(region(pixels(viewport), at.x(), at.y()), before, atol=0.02)


def test_a_lasso_goes_around_as_it_is_drawn(scene: tuple[Viewport, Document]) -> None:
    viewport, document = scene
    at = place(viewport, GREEN_BALL)
    QTest.mousePress(viewport, LEFT, NONE, at + QPoint(0, -70))
    for angle in np.linspace(0, 2 * np.pi, 40)[1:]:
        where = at.x() + 70 * np.sin(angle), at.y() - 70 * np.cos(angle)
        move(viewport, (int(where[0]), int(where[1])), LEFT, NONE)
    assert document.state.marked is None
    QTest.mouseRelease(viewport, LEFT, NONE, at + QPoint(0, -70))
    settled(viewport)
    assert shares(document) == [0, 1, 0]
    assert len(thinned(tuple((float(i), 0.0) for i in range(5000)))) <= MOST


def test_a_click_chooses_the_thing_inside_of_which_is_picked_out(
    scene: tuple[Viewport, Document],
) -> None:
    viewport, document = scene
    click(viewport, place(viewport, GREEN_BALL))
    assert document.state.placed == (2,)
    viewport.selecting.set_tool(Tool.FRAME)
    drag(viewport, (2, 2), (SIZE[0] - 3, SIZE[1] - 3))
    assert shares(document) == [0, 1, 0]


def test_what_was_moved_is_picked_out_where_it_is_seen(scene: tuple[Viewport, Document]) -> None:
    viewport, document = scene
    document.commit(Move({2: Pose(np.eye(3), np.array([-0.6, 0.9, 0.0]))}))
    document.commit(Duplicate((3,), Pose(np.eye(3), np.array([-0.1, -1.3, 0.0]))))
    settled(viewport)
    viewport.selecting.set_tool(Tool.FRAME)
    frame(viewport, GREEN_BALL)
    assert shares(document) == [0, 0, 0]
    frame(viewport, (0.4, 0.9, 0.0))
    assert shares(document) == [0, 1, 0]
    frame(viewport, (-1.1, -0.8, 0.0))  # a copy stands for all of its kind
    assert shares(document) == [0, 0, 1]


def test_a_brush_picks_out_what_it_touches(scene: tuple[Viewport, Document]) -> None:
    viewport, document = scene
    viewport.selecting.set_tool(Tool.BRUSH)
    at = place(viewport, GREEN_BALL)
    drag(viewport, (at.x(), at.y()), (at.x() + 12, at.y()))
    touched = shares(document)
    assert 0.02 < touched[1] < 1
    assert touched[0] == touched[2] == 0
    viewport.arranger.set_brush(80)
    drag(viewport, (at.x(), at.y()), (at.x() + 12, at.y()), modifiers=SHIFT)
    assert shares(document)[1] > touched[1]


def test_a_box_is_dragged_by_its_faces_and_its_middle(scene: tuple[Viewport, Document]) -> None:
    viewport, document = scene
    selecting = viewport.selecting
    click(viewport, place(viewport, GREEN_BALL))
    selecting.set_tool(Tool.BOX)
    settled(viewport)
    document.show(placed=())
    selecting.set_volume(selecting.volume)
    assert shares(document)[1] > 0.95
    assert shares(document)[0] == shares(document)[2] == 0
    assert selecting.volume is not None
    before = selecting.volume
    start = spot(viewport, Grip.LOW_X)
    end = place(viewport, (-0.4, 0.0, 0.0))
    drag(viewport, (start.x(), start.y()), (end.x(), start.y()))
    assert selecting.volume.half[0] > before.half[0] + 0.3
    assert shares(document)[0] > 0.9
    start = spot(viewport, Grip.HIGH_Y)
    drag(viewport, (start.x(), start.y()), (start.x(), start.y() + 30))
    assert selecting.volume.half[1] < before.half[1]
    camera, half = viewport.pilot.camera, selecting.volume.half
    start = spot(viewport, Grip.TURN)
    drag(viewport, (start.x(), start.y()), (start.x() - 25, start.y() + 8))
    assert np.allclose(selecting.volume.half, half)
    assert not np.allclose(selecting.volume.axes, np.eye(3), atol=0.02)
    assert viewport.pilot.camera is camera
    drag(viewport, (4, SIZE[1] - 5), (40, SIZE[1] - 5))  # beside it the view turns
    assert viewport.pilot.camera is not camera


def test_a_sphere_holds_what_is_nearer_than_its_radius(scene: tuple[Viewport, Document]) -> None:
    viewport, document = scene
    selecting = viewport.selecting
    click(viewport, place(viewport, GREEN_BALL))
    selecting.set_tool(Tool.BALL)
    document.show(placed=())
    settled(viewport)
    assert selecting.volume is not None
    small = selecting.volume.half[0]
    start = spot(viewport, Grip.HIGH_X)
    drag(viewport, (start.x(), start.y()), (start.x() + 40, start.y()))
    assert selecting.volume.half[0] > small
    assert len(set(selecting.volume.half)) == 1
    QTest.keyClick(viewport, Qt.Key.Key_Escape)
    assert selecting.volume is None
    assert document.state.marked is None


def test_escape_gives_a_stroke_up(scene: tuple[Viewport, Document]) -> None:
    viewport, document = scene
    viewport.selecting.set_tool(Tool.FRAME)
    frame(viewport, GREEN_BALL)
    kept = document.state.marked
    QTest.mousePress(viewport, LEFT, NONE, QPoint(5, 5))
    move(viewport, (90, 90), LEFT, NONE)
    QTest.keyClick(viewport, Qt.Key.Key_Escape)
    QTest.mouseRelease(viewport, LEFT, NONE, QPoint(90, 90))
    assert document.state.marked is kept


def test_with_space_held_the_view_turns(scene: tuple[Viewport, Document]) -> None:
    viewport, document = scene
    camera = viewport.pilot.camera
    QTest.keyPress(viewport, Qt.Key.Key_Space)
    drag(viewport, (200, 100), (240, 110))
    QTest.keyRelease(viewport, Qt.Key.Key_Space)
    assert viewport.pilot.camera is not camera
    assert document.state.marked is None


def test_newer_splats_are_picked_out_by_the_same_region(scene: tuple[Viewport, Document]) -> None:
    viewport, document = scene
    viewport.selecting.set_tool(Tool.FRAME)
    frame(viewport, GREEN_BALL)
    counts: list[int] = []
    viewport.selecting.counted.connect(counts.append)
    content = document.state.content
    assert isinstance(content, SplatArrays)
    fewer = np.arange(1200) % 2 == 0
    columns = {name: getattr(content, name)[fewer] for name in SplatArrays.__dataclass_fields__}
    document.show(content=SplatArrays(**columns))
    settled(viewport)
    assert counts[-1] == 200
    document.show(marked=Chosen())
    settled(viewport)
    assert counts[-1] == 0


def test_floaters_are_counted_and_what_is_erased_is_not(scene: tuple[Viewport, Document]) -> None:
    viewport, document = scene
    content = document.state.content
    assert isinstance(content, SplatArrays)
    means = content.means.copy()
    means[[3, 500]] += np.float32(40)
    columns = {name: getattr(content, name) for name in SplatArrays.__dataclass_fields__}
    document.show(content=SplatArrays(**{**columns, "means": means}))
    counts: list[int] = []
    viewport.selecting.counted.connect(counts.append)
    document.show(marked=Floaters(0.5))
    settled(viewport)
    assert counts[-1] == 2
    document.commit(Erase(Floaters(0.5, frozenset({2}))))
    settled(viewport)
    pause(0.05)
    assert counts[-1] == 1


def spot(viewport: Viewport, grip: Grip) -> QPoint:
    """Where a grip of the volume is seen."""
    assert viewport.selecting.volume is not None
    return place(viewport, tuple(grips(viewport.selecting.volume)[grip]))
