"""Where an object may lie, from clicks and a box and the regions of the photo alone."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.segment.protocol import Mask
from core.segment.tree import Regions

LEAK = 0.1  # a region with more of its area than this settled to be outside is not the object
SMALLEST, LARGEST = 0.0005, 0.6  # of the photo: what a click alone may mean
TIGHT, TIGHTER = 0.9, 0.97  # of a box's width and height: what an object in it extends over
PROPOSED, WORTH = 0.002, 0.3  # of the photo, and how far a proposal stands out, at least
SAME = 0.8  # IoU from which on two candidates are one
PARTLY = 0.4  # of the object or of what is not: as much as a click corrects at most
CANDIDATES = 3

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Start:
    """A first guess, small. `sure` in [0, 1]."""

    mask: Mask
    sure: float


def starts(regions: Regions, inside: Mask, outside: Mask) -> list[Start]:
    """Guesses, best first. `inside`, `outside` [H, W]: what is settled; neither, one or both.

    With places outside (as beyond a box), a region is the object where it has to be joined with
    much that is unlike it before it reaches them; with places inside alone, those that hold
    them and stand out most from what they would be joined with next.
    """
    if outside.any():
        return _parted(regions, inside, outside)
    return _around(regions, inside) if inside.any() else []


def grown(regions: Regions, place: tuple[int, int], wrong: Mask, against: Mask) -> Mask:
    """What a click at `place` (row, column) corrects: the region around it that stands out most.

    It lies among the pixels that are `wrong`, holds none of `against`, and is a part of the
    object at most: clicks correct, they do not turn all over.
    """
    chain = regions.chain(int(regions.leaf[place]))
    share = regions.sums(wrong)[chain] / regions.area[chain]
    free = regions.sums(against)[chain] == 0
    most = PARTLY * min(wrong.sum(), wrong.size - wrong.sum())
    best, worth = 0, -1.0
    for i, node in enumerate(chain[:-1]):
        if i > 0 and (share[i] < 1 - LEAK or not free[i] or regions.area[node] > most):
            break
        if (found := _worth(regions, node)) > worth:
            best, worth = i, found
    return regions.mask(chain[best])


def _worth(regions: Regions, node: int) -> float:
    """How far `node` stands out from what it would be joined with, and from how much of it."""
    above = float(regions.height[regions.parent[node]])
    return (1 - float(regions.height[node]) / max(above, 1e-9)) * math.sqrt(above)


def _parted(regions: Regions, inside: Mask, outside: Mask) -> list[Start]:
    leaves = (len(regions.parent) + 1) // 2
    leak = _first(regions, regions.sums(outside) > LEAK * regions.area, leaves)
    if inside.any():
        join = _first(regions, regions.sums(inside) > 0, leaves)
        joined = (join < leak) | (regions.sums(inside)[:leaves] > 0)
    else:
        joined = np.zeros(leaves, bool)
    whole = ~outside
    found: list[Start] = []
    if not whole.all():
        for limit in _limits(regions, leak, joined, whole):
            _add(found, Start(np.asarray((joined | (leak > limit))[regions.leaf]), 1.0))
    if joined.any():
        _add(found, Start(np.asarray(joined[regions.leaf]), 0.5))
    return found[:CANDIDATES]


def _limits(regions: Regions, leak: Array, joined: Mask, whole: Mask) -> list[float]:
    """How unlike its surroundings a leaf has to be: as much as leaves a shape that fills the box.

    A box is drawn tightly (Lempitsky et al., 2009): the object touches all of its sides.
    """
    values = np.unique(leak[leak > 0])
    if len(values) == 0:
        return []
    rows, columns = np.nonzero(whole.any(axis=1))[0], np.nonzero(whole.any(axis=0))[0]
    limits = []
    for tight in (TIGHT, TIGHTER):
        low = 0.0
        for value in values[:-1]:
            mask = (joined | (leak > value))[regions.leaf]
            if _fill(mask, rows, columns) < tight:
                break
            low = float(value)
        limits.append(low)
    return [*limits, 0.0]


def _fill(mask: Mask, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> float:
    """How much of the box's width or height `mask` extends over, whichever is less."""
    down, across = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    if len(down) == 0:
        return 0.0
    tall = (down[-1] - down[0] + 1) / (rows[-1] - rows[0] + 1)
    wide = (across[-1] - across[0] + 1) / (columns[-1] - columns[0] + 1)
    return float(min(tall, wide))


def _first(regions: Regions, marked: NDArray[np.bool_], leaves: int) -> Array:
    """[L]: how high from each leaf the first `marked` node is; 0 where it is marked itself."""
    height = np.full(len(marked), np.inf)
    top = len(marked) - 1
    for node in range(top, -1, -1):
        up = height[regions.parent[node]] if node != top else regions.height[top]
        own = 0.0 if node < leaves else regions.height[node]
        height[node] = own if marked[node] else up
    return height[:leaves]


def _around(regions: Regions, inside: Mask) -> list[Start]:
    holds = regions.sums(inside) == inside.sum()
    y, x = np.argwhere(inside)[0]
    chain = [node for node in regions.chain(int(regions.leaf[y, x])) if holds[node]]
    size = regions.leaf.size
    fitting = [node for node in chain[:-1] if SMALLEST <= regions.area[node] / size <= LARGEST]
    ranked = [(_worth(regions, node), node) for node in fitting]
    found: list[Start] = []
    for worth, node in sorted(ranked, reverse=True):
        _add(found, Start(regions.mask(node), min(1.0, worth)))
    if not found:
        found = [Start(regions.mask(chain[0]), 0.0)]
    return found[:CANDIDATES]


def _add(found: list[Start], start: Start) -> None:
    """`start` to those found, unless it is empty or much like one of them."""
    if not start.mask.any():
        return
    for other in found:
        both = (other.mask & start.mask).sum() / (other.mask | start.mask).sum()
        if both > SAME:
            return
    found.append(start)


def standing_out(regions: Regions) -> list[tuple[int, float]]:
    """Nodes of which none holds another, with how far each stands out; the largest first."""
    height, parent, area = regions.height, regions.parent, regions.area
    worth = 1 - height / np.maximum(height[parent], 1e-9)
    share = area / regions.leaf.size
    good = (share >= PROPOSED) & (share <= LARGEST) & (worth >= WORTH)
    below: set[int] = set()  # nodes that hold a chosen one
    chosen: list[int] = []
    for node in sorted(np.nonzero(good)[0].tolist(), key=lambda node: -_worth(regions, node)):
        chain = regions.chain(node)
        if node in below or not set(chain).isdisjoint(chosen):
            continue
        chosen.append(node)
        below.update(chain)
    return [(node, float(worth[node])) for node in sorted(chosen, key=lambda node: -area[node])]
