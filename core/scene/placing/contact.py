"""Whether photos show an object standing on the floor."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.bool_]

REACH = 5  # pixels by which both masks grow: between them runs a line that is neither
TOUCHING = 0.2  # of an object's lower contour, beside the floor: it stands there


def floor_contact(thing: Pixels, floor: Pixels) -> float:
    """Share in [0, 1] of the lower contour of `thing` [H, W] that touches `floor` [H, W].

    The lower contour: in each column the lowest of its pixels. Those at the picture's lower edge
    tell nothing. 3D-RE-GEN asks whether the masks' boxes overlap, which they also do for a
    picture above a floor that reaches round a corner.
    """
    height = len(thing)
    columns = np.flatnonzero(thing.any(axis=0))
    lowest = height - 1 - thing[::-1].argmax(axis=0)[columns]
    told = lowest < height - 1
    columns, lowest = columns[told], lowest[told]
    if not len(columns):
        return 0.0
    kernel = np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8)
    near = cv2.dilate(floor.astype(np.uint8), kernel) > 0
    below = np.minimum(lowest + REACH, height - 1)
    return float(np.mean(near[below, columns] | near[lowest, columns]))


def stands_on_floor(things: Iterable[tuple[Pixels, Pixels]]) -> bool:
    """Whether pairs of masks (object, floor), one pair a photo, say that it does.

    By the median photo: one from above may show the floor all around a thing on a table, one from
    below none of it.
    """
    contacts = [floor_contact(*each) for each in things if each[0].any()]
    return bool(contacts) and float(np.median(contacts)) >= TOUCHING
