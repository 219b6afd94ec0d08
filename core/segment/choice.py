"""Which regions of a photo a box means.

Candidates come from the tree of regions; each is judged by how well it fits the box, by the
edges, creases and steps along its border and by how unlike its surroundings it is.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.segment import merging
from core.segment.likeness import FITTING
from core.segment.protocol import Mask
from core.segment.superpixels import Array
from core.segment.tree import Regions

LEAK = 0.12  # a region with more of its area than this settled to be outside is not the object
LOOSE = 0.25  # IoU of the boxes: what fits less is no candidate
SINGLE, TOGETHER = 60, 8  # regions that are tried alone, and joined
SPREADING = 4  # regions whose likes are looked for elsewhere in the box
SHADE = (0.5, 1.0, 1.0)  # what differences in L, a and b count: light falls unevenly
ALIKE = 9.0  # of Lab so weighted: what is nearer has one colour
ALONG, OFF = 0.9, 0.08  # cosine of normals, sine of the way out of the plane: one plane
MOST = 24  # candidates
SAME = 0.97  # IoU from which on two are one
BETTER = 0.02  # of IoU with the box: what a region has to add to be joined
LEVELS = (-4, -2, -1, 0, 1, 2, 4)  # heights up to which regions hold together
CLIP = 6.0  # of how unlike two superpixels are: more does not count

Box4 = NDArray[np.float64]  # left, top, right, bottom


@dataclass(frozen=True, eq=False)
class Frame:
    """A box in a small photo, and the pixels in it that may be the object."""

    box: Box4
    open: Mask  # [H, W]
    free: Array  # [L] pixels of each superpixel that are open
    leak: Array  # [N] pixels of each region that are not

    @staticmethod
    def of(regions: Regions, box: Box4, shut: Mask) -> "Frame":
        """What `box` and pixels `shut` [H, W] leave open."""
        open_ = np.zeros(regions.leaf.shape, bool)
        left, top, right, bottom = box
        open_[int(top) : int(np.ceil(bottom)), int(left) : int(np.ceil(right))] = True
        open_ &= ~shut
        free = regions.of_leaves(open_)
        return Frame(box, open_, free, regions.sums(regions.area[: regions.count] - free))


class Candidate(NamedTuple):
    """Superpixels that may be the object; of a single region, its height and its parent's."""

    leaves: Mask  # [L]
    height: float
    above: float
    kind: int  # 0: a region, 1: regions that fill the box together, 2: all that does not leak


def candidates(regions: Regions, frame: Frame) -> list[Candidate]:
    """What the box may mean, in no order of worth."""
    found: list[Candidate] = []
    valid = frame.leak <= LEAK * regions.area
    boxes = _clipped(regions.known[:, merging.BOX :], frame.box)
    fit = np.where(valid, _overlap(boxes, frame.box), 0.0)
    best = np.argsort(-fit, kind="stable")[:SINGLE]
    above = regions.above
    for node in best[fit[best] > LOOSE].tolist():
        _add(found, regions, frame, regions.leaves(node), regions.height[node], above[node], 0)
    whole = np.flatnonzero(valid & ~valid[regions.parent])
    largest = whole[np.argsort(-regions.area[whole], kind="stable")[:2]]
    for node in (*best[:1].tolist(), *largest.tolist()):
        _add(found, regions, frame, _joined(regions, frame, boxes, node, whole), 0, 0, 1)
    for node in best[:SPREADING].tolist():
        _add(found, regions, frame, alike(regions, frame, node), 0, 0, 1)
    leaking = regions.first(~valid)
    for level in LEVELS:
        tight = (leaking > level) & (frame.free > 0.5 * regions.area[: regions.count])
        _add(found, regions, frame, tight, level, 0, 2)
    return found


def chosen(regions: Regions, frame: Frame, most: int) -> list[tuple[Mask, float]]:
    """The best candidates [L] and how good each is expected to be, best first."""
    found = candidates(regions, frame)
    worth = [FITTING.worth(traits(regions, frame, each)) for each in found]
    order = sorted(range(len(found)), key=lambda i: -worth[i])[:most]
    return [(found[i].leaves, float(np.clip(worth[i], 0, 1))) for i in order]


def _add(
    found: list[Candidate],
    regions: Regions,
    frame: Frame,
    leaves: Mask,
    height: float,
    above: float,
    kind: int,
) -> None:
    """A candidate more, unless it is empty or much like one of those."""
    leaves = leaves & (frame.free > 0)
    area = regions.area[: regions.count]
    if not leaves.any() or (kind == 0 and len(found) >= MOST):
        return
    for other in found:
        if area[other.leaves & leaves].sum() > SAME * area[other.leaves | leaves].sum():
            return
    found.append(Candidate(leaves, float(height), float(above), kind))


def _joined(
    regions: Regions, frame: Frame, boxes: Array, first: int, others: NDArray[np.int64]
) -> Mask:
    """Region `first` with those of `others` that make it fill the box."""
    leaves, box = regions.leaves(first), boxes[first]
    for _ in range(TOGETHER):
        if len(others) == 0:
            break
        low = np.minimum(boxes[others, :2], box[:2])
        high = np.maximum(boxes[others, 2:], box[2:])
        fit = _overlap(np.hstack([low, high]), frame.box)
        best = int(fit.argmax())
        if fit[best] < _overlap(box, frame.box) + BETTER:
            break
        leaves, box = leaves | regions.leaves(int(others[best])), np.r_[low[best], high[best]]
    return leaves


def alike(regions: Regions, frame: Frame, node: int) -> Mask:
    """[L]: region `node` and all whole regions of its colour on its plane, touching or not."""
    whole = (frame.leak <= LEAK * regions.area) & (regions.height <= 0) & (regions.above > 0)
    known = regions.known
    colors = known[:, merging.LAB : merging.LAB + 3] / known[:, merging.AREA, None]
    same = np.linalg.norm((colors - colors[node]) * SHADE, axis=1) < ALIKE
    normals = known[:, merging.NORMAL : merging.NORMAL + 3]
    lengths = np.linalg.norm(normals, axis=1)
    if lengths[node] > 0:
        points = known[:, merging.POINT : merging.POINT + 3] / known[:, merging.AREA, None]
        normal, way = normals[node] / lengths[node], points - points[node]
        same &= normals @ normal > ALONG * lengths
        same &= np.abs(way @ normal) <= OFF * np.linalg.norm(way, axis=1)
    leaves = regions.leaves(node)
    for other in np.flatnonzero(whole & same).tolist():
        leaves |= regions.leaves(other)
    return leaves


def traits(regions: Regions, frame: Frame, candidate: Candidate) -> Array:
    """[21]: what tells how good a candidate is."""
    leaves = candidate.leaves
    a, b = regions.pairs.T
    border, inner = leaves[a] != leaves[b], leaves[a] & leaves[b]
    length = regions.borders[:, merging.LENGTH]
    unlike = np.clip(regions.unlike, -CLIP, CLIP)
    round_, within = length[border].sum() + 1e-6, length[inner].sum() + 1e-6
    known = regions.known[: regions.count]
    area = known[leaves, merging.AREA].sum() + 1e-6
    free = frame.free[leaves].sum()
    most = frame.free > 0.5 * known[:, merging.AREA]
    rest = known[most & ~leaves]
    ours = known[leaves, merging.COUNTS : merging.POINT].sum(axis=0) / area
    theirs = rest[:, merging.COUNTS : merging.POINT].sum(axis=0)
    theirs = theirs / max(1.0, rest[:, merging.AREA].sum())
    box = _clipped(_box_of(known[leaves & most]), frame.box)
    wide, high = frame.box[2:] - frame.box[:2]
    gaps = np.abs(box - frame.box) / (wide, high, wide, high)
    fit = float(_overlap(box, frame.box))
    parting = (length * unlike)[border].sum() / round_
    sides = regions.borders[border].sum(axis=0) / round_
    return np.array(
        [
            1.0,
            fit,
            gaps.max(),
            gaps.sum(),
            1 - free / area,
            free / (wide * high),
            parting,
            sides[merging.STEEP] / 10,
            sides[merging.GAP],
            sides[merging.CONCAVE],
            (length * unlike)[inner].sum() / within,
            length[border & (unlike < -1)].sum() / round_,
            1 - np.minimum(ours, theirs).sum() / 3,
            np.log(free / max(1.0, frame.free[most].sum()) + 1e-3),
            round_ / np.sqrt(area) / 10,
            np.tanh(candidate.height / 4),
            np.tanh(candidate.above / 4),
            float(candidate.kind == 1),
            float(candidate.kind == 2),
            fit**2,
            fit * parting,
        ]
    )


def _box_of(known: Array) -> Array:
    if len(known) == 0:
        return np.zeros(4)
    boxes = known[:, merging.BOX :]
    return np.asarray(np.r_[boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def _clipped(boxes: Array, box: Box4) -> Array:
    low, high = np.maximum(boxes[..., :2], box[:2]), np.minimum(boxes[..., 2:], box[2:])
    return np.asarray(np.concatenate([low, np.maximum(low, high)], axis=-1))


def _overlap(boxes: Array, box: Box4) -> Array:
    """IoU of `boxes` [..., 4] that lie within `box`."""
    sizes = np.prod(boxes[..., 2:] - boxes[..., :2], axis=-1)
    return np.asarray(sizes / max(1.0, float(np.prod(box[2:] - box[:2]))))
