"""The floor and the unit of the scene: found, shown by clicks, measured."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, Signal

from app.engine.desk import Desk, Errand
from app.engine.events import Failed
from app.jobs.kinds import find_floor_under
from core.errors import UserError
from core.gaussians.arrays import SplatArrays
from core.scene.document import Document
from core.scene.floor import UP, Floor, FloorSource
from core.scene.grounding import with_clicks, with_floor, with_length
from core.scene.layout import Ground
from core.scene.layout_edits import SetGround
from core.scene.upright import Upright, turned_over
from core.segment.labels import Role
from widgets.panels.banner import Notice
from widgets.viewport.pointing import Asked

translate = QCoreApplication.translate
FLOOR, LENGTH = "floor", "length"
POINTS = {FLOOR: 3, LENGTH: 2}
SURE = 0.5  # confidence under which a floor is told to be doubtful


class Grounds(QObject):
    """Knows the document, the desk, and who asks for clicks: `ask(purpose, count)`."""

    noticed = Signal(object)  # Notice
    measured = Signal(object)  # both ends [2, 3] of a length that the user is to tell

    def __init__(self, document: Document, desk: Desk, ask: Callable[[str, int], None]) -> None:
        super().__init__()
        self._document, self._desk, self._ask = document, desk, ask
        self._ends: object = None

    @property
    def ground(self) -> Ground:
        return self._document.state.plan.layout.ground

    def wanted(self, what: str) -> None:
        """What a button of the panel asks for."""
        if what == "find":
            self.find()
        elif what == "confirm":
            ground = self.ground
            confirmed = Ground(ground.scene_from_capture, True, ground.metric)
            self._commit(confirmed, "Confirm the floor")
        elif what == "over":
            self._commit(turned_over(self.ground), "Turn the scene over")
        elif what in POINTS:
            self._ask(what, POINTS[what])

    def doubt(self, name: str, upright: Upright) -> None:
        """Offer to turn over what was opened from the file `name`, and may stand on its head."""
        problem = translate("Layout", "{name} does not say which way is up.")
        kind = "info"
        if upright is Upright.OVER:
            problem = translate("Layout", "{name} seems to stand on its head.")
            kind = "warning"
        hint = translate("Layout", "“Turn over” is in the Layout workspace too, and can be undone.")
        over = (translate("Layout", "Turn over"), lambda: self.wanted("over"))
        self.noticed.emit(Notice(problem.format(name=name), hint, kind=kind, actions=(over,)))

    def find(self) -> None:
        """Have the floor looked for, and stand on it."""
        state = self._document.state
        splats = state.base
        if not isinstance(splats, SplatArrays):
            return
        ids = frozenset(e.id for e in state.plan.masks.objects if e.role is Role.FLOOR)
        up = self.ground.scene_from_capture.rotation.T @ UP
        self._desk.ask(
            Errand(find_floor_under, (ids, up), splats, hear=self._found, failed=self._failed)
        )

    def pointed(self, asked: Asked | None) -> None:
        """The user has clicked on points."""
        if asked is None or not asked.complete:
            return
        points = np.stack(asked.points)
        if asked.purpose == LENGTH:
            self._ends = points
            self.measured.emit(points)
            return
        try:
            self._commit(with_clicks(self.ground, points), "Set the floor")
        except UserError as error:
            self.noticed.emit(Notice(error.problem, error.hint))

    def measure(self, metres: float) -> None:
        """The length that was pointed out last is so many metres."""
        if not isinstance(self._ends, np.ndarray):
            return
        try:
            self._commit(with_length(self.ground, self._ends, metres), "Set a length")
        except UserError as error:
            self.noticed.emit(Notice(error.problem, error.hint))
        self._ends = None

    def _found(self, value: object) -> None:
        if not isinstance(value, Floor):
            return
        if value.source is FloorSource.ASSUMED:
            problem = translate("Layout", "No floor was found.")
            hint = translate("Layout", "Show it: three clicks on the floor, far apart.")
            self.noticed.emit(Notice(problem, hint, kind="warning"))
            return
        said = value.source is FloorSource.MASKS  # by the user, in the masks
        self._commit(replace(with_floor(self.ground, value), confirmed=said), "Find the floor")
        words = translate("Layout", "The floor was found.")
        if value.confidence < SURE:
            words = translate("Layout", "This may be the floor: look at the grid, and correct it.")
        self.noticed.emit(Notice(words, kind="info"))

    def _failed(self, event: Failed) -> None:
        self.noticed.emit(Notice(event.problem, event.hint, event.log))

    def _commit(self, ground: Ground, label: str) -> None:
        self._document.commit(SetGround(ground, label))
