"""Exports of the window: asked in a dialog, done in a process of their own, told when checked."""

import contextlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, Signal

from app.engine.desk import Desk, Errand
from app.engine.engine import Engine, EngineState
from app.engine.events import Failed
from app.jobs.kinds import export_scene, take_pictures, warm_desk
from app.jobs.values import Exported
from app.session import project_facts
from core.export.pictures import Taking
from core.export.wish import Wish
from core.gaussians.arrays import SplatArrays
from core.progress import Progress
from core.project.files import UNFINISHED
from core.scene.cuts import relabelled
from core.scene.document import State
from core.scene.movable import own_name
from widgets.panels.banner import Notice
from widgets.panels.export_dialog import ExportDialog
from widgets.panels.export_form import Exportable, ExportForm, bytes_words
from widgets.panels.picture_form import PictureForm, Takeable

if TYPE_CHECKING:
    from app.program import Program

translate = QCoreApplication.translate


class Exporting(QObject):
    """One export at a time, with the dialog that asks for it and tells of it."""

    working = Signal(str, float)  # words, the part done (below 0: not known); "" when at rest
    noticed = Signal(object)  # Notice

    def __init__(self, program: "Program") -> None:
        super().__init__()
        self._program = program
        self.desk = Desk(Engine("export", warm_desk))
        self.dialog: ExportDialog | None = None
        self.path: Path | None = None  # what is being written, or was last
        self.running = self._cancelled = False

    def poll(self) -> None:
        """Hear how far it is; called often."""
        if self.desk.engine.state is not EngineState.CLOSED:
            self.desk.poll()

    def close(self) -> None:
        """End the process."""
        self.desk.engine.close()
        if self.running:
            self._sweep()

    def possible(self) -> bool:
        """Whether there are Gaussians to export."""
        return isinstance(self._program.state.content, SplatArrays)

    def ask(self) -> None:
        """Show the dialog: of what is being written, or of what could be."""
        splats = self._program.state.content
        if not self._shown() and isinstance(splats, SplatArrays):
            form = ExportForm(exportable(self._program.state, splats))
            self._show(form, translate("Exporting", "Export"))

    def ask_pictures(self) -> None:
        """The same of films, pictures and cameras."""
        if not self._shown() and self.possible():
            form = PictureForm(takeable(self._program.state))
            self._show(form, translate("Exporting", "Film and pictures"))

    def _shown(self) -> bool:
        """Whether a dialog is at work, which is brought to the front."""
        if self.dialog is None or not (self.running or self.dialog.isVisible()):
            return False
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()
        return True

    def _show(self, form: ExportForm | PictureForm, title: str) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
        if self.desk.engine.state is EngineState.CLOSED:
            self.desk.engine.start()  # while the user chooses
        dialog = self.dialog = ExportDialog(form, title, self._program.window)
        dialog.wanted.connect(self._chosen)
        dialog.cancel_wanted.connect(self.cancel)
        dialog.folder_wanted.connect(self.show_folder)
        dialog.show()

    def show_folder(self) -> None:
        """Where the file lies."""
        if self.path is not None:
            self._program.dialogs.show_folder(self.path.parent)

    def cancel(self) -> None:
        """End the export; a file that was there stays."""
        if self.running:
            self._cancelled = True
            if self.dialog is not None:
                self.dialog.progress.stopping()
            self.desk.cancel()

    def _chosen(self) -> None:
        assert self.dialog is not None
        form = self.dialog.form
        path = self._place(form.suffix)
        if path is not None:
            self.write(path, form.wish)

    def _place(self, suffix: str) -> Path | None:
        """Where to write a file with `suffix`, or a folder where it is ""; None for nowhere."""
        dialogs, title = self._program.dialogs, translate("Exporting", "Export the scene")
        kinds = translate("Exporting", "A new folder ({suffix})").format(suffix="*")
        if suffix:
            kinds = translate("Exporting", "{kind} files ({suffix})").format(
                kind=suffix.rpartition(".")[2].upper(), suffix=f"*{suffix}"
            )
        suggested = self._program.name() + (suffix or translate("Exporting", " pictures"))
        path = dialogs.file_to_write(title, Path(suggested), kinds)
        if path is None or path.name.lower().endswith(suffix):
            return path
        path = path.with_name(path.name + suffix)
        question = translate("Exporting", "Replace {name}?").format(name=path.name)
        explained = translate("Exporting", "It exists already; what it holds would be lost.")
        yes = translate("Exporting", "Replace")
        return None if path.exists() and not dialogs.sure(question, explained, yes) else path

    def write(self, path: Path, wish: Wish | Taking) -> None:
        """Write it, and tell how far it is and how it ended."""
        if self.desk.engine.state is EngineState.CLOSED:
            self.desk.engine.start()
        state = self._program.state
        splats = state.content
        assert isinstance(splats, SplatArrays)
        self.path, self.running, self._cancelled = path, True, False
        words = translate("Exporting", "Exporting {name}").format(name=path.name)
        found: list[Exported] = []

        def hear(value: object) -> None:
            if isinstance(value, Progress):
                part = value.done / value.total if value.total else -1.0
                self.working.emit(words, part)
                if self.dialog is not None and not self._cancelled:
                    self.dialog.progress.show_stage(value.stage, value.done, value.total)
            elif isinstance(value, Exported):
                found.append(value)

        def done() -> None:
            self._rest()
            if found:
                self._tell_done(found[0])
            elif self.dialog is not None:
                self.dialog.end.show_cancelled()

        def failed(event: Failed) -> None:
            self._rest()
            if self.dialog is not None:
                self.dialog.end.show_failed(event.problem, event.hint)
            if self.dialog is None or not self.dialog.isVisible():
                self.noticed.emit(Notice(event.problem, event.hint, event.log))

        self.working.emit(words, -1.0)
        if self.dialog is not None:
            self.dialog.progress.begin(path.name)
            self.dialog.show_page(self.dialog.progress)
        function = export_scene if isinstance(wish, Wish) else take_pictures
        args = (path, project_facts(state), wish)
        self.desk.ask(Errand(function, args, splats, hear, done, failed))

    def _rest(self) -> None:
        self.running = False
        self.working.emit("", -1.0)
        self._sweep()
        if self.dialog is not None:
            self.dialog.show_page(self.dialog.end)

    def _tell_done(self, exported: Exported) -> None:
        words = done_words(exported)
        if self.dialog is not None:
            self.dialog.end.show_done(words, exported.remarks)
        if self.dialog is None or not self.dialog.isVisible():
            show = translate("Exporting", "Show the folder")
            self.noticed.emit(Notice(words, kind="info", actions=((show, self.show_folder),)))

    def _sweep(self) -> None:
        """Remove what a process that was killed left half written."""
        if self.path is not None:
            for left in self.path.parent.glob(f"{UNFINISHED}*-{self.path.name}"):
                with contextlib.suppress(OSError):
                    shutil.rmtree(left) if left.is_dir() else left.unlink()


def exportable(state: State, splats: SplatArrays) -> Exportable:
    """What there is to export; the objects at hand are proposed."""
    layout, ids = state.plan.layout, relabelled(splats, state.plan.layout.cuts).object_id
    chosen = {layout.placement(id_).object_id for id_ in state.placed if layout.has(id_)}
    there = set(np.unique(ids).tolist())
    return Exportable(
        ids=ids,
        degree=splats.sh_degree,
        layout=layout,
        names={id_: own_name(state, id_) for id_ in there},
        chosen=frozenset(chosen & there),
        photos=state.reconstruction is not None and bool(state.reconstruction.photos),
    )


def takeable(state: State) -> Takeable:
    """What pictures can be taken with."""
    placed = state.reconstruction.photos if state.reconstruction is not None else ()
    sizes = tuple((photo.lens.width, photo.lens.height) for photo in placed)
    return Takeable(state.plan.path, sizes if state.plan.capture is not None else ())


def done_words(exported: Exported) -> str:
    """What the file holds, in a sentence."""
    counts = []
    if exported.gaussians:
        counts.append(translate("Exporting", "{count} Gaussians"))
        counts[-1] = counts[-1].format(count=f"{exported.gaussians:,}")
    if exported.triangles:
        counts.append(translate("Exporting", "{count} triangles"))
        counts[-1] = counts[-1].format(count=f"{exported.triangles:,}")
    if exported.pictures:
        counts.append(translate("Exporting", "{count} pictures"))
        counts[-1] = counts[-1].format(count=f"{exported.pictures:,}")
    between = translate("Exporting", " and ")
    said = translate("Exporting", "{name} holds {what} ({size}). It was read back whole.")
    return said.format(
        name=exported.path.name, what=between.join(counts), size=bytes_words(exported.size)
    )
