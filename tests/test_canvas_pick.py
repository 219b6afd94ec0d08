"""Picking from what the segmenter proposes: the smallest under the mouse lights up and is taken."""

import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.segment import regions
from core.segment.labels import Role
from core.segment.protocol import Prompt
from core.segment.tiles import Area
from tests.mask_bench import ALT, PHOTO, Bench, squares
from tests.mask_scenes import CHAIR, HEIGHT, WIDTH
from widgets.canvas.options import Tool
from widgets.canvas.proposals import Proposals

LARGE = regions.box(Area(280, 80, 500, 300), HEIGHT, WIDTH)
SMALL = regions.box(Area(300, 100, 450, 200), HEIGHT, WIDTH)


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    answer = Bench()
    qtbot.addWidget(answer.view, before_close_func=lambda view: view.easel.release())
    answer.view.resize(900, 700)
    answer.view.show()
    return answer


def test_the_smallest_that_holds_the_pixel_is_meant() -> None:
    proposals = Proposals()
    proposals.show([LARGE, SMALL])
    assert proposals.at((310, 110)) is SMALL
    assert proposals.at((290, 90)) is LARGE
    assert proposals.at((0, 0)) is None
    assert proposals.at(None) is None
    proposals.larger((310, 110))
    assert proposals.at((310, 110)) is LARGE
    assert proposals.at((290, 90)) is LARGE
    proposals.larger((310, 110))
    assert proposals.at((310, 110)) is SMALL
    proposals.larger((0, 0))
    assert proposals.at((310, 110)) is SMALL


def test_what_is_under_the_mouse_lights_up_and_a_click_takes_it(bench: Bench, qtbot: QtBot) -> None:
    wanted: list[bool] = []
    bench.bench.lights.proposals_wanted.connect(lambda: wanted.append(True))
    bench.use(Tool.PICK)
    assert wanted == [True]
    bench.bench.show_proposals("other.jpg", [LARGE])
    bench.bench.show_proposals(PHOTO, [LARGE, SMALL])
    QTest.mouseMove(bench.view, bench.at(320, 120))
    qtbot.wait(60)
    assert bench.color(440, 190)[0] > 100  # red over the green square
    assert bench.bench.answer is None  # nothing to accept: the click does
    bench.bench.next_answer()
    qtbot.wait(60)
    assert bench.color(480, 290)[0] > 160
    bench.bench.next_answer()
    bench.drag((320, 120))
    assert np.array_equal(bench.mask.where(CHAIR.id), SMALL.whole() > 0)
    assert bench.document.undo_label == "Pick Chair"
    bench.drag((290, 90), keys=ALT)
    assert not bench.mask.where(CHAIR.id).any()
    bench.drag((5, 5))
    assert len(bench.edits) == 2


def test_each_photo_is_asked_once(bench: Bench) -> None:
    wanted: list[bool] = []
    bench.bench.lights.proposals_wanted.connect(lambda: wanted.append(True))
    bench.use(Tool.PICK)
    bench.bench.show_proposals(PHOTO, [LARGE])
    bench.use(Tool.BOX)
    bench.use(Tool.PICK)
    assert len(wanted) == 1
    bench.bench.show_photo("a.jpg", squares(), bench.mask)
    assert len(wanted) == 2


def test_what_words_found_lights_up_together_until_one_is_pointed_at(
    bench: Bench, qtbot: QtBot
) -> None:
    bench.use(Tool.PICK)
    other = regions.box(Area(20, 20, 90, 90), HEIGHT, WIDTH)
    bench.bench.show_proposals(PHOTO, [SMALL, other], all_lit=True)
    lights = bench.bench.lights
    assert lights.lit is not None
    assert lights.lit.count() == SMALL.count() + other.count()
    QTest.mouseMove(bench.view, bench.at(350, 150))
    qtbot.waitUntil(lambda: lights.lit is SMALL)
    QTest.mouseMove(bench.view, bench.at(600, 400))
    qtbot.waitUntil(lambda: lights.lit is not SMALL)
    assert lights.lit is not None
    bench.drag((600, 400))  # beside them all: nothing is taken
    assert bench.edits == []
    bench.drag((320, 120))
    assert bench.mask.where(CHAIR.id).sum() == SMALL.count()


def test_where_the_mouse_rests_a_click_is_looked_for(bench: Bench, qtbot: QtBot) -> None:
    asked: list[Prompt] = []
    lights = bench.bench.lights
    lights.preview_wanted.connect(asked.append)
    bench.use(Tool.INSIDE)
    for x in (310, 315, 320):
        QTest.mouseMove(bench.view, bench.at(x, 120))
    qtbot.waitUntil(lambda: len(asked) > 0 and abs(asked[-1].points[0, 0] - 320.5) < 1)
    assert np.abs(asked[-1].points - [[320.5, 120.5]]).max() < 1
    assert asked[-1].foreground.tolist() == [True]
    bench.bench.show_answers(asked[-1], [LARGE])
    assert lights.lit is LARGE
    assert bench.bench.answer is None  # it only lights up
    assert bench.prompts == []
    QTest.mouseMove(bench.view, bench.at(330, 130))
    qtbot.wait(60)
    assert lights.lit is LARGE
    QTest.mouseMove(bench.view, bench.at(20, 20))
    qtbot.waitUntil(lambda: lights.lit is None)
    bench.drag((320, 120))
    assert lights.lit is None
    assert len(bench.prompts) == 1
    count = len(asked)
    bench.bench.show_answers(asked[-1], [LARGE])  # too late
    assert lights.lit is None
    qtbot.wait(250)
    assert len(asked) == count  # while something is asked of the segmenter the mouse asks nothing
    bench.bench.show_answers(bench.prompts[0], [SMALL])
    assert bench.bench.answer is SMALL
    bench.use(Tool.BRUSH)
    bench.bench.forget()
    QTest.mouseMove(bench.view, bench.at(325, 125))
    qtbot.wait(250)
    assert len(asked) == count


def test_of_the_floor_the_whole_floor_is_asked(bench: Bench, qtbot: QtBot) -> None:
    asked: list[Prompt] = []
    bench.bench.lights.preview_wanted.connect(asked.append)
    masks = bench.document.state.plan.masks
    for each in masks.objects:
        bench.bench.show_objects(masks, each, False)
        bench.use(Tool.INSIDE)
        QTest.mouseMove(bench.view, bench.at(310 + each.id % 7, 120))
        QTest.mouseMove(bench.view, bench.at(320 + each.id % 7, 120))
        qtbot.waitUntil(lambda: len(asked) > 0 and asked[-1].floor == (each.role is Role.FLOOR))  # noqa: B023
        bench.drag((320, 120))
        assert bench.prompts[-1].floor == (each.role is Role.FLOOR)
