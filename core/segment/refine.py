"""Labels drawn anew by a segmenter, object by object, where it agrees with what they were."""

import cv2
import numpy as np
from numpy.typing import NDArray

from core.segment.labels import BACKGROUND, UNLABELLED
from core.segment.protocol import Answer, Box, Mask, Photo, Prompt, Segmenter

AGREE = 0.75  # IoU from which on the segmenter's answer is taken to be the same object
FEWEST = 64  # pixels: a smaller object is left as it is

Labels = NDArray[np.uint16]


def refined(segmenter: Segmenter, photo: Photo, labels: Labels) -> Labels:
    """`labels` [H, W] of `photo`, with the borders that `segmenter` finds; large objects first."""
    embedded = segmenter.embed(photo)
    ids, counts = np.unique(labels, return_counts=True)
    order = [int(ids[i]) for i in np.argsort(-counts) if counts[i] >= FEWEST]
    answer = labels.copy()
    for label in order:
        if label in (BACKGROUND, UNLABELLED):
            continue
        before = labels == label
        found = best_of(segmenter.segment(embedded, prompt_of(before)), before)
        if found is not None:
            answer[before & ~found & (answer == label)] = BACKGROUND
            answer[found] = label
    return answer


def prompt_of(mask: Mask) -> Prompt:
    """A box around `mask` and a click in the middle of its widest place, with the mask itself."""
    rows, columns = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    box = Box(columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    framed = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    depth = cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1]
    y, x = np.unravel_index(int(depth.argmax()), mask.shape)
    return Prompt(box=box, mask=mask).with_point(float(x) + 0.5, float(y) + 0.5, True)


def best_of(answer: Answer, before: Mask) -> Mask | None:
    """The candidate most like `before`, None where none is the same object."""
    best, most = None, AGREE
    for each in answer.candidates:
        alike = (each.mask & before).sum() / max(1, (each.mask | before).sum())
        if alike >= most:
            best, most = each.mask, float(alike)
    return best
