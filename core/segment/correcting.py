"""What a click on a mask that is wrong corrects: the regions around it, judged as boxes' are.

Clicks are made in the middle of what is wrong, and that is as much as stands out.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from core.segment.choice import Candidate, Frame, alike, candidates, traits
from core.segment.likeness import CORRECTING
from core.segment.protocol import Mask
from core.segment.superpixels import Array
from core.segment.tree import Regions

LEAKING = 0.3  # a region with more of its area than this outside the box is not added
SHARE = 4.0  # of the object: more than this changed is all the same
GAINED = (1, 6, 12)  # traits whose rise tells: filling the box, parting along its border, colours


class Click(NamedTuple):
    """A place (row, column) of the small photo, and whether it is on the object."""

    row: int
    column: int
    inside: bool


def corrections(
    regions: Regions, frame: Frame, before: Mask, clicks: Sequence[Click]
) -> list[tuple[Mask, Array]]:
    """What the last of `clicks` may have meant: superpixels [L] of the object, and traits [35]."""
    *earlier, last = clicks
    leaf = int(regions.leaf[last.row, last.column])
    against = np.zeros(regions.count)
    for click in earlier:
        if click.inside != last.inside:
            against[regions.leaf[click.row, click.column]] = 1
    against = regions.sums(against)
    above, found = regions.above, []
    for node in regions.chain(leaf):
        leaking = frame.leak[node] > LEAKING * regions.area[node]
        if node >= regions.count and (against[node] > 0 or (last.inside and leaking)):
            break
        part = regions.leaves(node)
        after = (before | part) & (frame.free > 0) if last.inside else before & ~part
        found.append((Candidate(after, regions.height[node], above[node], 0), node))
        if last.inside and regions.height[node] <= 0 < above[node]:
            everywhere = alike(regions, frame, node) & (frame.free > 0)
            found += [
                (_held(regions, each, clicks), -1) for each in (everywhere, before | everywhere)
            ]
    found += [(_held(regions, each.leaves, clicks), -1) for each in candidates(regions, frame)]
    start = traits(regions, frame, Candidate(before, 0.0, 0.0, 0)) if before.any() else None
    rows = []
    for each, node in found:
        changed = (each.leaves != before)[regions.leaf] & frame.open
        if not each.leaves.any() or not changed.any():
            continue
        here = traits(regions, frame, each)
        more = _of_change(regions, frame, before, each, node, changed, last)
        gained = (here - (here if start is None else start))[list(GAINED)]
        rows.append((each.leaves, np.concatenate([here, more, gained])))
    return rows


def _held(regions: Regions, leaves: Mask, clicks: Sequence[Click]) -> Candidate:
    leaves = leaves.copy()
    for click in clicks:
        leaves[regions.leaf[click.row, click.column]] = click.inside
    return Candidate(leaves, 0.0, 0.0, 0)


def corrected(regions: Regions, frame: Frame, before: Mask, clicks: Sequence[Click]) -> Mask:
    """The superpixels [L] of the object after the last of `clicks` contradicted `before` [L]."""
    found = corrections(regions, frame, before, clicks)
    if not found:
        return before
    return max(found, key=lambda each: CORRECTING.worth(each[1]))[0]


def _of_change(
    regions: Regions,
    frame: Frame,
    before: Mask,
    after: Candidate,
    node: int,
    changed: Mask,
    click: Click,
) -> Array:
    """[11]: what tells a good correction: clicks are made in the middle of what is wrong."""
    framed = cv2.copyMakeBorder(changed.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    depth = cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1]
    middle = float(depth[click.row, click.column] / max(1.0, depth.max()))
    area = regions.area[: regions.count]
    share = changed.sum() / (area[before].sum() + 1.0)
    wrong = 1.0
    if node >= 0:
        inside = regions.leaves(node)
        wrong = area[inside & (before != click.inside)].sum() / regions.area[node]
    sign = float(click.inside)
    single = float(node >= 0)
    return np.array(
        [
            sign,
            middle,
            middle**2,
            single * np.tanh(after.height / 4),
            single * np.tanh(after.above / 4),
            single * np.tanh((after.above - after.height) / 4),
            np.log(share + 1e-3),
            min(share, SHARE),
            wrong,
            sign * min(1.0, share),
            1 - single,
        ]
    )
