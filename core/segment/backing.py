"""What the regions of a photo tell of its pixels that no labelled photo tells about.

A superpixel takes the word of the regions that hold it, the smaller ones first: what lies behind
a toy belongs with the rest of the table, as soon as one photo shows them side by side.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.segment.labels import BACKGROUND, UNLABELLED
from core.segment.passing import hand_down
from core.segment.superpixels import Array
from core.segment.tree import Regions

SAY = 20.0  # pixels: what a region's word counts in its halves where those are one thing
FAINTEST = 1e-3  # pixels: so that everyone hears something
NOTHING = 0.5  # of a photo of which nothing is known: the part that is background

LabelImage = NDArray[np.uint16]


def backed(regions: Regions, known: NDArray[np.float32], ids: Sequence[int]) -> LabelImage:
    """Labels [h, w] at the size of `regions`, of `ids`.

    `known` [h, w, K]: how much of each pixel is known to have each label, at most 1 in all. From
    the largest region down to superpixels, shares = (pixels known + say * the shares of the
    region that holds it) / (their sum + say): the say is SAY / (1 + exp(height)) pixels, less
    the more unlike the two halves of that region are.
    """
    kinds = known.reshape(-1, len(ids)).T
    leaf = regions.leaf.ravel()
    counts = [np.bincount(leaf, kind, regions.count).astype(np.float64) for kind in kinds]
    own = [regions.sums(each) for each in counts]
    say = SAY / (1 + np.exp(np.clip(regions.above, -30, 30))) + FAINTEST
    start = _unknown(ids)
    shares = hand_down(np.stack(own, axis=1), regions.parent.astype(np.int64), say, start)
    best = np.asarray(ids, np.uint16)[shares[: regions.count].argmax(axis=1)]
    return np.asarray(best[regions.leaf], np.uint16)


def _unknown(ids: Sequence[int]) -> Array:
    """[K]: what is expected of a photo of which nothing is known."""
    background = np.asarray(ids) == BACKGROUND
    others = max(1, len(ids) - 1)
    return np.where(background, NOTHING, (1 - NOTHING) / others)


def with_said(labels: LabelImage, said: NDArray[np.integer]) -> LabelImage:
    """`labels`, but for pixels of which the user said something [H, W]."""
    return np.asarray(np.where(said == UNLABELLED, labels, said), np.uint16)
