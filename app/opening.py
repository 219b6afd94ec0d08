"""Puts the program together and shows its window."""

import sys
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu

from app.dialogs import Dialogs, QtDialogs
from app.drawing_card import drawing_card
from app.hardware import check_hardware
from app.languages import install
from app.memories import Memories
from app.preferences import load
from app.program import Program
from app.rows.actions import Actions
from app.rows.every import rows
from app.rows.keymaps import use_keys
from app.window import Window
from app.wiring.every import LAYOUT_BAR, LEFT, MASK_BAR, RIGHT, VIEW_BAR, wire
from core.errors import UserError
from widgets.guard import set_report
from widgets.panels.banner import Notice
from widgets.viewport.keymap import Keymap


def open_program(
    application: QApplication,
    path: Path | None,
    *,
    dialogs: Dialogs | None = None,
    preferences: Path | None = None,
) -> Program:
    """The program with its window shown, and `path` (a project, PLY or photos) on its way in.

    `preferences`: the file that they lie in, None for the user's own.
    """
    install(application, load(preferences).language)
    window = Window()
    memory = Memories(application, window, preferences)
    program = Program(window, dialogs or QtDialogs(window), memory)
    actions = program.actions = Actions(window, rows(program))
    menus = actions.fill(window.menuBar(), _menu_name)
    _add_recents(program, menus["File"], actions["sample"])
    panels = menus["View"].addMenu(QCoreApplication.translate("Menus", "Panels"))
    panels.addActions([dock.toggleViewAction() for dock in window.docks.values()])
    window.make_toolbar(actions, LEFT, RIGHT)
    window.make_bar(window.view_bar, actions, VIEW_BAR)
    window.make_bar(window.layout_bar, actions, LAYOUT_BAR)
    window.make_bar(window.masks.bar, actions, MASK_BAR)
    wire(program, actions)
    memory.restore()
    use_keys(program, Keymap(memory.preferences.keys))
    # A driver may take its time to answer: the window is shown before.
    QTimer.singleShot(0, window, lambda: _show_hardware(window))
    _hear_errors(program)
    application.aboutToQuit.connect(program.close)
    program.start()
    window.show()
    QTimer.singleShot(0, window, program.projects.recovery.offer)
    if path is not None:
        program.take([path])
    return program


def _show_hardware(window: Window) -> None:
    hardware = check_hardware().with_display(drawing_card())
    window.welcome.show_hardware(hardware.lines(QCoreApplication.translate))


def _add_recents(program: Program, above: QMenu, before: QAction) -> None:
    """What was open before, as it is when the menu is unfolded."""
    menu = QMenu(QCoreApplication.translate("Menus", "Open recent"), above)
    above.insertMenu(before, menu)

    def fill() -> None:
        menu.clear()
        for recent in program.memory.preferences.recents:
            action = menu.addAction(str(recent.path))
            action.setEnabled(not recent.missing)
            action.triggered.connect(lambda _checked=False, path=recent.path: program.open(path))
        menu.setEnabled(not menu.isEmpty())

    above.aboutToShow.connect(fill)


def _menu_name(name: str) -> str:
    words = {
        "File": QCoreApplication.translate("Menus", "&File"),
        "Edit": QCoreApplication.translate("Menus", "&Edit"),
        "Photos": QCoreApplication.translate("Menus", "&Photos"),
        "Masks": QCoreApplication.translate("Menus", "&Masks"),
        "Object": QCoreApplication.translate("Menus", "Object at hand"),
        "Segmenter": QCoreApplication.translate("Menus", "Objects are found by"),
        "Words": QCoreApplication.translate("Menus", "Words are understood by"),
        "Tool": QCoreApplication.translate("Menus", "Tool"),
        "Export masks": QCoreApplication.translate("Menus", "Export masks"),
        "Build": QCoreApplication.translate("Menus", "&Build"),
        "Layout": QCoreApplication.translate("Menus", "&Layout"),
        "Line up": QCoreApplication.translate("Menus", "Line up"),
        "Grow": QCoreApplication.translate("Menus", "Grow the scene"),
        "Keys": QCoreApplication.translate("Menus", "Keys"),
        "Pick out": QCoreApplication.translate("Menus", "Pick out"),
        "View": QCoreApplication.translate("Menus", "&View"),
        "Show": QCoreApplication.translate("Menus", "Show"),
        "Shading": QCoreApplication.translate("Menus", "Shading"),
        "Compare with": QCoreApplication.translate("Menus", "Compare with"),
        "Theme": QCoreApplication.translate("Menus", "Theme"),
        "Look from": QCoreApplication.translate("Menus", "Look from"),
        "Help": QCoreApplication.translate("Menus", "&Help"),
    }
    return words[name]


def _hear_errors(program: Program) -> None:
    """Errors that nobody foresaw become a banner, and the window lives on."""

    def tell(error: BaseException) -> None:
        if isinstance(error, UserError):
            program.notice(Notice(error.problem, error.hint))
            return
        import traceback

        line = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        problem = QCoreApplication.translate("Errors", "An error in the program: {line}")
        hint = QCoreApplication.translate("Errors", "Please report it with the details.")
        log = "".join(traceback.format_exception(error))
        program.notice(Notice(problem.format(line=line), hint, log))

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            tell(error)

    set_report(tell)
    sys.excepthook = hook
