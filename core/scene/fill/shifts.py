"""A hole in a picture filled with pieces of the rest, shifted as the surroundings repeat.

Few shifts tell how most pictures go on (He and Sun, 2012). Which one holds where in the hole is
decided so that the seams between pieces show least, by expansion moves (Boykov et al., 2001).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.scene.fill.membrane import membrane

Floats = NDArray[np.float32]
Array = NDArray[np.float64]
Pixels = NDArray[np.bool_]
Numbers = NDArray[np.int64]

RING = 20  # pixels around the hole that tell how the surroundings repeat
LEAST = 8  # pixels: nearer repetitions are the same thing
SECTORS = 8  # of the ring, each of which has shifts of its own
EACH = 5  # shifts of a sector, and of all the ring
OVERLAP = 0.5  # of a sector, that a shift keeps within what is known
APART = 3  # pixels between two shifts
SWEEPS = 2
NOWHERE = 1e3  # what a shift costs that leads to what is not known
UNTOLD = 0.5  # what it costs where it does not tell of the hole's edge
EDGE = 2.0  # times that a difference at the hole's edge counts
FINE = 1000  # steps that a cost of 1 has, for a cut reckons with whole numbers
SIDES = ((0, 1), (0, -1), (1, 0), (-1, 0))


def shifted(picture: Floats, known: Pixels, wanted: Pixels) -> tuple[Floats, Pixels]:
    """`picture` [H, W, 3] with what is `wanted` [H, W] taken from what is `known`, and where [H, W]
    it was: elsewhere no shift leads to anything known."""
    hole = wanted & ~known
    shifts = _shifts(picture, known, hole) if hole.any() else np.zeros((0, 2), np.int64)
    if not len(shifts):
        return picture.copy(), np.zeros(known.shape, bool)
    task = _task(picture, known, hole, shifts)
    labels = _labelled(task)
    each = np.arange(len(task.y))
    told = task.costs[labels, each] < NOWHERE
    answer, done = picture.copy(), np.zeros(known.shape, bool)
    answer[task.y[told], task.x[told]] = task.said[labels, each][told]
    done[task.y[told], task.x[told]] = True
    off, at_edge = _off(picture, known, task, shifts[labels])
    light = membrane(off, at_edge | ~done)
    return np.where(done[..., None], answer + light, answer).astype(np.float32), done


@dataclass(frozen=True, eq=False)
class _Task:
    """The hole's pixels `y`, `x` [P]; what each shift says of them, `said` [L, P, 3], and costs
    there [L, P]; which of them are neighbours, `one` and `other` [E]."""

    y: Numbers
    x: Numbers
    said: Floats
    costs: Array
    one: Numbers
    other: Numbers


def _off(picture: Floats, known: Pixels, task: _Task, shifts: Numbers) -> tuple[Floats, Pixels]:
    """What the pieces lack [H, W, 3] at the hole's edge, and where that is: they come from where
    it is brighter or darker."""
    total, count = np.zeros((len(task.y), 3)), np.zeros(len(task.y))
    for down, across in SIDES:
        y, x = task.y + down, task.x + across
        color, sure = _looked_up(picture, known, y, x)
        theirs, tells = _looked_up(picture, known, y + shifts[:, 0], x + shifts[:, 1])
        both = sure & tells
        total += np.where(both[:, None], color - theirs, 0)
        count += both
    off, there = np.zeros_like(picture), np.zeros(known.shape, bool)
    edge = count > 0
    off[task.y[edge], task.x[edge]] = total[edge] / count[edge, None]
    there[task.y[edge], task.x[edge]] = True
    return off, there


def _shifts(picture: Floats, known: Pixels, hole: Pixels) -> Numbers:
    """[L, 2]: by what the ring around the hole, and each of its sectors, is most like itself."""
    height, width = known.shape
    kernel = np.ones((2 * RING + 1, 2 * RING + 1), np.uint8)
    ring = (cv2.dilate(hole.astype(np.uint8), kernel) > 0) & known
    y, x = np.mgrid[:height, :width]
    middle = np.argwhere(hole).mean(axis=0)
    angle = np.arctan2(y - middle[0], x - middle[1])
    found: dict[tuple[int, int], None] = {}
    for sector in range(-1, SECTORS):
        part = ring
        if sector >= 0:
            off = (angle - 2 * np.pi * sector / SECTORS + np.pi) % (2 * np.pi) - np.pi
            part = ring & (np.abs(off) < 1.6 * np.pi / SECTORS)
        if part.any():
            found |= dict.fromkeys(_best_shifts(picture, known, part))
    return np.array(list(found), np.int64).reshape(-1, 2)


def _best_shifts(picture: Floats, known: Pixels, part: Pixels) -> list[tuple[int, int]]:
    """The shifts by which what is known is most like itself in `part` [H, W]."""
    from scipy.signal import fftconvolve

    height, width = known.shape
    there, here = known.astype(np.float64), part.astype(np.float64)
    colors = np.where(known[..., None], picture, 0).astype(np.float64)

    def matched(a: Array, b: Array) -> Array:
        return np.asarray(fftconvolve(b, a[::-1, ::-1]))

    count = matched(here, there)
    squares = matched(here * (colors**2).sum(axis=2), there)
    squares += matched(here, (colors**2).sum(axis=2))
    for k in range(colors.shape[2]):
        squares -= 2 * matched(here * colors[..., k], colors[..., k])
    down, across = np.mgrid[1 - height : height, 1 - width : width]
    cost = squares / np.maximum(count, 1)
    cost[(count < OVERLAP * here.sum()) | (np.hypot(down, across) < LEAST)] = np.inf
    found: list[tuple[int, int]] = []
    while len(found) < EACH and np.isfinite(cost.min()):
        i, j = np.unravel_index(int(cost.argmin()), cost.shape)
        found.append((int(down[i, j]), int(across[i, j])))
        cost[max(0, i - APART) : i + APART + 1, max(0, j - APART) : j + APART + 1] = np.inf
    return found


def _task(picture: Floats, known: Pixels, hole: Pixels, shifts: Numbers) -> _Task:
    y, x = np.nonzero(hole)
    number = np.full(hole.shape, -1, np.int64)
    number[y, x] = np.arange(len(y))
    said, told = _looked_up(picture, known, y + shifts[:, :1], x + shifts[:, 1:])
    costs = np.where(told, 0.0, NOWHERE)
    one, other = [], []
    for down, across in SIDES:
        color, sure = _looked_up(picture, known, y + down, x + across)
        theirs, tells = _looked_up(
            picture, known, y + down + shifts[:, :1], x + across + shifts[:, 1:]
        )
        seam = np.where(tells, EDGE * np.abs(theirs - color).sum(axis=2), UNTOLD)
        costs += np.where(sure, seam, 0.0)
        v, u = np.clip(y + down, 0, len(hole) - 1), np.clip(x + across, 0, hole.shape[1] - 1)
        beside = number[v, u]
        pairs = (beside >= 0) & (beside > np.arange(len(y)))
        one.append(np.flatnonzero(pairs))
        other.append(beside[pairs])
    return _Task(y, x, said, costs, np.concatenate(one), np.concatenate(other))


def _looked_up(picture: Floats, known: Pixels, y: Numbers, x: Numbers) -> tuple[Floats, Pixels]:
    """Colours [..., 3] at these pixels [...], and whether they are known."""
    inside = (y >= 0) & (x >= 0) & (y < known.shape[0]) & (x < known.shape[1])
    v, u = np.where(inside, y, 0), np.where(inside, x, 0)
    return picture[v, u], inside & known[v, u]


def _labelled(task: _Task) -> Numbers:
    """[P]: which shift each pixel takes."""
    labels = np.asarray(task.costs.argmin(axis=0), np.int64)
    least = _energy(task, labels)
    for _ in range(SWEEPS):
        for label in range(len(task.costs)):
            changed = np.where(_taken(task, labels, label), label, labels)
            energy = _energy(task, changed)
            if energy < least:
                labels, least = changed, energy
    return labels


def _energy(task: _Task, labels: Numbers) -> float:
    own = task.costs[labels, np.arange(len(labels))].sum()
    return float(own + _seams(task, labels[task.one], labels[task.other]).sum())


def _seams(task: _Task, a: Numbers, b: Numbers) -> Array:
    """[E]: how much a seam shows where one neighbour takes shift a and the other b, a metric."""
    at_one = np.abs(task.said[a, task.one] - task.said[b, task.one]).sum(axis=1)
    at_other = np.abs(task.said[a, task.other] - task.said[b, task.other]).sum(axis=1)
    return np.asarray(at_one + at_other, np.float64)


def _taken(task: _Task, labels: Numbers, label: int) -> Pixels:
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
