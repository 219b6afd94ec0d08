"""Parts of the canvas of masks: where it looks, what it is given, and what it says if it cannot."""

import gc
import weakref
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.scene.mask_edits import ChangeObject
from core.segment.labels import SceneObject
from core.segment.masks import FIRST_OBJECTS, Masks
from core.segment.tiles import Area
from tests.mask_bench import Bench
from tests.mask_scenes import CHAIR, blank, square
from widgets.canvas import picture
from widgets.canvas.options import Tool, next_brush
from widgets.canvas.options_bar import OptionsBar
from widgets.canvas.paint import SLOTS, Palette
from widgets.canvas.sight import KEPT, Sight


def test_the_way_to_the_photo_and_back() -> None:
    sight = Sight(1.7, -30.0, 12.5)
    assert sight.widget_place(*sight.photo_place(123.0, 45.0)) == pytest.approx((123.0, 45.0))
    zoomed = sight.zoomed(3.1, 200.0, 100.0, least=0.1)
    assert zoomed.photo_place(200.0, 100.0) == pytest.approx(sight.photo_place(200.0, 100.0))
    back = zoomed.zoomed(1 / 3.1, 200.0, 100.0, least=0.1)
    assert (back.scale, back.left, back.top) == pytest.approx((1.7, -30.0, 12.5))


def test_a_photo_never_leaves_the_room() -> None:
    for left, top in ((-9999, 0), (9999, 9999), (0, -9999)):
        kept = Sight(1.0, left, top).kept((800, 600), (400, 300))
        assert KEPT - 400 <= kept.left <= 800 - KEPT
        assert KEPT - 300 <= kept.top <= 600 - KEPT
    inside = Sight(1.0, 100.0, 100.0)
    assert inside.kept((800, 600), (400, 300)) == inside


def test_brush_sizes_go_up_and_down() -> None:
    assert (next_brush(1.0, False), next_brush(1000.0, True)) == (1.0, 1000.0)
    sizes = [1.0]
    while sizes[-1] < 1000:
        sizes.append(next_brush(sizes[-1], True))
    assert all(one < two for one, two in pairwise(sizes))
    assert len(sizes) < 40


def test_objects_beyond_the_slots_share_the_last() -> None:
    many = tuple(SceneObject(i, f"{i}", "#102030") for i in range(2, 400))
    palette = Palette.of(Masks((*FIRST_OBJECTS, *many), {}, 400))
    assert palette.slots[399] == palette.slots[398] == SLOTS - 1
    assert len(set(palette.slots[2:200].tolist())) == 198
    mask = blank().painted(square(5, 5), 7)
    drawn = palette.drawn(mask, square(10, 10), Area(0, 0, 64, 64))
    assert set(np.unique(drawn[..., 0]).tolist()) == {0, int(palette.slots[7])}
    assert drawn[20, 20, 1] == 255
    assert drawn[6, 6, 1] == 0


def test_where_nothing_can_be_drawn_a_sentence_says_so(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("no OpenGL here")

    monkeypatch.setattr(picture, "PictureCanvas", refuse)
    bench = Bench()
    qtbot.addWidget(bench.view)
    bench.view.resize(500, 400)
    bench.view.show()
    assert not bench.view.easel.can_draw()
    assert bench.view.easel.sorry.isVisible()
    assert "OpenGL" in bench.view.easel.sorry.text()
    bench.use(Tool.BRUSH)
    bench.drag((50, 50), (60, 60))  # nothing breaks
    assert bench.mask.ids() == {CHAIR.id}


def test_an_error_while_drawing_is_told_once(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = Bench()
    qtbot.addWidget(bench.view)
    monkeypatch.setattr(picture.PictureCanvas, "_draw", lambda *_: 1 / 0)
    bench.view.show()
    qtbot.waitUntil(lambda: not bench.view.easel.can_draw())
    qtbot.wait(50)
    assert capsys.readouterr().err.count("cannot be drawn") == 1


def test_it_can_be_released_and_shown_again(qtbot: QtBot) -> None:
    bench = Bench()
    qtbot.addWidget(bench.view, before_close_func=lambda view: view.easel.release())
    bench.view.resize(500, 400)
    bench.view.show()
    qtbot.waitUntil(lambda: bench.view.easel._canvas is not None)
    gone = weakref.ref(bench.view.easel._canvas)
    bench.view.easel.release()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert gone() is None
    bench.view.hide()
    bench.view.show()
    qtbot.waitUntil(lambda: bench.view.easel._canvas is not None)
    bench.view.leaveEvent(None)
    qtbot.wait(60)
    assert bench.color(20, 400) == pytest.approx((128, 128, 128), abs=4)


def test_a_photo_larger_than_a_texture_is_drawn_in_parts(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench()
    qtbot.addWidget(bench.view, before_close_func=lambda view: view.easel.release())
    bench.view.resize(800, 650)
    bench.use(Tool.BRUSH, brush=60.0)
    bench.view.show()
    bench.drag((100, 100), (400, 300))
    bench.use(Tool.BOX)
    bench.view.leaveEvent(None)
    qtbot.wait(60)
    whole = bench.screen().astype(int)
    monkeypatch.setattr(picture, "CHUNK", 200)
    bench.view.easel.release()
    bench.view.easel.draw()
    qtbot.wait(60)
    # Where parts meet, the card mixes other pixels.
    differs = np.abs(bench.screen().astype(int) - whole).max(axis=2) > 40
    assert differs.mean() < 0.01


def test_the_bar_shows_what_belongs_to_the_tool(qtbot: QtBot) -> None:
    bar = OptionsBar()
    qtbot.addWidget(bar)
    bar.resize(900, 40)
    bar.show()
    wanted: list[object] = []
    bar.changed.connect(wanted.append)
    options = replace(bar._options, tool=Tool.BRUSH, brush=120.0)
    bar.show_options(options)
    assert bar.brush.isVisible()
    assert not bar.tolerance.isVisible()
    assert bar.brush_told.text() == "120 px"
    assert wanted == []
    bar.show_options(replace(options, tool=Tool.WAND))
    assert bar.tolerance.isVisible()
    assert not bar.brush.isVisible()
    bar.tolerance.setValue(99)
    assert wanted == [replace(options, tool=Tool.WAND, tolerance=99)]


def test_why_painting_seems_to_do_nothing_is_written_below(qtbot: QtBot) -> None:
    bench = Bench()
    qtbot.addWidget(bench.view)
    bench.view.resize(500, 400)
    assert all("Chair" not in words for words in bench.view.overlay.over.words)
    bench._edited(ChangeObject(replace(CHAIR, locked=True, visible=False)))
    assert bench.view.overlay.over.words[1:] == ("Chair is locked", "Chair is hidden")
