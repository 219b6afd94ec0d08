"""A user of the mask tools who makes no mistakes: a box and a few clicks from the true mask."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from core.segment.labels import BACKGROUND, UNLABELLED
from core.segment.protocol import Box, Embedded, Mask, Prompt, Segmenter

CLICKS = 2  # at most, unless told
FEWEST = 100  # pixels of an object in a photo: fewer are not judged

Labels = NDArray[np.integer]


@dataclass(eq=False)
class Clock:
    """Seconds that each answer took."""

    seconds: list[float] = field(default_factory=list)

    def median(self) -> float:
        return float(np.median(self.seconds)) if self.seconds else 0.0


def iou(one: Mask, two: Mask) -> float:
    """Of two masks; 1 where both are empty."""
    either = int((one | two).sum())
    return float((one & two).sum()) / either if either else 1.0


def best_photos(truth: Mapping[str, Labels]) -> dict[int, str]:
    """For each object the photo that shows most of it."""
    return {label: max(sizes, key=lambda n: sizes[n]) for label, sizes in _sizes(truth).items()}


def one_photo(truth: Mapping[str, Labels]) -> dict[int, str]:
    """For each object the photo that shows most objects, and most of them; for those that are
    not in it, the one that shows most of them.
    """
    shown = _sizes(truth)
    there = {n: [sizes[n] for sizes in shown.values() if n in sizes] for n in truth}
    best = max(truth, key=lambda n: (len(there[n]), sum(there[n])))
    others = best_photos(truth)
    return {label: best if best in sizes else others[label] for label, sizes in shown.items()}


def _sizes(truth: Mapping[str, Labels]) -> dict[int, dict[str, int]]:
    """How many pixels of each object each photo has, where those are not too few."""
    counts: dict[int, dict[str, int]] = {}
    for name, labels in truth.items():
        ids, sizes = np.unique(labels, return_counts=True)
        for label, size in zip(ids.tolist(), sizes.tolist(), strict=True):
            if label not in (BACKGROUND, UNLABELLED) and size >= FEWEST:
                counts.setdefault(label, {})[name] = size
    return dict(sorted(counts.items()))


def worked_on(
    segmenter: Segmenter,
    embedded: Embedded,
    truth: Labels,
    objects: Sequence[int],
    clock: Clock,
    clicks: int = CLICKS,
    floors: Collection[int] = (),
) -> NDArray[np.uint16]:
    """Labels [H, W] as the user leaves the photo; the smallest `objects` first, `floors` last.

    What an object has been given, the next ones do not take: as with locked objects.
    """
    labels = np.full(truth.shape, UNLABELLED, np.uint16)
    sizes = {each: int((truth == each).sum()) for each in objects}
    for label in sorted(objects, key=lambda each: (each in floors, sizes[each])):
        taken = np.where(labels == UNLABELLED, 0, -1).astype(np.int8)
        known = Prompt(known=taken, floor=label in floors)
        labels[_outlined(segmenter, embedded, truth == label, known, clock, clicks)] = label
    return labels


def _outlined(
    segmenter: Segmenter,
    embedded: Embedded,
    true: Mask,
    known: Prompt,
    clock: Clock,
    clicks: int,
) -> Mask:
    """One object: a box around it, and a click into the largest mistake, so many times."""
    assert known.known is not None
    rows, columns = np.nonzero(true.any(axis=1))[0], np.nonzero(true.any(axis=0))[0]
    box = Box(columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    prompt = replace(known, box=box)
    found = _timed(segmenter, embedded, prompt, clock)
    for _ in range(clicks):
        wrong = (found != true) & (known.known == 0)
        if not wrong.any():
            break
        framed = cv2.copyMakeBorder(wrong.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
        depth = cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1]
        y, x = np.unravel_index(int(depth.argmax()), depth.shape)
        inside = bool(true[y, x])
        prompt = replace(prompt, mask=found).with_point(float(x) + 0.5, float(y) + 0.5, inside)
        found = _timed(segmenter, embedded, prompt, clock)
    return found


def _timed(segmenter: Segmenter, embedded: Embedded, prompt: Prompt, clock: Clock) -> Mask:
    began = time.process_time()
    answer = segmenter.segment(embedded, prompt)
    clock.seconds.append(time.process_time() - began)
    return answer.mask
