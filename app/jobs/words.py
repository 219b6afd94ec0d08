"""Jobs about words: the network that understands them, and what it finds in a photo."""

from app.jobs.masks import MEMORY
from app.jobs.values import FoundByWords
from core.capture.photos import Photo
from core.capture.pixels import load_pixels
from core.segment.protocol import Answer, Box, Embedded, Prompt, WordFinder
from core.segment.regions import of_pixels


class Words:
    """The network for words of this process, and the photo that it has looked at last."""

    def __init__(self) -> None:
        self._place: str | None = None
        self._finder: WordFinder | None = None
        self._looked: tuple[Photo, Embedded] | None = None

    def finder(self, place: str) -> WordFinder:
        """The one at `place`; opening another forgets the photo. Raises `UserError`."""
        if self._finder is None or place != self._place:
            from core.segment.words import open_finder  # heavy: only when asked for

            self._finder, self._place, self._looked = open_finder(place), place, None
        return self._finder

    def looked(self, photo: Photo, place: str) -> Embedded:
        """What the network makes of `photo` before there are words."""
        finder = self.finder(place)
        if self._looked is None or self._looked[0] != photo:
            self._looked = None  # never two at once
            self._looked = photo, finder.look(load_pixels(photo))
        return self._looked[1]


WORDS = Words()


def opened(place: str) -> None:
    """Have the network at `place` ready. Raises `UserError`."""
    WORDS.finder(place)


def found(photo: Photo, words: str, finder: str, segmenter: str) -> FoundByWords:
    """What `words` mean in `photo`, by the networks at two places. Raises `UserError`."""

    def mark(box: Box) -> Answer:
        seen = MEMORY.embedded(photo, segmenter)
        return MEMORY.segmenter(segmenter).segment(seen, Prompt(box=box))

    looked = WORDS.looked(photo, finder)
    each = WORDS.finder(finder).find(looked, words, mark)
    regions = tuple(of_pixels(one.answer.mask) for one in each)
    return FoundByWords(photo.name, words, regions, tuple(one.answer.score for one in each))
