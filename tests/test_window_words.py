"""Every word and key of the window: translated, told to screen readers, on the shortcut sheet."""

import inspect
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAccessible, QAction, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QMenu,
    QMessageBox,
    QScrollBar,
    QToolButton,
    QWidget,
)

from app.cli.arguments import program_version
from app.engine.events import EngineState, StateChanged
from app.engine.warm import warm_builder
from app.opening import open_program
from app.program import Program
from core.errors import UserError
from core.scene.document import State
from core.scene.edits import RemovePhotos
from tests.panel_state import placed, state
from tests.pseudo import LEFT, Bracketing, untranslated
from tests.viewport_scenes import around, three_blobs
from tests.window_parts import Answers, notice, opened, pause, press, said, shut, until
from widgets.guard import report, set_report
from widgets.panels.banner import Notice
from widgets.panels.shortcuts_sheet import ShortcutSheet
from widgets.panels.workspaces import PHOTOS

D = TypeVar("D", bound=QDialog)
HARMLESS = ("Maquette", "Maquette[*]")


@pytest.fixture(scope="module")
def program(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with opened(tmp_path_factory.mktemp("home")) as program:
        yield program


def menus(menu: QMenu) -> Iterator[QMenu]:
    yield menu
    for action in menu.actions():
        below = action.menu()
        if isinstance(below, QMenu):
            yield from menus(below)


def all_menus(program: Program) -> list[QMenu]:
    tops = [action.menu() for action in program.window.menuBar().actions()]
    return [each for top in tops if isinstance(top, QMenu) for each in menus(top)]


def test_everything_is_in_a_menu_with_words(program: Program) -> None:
    listed: list[QAction] = []
    for menu in all_menus(program):
        assert menu.title()
        entries = [action for action in menu.actions() if not action.isSeparator()]
        assert entries or menu.title() == "Open recent"  # which fills with time
        assert all(action.text() for action in entries), menu.title()
        listed += entries
    for row in program.actions.rows:
        action = program.actions[row.name]
        assert action in listed, row.name
        assert action.toolTip(), row.name


@pytest.mark.parametrize("elsewhere", ["Masks", "Layout"])
def test_no_two_actions_share_a_key(program: Program, elsewhere: str) -> None:
    """Keys of one panel may be those of another, but not those of the whole window. Actions of the
    masks' workspace and of the layout's can never be done at once."""
    everywhere: Counter[str] = Counter()
    near: dict[QWidget, Counter[str]] = {}
    for row in program.actions.rows:
        keys = [key.toString() for key in program.actions[row.name].shortcuts()]
        assert len(keys) == len(row.keys)
        assert all(keys), row.name
        if row.menu.partition("/")[0] == elsewhere:
            continue
        counter = everywhere if row.near is None else near.setdefault(row.near, Counter())
        counter.update(keys)
    assert [key for key, count in everywhere.items() if count > 1] == []
    for counter in near.values():
        assert [key for key, count in (everywhere + counter).items() if count > 1] == []


def test_keys_reach_what_they_are_for(program: Program) -> None:
    program.document.load(State(content=three_blobs(), reconstruction=around()))
    window, viewport = program.window, program.window.viewport
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    press(window, Qt.Key.Key_3, control)
    assert viewport.isVisible()
    viewport.setFocus()
    press(viewport, Qt.Key.Key_G, shift)
    assert not program.options.grid
    press(viewport, Qt.Key.Key_G, shift)
    assert program.options.grid
    press(viewport, Qt.Key.Key_5, Qt.KeyboardModifier.KeypadModifier)
    assert viewport.orthographic
    assert program.actions["orthographic"].isChecked()
    press(viewport, Qt.Key.Key_5, Qt.KeyboardModifier.KeypadModifier)
    press(window, Qt.Key.Key_F11)
    until(window.isFullScreen)
    assert program.actions["full_screen"].isChecked()
    press(window, Qt.Key.Key_F11)
    until(lambda: not window.isFullScreen())
    press(window, Qt.Key.Key_1, control)
    assert program.workspace == "photos"


def test_escape_closes_a_message_first_and_then_leaves_the_photo(program: Program) -> None:
    program.document.load(State(content=three_blobs(), reconstruction=around()))
    program.look_through("b.jpg")
    viewport = program.window.viewport
    viewport.setFocus()
    assert viewport.photo == "b.jpg"
    program.notice(Notice("Something to know.", kind="info"))
    press(viewport, Qt.Key.Key_Escape)
    assert said(program) == []
    assert viewport.photo == "b.jpg"
    press(viewport, Qt.Key.Key_Escape)
    assert viewport.photo is None


def test_among_the_photos_one_is_always_shown(program: Program) -> None:
    program.document.load(state(reconstruction=around(("p0.jpg", "p1.jpg"))))
    program.show_workspace(PHOTOS)
    assert program.window.photo_page.name == "p0.jpg"
    program.document.show(selected="p1.jpg")
    program.show_workspace(PHOTOS)
    assert program.window.photo_page.name == "p1.jpg"


def test_the_camera_of_a_removed_photo_may_still_be_looked_through(program: Program) -> None:
    program.document.load(state(reconstruction=around(("p0.jpg", "p1.jpg"))))
    program.document.commit(RemovePhotos(("p1.jpg",)))
    program.window.viewport.photo_chosen.emit("p1.jpg")
    program.look_through("p1.jpg")
    assert program.window.viewport.photo == "p1.jpg"
    assert program.state.selected is None
    program.look_through("p0.jpg")
    assert program.state.selected == "p0.jpg"
    program.look_through(None)


def test_whatever_takes_the_keyboard_has_a_name(program: Program) -> None:
    program.document.load(state(reconstruction=placed("p0.jpg", "p1.jpg"), selected="p0.jpg"))
    program.notice(Notice("Something went wrong.", "Do this.", "log", actions=(("Do", str),)))
    for workspace in ("photos", "masks", "build", "layout"):
        program.show_workspace(workspace)
        pause(0.05)
        for widget in program.window.findChildren(QWidget):
            if takes_keys(widget):
                assert name_of(widget), f"{workspace}: {widget} in {widget.parentWidget()}"
    program.window.banner.clear()


def takes_keys(widget: QWidget) -> bool:
    """Whether Tab or a click can bring the keyboard there. Qt's own parts are named by Qt."""
    if isinstance(widget, QScrollBar) or widget.objectName().startswith("qt_"):
        return False
    return widget.isVisible() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus


def name_of(widget: QWidget) -> str:
    """What a screen reader says."""
    found = QAccessible.queryAccessibleInterface(widget)
    return "" if found is None else found.text(QAccessible.Text.Name)


def test_buttons_of_the_bars_have_names_and_tips(program: Program) -> None:
    for bar in (program.window.toolbar, program.window.view_bar):
        for button in bar.findChildren(QToolButton):
            if not button.objectName().startswith("qt_"):
                assert name_of(button)
                assert button.toolTip()


def test_the_sheet_lists_everything_that_has_keys(program: Program) -> None:
    sheets: list[list[str]] = []

    def look(sheet: ShortcutSheet) -> None:
        sheets.append([label.text() for label in sheet.area.findChildren(QLabel)])

    with_dialog(ShortcutSheet, look, lambda: press(program.window, Qt.Key.Key_F1))
    (words,) = sheets
    for row in program.actions.rows:
        if row.keys:
            assert row.name_now() in words
            last = QKeySequence(row.keys[0]).toString(QKeySequence.SequenceFormat.NativeText)
            assert last.split("+")[-1] in words
    assert program.window.findChildren(ShortcutSheet) == []  # it is gone once it is closed


def test_about_tells_the_version(program: Program) -> None:
    told: list[str] = []
    with_dialog(QMessageBox, lambda box: told.append(box.text()), program.actions["about"].trigger)
    assert told[0].startswith(f"Maquette {program_version()} turns")


def with_dialog(kind: type[D], look: Callable[[D], None], opens: Callable[[], None]) -> None:
    """Look at the dialog that `opens` waits for, and close it."""

    def come() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, kind):
            timer.stop()
            look(dialog)
            dialog.close()

    timer = QTimer()
    timer.timeout.connect(come)
    timer.start(50)
    opens()
    assert not timer.isActive(), "no dialog came"
    pause(0.05)


def test_every_text_is_translated(qapp: QApplication, tmp_path: Path) -> None:
    translator = Bracketing()
    qapp.installTranslator(translator)
    try:
        with opened(tmp_path) as program:
            window = program.window
            assert untranslated(window, HARMLESS) == []
            for words in re.findall(r'yield "(.+)"', inspect.getsource(warm_builder)):
                program.building._hear(StateChanged(EngineState.STARTING, words))
                assert words in window.progress.head.text()
                assert untranslated(window.progress) == []
            program.document.load(state(reconstruction=placed("p0.jpg"), selected="p0.jpg"))
            program.document.show(content=three_blobs())
            window.docks["curves"].show()
            pause(0.3)
            # The folder's name, the maker's of the camera, and what core tells in English.
            unchanged = (window.windowTitle(), "Phone", "Placed by 812 points.")
            assert untranslated(window, (*HARMLESS, *unchanged)) == []
            assert LEFT in window.menuBar().actions()[0].text()
            sheet = ShortcutSheet([], window)
            assert untranslated(sheet) == []
            program.take([tmp_path / "none.txt"])
            notice(program, "none.txt")
            assert untranslated(window.banner) == []
    finally:
        qapp.removeTranslator(translator)


def test_errors_that_nobody_foresaw_become_a_banner(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # put back afterwards
    program = open_program(qapp, None, dialogs=Answers(), preferences=tmp_path / "preferences.ini")
    try:
        report(ValueError("seven of nine"))
        box = notice(program, "An error in the program: ValueError: seven of nine")
        assert "ValueError: seven of nine" in box.notice.log
        error = UserError("There is no room.", hint="Make some.")
        sys.excepthook(UserError, error, None)
        assert notice(program, "There is no room. Make some.").notice.log == ""
        QTimer.singleShot(0, fail)
        notice(program, "KeyError: 'in a slot'")
    finally:
        shut(program)
        set_report(None)


def fail() -> None:
    raise KeyError("in a slot")
