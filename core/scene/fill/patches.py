"""A hole in a picture filled from the rest of it, patch by patch.

Every patch that reaches into the hole looks for the most alike one outside (PatchMatch: Barnes et
al., 2009), and every pixel of the hole becomes the mean of what the patches over it say, weighed
by how alike theirs is (Wexler et al., 2007); from coarse to fine.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from core.scene.fill.membrane import membrane
from core.scene.fill.search import HALF, search

Floats = NDArray[np.float32]
Pixels = NDArray[np.bool_]

PATCH = np.ones((2 * HALF + 1, 2 * HALF + 1), np.uint8)
# Of the usual cost: at this much a patch's say is a third, first and at last.
SOFT, SHARP = 0.3, 0.02
ROUNDS = 4  # of looking and of blending, a level
SMALLEST = 24  # pixels of a level's shorter side
LEVELS = 5


def patch_filled(
    picture: Floats, known: Pixels, wanted: Pixels | None = None, seed: int = 0
) -> Floats:
    """`picture` [H, W, C], what is `wanted` [H, W] filled from what is `known` [H, W].

    All that is not known is wanted unless told; what is neither takes no part. Light and texture
    are filled apart: the first is a `membrane` over the hole, the second the patches' difference
    from one of their own, so that a patch may come from where it is brighter. Where no patch is
    known as a whole, the membrane alone.
    """
    hole = ~known if wanted is None else wanted & ~known
    if not hole.any() or not known.any():
        return picture.copy()
    smooth = _light(picture, known)
    detail = np.where(known[..., None], picture - smooth, 0).astype(np.float32)
    levels = [(detail, known, hole)]
    while len(levels) < LEVELS and min(levels[-1][1].shape) >= 2 * SMALLEST:
        levels.append(_halved(*levels[-1]))
    found, matches = np.zeros_like(levels[-1][0]), None
    for level, (part, told, open_) in enumerate(reversed(levels)):
        if level:
            size = told.shape[::-1]
            larger = cv2.resize(found, size, interpolation=cv2.INTER_LINEAR)
            found = np.asarray(larger, np.float32).reshape(part.shape)
        found = np.where(told[..., None], part, found).astype(np.float32)
        sources = cv2.erode(told.astype(np.uint8), PATCH, borderType=0, borderValue=0) > 0
        if not sources.any() or not open_.any():
            continue
        near = cv2.dilate(open_.astype(np.uint8), PATCH) > 0
        begun = matches is None
        matches = _begun(matches, near, sources, seed + level)
        if begun:  # from somewhere, since a flat beginning is most like what is flat
            anything = part[matches[..., 0], matches[..., 1]]
            found = np.where(open_[..., None], anything, found)
        for turn in range(ROUNDS):
            costs = np.zeros(told.shape, np.float32)
            search(found, told | open_, near, sources, matches, costs, seed)
            sharp = level == len(levels) - 1 and turn == ROUNDS - 1
            found = _blended(found, open_, near, matches, costs, SHARP if sharp else SOFT)
    return np.where(hole[..., None], smooth + found, picture).astype(np.float32)


def _light(picture: Floats, known: Pixels) -> Floats:
    """What changes slowly: a wide mean of the known, and a membrane of it in the hole."""
    weight = known.astype(np.float32)
    wide = max(3.0, min(known.shape) / 12)
    blurred = cv2.GaussianBlur(picture * weight[..., None], (0, 0), wide)
    amount = cv2.GaussianBlur(weight, (0, 0), wide)
    mean = blurred.reshape(picture.shape) / np.maximum(amount, 1e-6)[..., None]
    return membrane(mean.astype(np.float32), known)


def _halved(picture: Floats, known: Pixels, hole: Pixels) -> tuple[Floats, Pixels, Pixels]:
    """Half as large; a pixel is known where all four of its were, and a hole where any was."""
    height, width = (side // 2 * 2 for side in known.shape)
    shape = (height // 2, 2, width // 2, 2)
    small = picture[:height, :width].reshape(*shape, -1).mean(axis=(1, 3))
    told: Pixels = np.asarray(known[:height, :width].reshape(shape).all(axis=(1, 3)))
    open_: Pixels = np.asarray(hole[:height, :width].reshape(shape).any(axis=(1, 3)))
    return small.astype(np.float32), told, open_


def _begun(
    coarser: NDArray[np.int64] | None, wanted: Pixels, sources: Pixels, seed: int
) -> NDArray[np.int64]:
    """First matches [H, W, 2] (row, column): the coarser level's, or any."""
    y, x = np.nonzero(sources)
    random = np.random.default_rng(seed)
    chosen = random.integers(0, len(y), wanted.shape)
    matches = np.stack([y[chosen], x[chosen]], axis=-1).astype(np.int64)
    if coarser is not None:
        height, width = wanted.shape
        rows = np.minimum(np.arange(height) // 2, coarser.shape[0] - 1)
        columns = np.minimum(np.arange(width) // 2, coarser.shape[1] - 1)
        odd = np.stack(np.meshgrid(np.arange(height) % 2, np.arange(width) % 2, indexing="ij"), -1)
        finer = 2 * coarser[rows][:, columns] + odd
        inside = (finer < (height, width)).all(axis=-1)
        finer = np.where(inside[..., None], finer, 0)
        good = inside & sources[finer[..., 0], finer[..., 1]]
        matches = np.where(good[..., None], finer, matches)
    return np.ascontiguousarray(matches)


def _blended(
    picture: Floats,
    hole: Pixels,
    wanted: Pixels,
    matches: NDArray[np.int64],
    costs: Floats,
    part: float,
) -> Floats:
    """The hole's pixels as the mean of what the patches over them say."""
    scale = max(part * float(np.median(costs[wanted])), 1e-8)
    worst = costs / scale - float(costs[wanted].min()) / scale
    weights = np.where(wanted, np.exp(-worst) + 1e-9, 0).astype(np.float32)
    height, width = hole.shape
    total = np.zeros((height, width, picture.shape[2] + 1), np.float32)
    for j in range(-HALF, HALF + 1):
        for i in range(-HALF, HALF + 1):
            # The patch at (y, x) says of the pixel at (y + j, x + i) what its match has there.
            rows = slice(max(0, -j), height - max(0, j))
            columns = slice(max(0, -i), width - max(0, i))
            at = matches[rows, columns]
            told = picture[at[..., 0] + j, at[..., 1] + i]
            weight = weights[rows, columns, None]
            there = total[max(0, j) : height + min(0, j), max(0, i) : width + min(0, i)]
            there += np.concatenate([told * weight, weight], axis=2)
    mean = total[..., :-1] / np.maximum(total[..., -1:], 1e-12)
    return np.where(hole[..., None], mean, picture).astype(np.float32)
