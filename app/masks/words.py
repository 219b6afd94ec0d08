"""Words that find objects in photos: which network understands them, and what it finds."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal

from app.commands.models import downloaded
from app.engine.desk import Desk, Errand
from app.engine.events import Failed
from app.jobs.kinds import FoundByWords, find_words, open_finder
from core.capture.photos import Photo
from core.segment.word_kinds import understands_words
from widgets.panels.banner import Notice

translate = QCoreApplication.translate


class MaskWords(QObject):
    """Knows the segmenter's desk, which `start` wakes, and where its network is (`segmenter`)."""

    found = Signal(str, object, str)  # the photo's name, regions, the likeliest first, the words
    waiting = Signal(str)  # what for; "" for nothing
    opened = Signal(str)  # the place of the network that is used from now on
    noticed = Signal(object)  # Notice

    def __init__(self, desk: Desk, start: Callable[[], None], segmenter: Callable[[], str]) -> None:
        super().__init__()
        self._desk, self._start, self._segmenter = desk, start, segmenter
        self.place = ""  # what the user chose; "" for nothing
        self._busy = False

    @property
    def understood_by(self) -> str:
        """Where the network is: what was chosen, else the segmenter where it knows words too."""
        if self.place:
            return self.place
        segmenter = self._segmenter()
        return segmenter if understands_words(str(downloaded(segmenter) or segmenter)) else ""

    @property
    def missing(self) -> str:
        """What is missing to find objects by words, as a sentence; "" where nothing is."""
        if self.understood_by:
            return ""
        return translate(
            "Masking",
            "Words need the weights of Grounding DINO or SAM 3: Masks > Words are understood by.",
        )

    def use(self, place: str) -> None:
        """Understand words by the network at `place`, or by none with ""."""
        if not place:
            self._opened(place, translate("Masking", "Words find nothing now."))
            return

        def done() -> None:
            self._rested()
            words = translate("Masking", "Words are understood by {name} now.")
            self._opened(place, words.format(name=Path(place).name))

        self._ask(Errand(open_finder, (place,), None, done=done, failed=self._tell),
                  translate("Masking", "Opening the network…"))  # fmt: skip

    def find(self, photo: Photo, words: str) -> None:
        """Have what `words` mean looked for in `photo`; `found` tells it."""
        place = self.understood_by
        if self._busy or not place or not words.strip():
            return

        def hear(value: object) -> None:
            if isinstance(value, FoundByWords):
                self.found.emit(value.name, value.regions, value.words)
                if not value.regions:
                    told = translate("Masking", "Nothing here is called “{words}”.")
                    hint = translate("Masking", "Try another word, or draw a box around it.")
                    problem = told.format(words=value.words)
                    self.noticed.emit(Notice(problem, hint, kind="info"))

        args = (photo, words, place, self._segmenter())
        looking = translate("Masking", "Looking for “{words}”…").format(words=words)
        self._ask(Errand(find_words, args, None, hear, self._rested, self._tell), looking)

    def _ask(self, errand: Errand, words: str) -> None:
        self._start()
        self._busy = True
        self.waiting.emit(words)
        self._desk.ask(errand)

    def _opened(self, place: str, words: str) -> None:
        self.place = place
        self.opened.emit(place)
        self.noticed.emit(Notice(words, kind="info"))

    def _rested(self) -> None:
        self._busy = False
        self.waiting.emit("")

    def _tell(self, event: Failed) -> None:
        self._rested()
        self.noticed.emit(Notice(event.problem, event.hint, event.log))
