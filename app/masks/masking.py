"""Masks at work: photos at full size, and questions to the segmenter."""

from collections import OrderedDict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QObject, Signal

from app.engine.desk import Desk, Errand
from app.engine.engine import Engine, EngineState
from app.engine.events import Failed
from app.jobs.kinds import (
    Found,
    Proposed,
    Question,
    WholePhoto,
    answer_question,
    embed_photo,
    open_segmenter,
    propose_objects,
    whole_photo,
)
from app.masks.words import MaskWords
from app.masks.work import MaskWork
from core.capture.photos import Photo
from core.capture.reconstruction import PlacedPhoto
from core.gaussians.arrays import SplatArrays
from core.scene.document import Document
from core.scene.plan import mask_of
from core.segment.protocol import Prompt
from widgets.panels.banner import Notice

translate = QCoreApplication.translate
KEPT = 200_000_000  # bytes of photos that need not be read again


class Masking(QObject):
    """Knows the document and two processes: the desk, and the segmenter's own.

    `work` does what takes long, `words` finds by words.
    """

    pixels_read = Signal(str, object)  # name, uint8 [H, W, 3]
    found = Signal(object, object)  # the Prompt, regions best first
    proposed = Signal(str, object)  # name, regions
    waiting = Signal(str)  # what for; "" for nothing
    opened = Signal(str)  # the place of the segmenter that is used from now on
    noticed = Signal(object)  # Notice

    def __init__(self, document: Document, desk: Desk, engine: Engine) -> None:
        super().__init__()
        self._document, self._desk = document, desk
        self._segmenter = Desk(engine)
        self.work = MaskWork(document, desk, self._segmenter, self.start)
        self.words = MaskWords(self._segmenter, self.start, lambda: self.place)
        for part in (self.work, self.words):
            part.setParent(self)
        self.place = ""  # of the segmenter's network; "" for the one that is always there
        self._photos: OrderedDict[Photo, NDArray[np.uint8]] = OrderedDict()
        self._reading: str | None = None
        self._asked: Prompt | None = None  # what is being answered
        self._previewed = False  # whether nobody has clicked yet
        # Asked meanwhile: which photo, which object, what, and whether nobody has clicked yet.
        self._next: tuple[str, int, Prompt, bool] | None = None

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

    def begin_with(self, segmenter: str, finder: str) -> None:
        """The places of the networks that were used last; none is opened before it is needed."""
        self.place, self.words.place = segmenter, finder

    def use(self, place: str) -> None:
        """Find objects by the network at `place`, or by the built-in segmenter with ""."""
        self.start()

        def done() -> None:
            self.place = place
            self.waiting.emit("")
            self.opened.emit(place)
            by = Path(place).name or translate("Masking", "the built-in segmenter")
            words = translate("Masking", "Objects are found by {name} now.").format(name=by)
            self.noticed.emit(Notice(words, kind="info"))

        def failed(event: Failed) -> None:
            self.waiting.emit("")
            self.noticed.emit(Notice(event.problem, event.hint, event.log))

        self.waiting.emit(translate("Masking", "Opening the network…"))
        self._segmenter.ask(Errand(open_segmenter, (place,), None, done=done, failed=failed))

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
            placed, splats = self._scene(name)
            args = (photo, self.place, placed)
            self._segmenter.ask(Errand(embed_photo, args, splats, failed=self._tell))

    def ask(self, name: str, id_: int, prompt: Prompt) -> None:
        """Have the segmenter find the object `id_`; of what is asked meanwhile the last counts."""
        self.start()
        if self._asked is not None:
            self._next = (name, id_, prompt, False)
        else:
            self._ask(name, id_, prompt, previewed=False)

    def _ask(self, name: str, id_: int, prompt: Prompt, *, previewed: bool) -> None:
        photo = self._photo(name)
        if photo is None:
            return
        self._asked, self._previewed = prompt, previewed
        if not previewed:
            self.waiting.emit(translate("Masking", "Finding the object…"))
        mask = mask_of(self._document.state.plan, name)
        question = Question(photo, mask, id_, prompt, self.place)
        errand = Errand(answer_question, (question,), None, self._hear, self._answered, self._tell)
        self._segmenter.ask(errand)

    def preview(self, name: str, id_: int, prompt: Prompt) -> None:
        """Have the segmenter say what a click would find, unless it has something else to do."""
        if self._asked is not None:
            if self._previewed and (self._next is None or self._next[-1]):
                self._next = (name, id_, prompt, True)
        elif self._segmenter.current is None and self._segmenter.engine.state is EngineState.READY:
            self._ask(name, id_, prompt, previewed=True)

    def find_words(self, name: str, words: str) -> None:
        """Have what `words` mean looked for in a photo; `words.found` tells it."""
        photo = self._photo(name)
        if photo is not None:
            self.words.find(photo, words)

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
        done = Errand(propose_objects, (photo, self.place), None, hear, self._rested, self._tell)
        self._segmenter.ask(done)

    def _read(self, photo: Photo) -> None:
        self._reading = photo.name
        self.waiting.emit(translate("Masking", "Reading the photo…"))

        def hear(value: object) -> None:
            if isinstance(value, WholePhoto):
                self._photos[photo] = value.pixels
                while len(self._photos) > 1 and self._size() > KEPT:
                    self._photos.popitem(last=False)
                if self._photo(value.name) == photo:
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
        if not value.regions and not self._previewed:
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
            (name, id_, prompt, previewed), self._next = self._next, None
            self._ask(name, id_, prompt, previewed=previewed)

    def _tell(self, event: Failed) -> None:
        hint = event.hint
        if self.place:
            # A disk that is not there today: what is always there goes on.
            self.place = ""
            until = translate(
                "Masking", "Until you choose again, the built-in segmenter finds objects."
            )
            hint = f"{hint} {until}"
        self._answered()
        self.noticed.emit(Notice(event.problem, hint, event.log))

    def _scene(self, name: str) -> tuple[PlacedPhoto | None, SplatArrays | None]:
        """Where the photo `name` was taken, and the Gaussians that it shows; or nothing."""
        state = self._document.state
        if state.reconstruction is None or not isinstance(state.content, SplatArrays):
            return None, None
        places = (each for each in state.reconstruction.photos if each.name == name)
        placed = next(places, None)
        return placed, None if placed is None else state.content

    def _photo(self, name: str) -> Photo | None:
        capture = self._document.state.plan.capture
        photos = capture.photos if capture is not None else ()
        return next((photo for photo in photos if photo.name == name), None)
