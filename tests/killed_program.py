"""The whole program, ever changing, saving, exporting and training, for a test that kills it.

Run as `python -m tests.killed_program HOME PROJECT EXPORTED SEED`. Every change has a number, the
seed of the project's settings; what happens is printed with the time.
"""

import random
import sys
import time
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QTimer

from app.commands.gui import make_application
from app.opening import open_program
from app.program import Program
from app.threads import set_threads
from core.export.wish import Wish
from core.gaussians.arrays import SplatArrays
from core.scene.edits import ChangeSettings
from tests.window_parts import Answers
from widgets.panels.workspaces import PHOTOS

EVERY = 2.0  # seconds between two times that unsaved work is kept
EDIT_MS = 100


def say(what: str, number: int = 0) -> None:
    sys.stdout.write(f"{what} {number} {time.time()}\n")
    sys.stdout.flush()


class Restless:
    """Changes something ten times a second, and saves or exports whenever nothing is written."""

    def __init__(self, program: Program, export: Path, dice: random.Random) -> None:
        self.program, self.export, self.dice = program, export, dice
        self.trains = dice.random() < 0.5
        self.busy = False
        self.timer = QTimer(interval=EDIT_MS)
        self.timer.timeout.connect(self.act)
        program.projects.autosaving.every = EVERY
        program.session.opened.connect(lambda _path: self.begin())

    def begin(self) -> None:
        # Nothing is drawn, and nobody waits for a builder that has nothing to do: more kills.
        self.program.show_workspace(PHOTOS)
        if not self.trains:
            self.program.building.engine.close()
        self.timer.start()

    def act(self) -> None:
        program = self.program
        settings = program.state.plan.settings
        program.document.commit(
            ChangeSettings(replace(settings, seed=settings.seed + 1, iterations=100_000))
        )
        say("edit", settings.seed + 1)
        if self.trains and program.building.can_build():
            program.building.start()
        if program.desk.current is None and isinstance(program.state.content, SplatArrays):
            self.write()

    def write(self) -> None:
        kind = self.dice.choice(["save", "export", "nothing", "nothing", "nothing"])
        if kind == "save":
            self.program.projects.save()
        elif kind == "export" and not self.program.exporting.running:
            self.program.exporting.write(self.export, Wish())
        if not self.busy:
            self.busy = True
            say("busy")


def main() -> None:
    home, project, export, seed = sys.argv[1:]
    set_threads()
    application = make_application()
    program = open_program(
        application, Path(project), dialogs=Answers(), preferences=Path(home) / "preferences.ini"
    )
    kept = Restless(program, Path(export), random.Random(int(seed)))
    program.session.saved.connect(lambda _path: say("saved", program.state.plan.settings.seed))
    say("begun")
    application.exec()
    assert kept


if __name__ == "__main__":
    main()
