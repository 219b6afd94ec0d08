"""Picking from what the segmenter proposes: the smallest under the mouse lights up and is taken."""

import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.segment import regions
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
    bench.bench.proposals_wanted.connect(lambda: wanted.append(True))
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
    bench.bench.proposals_wanted.connect(lambda: wanted.append(True))
    bench.use(Tool.PICK)
    bench.bench.show_proposals(PHOTO, [LARGE])
    bench.use(Tool.BOX)
    bench.use(Tool.PICK)
    assert len(wanted) == 1
    bench.bench.show_photo("a.jpg", squares(), bench.mask)
    assert len(wanted) == 2
