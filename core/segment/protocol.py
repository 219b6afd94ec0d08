"""What a segmenter is asked and what it answers, as values that travel between processes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]  # [H, W]
Photo = NDArray[np.uint8]  # [H, W, 3] RGB, upright
Places = NDArray[np.float64]  # [N, 2] x, y in image pixels: the first one's centre is (0.5, 0.5)
Signs = NDArray[np.int8]  # [H, W] 1: the object, -1: not the object, 0: open


def _no_places() -> Places:
    return np.zeros((0, 2))


def _no_signs() -> NDArray[np.bool_]:
    return np.zeros(0, bool)


class Box(NamedTuple):
    """A rectangle in image pixels: left <= x < right, top <= y < bottom."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, eq=False)
class Stroke:
    """What a round brush passed over: all within `radius` pixels of the line through `path`."""

    path: Places  # [N, 2]; a single place is a dab
    radius: float
    foreground: bool  # whether it paints the object, or what is not the object


@dataclass(frozen=True, eq=False)
class Prompt:
    """What the user has shown of one object in one photo; what is left out was not shown.

    `known` holds pixels that are settled: an answer never differs from them. `mask` is where
    the object was before, which an answer may correct. Places outside the photo say nothing.
    """

    points: Places = field(default_factory=_no_places)  # [N, 2]
    foreground: NDArray[np.bool_] = field(default_factory=_no_signs)  # [N] of each point
    box: Box | None = None  # what is meant lies in it; of a mask that is there already, a part more
    strokes: tuple[Stroke, ...] = ()  # the later ones over the earlier
    known: Signs | None = None  # [H, W]
    mask: Mask | None = None  # [H, W]
    floor: bool = False  # whether the object is the floor: all of one plane, whatever parts it

    def __post_init__(self) -> None:
        if self.points.shape != (len(self.foreground), 2):
            shapes = f"{self.points.shape} and {self.foreground.shape}"
            raise ValueError(f"a point is x, y and a sign: {shapes} do not go together")

    @property
    def is_empty(self) -> bool:
        """Whether nothing was shown."""
        shown = self.points.size or self.strokes or self.box is not None
        known = self.known is not None and self.known.any()
        return not (shown or known or (self.mask is not None and self.mask.any()))

    def with_point(self, x: float, y: float, foreground: bool) -> "Prompt":
        """This, and one click more."""
        points = np.concatenate([self.points, [[x, y]]])
        return replace(self, points=points, foreground=np.append(self.foreground, foreground))


@dataclass(frozen=True, eq=False)
class Answer:
    """An object's pixels, at the photo's size. `others`: what else may have been meant."""

    mask: Mask  # [H, W]
    score: float  # in [0, 1]: how sure the segmenter is
    others: tuple["Answer", ...] = ()  # best first, without others of their own

    @property
    def candidates(self) -> tuple["Answer", ...]:
        """All of them, best first: what a key goes through."""
        return (self, *self.others)


@dataclass(frozen=True, eq=False)
class Embedded:
    """What a segmenter works out once a photo. `features` mean something to that one alone."""

    photo: Photo
    features: Mapping[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Found:
    """An object that words were said to mean; the answer's score says how surely."""

    words: str
    box: Box
    answer: Answer


@runtime_checkable
class Segmenter(Protocol):
    """Points, a box and strokes in, a mask out."""

    def embed(self, photo: Photo) -> Embedded:
        """The slow part, once a photo."""
        ...

    def segment(self, embedded: Embedded, prompt: Prompt) -> Answer:
        """The object that `prompt` shows; nothing at all where it is empty.

        Every candidate holds the object's pixels among `prompt.known`, and none of the others.
        """
        ...

    def propose(self, embedded: Embedded) -> tuple[Answer, ...]:
        """Objects that may be in the photo, to pick from; the largest first."""
        ...


@runtime_checkable
class WordFinder(Protocol):
    """Words in, objects out; boxes that it finds are filled by a segmenter."""

    def look(self, photo: Photo) -> Embedded:
        """What can be done before there are words, once a photo."""
        ...

    def find(
        self, looked: Embedded, words: str, mark: Callable[[Box], Answer]
    ) -> tuple[Found, ...]:
        """The objects in the photo that `words` mean, each once, the likeliest first.

        Commas part several names. `mark` says what is in a box.
        """
        ...


def nothing(photo: Photo) -> Answer:
    """The answer to an empty prompt."""
    return Answer(np.zeros(photo.shape[:2], bool), 0.0)
