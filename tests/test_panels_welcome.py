"""The first page: dropping, its buttons, recent projects, the computer."""

from pathlib import Path

import pytest

from tests.panel_state import pixels

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from widgets import theme
from widgets.panels.welcome import Recent, Welcome

LEFT = Qt.MouseButton.LeftButton
COPY = Qt.DropAction.CopyAction
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> Welcome:
    theme.apply(qapp, "dark")
    answer = Welcome()
    qtbot.addWidget(answer)
    answer.resize(1000, 800)
    answer.show()
    qtbot.waitExposed(answer)
    return answer


def dragged(*paths: str) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(path) for path in paths])
    return mime


def entering(mime: QMimeData) -> QDragEnterEvent:
    try:
        return QDragEnterEvent(QPointF(50, 50), COPY, mime, LEFT, NONE)
    except TypeError:  # before Qt 6.12
        return QDragEnterEvent(QPoint(50, 50), COPY, mime, LEFT, NONE)


def ground(page: Welcome) -> str:
    image = page.target.grab().toImage()
    return QColor(image.pixel(image.width() // 2, 12)).name()


def test_dragging_over_it_and_dropping(page: Welcome, qtbot: QtBot) -> None:
    dropped: list[object] = []
    page.dropped.connect(dropped.append)
    mime = dragged("/pictures/a.jpg", "/pictures/b.jpg")
    assert ground(page) == theme.DARK.panel
    enter = entering(mime)
    QApplication.sendEvent(page.viewport(), enter)
    assert enter.isAccepted()
    assert ground(page) == theme.DARK.chosen
    QApplication.sendEvent(page.viewport(), QDragLeaveEvent())
    assert ground(page) == theme.DARK.panel
    QApplication.sendEvent(page.viewport(), enter)
    QApplication.sendEvent(page.viewport(), QDropEvent(QPointF(50, 50), COPY, mime, LEFT, NONE))
    assert dropped == [(Path("/pictures/a.jpg"), Path("/pictures/b.jpg"))]
    assert ground(page) == theme.DARK.panel


def test_dragged_text_is_refused(page: Welcome) -> None:
    mime = QMimeData()
    mime.setText("words")
    enter = entering(mime)
    enter.setAccepted(False)
    QApplication.sendEvent(page.viewport(), enter)
    assert not enter.isAccepted()
    assert ground(page) == theme.DARK.panel


def test_buttons(page: Welcome, qtbot: QtBot) -> None:
    asked: list[str] = []
    page.photos_wanted.connect(lambda: asked.append("photos"))
    page.open_wanted.connect(lambda: asked.append("open"))
    page.sample_wanted.connect(lambda: asked.append("sample"))
    for button in page.buttons:
        qtbot.mouseClick(button, LEFT)
    qtbot.keyClick(page.buttons[2], Qt.Key.Key_Space)
    assert asked == ["photos", "open", "sample", "sample"]


def test_recent_projects(page: Welcome, qtbot: QtBot) -> None:
    chosen: list[object] = []
    page.recent_chosen.connect(chosen.append)
    recents = [
        Recent(Path("/scenes/fox.maquette"), "fox", "yesterday", pixels(200, 0, 0)),
        Recent(Path("/scenes/cat.maquette"), "cat", "in May", pixels(200, 0, 0), missing=True),
        Recent(Path("/scenes/dog.maquette"), "dog", "in May"),
    ]
    assert not page.recents_title.isVisible()
    page.show_recents(recents)
    qtbot.wait(20)
    fox, cat, dog = page.cards()
    assert page.recents_title.isVisible()
    assert (fox.x() < cat.x() < dog.x(), fox.y() == cat.y() == dog.y()) == (True, True)
    for card in page.cards():
        qtbot.mouseClick(card, LEFT)
    qtbot.keyClick(dog, Qt.Key.Key_Space)
    assert chosen == [recents[0].path, recents[2].path, recents[2].path]
    assert cat.accessibleName() == "cat, Not there any more"
    bright, pale = (QColor(c.grab().toImage().pixel(100, 50)).red() for c in (fox, cat))
    assert bright == 200
    assert pale < 120
    page.resize(520, 800)
    qtbot.wait(20)
    assert dog.y() > fox.y()
    page.show_recents([])
    assert page.cards() == ()


def test_the_computer_in_plain_words(page: Welcome, qtbot: QtBot) -> None:
    page.show_hardware([("16 GB of memory: enough.", True), ("No graphics card: slow.", False)])
    qtbot.wait(20)
    said = {label.text() for label in page.findChildren(QLabel) if label.isVisible()}
    assert {"16 GB of memory: enough.", "No graphics card: slow."} <= said
    image = page.grab().toImage()
    assert is_seen(image, theme.DARK.good)
    assert is_seen(image, theme.DARK.warning)
    page.show_hardware([("Anew.", True)])
    qtbot.wait(20)
    assert not any("slow" in label.text() for label in page.findChildren(QLabel))


def is_seen(image: QImage, color: str) -> bool:
    """Whether a pixel of the left edge's lower half is nearly of `color`."""
    wanted = QColor(color)
    return any(
        abs(found.red() - wanted.red()) + abs(found.blue() - wanted.blue()) < 20
        and abs(found.green() - wanted.green()) < 20
        for x in range(40, 120)
        for y in range(image.height() // 2 - 60, image.height())
        if (found := QColor(image.pixel(x, y)))
    )


def test_a_drag_that_leaves_the_window_is_forgotten(page: Welcome) -> None:
    page.highlight(True)
    QApplication.sendEvent(page.viewport(), QEvent(QEvent.Type.DragLeave))
    page.highlight(False)
    assert ground(page) == theme.DARK.panel
