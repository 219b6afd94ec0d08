"""Photos of a project that are not where they were: told, looked for, and remembered."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QObject, Signal

from app.dialogs import Dialogs
from app.jobs.kinds import find_moved_photos, thumbnails
from app.jobs.values import Moved
from app.session import Session, listed
from core.capture.photos import Capture
from core.scene.document import Document
from core.scene.photo_edits import RelocatePhotos
from widgets.panels.banner import Notice

translate = QCoreApplication.translate


class MovedPhotos(QObject):
    """Knows the document and who reads files for it."""

    noticed = Signal(object)  # Notice

    def __init__(self, document: Document, session: Session, dialogs: Dialogs) -> None:
        super().__init__()
        self._document, self._session, self._dialogs = document, session, dialogs
        self.names: tuple[str, ...] = ()  # of those that are missing

    def missing(self, names: Sequence[str]) -> None:
        """Say that these photos are missing, and offer to look for them."""
        self.names = tuple(names)
        problem = translate("Session", "{count} photos of the project are not where they were.")
        if len(names) == 1:
            problem = translate("Session", "A photo of the project is not where it was.")
        hint = translate(
            "Session", "Without them the scene can be moved about, not trained: {names}"
        )
        words = hint.format(names=listed(names))
        find = translate("Session", "Find them…")
        said = Notice(
            problem.format(count=len(names)), words, kind="warning", actions=((find, self.find),)
        )
        self.noticed.emit(said)

    def find(self) -> None:
        """Ask for a folder and look for the missing photos in all of it."""
        capture = self._document.state.plan.capture
        folder = self._dialogs.moved_photos()
        if folder is None or capture is None or not self.names:
            return
        answers: list[Moved] = []

        def hear(value: object) -> None:
            if isinstance(value, Moved):
                answers.append(value)

        def done() -> None:
            for found in answers:
                self._document.commit(RelocatePhotos(found.places))
                self._tell(found)

        words = translate("Session", "Looking for photos in {name}").format(name=folder.name)
        args = (capture, self.names, folder)
        self._session.ask(words, find_moved_photos, args, hear=hear, done=done)

    def look_again(self, before: Capture, now: Capture) -> None:
        """Read the small pictures of photos that lie elsewhere now."""
        places = {photo.name: photo.path for photo in before.photos}
        moved = tuple(p for p in now.photos if places.get(p.name, p.path) != p.path)
        if moved:
            self._session.ask("", thumbnails, (Capture(moved),))

    def _tell(self, found: Moved) -> None:
        self.names = found.others
        if found.places:
            said = translate("Session", "{count} photos were found.")
            if len(found.places) == 1:
                said = translate("Session", "A photo was found.")
            hint = translate("Session", "Save the project to keep where they are.")
            self.noticed.emit(Notice(said.format(count=len(found.places)), hint, kind="info"))
        if found.others:
            self.missing(found.others)
