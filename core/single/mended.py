"""Masks of a lone photo, mended where colours say that they are wrong.

A box drawn around a chair tends to take the floor between its legs along, and to leave legs out.
Of several photos the others put that right; here only colours can.
"""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from core.capture.pixels import fitted_size
from core.segment.labels import UNLABELLED
from core.segment.superpixels import superpixels_of

Array = NDArray[np.float64]
Labels = NDArray[np.int64]
Leaves = NDArray[np.integer]
Pixels = NDArray[np.bool_]

SMALL = 480  # pixels: longer side of the picture that colours are compared on
BIN, SOFT = 6.0, 0.7  # of Lab: a side of a bin of colours; how far colours spread, in bins
LOWEST, BINS = np.array([0.0, -72, -72]), (17, 24, 24)
SURER, OTHER = np.log(2.0), np.log(6.0)  # so much likelier a colour is another's
ALIKE, BESIDE = 9.0, 20.0  # of Lab, pixels: like what is so near by, a colour may be its
SHADE = np.array([0.5, 1.0, 1.0])  # shadows make the same thing darker, first of all
RARE = np.log(0.05)  # of what is commonest around: such colours are none of the surroundings
STEP, CLOSE = 4.0, 3.0  # of Lab, over so many pixels: what is less is no edge
MOST = 0.4  # of a thing: more is neither taken from it nor given to it
ROUNDS = 3  # of giving back: each time the colours of either are known better
BORDER = 1.6  # pixels between neighbours
ANY = 1e-5  # likelihood of any colour at all


def mended(
    photo: NDArray[np.uint8], labels: Labels, things: Sequence[int], floors: Sequence[int]
) -> Labels:
    """`labels` [H, W] of `photo` [H, W, 3] with what colours say that is another's.

    What `things` and `floors` took from each other is given back, and what has no label, lies
    beside a thing and has colours of things instead of the surroundings' is joined to it.
    """
    height, width = labels.shape
    size = fitted_size(width, height, SMALL)
    small = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)
    shrunk = cv2.resize(labels.astype(np.int32), size, interpolation=cv2.INTER_NEAREST)
    before: Labels = np.array(shrunk, np.int64)
    there = [id_ for id_ in things if (before == id_).any()]
    if not there:
        return labels
    leaf = superpixels_of(small).leaf
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).astype(np.float64)
    at = _bins(lab)
    after = before.copy()
    for _ in range(ROUNDS):
        _swap(after, leaf, at, lab, there, floors)
    _join(after, leaf, at, there)
    rows, columns = (np.arange(n) * m // n for n, m in zip(labels.shape, after.shape, strict=True))
    changed = (after != before)[rows][:, columns]
    return np.where(changed, after[rows][:, columns], labels)


def _swap(
    after: Labels,
    leaf: Leaves,
    at: Leaves,
    lab: Array,
    things: Sequence[int],
    floors: Sequence[int],
) -> None:
    """What is of the floor's colours to the floor, and what is of a thing's to the thing.

    Only where no edge parts them: a mask that is right ends at one.
    """
    ground = np.isin(after, floors)
    if not ground.any():
        return
    on_ground = _over(leaf, _likely(at, ground)[at])
    near = _over(leaf, _beside(lab, ground)) < ALIKE
    # All things together: of one alone, the floor that it took may be a good part.
    lead = on_ground - _over(leaf, _likely(at, np.isin(after, things))[at])
    floorlike = (lead > SURER) | (near & (lead > -OTHER))
    for id_ in things:
        mask = after == id_
        lead = on_ground - _over(leaf, _likely(at, mask)[at])
        for taken, owner, label in (
            (mask & floorlike, ground, int(floors[0])),
            (ground & (lead < -OTHER), mask, id_),
        ):
            seamless = _seamless(lab, taken, owner)
            _give(after, seamless, {label: owner}, int(mask.sum()))


def _seamless(lab: Array, taken: Pixels, owner: Pixels) -> Pixels:
    """Those parts of `taken` that run into `owner` without an edge."""
    count, parts = cv2.connectedComponents(taken.astype(np.uint8))
    inside, outside = _mean_near(lab, taken), _mean_near(lab, owner)
    step = np.linalg.norm((inside - outside) * SHADE, axis=-1)
    border = taken & (cv2.dilate(owner.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
    kept = np.zeros(count, bool)
    for k in np.unique(parts[border]):
        kept[k] = bool(np.median(step[border & (parts == k)]) < STEP)
    return np.asarray(kept[parts] & taken)


def _mean_near(lab: Array, mask: Pixels) -> Array:
    """[H, W, 3]: the mean colours of `mask` within a few pixels."""
    weight = cv2.GaussianBlur(mask.astype(np.float64), (0, 0), CLOSE)
    mean = cv2.GaussianBlur(lab * mask[..., None], (0, 0), CLOSE)
    return np.asarray(mean / np.maximum(weight, 1e-9)[..., None])


def _join(after: Labels, leaf: Leaves, at: Leaves, things: Sequence[int]) -> None:
    """What has no label and looks like things rather than like what is around, to things."""
    free = after == UNLABELLED
    around = _likely(at, free)
    lone = free & (_over(leaf, around[at]) - around.max() < RARE)
    groups = {id_: after == id_ for id_ in things}
    looks = np.max([_over(leaf, _likely(at, mask)[at]) for mask in groups.values()], axis=0)
    lone &= looks - _over(leaf, around[at]) > OTHER
    _give(after, lone, groups, max(int(mask.sum()) for mask in groups.values()))


def _bins(lab: Array) -> Labels:
    """[H, W]: which bin of colours each pixel falls into."""
    at = np.clip(((lab - LOWEST) / BIN).astype(np.int64), 0, np.array(BINS) - 1)
    return np.asarray(np.ravel_multi_index(tuple(np.moveaxis(at, -1, 0)), BINS))


def _beside(lab: Array, mask: Pixels) -> Array:
    """[H, W]: how far colours are from those of `mask` near by, infinite where none is near."""
    weight = cv2.GaussianBlur(mask.astype(np.float64), (0, 0), BESIDE)
    mean = cv2.GaussianBlur(lab * mask[..., None], (0, 0), BESIDE)
    off = np.linalg.norm((lab - mean / np.maximum(weight, 1e-9)[..., None]) * SHADE, axis=-1)
    return np.where(weight > 0.003, off, 1e3)


def _likely(at: Leaves, mask: Pixels) -> Array:
    """The logarithm of how likely each colour is in `mask`, by bin."""
    counts = np.bincount(at[mask], minlength=int(np.prod(BINS))).reshape(BINS)
    share = gaussian_filter(counts / max(int(mask.sum()), 1), SOFT)
    return np.asarray(np.log(share.ravel() + ANY))


def _over(leaf: Leaves, values: Array) -> Array:
    """The means of `values` [H, W] over superpixels, at their pixels."""
    count = np.bincount(leaf.ravel())
    return np.asarray((np.bincount(leaf.ravel(), values.ravel()) / count)[leaf])


def _give(after: Labels, taken: Pixels, owners: Mapping[int, Pixels], size: int) -> None:
    """Each part of `taken` to those of `owners` that it borders on, the nearest at each pixel."""
    ids = np.array(list(owners))
    away = np.stack(
        [
            cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 3)
            for mask in owners.values()
        ]
    )
    count, parts, facts, _ = cv2.connectedComponentsWithStats(taken.astype(np.uint8))
    for k in range(1, count):
        part = parts == k
        if facts[k, cv2.CC_STAT_AREA] < MOST * size:
            near = away[:, part]
            beside = near.min(axis=1) < BORDER
            if beside.any():
                near[~beside] = np.inf
                after[part] = ids[near.argmin(axis=0)]
