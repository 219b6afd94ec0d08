"""The project at hand: saved, held against other windows, kept safe, recovered after a crash."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from app.dialogs import Answer
from app.projects.autosaving import Autosaving
from app.projects.lock import BEAT, Holder, Lock, holder_of
from app.projects.moved_photos import MovedPhotos
from app.projects.recovery import Recovery
from app.projects.standings import Standings
from app.projects.unsaved import Own, place
from widgets.panels.banner import Notice

if TYPE_CHECKING:
    from app.program import Program

translate = QCoreApplication.translate


class Projects(QObject):
    """One per window. Without the lock of its project it does not write there."""

    changed = Signal()  # whether the project may be written
    recovered = Signal()
    noticed = Signal(object)  # Notice

    def __init__(self, program: "Program") -> None:
        super().__init__()
        self._program, self._document = program, program.document
        self.lock = Lock()
        self.standings = Standings(program.building, program.document)
        root = place(program.memory.file)
        self.autosaving = Autosaving(
            program.document, program.building, program.desk, self.standings, Own(root),
            program.work,
        )  # fmt: skip
        self.recovery = Recovery(self, program, root)
        self.photos = MovedPhotos(program.document, program.session, program.dialogs)
        for part in (self.standings, self.autosaving, self.recovery, self.photos):
            part.setParent(self)
        self._leave = False
        self._beating = QTimer(self, interval=int(1000 * BEAT))
        self._beating.timeout.connect(self.beat)
        self._beating.start()

    def close(self) -> None:
        """The window has ended well: nothing is to be recovered."""
        self._beating.stop()
        self.autosaving.stop()
        self.lock.release()

    @property
    def read_only(self) -> bool:
        """Whether the project at hand belongs to another window."""
        path = self._document.state.path
        return path is not None and self.lock.folder != path.absolute()

    def beat(self) -> None:
        """Tell other computers that this window still runs; and hear what they have taken."""
        self.autosaving.own.refresh()
        path, holder = self.lock.folder, self.lock.refresh()
        if path is not None and holder is not None:
            self._say_held(path, holder)
            self.changed.emit()

    def title(self) -> str:
        """What the window is called after."""
        name = self._program.name()
        if not self.read_only:
            return name
        return translate("Projects", "{name} (read only)").format(name=name)

    def hold(self, path: Path) -> None:
        """Have the project at `path` for this window, or say who has it."""
        if not path.is_dir():
            self.lock.release()
            return
        try:
            holder = self.lock.take(path)
        except OSError as error:
            self._say_unwritable(path, error)
        else:
            if holder is not None:
                self._say_held(path, holder)
        self.changed.emit()

    def save(self, then: Callable[[], None] = lambda: None) -> None:
        self.beat()  # after a sleep it may be another's
        path = self._document.state.path
        if path is None or self.read_only:
            self.save_as(then)
        else:
            self._write(path, then)

    def save_as(self, then: Callable[[], None] = lambda: None) -> None:
        path = self._program.dialogs.project_to_save(Path(f"{self._program.name()}.maquette"))
        if path is None:
            return
        holder = holder_of(path)
        if holder is not None and self.lock.folder != path.absolute():
            problem = translate("Projects", "{name} is open in another window.")
            hint = translate("Projects", "Save under another name, or close it there.")
            self.noticed.emit(Notice(problem.format(name=path), hint))
            return
        self._write(path, then)

    def saved(self, path: Path) -> None:
        """The project at `path` holds all that there is."""
        self.hold(path)
        if not self._document.modified:
            self.autosaving.saved()

    def unless_unsaved(self, go_on: Callable[[], None]) -> None:
        """`go_on`, after the changes were saved or given up; or not at all."""
        if not self._document.modified:
            go_on()
            return
        match self._program.dialogs.keep_changes(self._program.name()):
            case Answer.SAVE:
                self.save(go_on)
            case Answer.DISCARD:
                go_on()
            case Answer.CANCEL:
                pass

    def leaving(self) -> bool:
        """Whether the window may close now; where saving takes time it closes afterwards."""
        if self._leave or not self._document.modified:
            return True
        left: list[bool] = []

        def leave() -> None:
            self._leave = True
            left.append(True)
            self._program.window.close()

        self.unless_unsaved(leave)
        return bool(left)

    def _write(self, path: Path, then: Callable[[], None]) -> None:
        training = self._program.memory.preferences.keep_training
        self.standings.freshen(lambda: self._program.session.save_to(path, then, training=training))

    def _take_over(self, path: Path, holder: Holder) -> None:
        """Have what another computer seems to have; what it saved last is read first."""
        try:
            found = self.lock.take(path, over=holder)
        except OSError as error:
            self._say_unwritable(path, error)
            return
        if found is not None:
            self._say_held(path, found)
        elif not self._document.modified:
            self._program.open(path)
        self.changed.emit()

    def _say_held(self, path: Path, holder: Holder) -> None:
        problem = translate("Projects", "{name} is open in another window: here it is read only.")
        where = translate("Projects", "That window is on this computer, process {process}.")
        save_as = translate("Projects", "Save as…")
        actions: list[tuple[str, Callable[[], object]]] = [(save_as, self.save_as)]
        if not holder.here:
            where = translate(
                "Projects",
                "That window is on {host}, opened by {user}, as far as can be seen from here.",
            )
            anyway = translate("Projects", "Write anyway")
            actions.append((anyway, lambda: self._take_over(path, holder)))
        words = where.format(process=holder.process, host=holder.host, user=holder.user or "?")
        hint = translate("Projects", "What you change here can be saved in another place.")
        said = Notice(
            problem.format(name=path.name), f"{words} {hint}", "", "warning", tuple(actions)
        )
        self.noticed.emit(said)

    def _say_unwritable(self, path: Path, error: OSError) -> None:
        problem = translate("Projects", "{name} cannot be written to: here it is read only.")
        hint = translate("Projects", "What you change here can be saved in another place.")
        words = f"{error.strerror or error}. {hint}"
        self.noticed.emit(Notice(problem.format(name=path.name), words, kind="warning"))
