"""The canvas of masks, used by mouse and keys: every pixel that a tool means, and no other."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.scene.mask_edits import ChangeObject
from core.segment import regions
from core.segment.labels import BACKGROUND, UNLABELLED
from core.segment.masks import FLOOR
from core.segment.protocol import Box
from core.segment.tiles import Area
from tests.mask_bench import ALT, BARE, CONTROL, LEFT, MIDDLE, RIGHT, SHIFT, Bench
from tests.mask_scenes import CHAIR, HEIGHT, TABLE, WIDTH
from widgets.canvas.options import Shown, Tool
from widgets.canvas.sight import MOST, Sight


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    answer = Bench()
    qtbot.addWidget(answer.view, before_close_func=lambda view: view.easel.release())
    answer.view.resize(900, 700)
    answer.view.show()
    qtbot.waitUntil(lambda: answer.view.easel._canvas is not None)
    return answer


def near(one: tuple[int, ...], two: tuple[int, ...], within: int = 12) -> bool:
    return max(abs(a - b) for a, b in zip(one, two, strict=True)) <= within


def stroked(bench: Bench, *places: tuple[float, float], brush: float) -> np.ndarray:
    """The pixels that the brush passes on the way of a mouse through `places`."""
    way = [bench.view.sight.photo_place(*bench.at(*place).toTuple()) for place in places]
    return regions.stroke(np.array(way), brush / 2, HEIGHT, WIDTH).whole() > 0


def test_a_stroke_is_one_step_and_paints_what_the_brush_passes(bench: Bench) -> None:
    bench.use(Tool.BRUSH, brush=31.0)
    places = ((50, 300), (90, 310), (160, 380), (200, 300))
    bench.drag(*places)
    inside = stroked(bench, *places, brush=31.0)
    assert np.array_equal(bench.mask.where(CHAIR.id), inside)
    assert np.array_equal(bench.mask.by_hand(), inside)
    assert len(bench.edits) == 1
    assert bench.document.undo_label == "Paint Chair"
    bench.document.undo()
    assert not bench.mask.ids()


def test_alt_takes_away_and_the_eraser_does_so_by_itself(bench: Bench) -> None:
    bench.use(Tool.BRUSH, brush=80.0)
    bench.drag((100, 300), (300, 300))
    painted = bench.mask.where(CHAIR.id)
    bench.use(Tool.BRUSH, brush=30.0)
    bench.drag((150, 300), (200, 300), keys=ALT)
    taken = stroked(bench, (150, 300), (200, 300), brush=30.0)
    assert np.array_equal(bench.mask.where(CHAIR.id), painted & ~taken)
    assert np.array_equal(bench.mask.where(BACKGROUND), taken)
    bench.use(Tool.ERASER, brush=30.0)
    bench.drag((250, 300), (250, 310))
    assert not bench.mask.where(CHAIR.id)[305, 250]
    bench.drag((250, 300), (250, 310), keys=ALT)
    assert bench.mask.where(CHAIR.id)[305, 250]


def test_shift_draws_a_line_from_where_the_last_stroke_ended(bench: Bench) -> None:
    bench.use(Tool.BRUSH, brush=11.0)
    bench.drag((50, 400), (60, 400))
    bench.drag((300, 420), keys=SHIFT)
    assert bench.mask.where(CHAIR.id)[410, 180]


def test_the_canvas_shows_each_stroke_while_it_is_drawn(bench: Bench, qtbot: QtBot) -> None:
    assert near(bench.color(100, 300), (128, 128, 128))
    bench.use(Tool.BRUSH, brush=60.0, opacity=0.5)
    QTest.mousePress(bench.view, LEFT, BARE, bench.at(100, 300))
    qtbot.wait(60)
    mixed = tuple(round((128 + c) / 2) for c in (255, 90, 78))
    assert near(bench.color(105, 300), mixed)
    assert bench.edits == []
    bench.bench.discard()
    qtbot.wait(60)
    assert near(bench.color(105, 300), (128, 128, 128))
    QTest.mouseRelease(bench.view, LEFT, BARE, bench.at(100, 300))
    assert bench.edits == []


def test_only_what_changed_is_given_to_the_graphics_card(bench: Bench) -> None:
    canvas = bench.view.easel._canvas
    assert canvas is not None
    given: list[Area] = []
    show = canvas.show_slots
    canvas.show_slots = lambda area, slots: (given.append(area), show(area, slots))
    bench.use(Tool.BRUSH, brush=9.0)
    bench.drag((40, 40), (60, 60))
    assert set(given) == {Area(0, 0, 256, 256)}
    given.clear()
    bench.document.undo()
    bench.bench.show_mask(bench.mask)
    assert given == [Area(0, 0, 256, 256)]


def test_outlines_leave_the_inside_alone(bench: Bench, qtbot: QtBot) -> None:
    bench.use(Tool.BRUSH, brush=120.0)
    bench.drag((150, 300), (151, 300))
    bench.use(Tool.BOX, shown=Shown.OUTLINE)
    bench.view.leaveEvent(None)
    qtbot.wait(60)
    assert near(bench.color(150, 300), (128, 128, 128))
    rows = bench.screen()
    reds = (rows[..., 0].astype(int) - rows[..., 1] > 60).sum()
    assert 200 < reds < 4000
    bench.use(Tool.BOX, shown=Shown.NOTHING)
    qtbot.wait(60)
    assert not (bench.screen()[..., 0].astype(int) - bench.screen()[..., 1] > 60).any()


def test_hidden_objects_are_not_drawn_and_colors_change(bench: Bench, qtbot: QtBot) -> None:
    bench.use(Tool.BRUSH, brush=120.0, opacity=1.0)
    bench.drag((150, 300), (151, 300))
    bench.use(Tool.BOX, opacity=1.0)
    for change, color in (
        (replace(CHAIR, color="#0000ff"), (0, 0, 255)),
        (replace(CHAIR, visible=False), (128, 128, 128)),
    ):
        bench._edited(ChangeObject(change))
        qtbot.wait(60)
        assert near(bench.color(150, 300), color)


def test_the_photo_gets_brighter_on_the_screen_alone(bench: Bench, qtbot: QtBot) -> None:
    bench.use(Tool.BOX, brightness=0.8)
    qtbot.wait(60)
    assert bench.color(100, 300)[0] > 150
    assert near(bench.color(375, 150)[:1], (round(255 * (40 / 255) ** 2**-0.8),))


def test_a_lasso_holds_what_it_goes_round(bench: Bench) -> None:
    bench.use(Tool.LASSO)
    bench.drag((100, 250), (200, 250), (200, 400), (100, 400), (100, 251))
    chair = bench.mask.where(CHAIR.id)
    assert chair[252:399, 103:198].all()
    assert not chair[:248].any()
    assert not chair[:, 203:].any()
    bench.drag((150, 200), (300, 200), (300, 450), (150, 450), keys=ALT)
    assert not bench.mask.where(CHAIR.id)[:, 153:].any()
    bench.drag((20, 20), (21, 20))  # a click is no lasso
    assert len(bench.edits) == 2


def test_the_wand_takes_one_colour(bench: Bench) -> None:
    bench.use(Tool.WAND, tolerance=10)
    bench.drag((400, 150))
    square = np.zeros((HEIGHT, WIDTH), bool)
    square[100:200, 300:450] = True
    assert np.array_equal(bench.mask.where(CHAIR.id), square)
    bench.drag((400, 150), keys=ALT)
    assert not bench.mask.where(CHAIR.id).any()


def test_locked_objects_and_spared_ones_keep_their_pixels(qtbot: QtBot) -> None:
    bench = Bench("a.jpg")
    qtbot.addWidget(bench.view)
    bench.view.resize(900, 700)
    before = bench.mask
    bench.use(Tool.BRUSH, brush=100.0)
    bench.drag((20, 40), (260, 40))
    assert np.array_equal(bench.mask.where(TABLE.id), before.where(TABLE.id))
    bench.object_id = FLOOR
    bench._show_objects()
    bench.use(Tool.BRUSH, brush=100.0, spares=True)
    chair = bench.mask.where(CHAIR.id)
    bench.drag((20, 60), (400, 60))
    assert np.array_equal(bench.mask.where(CHAIR.id), chair)
    assert bench.mask.where(FLOOR)[100, 300]


def test_points_and_boxes_ask_and_the_answer_is_taken_whole(bench: Bench, qtbot: QtBot) -> None:
    bench.use(Tool.BOX)
    bench.drag((290, 90), (460, 210))
    (prompt,) = bench.prompts
    assert isinstance(prompt.box, Box)
    assert np.allclose(prompt.box, (290.5, 90.5, 460.5, 210.5), atol=1.0)
    bench.use(Tool.INSIDE)
    bench.drag((310, 110))
    bench.drag((10, 10), keys=ALT)
    bench.drag((20, 10), button=RIGHT)
    bench.use(Tool.OUTSIDE)
    bench.drag((30, 10))
    prompt = bench.prompts[-1]
    assert prompt.box == bench.prompts[0].box
    assert prompt.foreground.tolist() == [True, False, False, False]
    assert np.allclose(prompt.points[0], (310.5, 110.5), atol=1.0)
    first, second = (regions.box(Area(300, 100, x, 200), HEIGHT, WIDTH) for x in (450, 400))
    bench.bench.show_answers(bench.prompts[0], [first])  # older than what was asked last
    assert bench.bench.answer is None
    bench.bench.show_answers(prompt, [first, second])
    qtbot.wait(60)
    assert near(bench.color(380, 150), tuple(round(0.55 * p + 0.45 * c)
                for p, c in zip((40, 200, 60), (255, 90, 78), strict=True)), 20)  # fmt: skip
    assert not bench.mask.ids()
    bench.bench.next_answer()
    assert bench.bench.answer is second
    bench.bench.accept()
    assert np.array_equal(bench.mask.where(CHAIR.id), second.whole() > 0)
    assert bench.bench.prompt.is_empty
    assert bench.document.undo_label == "Find Chair"


def test_points_can_be_taken_back(bench: Bench) -> None:
    bench.use(Tool.INSIDE)
    bench.drag((310, 110))
    bench.drag((320, 120))
    bench.bench.take_back()
    assert len(bench.prompts[-1].points) == 1
    bench.bench.take_back()
    assert bench.bench.prompt.is_empty
    assert len(bench.prompts) == 3


def test_commands_shape_the_object(bench: Bench) -> None:
    tools = bench.bench.tools
    bench.use(Tool.LASSO)
    bench.drag((100, 250), (200, 250), (200, 400), (100, 400))
    bench.use(Tool.BRUSH, brush=21.0)
    bench.drag((150, 300), (151, 300), keys=ALT)
    bench.drag((400, 400), (401, 400))
    whole = bench.mask.where(CHAIR.id)
    bench.bench.change(tools.fill_holes())
    assert bench.mask.where(CHAIR.id)[300, 150]
    bench.bench.change(tools.keep_largest())
    assert not bench.mask.where(CHAIR.id)[400, 400]
    assert bench.mask.where(CHAIR.id)[300, 150]
    bench.bench.change(tools.grow(3))
    assert bench.mask.where(CHAIR.id).sum() > whole.sum()
    bench.bench.change(tools.shrink(3))
    bench.bench.change(tools.keep_part((150.0, 300.0)))
    for _ in range(len(bench.edits)):
        bench.document.undo()
    assert not bench.mask.ids()


def test_ctrl_picks_the_object_under_the_mouse(qtbot: QtBot) -> None:
    bench = Bench("a.jpg")
    qtbot.addWidget(bench.view)
    bench.view.resize(900, 700)
    picked: list[int] = []
    bench.bench.picked.connect(picked.append)
    bench.drag((230, 40), keys=CONTROL)
    bench.drag((600, 400), keys=CONTROL)  # nothing is said there
    assert picked == [TABLE.id]
    assert bench.bench.tools.label_at((600.0, 400.0)) is None
    assert int(bench.mask.labels()[400, 600]) == UNLABELLED


def wheel(bench: Bench, at: QPoint, notches: int) -> None:
    place = QPointF(at)
    event = QWheelEvent(
        place, bench.view.mapToGlobal(place), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, BARE, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(bench.view, event)


def test_the_wheel_zooms_about_the_mouse_and_painting_stays_exact(bench: Bench) -> None:
    at = bench.at(320, 240)
    before = bench.view.sight.photo_place(*at.toTuple())
    wheel(bench, at, 12)
    assert bench.view.sight.scale > 8
    assert np.allclose(bench.view.sight.photo_place(*at.toTuple()), before)
    bench.use(Tool.BRUSH, brush=1.0)
    bench.drag((321, 241))
    assert np.argwhere(bench.mask.where(CHAIR.id)).tolist() == [[241, 321]]
    wheel(bench, at, 100)
    assert bench.view.sight.scale == MOST
    wheel(bench, at, -100)
    bench.view.see_whole()
    assert bench.view.sight == Sight.whole((900, 700), (WIDTH, HEIGHT))


def test_the_middle_button_moves_the_photo_but_never_out_of_sight(bench: Bench) -> None:
    before = bench.view.sight
    bench.drag((100, 100), (200, 150), button=MIDDLE)
    assert bench.view.sight.left - before.left == pytest.approx(100 * before.scale, abs=1.5)
    assert bench.edits == []
    for _ in range(5):
        bench.drag((0, 0), (600, 400), button=MIDDLE)
    assert bench.view.sight.left <= 900
    assert bench.view.sight.top <= 700
