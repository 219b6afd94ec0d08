"""The photo strip under real clicks and keys."""

import time
from dataclasses import replace

import pytest

from tests.panel_state import capture, photo, pixels, placed, state

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from core.capture.photos import Capture, LeftOut
from core.scene.document import Document, State
from core.scene.edits import RemovePhotos, SetHeldOut, SetIncluded
from widgets import theme
from widgets.panels.photo_delegate import box, wrapped
from widgets.panels.photo_strip import PhotoStrip

LEFT = Qt.MouseButton.LeftButton
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


class Heard:
    """What a strip wished for."""

    def __init__(self, strip: PhotoStrip) -> None:
        self.edits: list[object] = []
        self.chosen: list[str] = []
        self.opened: list[str] = []
        strip.edited.connect(self.edits.append)
        strip.chosen.connect(self.chosen.append)
        strip.opened.connect(self.opened.append)


@pytest.fixture
def strip(qtbot: QtBot) -> PhotoStrip:
    answer = PhotoStrip()
    qtbot.addWidget(answer)
    answer.resize(280, 500)
    answer.show()
    qtbot.waitExposed(answer)
    return answer


def shown(strip: PhotoStrip, new: State) -> State:
    strip.show_state(State(), new)
    return new


def row_at(strip: PhotoStrip, number: int) -> QRect:
    return strip.list.visualRect(strip.model.index(number))


def click(
    qtbot: QtBot,
    strip: PhotoStrip,
    number: int,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    qtbot.mouseClick(strip.list.viewport(), LEFT, keys, row_at(strip, number).center())


def test_empty_and_full(strip: PhotoStrip, qtbot: QtBot) -> None:
    assert strip.pages.currentIndex() == 0
    shown(strip, state())
    assert strip.pages.currentIndex() == 1
    assert strip.head.text() == "5 photos"
    strip.show_state(state(), State())
    assert strip.pages.currentIndex() == 0


def test_a_click_chooses_and_a_double_click_opens(strip: PhotoStrip, qtbot: QtBot) -> None:
    shown(strip, state())
    heard = Heard(strip)
    click(qtbot, strip, 1)
    assert heard.chosen == ["p1.jpg"]
    where = row_at(strip, 1).center()
    qtbot.mouseDClick(strip.list.viewport(), LEFT, pos=where)
    assert heard.opened == ["p1.jpg"]
    assert heard.edits == []


def test_keys(strip: PhotoStrip, qtbot: QtBot) -> None:
    shown(strip, state(excluded=["p2.jpg"]))
    heard = Heard(strip)
    click(qtbot, strip, 1)
    qtbot.keyClick(strip.list, Qt.Key.Key_Space)
    qtbot.keyClick(strip.list, Qt.Key.Key_Down)
    qtbot.keyClick(strip.list, Qt.Key.Key_Space)
    qtbot.keyClick(strip.list, Qt.Key.Key_Return)
    qtbot.keyClick(strip.list, Qt.Key.Key_Delete)
    assert heard.edits == [
        SetIncluded(("p1.jpg",), False),
        SetIncluded(("p2.jpg",), True),
        RemovePhotos(("p2.jpg",)),
    ]
    assert heard.chosen == ["p1.jpg", "p2.jpg"]
    assert heard.opened == ["p2.jpg"]


def test_many_are_selected_with_shift_and_ctrl(strip: PhotoStrip, qtbot: QtBot) -> None:
    shown(strip, state())
    heard = Heard(strip)
    click(qtbot, strip, 0)
    click(qtbot, strip, 2, SHIFT)
    assert strip.selection() == ("p0.jpg", "p1.jpg", "p2.jpg")
    click(qtbot, strip, 1, CTRL)
    assert strip.selection() == ("p0.jpg", "p2.jpg")
    qtbot.keyClick(strip.list, Qt.Key.Key_Space)
    assert heard.edits == [SetIncluded(("p0.jpg", "p2.jpg"), False)]


def test_the_box_is_ticked_by_the_mouse(strip: PhotoStrip, qtbot: QtBot) -> None:
    document = Document(state(excluded=["p1.jpg"]))
    document.changed.connect(strip.show_state)
    shown(strip, document.state)
    strip.edited.connect(document.commit)
    for number, excluded in ((1, set()), (0, {"p0.jpg"}), (0, set())):
        spot = box(row_at(strip, number)).center()
        qtbot.mouseClick(strip.list.viewport(), LEFT, pos=spot)
        assert document.state.plan.excluded == excluded


def test_the_box_of_one_of_many_means_all(strip: PhotoStrip, qtbot: QtBot) -> None:
    shown(strip, state())
    strip.list.selectAll()
    strip._ticked("p1.jpg", False)
    heard = Heard(strip)
    strip._ticked("p1.jpg", False)
    assert heard.edits == [SetIncluded(tuple(f"p{i}.jpg" for i in range(5)), False)]


def test_the_menu(strip: PhotoStrip, qtbot: QtBot) -> None:
    shown(strip, state(reconstruction=placed("p0.jpg"), held_out=["p1.jpg"], excluded=["p2.jpg"]))
    heard = Heard(strip)
    texts = {}
    for name in ("p0.jpg", "p1.jpg", "p2.jpg"):
        menu = strip.menu((name,))
        texts[name] = {entry.text(): entry for entry in menu.actions() if entry.text()}
    texts["p0.jpg"]["Exclude"].trigger()
    texts["p0.jpg"]["Hold out for testing"].trigger()
    texts["p1.jpg"]["Use for training"].trigger()
    texts["p2.jpg"]["Include"].trigger()
    texts["p2.jpg"]["Remove from the project"].trigger()
    texts["p0.jpg"]["Look through this camera"].trigger()
    assert heard.edits == [
        SetIncluded(("p0.jpg",), False),
        SetHeldOut(("p0.jpg",), True),
        SetHeldOut(("p1.jpg",), False),
        SetIncluded(("p2.jpg",), True),
        RemovePhotos(("p2.jpg",)),
    ]
    assert heard.opened == ["p0.jpg"]
    assert not texts["p1.jpg"]["Look through this camera"].isEnabled()


def test_the_state_chooses_silently(strip: PhotoStrip, qtbot: QtBot) -> None:
    old = shown(strip, state())
    heard = Heard(strip)
    new = replace(old, selected="p3.jpg")
    strip.show_state(old, new)
    assert strip.selection() == ("p3.jpg",)
    assert strip.current() == "p3.jpg"
    strip.show_state(new, replace(new, selected=None))
    assert strip.selection() == ()
    assert (heard.chosen, heard.edits) == ([], [])


def test_selection_and_scroll_stay(strip: PhotoStrip, qtbot: QtBot) -> None:
    many = capture(60)
    old = replace(shown(strip, state(many)), selected="p30.jpg")
    strip.show_state(state(many), old)
    strip.list.verticalScrollBar().setValue(1000)
    strip.list.selectionModel().select(
        strip.model.index(32), strip.list.selectionModel().SelectionFlag.Select
    )
    before = strip.selection()
    assert len(before) == 2
    # A photo later in the list goes, another's status changes: nothing jumps.
    fewer = Capture(tuple(p for p in many.photos if p.name != "p50.jpg"))
    new = replace(old, plan=replace(old.plan, capture=fewer, excluded=frozenset(["p7.jpg"])))
    strip.show_state(old, new)
    assert strip.selection() == before
    assert strip.list.verticalScrollBar().value() == 1000
    # The selected one itself goes.
    fewer = Capture(tuple(p for p in fewer.photos if p.name != "p30.jpg"))
    last = replace(new, plan=replace(new.plan, capture=fewer), selected=None)
    strip.show_state(new, last)
    assert "p30.jpg" not in strip.model.names
    assert "p30.jpg" not in strip.selection()


def test_files_left_out_can_not_be_used(strip: PhotoStrip, qtbot: QtBot) -> None:
    shown(strip, state(capture(1, (LeftOut("a.dng", "DNG files are not read."),))))
    heard = Heard(strip)
    click(qtbot, strip, 1)
    qtbot.mouseClick(strip.list.viewport(), LEFT, pos=box(row_at(strip, 1)).center())
    qtbot.keyClick(strip.list, Qt.Key.Key_Space)
    qtbot.keyClick(strip.list, Qt.Key.Key_Return)
    assert (heard.edits, heard.opened, heard.chosen) == ([], [], [])
    index = strip.model.index(1)
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "a.dng\nDNG files are not read."


def test_pictures_and_colours_are_seen(strip: PhotoStrip, qtbot: QtBot) -> None:
    theme.apply(qapp_of(qtbot), "dark")
    strip.set_thumbnails({"p0.jpg": pixels(250, 20, 20)})  # before the photo is known
    shown(strip, state(reconstruction=placed("p0.jpg"), excluded=["p1.jpg"]))
    strip.set_thumbnails({f"p{i}.jpg": pixels(250, 20, 20) for i in range(3)})
    image = strip.list.grab().toImage()
    thumbnails = [row_at(strip, i).topLeft() + QPoint(66, 33) for i in range(3)]
    bright, pale, other = (QColor(image.pixel(spot)) for spot in thumbnails)
    assert bright.red() > 240
    assert other.red() > 240
    assert pale.red() < 130  # excluded: greyed
    assert part_of(image, row_at(strip, 0), theme.DARK.good) > 20
    assert part_of(image, row_at(strip, 1), theme.DARK.good) == 0


def qapp_of(qtbot: QtBot) -> object:
    from PySide6.QtWidgets import QApplication

    return QApplication.instance()


def part_of(image: QImage, area: QRect, color: str) -> int:
    """How many pixels of `area` are near `color`."""
    wanted = QColor(color)
    count = 0
    for x in range(area.left(), area.right()):
        for y in range(area.top(), area.bottom()):
            found = QColor(image.pixel(x, y))
            off = abs(found.red() - wanted.red()) + abs(found.green() - wanted.green())
            count += off + abs(found.blue() - wanted.blue()) < 30
    return count


def test_words_go_on_two_lines_at_most(strip: PhotoStrip) -> None:
    metrics = strip.fontMetrics()
    wide = metrics.horizontalAdvance("not placed: shares")
    assert wrapped("placed", metrics, wide) == ["placed"]
    lines = wrapped("not placed: shares only a few matches with its neighbour", metrics, wide)
    assert len(lines) == 2
    assert lines[0] == "not placed: shares"
    assert lines[1].endswith("…")
    assert len(wrapped("x" * 200, metrics, wide)) == 1


def test_three_hundred_photos_are_quick(strip: PhotoStrip, qtbot: QtBot) -> None:
    many = Capture(tuple(photo(f"IMG_{i:04d}.jpg") for i in range(300)))
    thumbnail = pixels(10, 200, 30)
    strip.set_thumbnails({photo.name: thumbnail for photo in many.photos})
    old = shown(strip, state(many))
    strip.set_thumbnails({photo.name: thumbnail for photo in many.photos})
    strip.grab()
    took = []
    for name in ("IMG_0001.jpg", "IMG_0002.jpg", "IMG_0003.jpg"):
        began = time.perf_counter()
        new = replace(old, plan=replace(old.plan, excluded=old.plan.excluded | {name}))
        strip.show_state(old, new)
        strip.list.viewport().repaint()
        took.append(time.perf_counter() - began)
        old = new
    assert min(took) < 0.03


def test_the_buttons_ask_for_photos(strip: PhotoStrip, qtbot: QtBot) -> None:
    from PySide6.QtWidgets import QAbstractButton

    asked: list[bool] = []
    strip.add_wanted.connect(lambda: asked.append(True))
    buttons = [b for b in strip.findChildren(QAbstractButton) if b.isVisible() and b.isEnabled()]
    assert len(buttons) == 2
    for button in buttons:
        qtbot.mouseClick(button, LEFT)
    assert asked == [True, True]
