"""What clicks and strokes may mean where no box was drawn, from the regions of the photo alone."""

from collections.abc import Sequence

import numpy as np

from core.segment.choice import LEAK
from core.segment.correcting import Click
from core.segment.protocol import Mask
from core.segment.superpixels import Array
from core.segment.tree import Regions

SMALLEST, LARGEST = 0.0005, 0.6  # of the photo: what a click alone may mean
PROPOSED, WORTH = 0.002, 1.0  # of the photo, and how far a proposal stands out, at least
CERTAIN = 4.0  # what stands out as far as this is an object without a doubt
SAME = 0.8  # IoU from which on two guesses are one
PARTLY = 0.4  # of the object or of what is not: as much as a click corrects at most
LEVELS = (4.0, 2.0, 1.0, 0.0, -2.0)  # heights up to which strokes let regions hold together

Found = list[tuple[Mask, float]]  # superpixels [L], and how sure in [0, 1]


def around(regions: Regions, inside: Mask) -> Found:
    """Regions that hold all of `inside` [H, W], those first that stand out most."""
    if not inside.any():
        return []
    marks = regions.of_leaves(inside)
    holds = regions.sums(marks) == marks.sum()
    chain = [node for node in regions.chain(int(marks.argmax())) if holds[node]]
    share = regions.area / regions.leaf.size
    fitting = [node for node in chain[:-1] if SMALLEST <= share[node] <= LARGEST] or chain[:1]
    worth = _worth(regions)
    found: Found = []
    for node in sorted(fitting, key=lambda node: -worth[node]):
        _add(regions, found, regions.leaves(node), _sure(worth[node]))
    return found


def parted(regions: Regions, inside: Mask, outside: Mask) -> Found:
    """What is joined with places `inside` [H, W] before it is with places `outside`."""
    found: Found = []
    shut = regions.of_leaves(outside)
    held = regions.of_leaves(inside) > 0
    leak = regions.first(regions.sums(shut) > LEAK * regions.area)
    join = regions.first(regions.sums(held.astype(np.float64)) > 0)
    if held.any():
        _add(regions, found, held | (join < leak), 0.5)
        return found
    for level in LEVELS:
        _add(regions, found, leak > level, 0.5)
    return found


def grown(regions: Regions, before: Mask, clicks: Sequence[Click], partly: float = PARTLY) -> Mask:
    """`before` [L] with the region turned over that the last of `clicks` most likely meant.

    It holds none of the clicks that say otherwise, and is at most `partly` of the object or of what
    is not: clicks correct, they do not turn all over.
    """
    *earlier, last = clicks
    against = np.zeros(regions.count)
    for click in earlier:
        if click.inside != last.inside:
            against[regions.leaf[click.row, click.column]] = 1
    area = regions.area[: regions.count]
    chain = regions.chain(int(regions.leaf[last.row, last.column]))
    wrong = regions.sums(area * (before != last.inside))[chain] / regions.area[chain]
    most = partly * min(area[before].sum(), area[~before].sum())
    worth, against = _worth(regions), regions.sums(against)
    best = chain[0]
    for node, share in zip(chain[1:-1], wrong[1:-1], strict=True):
        if share < 1 - LEAK or against[node] > 0 or regions.area[node] > most:
            break
        if worth[node] > worth[best]:
            best = node
    part = regions.leaves(best)
    return before | part if last.inside else before & ~part


def standing_out(regions: Regions) -> list[tuple[int, float]]:
    """Nodes of which none holds another, with how far each stands out; the largest first."""
    worth, share = _worth(regions), regions.area / regions.leaf.size
    good = (share >= PROPOSED) & (share <= LARGEST) & (worth >= WORTH)
    taken = np.zeros(regions.count, bool)
    chosen: list[int] = []
    for node in sorted(np.flatnonzero(good).tolist(), key=lambda node: -worth[node]):
        leaves = regions.leaves(node)
        if not (taken & leaves).any():
            chosen.append(node)
            taken |= leaves
    chosen.sort(key=lambda node: -regions.area[node])
    return [(node, _sure(worth[node])) for node in chosen]


def _worth(regions: Regions) -> Array:
    """[N]: how far each node stands out: how much longer it stays as it is than its parts did."""
    return np.asarray(regions.above - np.maximum(regions.height, -CERTAIN))


def _sure(worth: float) -> float:
    return float(np.clip(worth / (2 * CERTAIN), 0, 1))


def _add(regions: Regions, found: Found, leaves: Mask, sure: float) -> None:
    """A guess more, unless it is empty or much like one of those."""
    area = regions.area[: regions.count]
    for other, _ in found:
        if area[other & leaves].sum() > SAME * area[other | leaves].sum():
            return
    if leaves.any():
        found.append((leaves, sure))
