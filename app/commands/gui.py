"""`maquette` without a subcommand: the window."""

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app.system_packages import WINDOW, command_line, missing_packages
from app.threads import set_threads
from core.errors import Unavailable

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

NAME = "Maquette"
WITHOUT_DISPLAY = ("offscreen", "minimal", "vnc")  # Qt's platforms that need none


def run(args: argparse.Namespace) -> int:
    """Open the window, on `args.project` where one is named; the exit status.

    Raises `Unavailable` where there is no display, or a library of the system is missing.
    """
    check_display()
    set_threads()
    application = make_application()
    # Only now: without a display nothing of this is needed, and it takes a while.
    from PySide6.QtCore import QTimer

    from app.opening import open_program

    project: Path | None = args.project
    program = open_program(application, project.absolute() if project is not None else None)
    # Ctrl-C in the terminal closes the window as its own button does, once Qt is back in its loop:
    # Python hears of it at any time, in the midst of painting the window too.
    signal.signal(signal.SIGINT, lambda *_: QTimer.singleShot(0, program.window.close))
    return int(application.exec())


def check_display() -> None:
    """Raise `Unavailable` where Qt would end the program for want of a display or a library."""
    if not sys.platform.startswith("linux"):
        return
    told = os.environ.get("QT_QPA_PLATFORM", "")
    there = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if not there and told not in WITHOUT_DISPLAY:
        raise Unavailable(
            "There is no display to open the window on.",
            hint="Start it on a desktop; `maquette reconstruct PHOTOS -o OUT` works without one.",
        )
    missing = missing_packages((WINDOW,))
    if missing:
        raise Unavailable(
            f"The window cannot open: this system lacks {' '.join(missing)}.",
            hint=f"Install them: {command_line(missing)}",
        )


def make_application() -> "QApplication":
    """The one QApplication, with the program's name on it."""
    from PySide6.QtWidgets import QApplication

    found = QApplication.instance()
    application = found if isinstance(found, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName(NAME)
    application.setOrganizationName(NAME)
    application.setDesktopFileName(NAME.lower())
    return application
