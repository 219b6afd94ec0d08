"""The user's steps that read or write files: each an errand of the desk, its answer a change."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QObject, Signal

from app.engine.desk import Desk, Errand
from app.engine.events import Failed
from app.jobs.kinds import (
    FlatPicture,
    MissingPhotos,
    Opened,
    ProjectFacts,
    Saved,
    Thumbnail,
    flat_photo,
    open_file,
    read_photos,
    save_project_to,
    thumbnails,
)
from core.capture.photos import Capture
from core.gaussians.arrays import SplatArrays
from core.progress import Progress
from core.scene.document import Document, State
from core.scene.edits import AddPhotos
from core.scene.holds import standing_of
from core.scene.upright import Upright
from widgets.panels.banner import Notice

translate = QCoreApplication.translate
NAMED_AT_MOST = 5
PREVIEW_SIDE = 1400  # pixels, the longer side of a photo shown by itself
PHOTO_SIDE = 1600  # pixels, the longer side of a photo that the render is compared with


class Session(QObject):
    """Knows the document and the desk; what else should be known is told by signals."""

    thumbnails_read = Signal(object)  # dict of name -> uint8 [h, w, 3]
    preview_read = Signal(str, object)  # name, uint8 [h, w, 3]
    photo_read = Signal(object)  # FlatPicture
    photos_added = Signal()
    opening = Signal(object)  # the Path whose scene is about to be shown
    opened = Signal(object)  # the Path that was opened
    doubtful = Signal(str, object)  # the name of what was opened, its Upright if not right
    photos_missing = Signal(object)  # tuple of names
    saved = Signal(object)  # the project's Path
    working = Signal(str, float)  # words, the part done (below 0: not known); "" when at rest
    noticed = Signal(object)  # Notice

    def __init__(self, document: Document, desk: Desk, work: Path) -> None:
        super().__init__()
        self.document, self._desk, self._work = document, desk, work
        self.file: Path | None = None  # what was opened last

    def add_paths(self, paths: Sequence[Path]) -> None:
        """Read photos, folders and videos, and add what can be used."""
        found: list[Capture] = []

        def hear(value: object) -> None:
            if isinstance(value, Capture):
                found.append(value)

        def done() -> None:
            if not found:
                return  # it was cancelled
            self.document.commit(AddPhotos(found[0]))
            self._tell_left_out(found[0])
            self.photos_added.emit()

        words = translate("Session", "Reading photos")
        self.ask(words, read_photos, (tuple(paths), self._work), hear=hear, done=done)

    def open_path(self, path: Path) -> None:
        """Show a project or a PLY file instead of what is there."""

        def show(found: Opened) -> None:
            self.file = found.path
            self.opening.emit(found.path)
            self.document.load(opened_state(found))
            self.opened.emit(found.path)
            if found.upright is not Upright.RIGHT:
                self.doubtful.emit(found.path.name, found.upright)

        words = translate("Session", "Opening {name}").format(name=path.name)
        self._open(words, path, show)

    def recover(self, scene: Path, path: Path | None, done: Callable[[], None]) -> None:
        """Show the unsaved work in `scene`, which belongs to the project at `path`, if to one."""

        def show(found: Opened) -> None:
            self.document.load(replace(opened_state(found), path=path), saved=False)
            done()

        self._open(translate("Session", "Recovering unsaved work"), scene, show)

    def _open(self, words: str, path: Path, show: Callable[[Opened], None]) -> None:
        found: list[Opened] = []

        def hear(value: object) -> None:
            if isinstance(value, Opened):
                found.append(value)

        def done() -> None:
            if not found:
                return  # it was cancelled
            show(found[0])
            capture = self.document.state.plan.capture
            if capture is not None:
                self.ask("", thumbnails, (capture,))

        self.ask(words, open_file, (path,), hear=hear, done=done)

    def save_to(
        self, path: Path, then: Callable[[], None] = lambda: None, *, training: bool = True
    ) -> None:
        """Write the project; the document counts as saved with what it holds now.

        `training`: whether where training stands is kept with it.
        """
        state = self.document.state
        splats = state.base if isinstance(state.base, SplatArrays) else None
        answers: list[Saved] = []

        def hear(value: object) -> None:
            if isinstance(value, Saved):
                answers.append(value)

        def done() -> None:
            if not answers:
                return  # it was cancelled
            self.document.mark_saved(path, state)
            if answers[0].training is not None and self.document.state.training is state.training:
                self.document.show(training=answers[0].training)
            self.saved.emit(path)
            then()

        words = translate("Session", "Saving {name}").format(name=path.name)
        args = (path, project_facts(state, training=training), self._work)
        self.ask(words, save_project_to, args, splats, hear=hear, done=done)

    def want_preview(self, name: str) -> None:
        """Have the photo `name` as large as a screen; `preview_read` tells it."""
        capture = self.document.state.plan.capture
        photos = capture.photos if capture is not None else ()
        wanted = tuple(photo for photo in photos if photo.name == name)
        if wanted:
            words, args = "", (Capture(wanted), PREVIEW_SIDE)
            self.ask(words, thumbnails, args, pictured=self.preview_read.emit)

    def want_photo(self, name: str) -> None:
        """Have the photo `name` undistorted, to lie over the render; `photo_read` tells it."""
        state = self.document.state
        capture, reconstruction = state.plan.capture, state.reconstruction
        if capture is None or reconstruction is None:
            return
        photo = next((each for each in capture.photos if each.name == name), None)
        placed = next((each for each in reconstruction.photos if each.name == name), None)
        if photo is None or placed is None:
            return

        def hear(value: object) -> None:
            if isinstance(value, FlatPicture):
                self.photo_read.emit(value)

        self.ask("", flat_photo, (photo, placed, PHOTO_SIDE), hear=hear)

    def ask(
        self,
        words: str,
        function: Callable[..., object],
        args: tuple[object, ...],
        splats: SplatArrays | None = None,
        *,
        hear: Callable[[object], None] = lambda value: None,
        done: Callable[[], None] = lambda: None,
        pictured: Callable[[str, NDArray[np.uint8]], None] | None = None,
    ) -> None:
        """Give the desk an errand; progress, small pictures and failures are told for all alike."""

        def small(name: str, pixels: NDArray[np.uint8]) -> None:
            self.thumbnails_read.emit({name: pixels})

        show = pictured or small

        def heard(value: object) -> None:
            if isinstance(value, Thumbnail):
                show(value.name, value.pixels)
            elif isinstance(value, MissingPhotos):
                self.photos_missing.emit(value.names)
            elif isinstance(value, Progress):
                part = value.done / value.total if value.total > 0 else -1.0
                if words:
                    self.working.emit(words, part)
            else:
                hear(value)

        def ended() -> None:
            self.working.emit("", -1.0)
            done()

        def failed(event: Failed) -> None:
            self.working.emit("", -1.0)
            self.noticed.emit(Notice(event.problem, event.hint, event.log))

        if words:
            self.working.emit(words, -1.0)
        self._desk.ask(Errand(function, args, splats, heard, ended, failed))  # type: ignore[arg-type]

    def _tell_left_out(self, capture: Capture) -> None:
        if not capture.left_out:
            return
        told = listed([f"{file.name}: {file.reason}" for file in capture.left_out])
        problem = translate("Session", "{count} files cannot be used.")
        if len(capture.left_out) == 1:
            problem = translate("Session", "A file cannot be used.")
        words = problem.format(count=len(capture.left_out))
        self.noticed.emit(Notice(words, told, kind="warning"))


def listed(words: Sequence[str]) -> str:
    """The first few of `words`."""
    told = list(words[:NAMED_AT_MOST])
    if len(words) > NAMED_AT_MOST:
        more = translate("Session", "and {count} more")
        told.append(more.format(count=len(words) - NAMED_AT_MOST))
    return " ".join(told)


def opened_state(opened: Opened) -> State:
    """What the document holds once a file or project is open."""
    facts = opened.facts
    if facts is None:
        return State(content=opened.content)
    return State(
        plan=facts.plan,
        reconstruction=facts.reconstruction,
        split=facts.split,
        content=opened.content,
        step=facts.step,
        exposures=facts.exposures,
        path=opened.path,
        training=facts.training,
    )


def project_facts(state: State, *, training: bool = True) -> ProjectFacts:
    """What a project keeps of `state`, besides the Gaussians without reworks."""
    return ProjectFacts(
        plan=state.plan,
        reconstruction=state.reconstruction,
        split=state.split,
        step=state.step,
        exposures=state.exposures,
        training=standing_of(state) if training else None,
    )
