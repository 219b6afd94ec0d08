"""Masks at work: photos at full size, questions to the segmenter, files of masks in and out."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QObject, Signal

from app.desk import Desk, Errand
from app.engine import Engine, EngineState
from app.engine_events import Failed
from app.jobs import (
    Carried,
    Found,
    ObjectIds,
    Proposed,
    Question,
    WholePhoto,
    answer_question,
    carry_masks,
    embed_photo,
    export_mask_files,
    import_mask_files,
    propose_objects,
    whole_photo,
)
from core.capture.photos import Photo
from core.gaussians.arrays import SplatArrays
from core.progress import Progress
from core.scene.document import Document
from core.scene.mask_edits import ImportMasks, TakePropagated
from core.scene.plan import mask_of, names
from core.segment.labels import PhotoMask, Standing
from core.segment.mask_export import MaskFormat
from core.segment.mask_import import Imported
from core.segment.protocol import Prompt
from widgets.panels.banner import Notice

translate = QCoreApplication.translate
KEPT = 200_000_000  # bytes of photos that need not be read again
NAMED_AT_MOST = 5


class Masking(QObject):
    """Knows the document and two processes: the desk, and the segmenter's own."""

    pixels_read = Signal(str, object)  # name, uint8 [H, W, 3]
    found = Signal(object, object)  # the Prompt, regions best first
    proposed = Signal(str, object)  # name, regions
    waiting = Signal(str)  # what for; "" for nothing
    working = Signal(str, float)  # words, the part done; "" when at rest
    noticed = Signal(object)  # Notice

    def __init__(self, document: Document, desk: Desk, engine: Engine) -> None:
        super().__init__()
        self._document, self._desk = document, desk
        self._segmenter = Desk(engine)
        self._photos: OrderedDict[Photo, NDArray[np.uint8]] = OrderedDict()
        self._reading: str | None = None
        self._asked: Prompt | None = None  # what is being answered
        self._next: tuple[str, int, Prompt] | None = None  # asked meanwhile

    def start(self) -> None:
        """Start the segmenter's process, unless it runs."""
        if self._segmenter.engine.state is EngineState.CLOSED:
            self._segmenter.engine.start()

    def poll(self) -> None:
        """Hear what the segmenter's process has to tell."""
        if self._segmenter.engine.state is not EngineState.CLOSED:
            self._segmenter.poll()

    def close(self) -> None:
        """End the process."""
        self._segmenter.engine.close()

    def want_photo(self, name: str) -> None:
        """Have the photo `name` at full size; `pixels_read` tells it."""
        photo = self._photo(name)
        if photo is None or name == self._reading:
            return
        self.start()
        if photo in self._photos:
            self._photos.move_to_end(photo)
            self.pixels_read.emit(name, self._photos[photo])
        else:
            self._read(photo)
        if self._segmenter.current is None:  # else the first question will do
            self._segmenter.ask(Errand(embed_photo, (photo,), failed=self._tell))

    def ask(self, name: str, id_: int, prompt: Prompt) -> None:
        """Have the segmenter find the object `id_`; of what is asked meanwhile the last counts."""
        self.start()
        if self._asked is not None:
            self._next = (name, id_, prompt)
            return
        photo = self._photo(name)
        if photo is None:
            return
        self._asked = prompt
        self.waiting.emit(translate("Masking", "Finding the object…"))
        question = Question(photo, mask_of(self._document.state.plan, name), id_, prompt)
        errand = Errand(answer_question, (question,), None, self._hear, self._answered, self._tell)
        self._segmenter.ask(errand)

    def want_proposals(self, name: str) -> None:
        """Have the segmenter say what may be objects in a photo; `proposed` tells it."""
        photo = self._photo(name)
        if photo is None:
            return
        self.start()

        def hear(value: object) -> None:
            if isinstance(value, Proposed):
                self.proposed.emit(value.name, value.regions)

        self.waiting.emit(translate("Masking", "Looking for objects…"))
        done = Errand(propose_objects, (photo,), None, hear, self._rested, self._tell)
        self._segmenter.ask(done)

    def can_carry(self) -> bool:
        """Whether there is a scene, and a mask of the user's."""
        state = self._document.state
        masks = state.plan.masks.photos.values()
        scene = isinstance(state.content, SplatArrays) and state.reconstruction is not None
        return scene and any(mask.standing is Standing.USER for mask in masks)

    def carry(self) -> None:
        """Carry the user's masks over to all photos that have a place in the scene."""
        state = self._document.state
        plan, splats = state.plan, state.content
        if not self.can_carry() or plan.capture is None or not isinstance(splats, SplatArrays):
            return
        given: dict[str, PhotoMask] = {}

        def hear(value: object) -> None:
            if isinstance(value, Carried):
                given[value.name] = value.mask
            elif isinstance(value, ObjectIds) and self._document.state.content is splats:
                # Else it was trained further meanwhile, and these are other Gaussians.
                self._document.show(content=replace(splats, object_id=value.ids))

        def done() -> None:
            known = {
                name: given[name] for name in names(self._document.state.plan) if name in given
            }
            self._document.commit(TakePropagated(known))
            self._tell_carried(known)

        self.start()
        words = translate("Masking", "Carrying masks over")
        args = (plan.capture, state.reconstruction, plan.masks)
        self._work(words, carry_masks, args, hear, done, self._segmenter, splats)

    def import_from(self, path: Path) -> None:
        """Take masks from a folder or a file; those of the same photos give way."""
        plan = self._document.state.plan
        if plan.capture is None:
            return
        found: list[Imported] = []

        def hear(value: object) -> None:
            if isinstance(value, Imported):
                found.append(value)

        def done() -> None:
            if found:
                self._document.commit(ImportMasks(found[0].objects, found[0].masks))
                self._tell_imported(found[0])

        words = translate("Masking", "Reading masks")
        self._work(words, import_mask_files, (path, plan.capture, plan.masks), hear, done)

    def export_to(self, path: Path, form: MaskFormat) -> None:
        """Write all masks to `path`."""
        plan = self._document.state.plan
        if plan.capture is None:
            return

        def done() -> None:
            said = translate("Masking", "The masks of {count} photos were written to {name}.")
            words = said.format(count=len(plan.masks.photos), name=path)
            self.noticed.emit(Notice(words, kind="info"))

        words = translate("Masking", "Writing masks")
        args = (path, form, plan.capture, plan.masks)
        self._work(words, export_mask_files, args, lambda value: None, done)

    def _read(self, photo: Photo) -> None:
        self._reading = photo.name
        self.waiting.emit(translate("Masking", "Reading the photo…"))

        def hear(value: object) -> None:
            if isinstance(value, WholePhoto):
                self._photos[photo] = value.pixels
                while len(self._photos) > 1 and self._size() > KEPT:
                    self._photos.popitem(last=False)
                self.pixels_read.emit(value.name, value.pixels)

        def done() -> None:
            self._reading = None
            self.waiting.emit("")

        def failed(event: Failed) -> None:
            done()
            self.noticed.emit(Notice(event.problem, event.hint, event.log))

        self._desk.ask(Errand(whole_photo, (photo,), None, hear, done, failed))

    def _size(self) -> int:
        return sum(pixels.nbytes for pixels in self._photos.values())

    def _hear(self, value: object) -> None:
        if not isinstance(value, Found) or self._next is not None or self._asked is None:
            return
        self.found.emit(self._asked, value.regions)
        if not value.regions:
            problem = translate("Masking", "Nothing was found there.")
            hint = translate("Masking", "Draw a box around the object, or paint it.")
            self.noticed.emit(Notice(problem, hint, kind="info"))

    def _rested(self) -> None:
        if self._asked is None:
            self.waiting.emit("")

    def _answered(self) -> None:
        self._asked = None
        self.waiting.emit("")
        if self._next is not None:
            newest, self._next = self._next, None
            self.ask(*newest)

    def _tell(self, event: Failed) -> None:
        self._answered()
        self.noticed.emit(Notice(event.problem, event.hint, event.log))

    def _work(
        self,
        words: str,
        function: Callable[..., object],
        args: tuple[object, ...],
        hear: Callable[[object], None],
        done: Callable[[], None],
        desk: Desk | None = None,
        splats: SplatArrays | None = None,
    ) -> None:
        """An errand whose progress is told, of the desk that all share or of another."""

        def heard(value: object) -> None:
            if isinstance(value, Progress):
                self.working.emit(words, value.done / value.total if value.total > 0 else -1.0)
            else:
                hear(value)

        def ended() -> None:
            self.working.emit("", -1.0)
            done()

        def failed(event: Failed) -> None:
            self.working.emit("", -1.0)
            self.noticed.emit(Notice(event.problem, event.hint, event.log))

        self.working.emit(words, -1.0)
        errand = Errand(function, args, splats, heard, ended, failed)  # type: ignore[arg-type]
        (desk or self._desk).ask(errand)

    def _tell_carried(self, given: Mapping[str, PhotoMask]) -> None:
        doubtful = sum(mask.standing is Standing.DOUBTFUL for mask in given.values())
        said = translate("Masking", "Masks of {count} photos follow yours.")
        words = said.format(count=len(given))
        if doubtful:
            hint = translate("Masking", "{count} are doubtful: look at those first.")
            told = hint.format(count=doubtful)
            self.noticed.emit(Notice(words, told, kind="warning"))
        else:
            self.noticed.emit(Notice(words, kind="info"))

    def _tell_imported(self, found: Imported) -> None:
        said = translate("Masking", "Masks of {count} photos were imported.")
        words = said.format(count=len(found.masks))
        if not found.unmatched:
            self.noticed.emit(Notice(words, kind="info"))
            return
        first = ", ".join(found.unmatched[:NAMED_AT_MOST])
        hint = translate("Masking", "{count} are for no photo here: {names}")
        told = hint.format(count=len(found.unmatched), names=first)
        self.noticed.emit(Notice(words, told, kind="warning"))

    def _photo(self, name: str) -> Photo | None:
        capture = self._document.state.plan.capture
        photos = capture.photos if capture is not None else ()
        return next((photo for photo in photos if photo.name == name), None)
