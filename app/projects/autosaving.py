"""Unsaved work is kept beside the user's files, every two minutes and after each stage."""

import math
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal
from PySide6.QtGui import QImage

from app.building import Building
from app.engine.desk import Desk, Errand
from app.engine.events import Failed
from app.jobs.recover import About, keep_unsaved
from app.jobs.values import Saved
from app.projects.standings import Standings
from app.projects.unsaved import Own
from app.session import project_facts
from core.gaussians.arrays import SplatArrays
from core.scene.document import Document, State
from widgets.panels.banner import Notice
from widgets.viewport.pictures import encoded

translate = QCoreApplication.translate

EVERY = 100.0  # seconds; with the writing no more than two minutes of work are lost
SOON = 3.0  # after the end of a stage
LOOK_MS = 1000


class Autosaving(QObject):
    """Knows the document and the desk, which writes; the window only hands over what it shows."""

    noticed = Signal(object)  # Notice

    def __init__(
        self,
        document: Document,
        building: Building,
        desk: Desk,
        standings: Standings,
        own: Own,
        work: Path,
    ) -> None:
        super().__init__()
        self._document, self._desk, self._standings = document, desk, standings
        self.own, self._work = own, work
        self.every = EVERY
        self.name: Callable[[], str] = lambda: ""
        self.portrait: Callable[[], QImage | None] = lambda: None
        self.count = 0  # how often it was done
        self._kept = document.state  # what was kept last, or needs no keeping
        self._since: float | None = None  # when there first was something else
        self._due = math.inf
        self._busy = False
        document.changed.connect(self._changed)
        building.ended.connect(lambda: self._stage(SOON))
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def stop(self) -> None:
        """Keep no more, and leave nothing: the window ends as its user wants."""
        self._timer.stop()
        self.own.remove()

    def begun(self) -> None:
        """What is shown was kept already: it has just been recovered."""
        self._rest()

    def saved(self) -> None:
        """The user's own file holds all that there is now."""
        self._rest()
        self.own.forget()

    def look(self) -> None:
        """Keep what is unsaved, if it is time."""
        if not self._document.modified:
            self._rest()
        elif not self._busy and time.monotonic() >= self._due:
            self._busy, self._since, self._due = True, None, math.inf
            self._standings.freshen(self._write)

    def _changed(self, old: State, new: State) -> None:
        if not self._document.modified or not _differs(new, self._kept):
            return
        if self._since is None:
            self._since = time.monotonic()
            self._due = min(self._due, self._since + self.every)
        if new.plan.capture is not old.plan.capture or new.reconstruction is not old.reconstruction:
            self._stage(SOON)

    def _stage(self, seconds: float) -> None:
        self._due = min(self._due, time.monotonic() + seconds)

    def _rest(self) -> None:
        self._kept, self._since, self._due = self._document.state, None, math.inf

    def _write(self) -> None:
        state = self._document.state
        splats = state.base if isinstance(state.base, SplatArrays) else None
        about = About(self.name(), "" if state.path is None else str(state.path), time.time())
        try:
            folder = self.own.made()
        except OSError as error:
            self._busy = False
            self._tell(str(error.strerror or error))
            return
        answers: list[Saved] = []

        def hear(value: object) -> None:
            if isinstance(value, Saved):
                answers.append(value)

        def done() -> None:
            self._busy = False
            if not answers:
                return
            self.count += 1
            self._kept = state
            now = self._document.state
            if now.training is not None and not now.training.path.exists():
                self._document.show(training=answers[0].training)
            if not self._document.modified:
                self.own.forget()  # it was saved meanwhile

        def failed(event: Failed) -> None:
            self._busy = False
            self._due = time.monotonic() + self.every
            self._tell(event.problem)

        facts = project_facts(state)
        args = (folder, facts, self._work, about, encoded(self.portrait()))
        self._desk.ask(Errand(keep_unsaved, args, splats, hear, done, failed))

    def _tell(self, why: str) -> None:
        problem = translate("Autosaving", "Unsaved work could not be kept safe: {why}")
        hint = translate("Autosaving", "Save the project; what is not saved would be lost.")
        self.noticed.emit(Notice(problem.format(why=why), hint, kind="warning"))


def _differs(one: State, other: State) -> bool:
    return (
        one.plan is not other.plan
        or one.base is not other.base
        or one.reconstruction is not other.reconstruction
    )
