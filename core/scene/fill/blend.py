"""Pieces in a hole brought to one light: each keeps its own differences, not its brightness.

Poisson image editing (Perez et al., 2003), but where a seam cannot be hidden it is left alone,
so that what is beyond does not run into the hole.
"""

import numpy as np
from numpy.typing import NDArray

from core.scene.fill.pieces import NOWHERE, SIDES, Numbers, Task, looked_up

Floats = NDArray[np.float32]
Array = NDArray[np.float64]
Pixels = NDArray[np.bool_]

LIGHT = 0.15  # a step in all of red, green and blue that is light's; more of it is an edge
FAINT = 1e-3  # how much a piece is held to its own brightness
DARKER = 0.1  # of a link's worth where the hole's edge is darker than its piece: see `blended`
LEAST = 1e-3  # what the link across the worst of seams is worth


def blended(picture: Floats, known: Pixels, task: Task, labels: Numbers) -> tuple[Floats, Pixels]:
    """`picture` [H, W, 3] with the pieces that `labels` [P] chose, and where [H, W] there are any.

    Least squares: neighbours in a piece differ as they do where it comes from, and others as both
    their pieces have it on the mean, each link weighed by how well the two agree.
    """
    from scipy.sparse import coo_matrix  # a third of a second to load
    from scipy.sparse.linalg import spsolve

    n, every = len(labels), np.arange(len(labels))
    own = task.said[labels, every].astype(np.float64)
    told = task.costs[labels, every] < NOWHERE
    weight, right = np.full(n, FAINT), FAINT * own
    rows, columns, values = [], [], []
    shifts = task.shifts[labels]
    number = np.full(known.shape, -1, np.int64)
    number[task.y, task.x] = every
    for down, across in SIDES:
        y, x = task.y + down, task.x + across
        inside = (y >= 0) & (x >= 0) & (y < known.shape[0]) & (x < known.shape[1])
        theirs, tells = looked_up(picture, known, y + shifts[:, 0], x + shifts[:, 1])
        step = own - theirs  # what this one is more than its neighbour, as its own piece has it
        beside = np.where(inside, number[np.where(inside, y, 0), np.where(inside, x, 0)], -1)
        color, sure = looked_up(picture, known, y, x)
        edge = sure & told & tells
        worth = _worth(theirs - color) * edge
        worth *= np.where((theirs - color).mean(axis=1) > 0, DARKER, 1.0)
        weight += worth
        right += worth[:, None] * np.where(edge[:, None], color + step, 0)
        here = np.flatnonzero((beside >= 0) & told)
        there = beside[here]
        here, there = here[told[there]], there[told[there]]
        # The same step as the neighbour's piece has it.
        back = shifts[there]
        mine, known_too = looked_up(
            picture, known, task.y[here] + back[:, 0], task.x[here] + back[:, 1]
        )
        other = mine - own[there]
        off = np.where((tells[here] & known_too)[:, None], step[here] - other, 0)
        both = (tells[here].astype(float) + known_too)[:, None]
        total = np.where(tells[here, None], step[here], 0) + np.where(known_too[:, None], other, 0)
        mean = total / np.maximum(both, 1)
        worth = _worth(off) * (both[:, 0] > 0)
        np.add.at(weight, here, worth)
        np.add.at(right, here, worth[:, None] * mean)
        rows.append(here)
        columns.append(there)
        values.append(-worth)
    diagonal = (
        np.concatenate([*values, weight]),
        (np.concatenate([*rows, every]), np.concatenate([*columns, every])),
    )
    system = coo_matrix(diagonal, shape=(n, n)).tocsc()
    found = np.asarray(spsolve(system, right)).reshape(n, -1)
    answer, done = picture.copy(), np.zeros(known.shape, bool)
    done[task.y[told], task.x[told]] = True
    answer[task.y[told], task.x[told]] = np.clip(found[told], 0, 1)
    return answer.astype(np.float32), done


def _worth(off: Array | Floats) -> Array:
    """[E]: of links whose two sides disagree by `off` [E, 3]."""
    size = np.abs(np.asarray(off, np.float64)).mean(axis=1)
    return np.asarray(LEAST + 1 / (1 + (size / LIGHT) ** 4))
