"""How a lone photo was taken, found again whenever what the user says of it changes."""

from PySide6.QtCore import QObject, Signal

from app.engine.desk import Desk, Errand
from app.engine.events import Failed
from app.jobs.kinds import look_at_photo
from core.capture.photos import Photo
from core.scene.document import Document, State
from core.scene.plan import lone
from core.single.looked import Looked
from core.single.stance import UNTOLD, Stance
from widgets.panels.banner import Notice

Wanted = tuple[Photo, Stance, int]


class Looking(QObject):
    """Has the desk look at the one photo there is. Of wishes meanwhile the last counts."""

    looked = Signal(object)  # Looked, or None where there is no lone photo
    noticed = Signal(object)  # Notice

    def __init__(self, document: Document, desk: Desk) -> None:
        super().__init__()
        self._document, self._desk = document, desk
        self._asked: Wanted | None = None
        self._errand: Errand | None = None
        self._found: Looked | None = None
        document.changed.connect(self._changed)

    def _changed(self, old: State, new: State) -> None:
        if old.plan is not new.plan and not self._desk.holds(self._errand):
            self._look()

    def _look(self) -> None:
        """Ask for what is wanted now, unless that is what was asked last."""
        wanted = _wanted(self._document.state)
        if wanted == self._asked:
            return
        self._asked = wanted
        if wanted is None:
            self._show(None)
            return
        if self._found is not None and self._found.photo != wanted[0]:
            self._show(None)

        def hear(value: object) -> None:
            now = lone(self._document.state.plan)
            if isinstance(value, Looked) and value.photo == now:
                self._show(value)

        def failed(event: Failed) -> None:
            self.noticed.emit(Notice(event.problem, event.hint, event.log))
            self._look()

        args = (*wanted, self._found)
        self._errand = Errand(look_at_photo, args, hear=hear, done=self._look, failed=failed)
        self._desk.ask(self._errand)

    def _show(self, found: Looked | None) -> None:
        self._found = found
        self.looked.emit(found)


def _wanted(state: State) -> Wanted | None:
    photo = lone(state.plan)
    if photo is None:
        return None
    return photo, state.plan.stances.get(photo.name, UNTOLD), state.plan.settings.seed
