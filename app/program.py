"""The running program: its document, its processes, its window, and what can be asked of it."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QMessageBox

from app.building import Building
from app.cli.arguments import program_version
from app.dialogs import Dialogs
from app.engine.desk import Desk
from app.engine.engine import Engine
from app.exporting import Exporting
from app.filming import Filming
from app.jobs.kinds import warm_builder, warm_desk, warm_masks
from app.layout.arranging import Arranging
from app.looking import Looking
from app.masks.following import Following
from app.masks.masking import Masking
from app.memories import Memories
from app.prior.tools import PriorTools
from app.projects.projects import Projects
from app.rows.actions import Actions
from app.session import Session
from app.window import Window
from core.errors import UserError
from core.gaussians.arrays import SplatArrays
from core.scene.document import Document, State
from core.scene.edits import RemovePhotos, SetHeldOut, SetIncluded
from core.scene.plan import names
from widgets.collector import Collector
from widgets.panels.banner import Notice
from widgets.panels.drop import sort_drop
from widgets.panels.shortcuts_sheet import Shortcut, ShortcutSheet
from widgets.panels.workspaces import BUILD, LAYOUT, PHOTOS
from widgets.viewport.gestures import gestures
from widgets.viewport.options import Options, Shading

translate = QCoreApplication.translate

INFO_MS = 8000  # how long such a notice stays
BEAT = 30  # milliseconds between two looks at what the processes have to tell
SAMPLE = Path(__file__).resolve().parents[1] / "resources" / "sample" / "photos"


class Program:
    """One per window. `close` ends its processes and removes its temporary files."""

    def __init__(self, window: Window, dialogs: Dialogs, memory: Memories) -> None:
        self.window, self.dialogs, self.memory = window, dialogs, memory
        self._temporary = tempfile.TemporaryDirectory(
            prefix="maquette-", ignore_cleanup_errors=True
        )
        self.work = Path(self._temporary.name)
        self.document = Document()
        self.desk = Desk(Engine("desk", warm_desk))
        self.building = Building(Engine("builder", warm_builder), self.document, self.work)
        self.session = Session(self.document, self.desk, self.work)
        self.masking = Masking(self.document, self.desk, Engine("masks", warm_masks))
        self.masking.begin_with(memory.preferences.segmenter, memory.preferences.finder)
        self.looking = Looking(self.document, self.desk)
        self.following = Following(self.document, self.building, self.desk)
        self.prior = PriorTools(self)
        self.exporting = Exporting(self)
        self.filming = Filming(self.document, window.viewport, window.path)
        self.arranging = Arranging(self.document, window.viewport, self.desk)
        self.projects = Projects(self)
        parts = (self.building, self.session, self.masking, self.looking, self.following)
        for part in (*parts, self.prior, self.exporting, self.projects):
            part.setParent(window)  # or those who hear of it would never be let go
        self.workspace = PHOTOS
        self.actions: Actions
        self._beat = QTimer(interval=BEAT)
        self._beat.timeout.connect(self._poll)

    def start(self) -> None:
        """Start the processes, so that they are warm when they are needed."""
        self.desk.engine.start()
        self.building.engine.start()
        self._beat.start()
        self._collector = Collector()

    def close(self) -> None:
        self._beat.stop()
        self._collector.stop()
        self.memory.keep()
        self.window.curves.release()
        self.window.masks.release()
        engines = (self.desk.engine, self.building.engine)
        for part in (self.masking, self.prior, self.arranging, self.exporting, *engines):
            part.close()
        self.projects.close()
        self._temporary.cleanup()

    @property
    def state(self) -> State:
        return self.document.state

    # Files

    def take(self, paths: Sequence[object]) -> None:
        """What was dropped or chosen, whatever it is."""
        dropped = sort_drop([Path(str(path)) for path in paths])
        if dropped.problem:
            kind = "warning" if dropped else "error"
            self.notice(Notice(dropped.problem, dropped.hint, kind=kind))
        opened = dropped.project or dropped.file
        if opened is not None:
            self.open(opened)
        elif dropped.sources:
            if not self._has_only_photos():
                self.projects.unless_unsaved(lambda: self._begin_with(dropped.sources))
            else:
                self.session.add_paths(dropped.sources)

    def new(self) -> None:
        self.projects.unless_unsaved(self._empty)

    def add_photos(self) -> None:
        self.take(self.dialogs.photos())

    def add_folder(self) -> None:
        folder = self.dialogs.folder()
        if folder is not None:
            self.take([folder])

    def try_sample(self) -> None:
        self.take([SAMPLE])

    def open_wanted(self) -> None:
        path = self.dialogs.scene()
        if path is not None:
            self.take([path])

    def open(self, path: Path) -> None:
        if not path.exists():
            words = translate("Program", "{name} is not there any more.").format(name=path)
            hint = translate("Program", "It may have been moved or renamed: open it from there.")
            self.notice(Notice(words, hint))
            return
        self.projects.unless_unsaved(lambda: self._open(path))

    def save_picture(self) -> None:
        title = translate("Program", "Save the picture")
        kinds = translate("Program", "Pictures ({kinds})").format(kinds="*.png")
        path = self.dialogs.file_to_write(title, Path(f"{self.name()}.png"), kinds)
        if path is None:
            return
        try:
            self.window.viewport.save_picture(path.with_suffix(".png"))
        except UserError as error:
            self.notice(Notice(error.problem, error.hint))

    # Building

    def build(self) -> None:
        """Build, after a word of warning where that takes the place of a scene not saved."""
        trained = isinstance(self.state.content, SplatArrays)
        if trained and self.document.modified:
            question = translate("Program", "Build the scene again?")
            explained = translate("Program", "The new scene takes the place of the one shown.")
            if not self.dialogs.sure(question, explained, translate("Program", "Build again")):
                return
        self.show_workspace(BUILD)
        self.building.start()

    def go_on(self) -> None:
        self.show_workspace(BUILD)
        self.building.go_on()

    # Photos

    def selected(self) -> tuple[str, ...]:
        return self.window.strip.selection()

    def include(self, included: bool) -> None:
        self.document.commit(SetIncluded(self.selected(), included))

    def hold_out(self, held_out: bool) -> None:
        self.document.commit(SetHeldOut(self.selected(), held_out))

    def remove(self) -> None:
        self.document.commit(RemovePhotos(self.selected()))

    def look_through(self, name: str | None) -> None:
        self.show_workspace(BUILD)
        self.window.viewport.look_through(name)

    # What is shown

    def show_workspace(self, workspace: str) -> None:
        """Turn to `workspace`; among the photos there is always one that is shown large."""
        self.workspace = workspace
        if workspace == PHOTOS and self.state.selected is None:
            self.document.show(selected=next(iter(names(self.state.plan)), None))
        self.window.show_page(workspace, self.state)
        self.window.viewport.arranger.set_active(workspace == LAYOUT)

    def show_options(self, **changes: object) -> None:
        viewport = self.window.viewport
        viewport.set_options(replace(viewport.options, **changes))  # type: ignore[arg-type]

    def toggle(self, name: str) -> None:
        """Switch one of the options that are on or off."""
        self.show_options(**{name: not getattr(self.window.viewport.options, name)})

    def shade(self, shading: Shading) -> None:
        self.show_options(shading=shading)

    @property
    def options(self) -> Options:
        return self.window.viewport.options

    def notice(self, notice: Notice) -> None:
        """Say it; what is no more than good to know goes by itself."""
        banner = self.window.banner
        banner.show_notice(notice)
        if notice.kind == "info":
            QTimer.singleShot(INFO_MS, banner, lambda: banner.take_back(notice))

    def show_shortcuts(self) -> None:
        """All actions that have keys, and what the mouse does in the view."""
        rows = [Shortcut(*shown) for shown in self.actions.shortcuts()]
        mouse = translate("Program", "In the view")
        ways = gestures(self.window.viewport.keymap)
        rows += [Shortcut(mouse, what, (how,)) for what, how in ways]
        ShortcutSheet(rows, self.window).exec()

    def show_about(self) -> None:
        words = translate(
            "Program", "Maquette {version} turns a handful of photos into a 3D scene to edit."
        )
        QMessageBox.about(self.window, "Maquette", words.format(version=program_version()))

    def name(self) -> str:
        """What to call the scene: the project's name, the file's, or that of the photos' folder."""
        if self.state.path is not None:
            return self.state.path.stem
        capture = self.state.plan.capture
        if capture is None and self.state.content is not None and self.session.file is not None:
            return self.session.file.stem
        photos = () if capture is None else capture.photos
        return (photos[0].path.parent.name if photos else "") or "scene"

    def _has_only_photos(self) -> bool:
        """Whether photos can be added to what is there: not to a file that was opened alone."""
        return self.state.content is None or self.state.plan.capture is not None

    def _begin_with(self, sources: Sequence[Path]) -> None:
        self._empty()
        self.session.add_paths(sources)

    def _open(self, path: Path) -> None:
        self.building.abandon()
        self.session.open_path(path)

    def _empty(self) -> None:
        self.building.abandon()
        self.projects.lock.release()
        self.document.load(State())
        self.show_workspace(PHOTOS)

    def _poll(self) -> None:
        working = (self.masking, self.prior, self.arranging, self.exporting)
        for part in (self.desk, self.building, *working):
            part.poll()
