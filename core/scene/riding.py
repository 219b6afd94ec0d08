"""What stands on things, and so comes along when they are moved."""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from core.scene.arrange import EDGES, Shapes, foot
from core.scene.layout import Layout

Array = NDArray[np.float64]

# How far a thing's foot may be off what it stands on: of its height, and of its diagonal.
OF_HEIGHT, OF_DIAGONAL = 0.15, 0.03
AROUND = 0.7  # of its width: how far beside a thing its support is looked for, for below it hid it
FEWEST = 8  # points of a support


def riders(
    layout: Layout, shapes: Shapes, ids: Iterable[int], others: Sequence[int]
) -> tuple[int, ...]:
    """Which placements of `others` stand on placements `ids`, or on others that do.

    A thing stands on what surrounds the middle of its foot in its height, and not on the floor.
    """
    carriers, left, found = list(ids), [id_ for id_ in others if layout.has(id_)], list[int]()
    while carriers:
        below = np.concatenate([shapes.placed(layout, id_) for id_ in carriers if layout.has(id_)])
        carriers = [id_ for id_ in left if _rests(shapes.placed(layout, id_), below)]
        left = [id_ for id_ in left if id_ not in carriers]
        found += carriers
    return tuple(found)


def _rests(thing: Array, below: Array) -> bool:
    """Whether `thing` [P, 3] stands on the points `below` [Q, 3] of others; the floor is y = 0."""
    if not len(thing):
        return False
    low, high = np.percentile(thing, EDGES, axis=0)
    slack = OF_HEIGHT * (high - low)[1] + OF_DIAGONAL * float(np.linalg.norm(high - low))
    if low[1] < slack:
        return False
    room = AROUND * (high - low)
    first, last = low - room, high + room
    first[1], last[1] = low[1] - slack, low[1] + slack
    support = below[((below >= first) & (below <= last)).all(axis=1)][:, [0, 2]]
    if len(support) < FEWEST:
        return False
    outline = cv2.convexHull(support.astype(np.float32)[:, None])
    x, _, z = foot((low, high))
    return cv2.pointPolygonTest(outline, (float(x), float(z)), False) >= 0
