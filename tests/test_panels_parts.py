"""The smaller panels, and what all panels owe: names, tooltips, a way through by Tab."""

import weakref
from collections.abc import Callable, Iterator

import pytest

from tests.panel_state import state

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from core.scene.document import State
from widgets import guard, theme
from widgets.panels.banner import Banner
from widgets.panels.parts import Eliding
from widgets.panels.photo_strip import PhotoStrip
from widgets.panels.progress_line import ProgressLine
from widgets.panels.properties import Properties
from widgets.panels.shortcuts_sheet import Shortcut, ShortcutSheet, caps, matching
from widgets.panels.welcome import Welcome
from widgets.panels.workspaces import WORKSPACES, WorkspaceBar

LEFT = Qt.MouseButton.LeftButton
ROWS = (
    Shortcut("File", "Open a project", ("Ctrl+O",)),
    Shortcut("Edit", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y")),
    Shortcut("File", "Save", ("Ctrl+S",)),
    Shortcut("View", "Zoom in", ("Ctrl++",)),
)


class Careless(QWidget):
    """Its overrides fail."""

    @guard.guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.painter = weakref.ref(painter)
        raise ValueError("no paint")

    @guard.guarded
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        raise ValueError("no filter")


Own = Callable[[QWidget], QWidget]


@pytest.fixture
def own(qtbot: QtBot) -> Iterator[Own]:
    """Keeps widgets until they are closed: Python may let one go in the middle of its painting."""
    kept: list[QWidget] = []

    def keep(widget: QWidget) -> QWidget:
        qtbot.addWidget(widget)
        kept.append(widget)
        return widget

    yield keep
    for widget in kept:
        widget.close()


@pytest.fixture
def reported() -> Iterator[list[Exception]]:
    errors: list[Exception] = []
    before = guard.set_report(errors.append)
    yield errors
    guard.set_report(before)


def test_errors_stay_out_of_qt(qtbot: QtBot, reported: list[Exception], own: Own) -> None:
    widget = own(Careless())
    widget.show()
    qtbot.waitUntil(lambda: bool(reported))
    assert str(reported[0]) == "no paint"
    assert widget.painter() is None
    assert widget.eventFilter(widget, QEvent(QEvent.Type.User)) is False
    assert str(reported[-1]) == "no filter"


def test_a_hook_that_fails_is_no_worse(qtbot: QtBot, capsys: pytest.CaptureFixture[str]) -> None:
    def hook(error: Exception) -> None:
        raise RuntimeError("the hook as well")

    before = guard.set_report(hook)
    with qtbot.captureExceptions() as caught:
        guard.report(ValueError("first"))
    assert guard.set_report(before) is hook
    assert [str(error) for _, error, _ in caught] == ["the hook as well"]


def test_by_default_errors_reach_the_test(qtbot: QtBot) -> None:
    with qtbot.captureExceptions() as caught:
        guard.report(ValueError("seen"))
    assert [str(error) for _, error, _ in caught] == ["seen"]
    assert guard.guarded_with(lambda: 7)(lambda: 3)() == 3


def test_workspaces(qtbot: QtBot, own: Own) -> None:
    bar = own(WorkspaceBar())
    bar.show()
    chosen: list[str] = []
    bar.chosen.connect(chosen.append)
    for name in WORKSPACES:
        bar.show_workspace(name)
        assert bar.workspace() == name
    assert chosen == []
    buttons = bar.segments.buttons
    qtbot.mouseClick(buttons["masks"], LEFT)
    buttons["masks"].setFocus()
    qtbot.keyClick(buttons["masks"], Qt.Key.Key_Right)
    qtbot.keyClick(buttons["build"], Qt.Key.Key_Left)
    assert chosen == ["masks", "build", "masks"]
    assert bar.workspace() == "masks"
    assert "Ctrl+2" in buttons["masks"].toolTip()


def test_the_shortcut_sheet(qtbot: QtBot, own: Own) -> None:
    sheet = own(ShortcutSheet(ROWS))
    sheet.show()
    assert shown(sheet)[:3] == ["File", "Open a project", "Ctrl"]
    assert shown(sheet).count("File") == 1
    qtbot.keyClicks(sheet.search, "shift re")
    assert sheet.shown() == (ROWS[1],)
    assert shown(sheet) == ["Edit", "Redo", "Ctrl", "Shift", "Z", "or", "Ctrl", "Y"]
    qtbot.keyClicks(sheet.search, "xyz")
    assert not sheet.area.isVisible()
    assert sheet.nothing.isVisible()
    sheet.search.clear()
    assert sheet.shown() == ROWS
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def shown(sheet: ShortcutSheet) -> list[str]:
    """The words on the sheet from top left to bottom right."""
    sheet.grab()
    page = sheet.area.widget()
    labels = [label for label in page.findChildren(QLabel) if label.text()]
    rows = sorted(labels, key=lambda label: (round(label.geometry().center().y() / 8), label.x()))
    return [label.text() for label in rows]


def test_matching_and_caps(qapp: QApplication) -> None:
    assert matching(ROWS, "ctrl FILE") == (ROWS[0], ROWS[2])
    assert matching(ROWS, "") == ROWS
    assert caps("Ctrl+Shift+Z") == ["Ctrl", "Shift", "Z"]
    assert caps("Ctrl++") == ["Ctrl", "+"]
    assert caps("F1") == ["F1"]
    assert caps("+") == ["+"]
    assert caps("Space") == ["Space"]


def test_long_words_are_shortened(qtbot: QtBot, own: Own) -> None:
    label = own(Eliding("A sentence that needs more room than there is."))
    label.resize(90, 20)
    label.grab()
    assert label.toolTip() == label.text()
    assert label.minimumSizeHint().width() < 90
    label.resize(900, 20)
    label.grab()
    assert label.toolTip() == ""


def strip() -> PhotoStrip:
    answer = PhotoStrip()
    answer.show_state(State(), state())
    return answer


def banner() -> Banner:
    answer = Banner()
    answer.show_problem("Problem.", "Hint.", "log", [("Do it", lambda: None)])
    return answer


PANELS = {
    "strip": strip,
    "progress": ProgressLine,
    "banner": banner,
    "welcome": Welcome,
    "properties": Properties,
    "workspaces": WorkspaceBar,
    "sheet": lambda: ShortcutSheet(ROWS),
}


@pytest.mark.parametrize("name", PANELS)
@pytest.mark.parametrize("look", ["dark", "light"])
def test_what_can_be_used_has_a_name_and_a_tooltip(
    qtbot: QtBot, qapp: QApplication, name: str, look: str, own: Own
) -> None:
    theme.apply(qapp, look)
    panel = own(PANELS[name]())
    panel.show()
    kinds = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit)
    useful = [
        widget
        for kind in kinds
        for widget in panel.findChildren(kind)
        if widget.objectName() != "qt_spinbox_lineedit"
        and not isinstance(widget.parent(), QLineEdit | QScrollBar)
    ]
    assert useful
    assert [widget for widget in useful if not widget.accessibleName()] == []
    assert [
        widget
        for widget in useful
        if not widget.toolTip() and not isinstance(widget, QAbstractItemView)
    ] == []
    assert [w for w in useful if w.focusPolicy() == Qt.FocusPolicy.NoFocus] == []


def test_tab_goes_through_the_first_page(qtbot: QtBot, own: Own) -> None:
    page = own(Welcome())
    page.resize(900, 600)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    page.buttons[0].setFocus()
    for button in page.buttons[1:]:
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is button
