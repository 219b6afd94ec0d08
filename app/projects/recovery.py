"""After a crash: what was not saved is offered, and taken up again or thrown away."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, QObject
from PySide6.QtGui import QImage

from app.projects.unsaved import Left, found, gone
from widgets.panels.banner import Notice
from widgets.panels.recovery_sheet import Found, RecoverySheet

if TYPE_CHECKING:
    from app.program import Program
    from app.projects.projects import Projects

translate = QCoreApplication.translate


class Recovery(QObject):
    """Knows where all windows keep their unsaved work."""

    def __init__(self, projects: "Projects", program: "Program", root: Path) -> None:
        super().__init__()
        self._projects, self._program, self._root = projects, program, root
        self._left: dict[Path, Left] = {}
        self.sheet: RecoverySheet | None = None

    def offer(self) -> None:
        """Show what was left, if anything was."""
        self._left = {each.folder: each for each in found(self._root)}
        if not self._left:
            return
        sheet = self.sheet = RecoverySheet(
            [_shown(each) for each in self._left.values()], self._program.window
        )
        sheet.recover_wanted.connect(self._recover)
        sheet.discard_wanted.connect(self._discard)
        sheet.open()

    def _discard(self, folder: Path) -> None:
        if folder in self._left:
            gone(self._left.pop(folder).folder)

    def _recover(self, folder: Path) -> None:
        left = self._left.get(folder)
        if left is not None:
            self._projects.unless_unsaved(lambda: self._take(left))

    def _take(self, left: Left) -> None:
        own = self._projects.autosaving.own
        if not own.adopt(left):
            problem = translate("Recovery", "Another window has recovered {name} already.")
            self._projects.noticed.emit(Notice(problem.format(name=left.about.name)))
            return

        def done() -> None:
            if left.path is not None:
                self._projects.hold(left.path)
            self._projects.autosaving.begun()
            self._projects.recovered.emit()
            self._projects.changed.emit()
            words = translate("Recovery", "“{name}” is as it was on {when}.")
            hint = translate("Recovery", "It is not saved yet.")
            said = words.format(name=left.about.name, when=_when(left.about.when))
            self._projects.noticed.emit(Notice(said, hint, kind="info"))

        self._program.building.abandon()
        self._projects.lock.release()
        self._program.session.recover(left.scene, left.path, done)


def _shown(left: Left) -> Found:
    picture = QImage(str(left.picture)) if left.picture.is_file() else QImage()
    where = translate("Recovery", "Never saved") if left.path is None else str(left.path)
    return Found(left.folder, left.about.name, _when(left.about.when), where, picture)


def _when(seconds: float) -> str:
    moment = QDateTime.fromSecsSinceEpoch(int(seconds))
    return QLocale().toString(moment, QLocale.FormatType.ShortFormat)
