"""What each pixel of a photo was said to be: the objects, and the label image of one photo.

A label is an object's id. Object 0 is the background; floor, background and what is to be left
out are objects like any other, told apart by their role. Ids are never used again in a project.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from core.segment.tiles import Area, Codes, Tiled

BACKGROUND = 0
LAST_ID = 0x7FFD  # of an object that the user may add
IGNORE = 0x7FFE  # people, reflections: left out of the loss
UNLABELLED = 0x7FFF  # nobody said anything of the pixel
_LABEL = np.uint16(0x7FFF)  # the part of a code that is the label
_HAND = 0x8000  # and the rest: set where the user said it

Labels = NDArray[np.uint16]  # [H, W] ids of objects, or UNLABELLED
Pixels = NDArray[np.bool_]  # [H, W]


class Role(Enum):
    """What an object is to the scene."""

    BACKGROUND = "background"
    FLOOR = "floor"
    OBJECT = "object"
    IGNORE = "ignore"


@dataclass(frozen=True)
class SceneObject:
    """One object that photos show. `color` is "#rrggbb"; a locked one's pixels never change.

    `words`: what it is, for networks that complete it by words; "" where nobody said it.
    """

    id: int
    name: str
    color: str
    role: Role = Role.OBJECT
    visible: bool = True
    locked: bool = False
    words: str = ""


class Standing(Enum):
    """Whose a photo's mask is."""

    NONE = "none"  # nobody has said anything
    USER = "user"  # the user has worked on it
    PROPAGATED = "propagated"  # it came from other photos
    DOUBTFUL = "doubtful"  # it came from other photos, and should be looked at


@dataclass(frozen=True, eq=False)
class PhotoMask:
    """What the pixels of one photo are, at the photo's full size, upright as it is shown.

    `codes` holds label and hand in one number: use `labels`, `by_hand` and `where`. Older
    versions share their unchanged tiles with newer ones, so keeping many costs little.
    """

    codes: Tiled
    standing: Standing = Standing.NONE

    @staticmethod
    def blank(height: int, width: int) -> "PhotoMask":
        """A mask of which nothing is said."""
        return PhotoMask(Tiled.full(height, width, UNLABELLED))

    @staticmethod
    def from_arrays(
        labels: NDArray[np.integer], by_hand: Pixels | None, standing: Standing
    ) -> "PhotoMask":
        """`labels` [H, W] of any whole-number type; `by_hand` [H, W], None for nowhere.

        Raises ValueError where a label is no id or the shapes differ.
        """
        if labels.ndim != 2 or labels.size == 0:
            raise ValueError(f"labels are [H, W], got {labels.shape}")
        if by_hand is not None and by_hand.shape != labels.shape:
            raise ValueError(f"labels of {labels.shape} and hand of {by_hand.shape}")
        if labels.min() < 0 or labels.max() > UNLABELLED:
            raise ValueError(f"labels go from 0 to {UNLABELLED}")
        codes = labels.astype(np.uint16)
        if by_hand is not None:
            codes |= by_hand.astype(np.uint16) * np.uint16(_HAND)
        return PhotoMask(Tiled.of(codes), standing)

    @property
    def height(self) -> int:
        return self.codes.height

    @property
    def width(self) -> int:
        return self.codes.width

    def labels(self, area: Area | None = None) -> Labels:
        """Labels [H, W], or of `area` alone; an array of the caller's own."""
        return self.codes.part(area or self.codes.area) & _LABEL

    def by_hand(self, area: Area | None = None) -> Pixels:
        """[H, W]: which pixels the user said; whatever propagates leaves them as they are."""
        return self.codes.part(area or self.codes.area) >= _HAND

    def signs(self, label: int) -> NDArray[np.int8] | None:
        """[H, W]: 1 where the user said this label, -1 where another, 0 elsewhere.

        None where the user said nothing at all.
        """
        if max(self.codes.values()) < _HAND:
            return None
        table = np.zeros(2 * _HAND, np.int8)
        table[_HAND:] = -1
        table[label | _HAND] = 1
        found: NDArray[np.int8] = table[self.codes.whole()]
        return found

    def label(self, x: int, y: int) -> int:
        """The label of one pixel."""
        return int(self.labels(Area(x, y, x + 1, y + 1))[0, 0])

    def where(self, label: int) -> Pixels:
        """[H, W]: which pixels have this label."""
        found: Pixels = self.labels() == label
        return found

    def ids(self) -> frozenset[int]:
        """The labels that occur, but for UNLABELLED."""
        return frozenset(code & UNLABELLED for code in self.codes.values()) - {UNLABELLED}

    def region(self, label: int) -> Tiled:
        """1 where the label is, 0 elsewhere."""
        return self.codes.mapped(lambda codes: (codes & _LABEL == label).astype(np.uint16))

    def among(self, region: Tiled, labels: Sequence[int]) -> Tiled:
        """The pixels of `region` that have one of a few labels."""

        def have(inside: Codes, codes: Codes) -> Codes:
            return np.where(_among(codes & _LABEL, labels), inside, np.uint16(0))

        return region.combined(self.codes, have)

    def painted(
        self, region: Tiled, label: int, *, locked: Collection[int] = (), hand: bool = True
    ) -> "PhotoMask":
        """`label` where `region` is other than 0, by the user's hand unless `hand` is False.

        Objects `locked` neither lose nor gain pixels, and without `hand` the user's pixels stay.
        """
        if label in locked:
            return self
        kept = tuple(locked)
        code = np.uint16(label | _HAND if hand and label != UNLABELLED else label)

        def paint(codes: Codes, inside: Codes) -> Codes:
            free = inside != 0
            if kept:
                free &= ~_among(codes & _LABEL, kept)
            if not hand:
                free &= codes < _HAND
            return np.where(free, code, codes)

        return self._changed(self.codes.combined(region, paint, idle=0), hand)

    def erased(self, region: Tiled, label: int, *, locked: Collection[int] = ()) -> "PhotoMask":
        """Pixels of `label` in `region` become background by hand: said to be something else.

        Of the background itself, and of what is left out, nothing is said any more.
        """
        if label in locked:
            return self
        besides = UNLABELLED if label in (BACKGROUND, IGNORE) else BACKGROUND | _HAND

        def erase(codes: Codes, inside: Codes) -> Codes:
            hit = (inside != 0) & (codes & _LABEL == label)
            return np.where(hit, np.uint16(besides), codes)

        return self._changed(self.codes.combined(region, erase, idle=0), True)

    def propagated(
        self, labels: Labels, standing: Standing, *, locked: Collection[int] = ()
    ) -> "PhotoMask":
        """What came from other photos, in all pixels but the user's.

        A photo that the user has worked on stays the user's. Objects `locked` neither lose
        nor gain pixels.
        """
        kept = tuple(locked)

        def take(mine: Codes, new: Codes) -> Codes:
            free = (mine < _HAND) & ~_among(mine, kept) & ~_among(new, kept)
            return np.where(free, new, mine)

        codes = self.codes.combined(Tiled.of(labels.astype(np.uint16)), take)
        if self.standing is Standing.USER:
            standing = Standing.USER
        same = codes is self.codes and standing is self.standing
        return self if same else PhotoMask(codes, standing)

    def confirmed(self) -> "PhotoMask":
        """The same labels, all of them by the user's hand."""

        def say(mine: Codes) -> Codes:
            return np.where(mine & _LABEL == UNLABELLED, mine, mine | np.uint16(_HAND))

        return PhotoMask(self.codes.mapped(say), Standing.USER)

    def without(self, label: int) -> "PhotoMask":
        """Nothing is said any more where this label was."""

        def forget(mine: Codes) -> Codes:
            return np.where(mine & _LABEL == label, np.uint16(UNLABELLED), mine)

        codes = self.codes.mapped(forget)
        if codes is self.codes:
            return self
        rest = PhotoMask(codes, self.standing)
        return rest if rest.ids() else PhotoMask(codes)

    def _changed(self, codes: Tiled, hand: bool) -> "PhotoMask":
        if codes is self.codes:
            return self
        return PhotoMask(codes, Standing.USER if hand else self.standing)


def _among(labels: Codes, some: Sequence[int]) -> Pixels:
    """Which `labels` are one of a few; much faster than numpy's way for many."""
    found = np.zeros(labels.shape, bool)
    for label in some:
        found |= labels == label
    return found
