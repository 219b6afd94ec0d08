"""The banner: what it says, what its buttons do, how it goes."""

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QColor, QGuiApplication
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from widgets import theme
from widgets.panels.banner import SHOWN, Banner

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def banner(qtbot: QtBot) -> Banner:
    window = QWidget()
    qtbot.addWidget(window)
    answer = Banner()
    layout = QVBoxLayout(window)
    layout.addWidget(answer)
    layout.addStretch(1)
    window.resize(700, 500)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    answer.keeps = window  # or Python would let it go
    return answer


def problems(banner: Banner) -> list[str]:
    """From top to bottom."""
    return [box.notice.problem for box in sorted(banner.boxes, key=lambda box: box.y())]


def test_nothing_is_shown_without_a_problem(banner: Banner) -> None:
    assert not banner.isVisible()


def test_a_problem_with_a_way_out(banner: Banner, qtbot: QtBot) -> None:
    done: list[str] = []
    banner.show_problem(
        "The engine ended.",
        "Go on from the last scene.",
        actions=[("Go on", lambda: done.append("go")), ("Leave", lambda: done.append("leave"))],
    )
    assert banner.isVisible()
    box = banner.boxes[0]
    assert (box.problem.text(), box.hint.text()) == (
        "The engine ended.",
        "Go on from the last scene.",
    )
    assert box.accessibleName() == "Error: The engine ended. Go on from the last scene."
    qtbot.mouseClick(box.buttons[0], LEFT)
    assert done == ["go"]
    assert not banner.isVisible()


def test_escape_closes_the_newest(banner: Banner, qtbot: QtBot) -> None:
    closed: list[str] = []
    banner.closed.connect(closed.append)
    for problem in ("first", "second"):
        banner.show_problem(problem)
    qtbot.wait(10)
    assert problems(banner) == ["second", "first"]
    qtbot.keyClick(banner.window(), Qt.Key.Key_Escape)
    assert problems(banner) == ["first"]
    qtbot.mouseClick(banner.boxes[0].close_button, LEFT)
    assert not banner.isVisible()
    assert closed == ["second", "first"]


def test_at_most_three_and_the_others_wait(banner: Banner, qtbot: QtBot) -> None:
    for i in range(5):
        banner.show_problem(f"problem {i}", kind="warning")
    assert len(banner.boxes) == SHOWN
    for expected in ("problem 3", "problem 4"):
        banner.close_notice(banner.boxes[0])
        assert banner.boxes[-1].notice.problem == expected
        assert len(banner.boxes) == SHOWN
    banner.clear()
    assert banner.boxes == []
    assert not banner.isVisible()


def test_what_is_said_already_is_said_once(banner: Banner) -> None:
    for log in ("old", "new"):
        banner.show_problem("The engine ended.", "Go on.", log=log)
    assert [box.notice.log for box in banner.boxes] == ["new"]
    banner.show_problem("The engine ended.", "Do otherwise.")
    assert len(banner.boxes) == 2


def test_the_log_is_behind_a_fold(banner: Banner, qtbot: QtBot) -> None:
    banner.show_problem("The engine ended.", log="line 1\nline 2")
    box = banner.boxes[0]
    assert not box.log.isVisible()
    qtbot.mouseClick(box.fold, LEFT)
    assert box.log.isVisible()
    assert box.log.isReadOnly()
    assert box.log.toPlainText() == "line 1\nline 2"
    qtbot.mouseClick(box.copy, LEFT)
    assert QGuiApplication.clipboard().text() == "line 1\nline 2"
    qtbot.mouseClick(box.fold, LEFT)
    assert not box.log.isVisible()


def test_without_a_log_there_is_no_fold(banner: Banner) -> None:
    banner.show_problem("Nothing else to say.")
    assert not hasattr(banner.boxes[0], "fold")
    assert not banner.boxes[0].hint.isVisible()


@pytest.mark.parametrize("kind", ["error", "warning", "info"])
def test_kinds_look_different(banner: Banner, qtbot: QtBot, qapp: QApplication, kind: str) -> None:
    theme.apply(qapp, "light")
    banner.show_problem("Something.", kind=kind)
    qtbot.wait(20)
    image = banner.boxes[0].grab().toImage()
    ground = QColor(image.pixel(image.width() // 2, image.height() - 4)).name()
    assert ground == getattr(theme.LIGHT, f"{kind}_ground")


def test_markup_is_text(banner: Banner) -> None:
    banner.show_problem("<b>photo</b>.jpg could not be read.")
    assert banner.boxes[0].problem.textFormat() == Qt.TextFormat.PlainText


def test_screen_readers_are_told(banner: Banner, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(
        QAccessible, "updateAccessibility", lambda event: told.append(event.message())
    )
    banner.show_problem("The engine ended.", "Go on.")
    assert told == ["The engine ended. Go on."]
