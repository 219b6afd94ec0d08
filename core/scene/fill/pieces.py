"""Which piece of a picture goes where in its hole: labels so chosen that seams show least.

By expansion moves (Boykov et al., 2001), each of them a least cut.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Array = NDArray[np.float64]
Pixels = NDArray[np.bool_]
Numbers = NDArray[np.int64]
Value = TypeVar("Value", bound=np.generic)

NOWHERE = 1e3  # what a shift costs that leads to what is not known
UNTOLD = 0.5  # what it costs where it does not tell of the hole's edge
EDGE = 2.0  # times that a difference at the hole's edge counts
MOST = 1.5  # that it costs: where light ends at the edge nothing fits
BAND = 3  # pixels on either side of a seam, in which it may move
FINE = 1000  # steps that a cost of 1 has, for a cut reckons with whole numbers
SIDES = ((0, 1), (0, -1), (1, 0), (-1, 0))


@dataclass(frozen=True, eq=False)
class Task:
    """The hole's pixels `y`, `x` [P] in order; what each of `shifts` [L, 2] says of them,
    `said` [L, P, 3], and costs there [L, P]; which are neighbours, `one` and `other` [E]."""

    shifts: Numbers
    y: Numbers
    x: Numbers
    said: Floats
    costs: Array
    one: Numbers
    other: Numbers


def task_of(picture: Floats, known: Pixels, hole: Pixels, shifts: Numbers) -> Task:
    """What there is to choose among for the `hole` [H, W] of `picture`."""
    y, x = np.nonzero(hole)
    number = np.full(hole.shape, -1, np.int64)
    number[y, x] = np.arange(len(y))
    said, told = looked_up(picture, known, y + shifts[:, :1], x + shifts[:, 1:])
    costs = np.where(told, 0.0, NOWHERE)
    one, other = [], []
    for down, across in SIDES:
        color, sure = looked_up(picture, known, y + down, x + across)
        theirs, tells = looked_up(
            picture, known, y + down + shifts[:, :1], x + across + shifts[:, 1:]
        )
        seam = np.minimum(EDGE * np.abs(theirs - color).sum(axis=2), MOST)
        costs += np.where(sure, np.where(tells, seam, UNTOLD), 0.0)
        v, u = np.clip(y + down, 0, len(hole) - 1), np.clip(x + across, 0, hole.shape[1] - 1)
        beside = number[v, u]
        pairs = (beside >= 0) & (beside > np.arange(len(y)))
        one.append(np.flatnonzero(pairs))
        other.append(beside[pairs])
    return Task(shifts, y, x, said, costs, np.concatenate(one), np.concatenate(other))


def looked_up(
    picture: NDArray[Value], known: Pixels, y: Numbers, x: Numbers
) -> tuple[NDArray[Value], Pixels]:
    """What `picture` [H, W, ...] has at these pixels [...], and whether they are known."""
    inside = (y >= 0) & (x >= 0) & (y < known.shape[0]) & (x < known.shape[1])
    v, u = np.where(inside, y, 0), np.where(inside, x, 0)
    return picture[v, u], inside & known[v, u]


def labelled(task: Task, labels: Numbers, sweeps: int) -> Numbers:
    """[P]: which shift each pixel takes, begun with `labels`."""
    least = _energy(task, labels)
    for _ in range(sweeps):
        before = least
        for label in range(len(task.costs)):
            changed = np.where(_taken(task, labels, label), label, labels)
            energy = _energy(task, changed)
            if energy < least:
                labels, least = changed, energy
        if least == before:
            break
    return labels


def mended(task: Task, labels: Numbers) -> Numbers:
    """[P]: `labels` moved along their seams alone, and where they lead to nothing known."""
    every = np.arange(len(labels))
    movable = task.costs[labels, every] >= NOWHERE
    for _ in range(BAND):
        differ = (labels[task.one] != labels[task.other]) | movable[task.one] | movable[task.other]
        movable[task.one[differ]] = True
        movable[task.other[differ]] = True
    rows = np.flatnonzero(movable)
    if not len(rows):
        return labels
    number = np.full(len(labels), -1, np.int64)
    number[rows] = np.arange(len(rows))
    costs = task.costs[:, rows].copy()
    for mine, theirs in ((task.one, task.other), (task.other, task.one)):
        here = movable[mine] & ~movable[theirs]
        a, b = mine[here], theirs[here]
        off = np.abs(task.said[:, a] - task.said[labels[b], a]).sum(axis=2)
        off += np.abs(task.said[:, b] - task.said[labels[b], b]).sum(axis=2)
        np.add.at(costs.T, number[a], off.T)
    inside = movable[task.one] & movable[task.other]
    part = Task(
        task.shifts,
        task.y[rows],
        task.x[rows],
        task.said[:, rows],
        costs,
        number[task.one[inside]],
        number[task.other[inside]],
    )
    answer = labels.copy()
    answer[rows] = labelled(part, labels[rows], sweeps=1)
    return answer


def _energy(task: Task, labels: Numbers) -> float:
    own = task.costs[labels, np.arange(len(labels))].sum()
    return float(own + _seams(task, labels[task.one], labels[task.other]).sum())


def _seams(task: Task, a: Numbers, b: Numbers) -> Array:
    """[E]: how much a seam shows where one neighbour takes shift a and the other b, a metric."""
    at_one = np.abs(task.said[a, task.one] - task.said[b, task.one]).sum(axis=1)
    at_other = np.abs(task.said[a, task.other] - task.said[b, task.other]).sum(axis=1)
    return np.asarray(at_one + at_other, np.float64)


def _taken(task: Task, labels: Numbers, label: int) -> Pixels:
    """[P]: which pixels take `label` instead, in the best expansion of it: a least cut."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import breadth_first_order, maximum_flow

    n, one, other = len(labels), task.one, task.other
    new = np.full(len(one), label)
    stay = _seams(task, labels[one], labels[other])
    if_other, if_one = _seams(task, labels[one], new), _seams(task, new, labels[other])
    change = task.costs[label] - task.costs[labels, np.arange(n)]
    np.add.at(change, one, if_one - stay)
    np.add.at(change, other, -if_one)
    across = np.maximum(if_other + if_one - stay, 0)
    every, source, sink = np.arange(n), np.full(n, n), np.full(n, n + 1)
    rows, columns = np.concatenate([source, every, one]), np.concatenate([every, sink, other])
    costs = np.concatenate([np.maximum(change, 0), np.maximum(-change, 0), across])
    whole = np.minimum(FINE * costs, 1e8).astype(np.int32)
    graph = coo_matrix((whole, (rows, columns)), shape=(n + 2, n + 2)).tocsr()
    left = graph - maximum_flow(graph, n, n + 1).flow
    left.data = np.maximum(left.data, 0)
    left.eliminate_zeros()
    taken = np.ones(n + 2, bool)
    taken[breadth_first_order(left, n, return_predecessors=False)] = False
    return taken[:n]
