"""A hole in a picture filled with pieces of the rest, shifted as the surroundings repeat.

Few shifts tell how most pictures go on (He and Sun, 2012). Which one holds where in the hole is
decided where the picture is small, so that the seams between pieces show least, and then again
along what was found, with the picture ever larger.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from core.scene.fill.blend import blended
from core.scene.fill.pieces import Numbers, labelled, looked_up, mended, task_of

Floats = NDArray[np.float32]
Array = NDArray[np.float64]
Pixels = NDArray[np.bool_]

NODES = 2500  # pixels of the hole, where its shifts are found
RING = 20  # pixels around the hole that tell how the surroundings repeat
LENGTHS = (8.0, 24.0, 60.0, np.inf)  # pixels: nearer repetitions are the same thing
SECTORS = 8  # of the ring, each of which has shifts of its own
EACH = (5, 2, 2)  # shifts of these lengths, of a sector and of all the ring
OVERLAP = 0.5  # of a sector, that a shift keeps within what is known
APART = 3  # pixels between two shifts
RIM = 4  # pixels around the hole that tell how a shift is to be moved, where the picture is larger
NEAR = 8  # pixels around the hole that tell what is usual there
PATCH = 5  # pixels a side, by which kinds are told apart
KINDS = 12
DIMENSIONS = 12  # of patches, when they are compared
FADE = 4.0  # pixels: how near by is as near as can be
USUAL = 0.1  # of what is around, weighed by nearness, where a kind is not strange
SHUN = 0.15  # what a pixel costs that is like nothing around
COVERS = 8  # shifts at most, that bring what is usual to all of the hole
SPREAD = 4  # pixels: so far into the hole goes what is told of shifts beside it
MISFIT = 0.1  # what a pixel costs where its shift fails wholly beside it


def shifted(picture: Floats, known: Pixels, wanted: Pixels) -> tuple[Floats, Pixels]:
    """`picture` [H, W, 3] with what is `wanted` [H, W] taken from what is `known`, and where [H, W]
    it was: elsewhere no shift leads to anything known."""
    levels = _levels(picture, known, wanted & ~known)
    small, sure, hole = levels[0]
    shifts = _shifts(small, sure, hole) if hole.any() else np.zeros((0, 2), np.int64)
    if not len(shifts):
        return picture.copy(), np.zeros(known.shape, bool)
    kinds = _kinds(small, sure)
    shifts = np.concatenate([shifts, _covering(sure, hole, kinds)])
    task = task_of(small, sure, hole, shifts)
    there = looked_up(kinds, sure, task.y + shifts[:, :1], task.x + shifts[:, 1:])[0]
    strange = _strangeness(sure, hole, kinds)[there, np.arange(len(task.y))]
    task = replace(task, costs=task.costs + strange + _misfits(small, sure, hole, shifts))
    labels = labelled(task, np.asarray(task.costs.argmin(axis=0), np.int64), sweeps=2)
    for larger, told, open_ in levels[1:]:
        used, labels = np.unique(labels, return_inverse=True)
        image = np.zeros(hole.shape, np.int64)
        image[hole] = labels
        image = _enlarged(image, open_.shape)
        shifts = np.rint(task.shifts[used] * (open_.shape[0] / hole.shape[0])).astype(np.int64)
        shifts = np.array(list(_moved(larger, told, open_, shifts, image)))
        task = task_of(larger, told, open_, shifts)
        labels, hole = mended(task, image[open_]), open_
    return blended(picture, known, task, labels)


def _levels(picture: Floats, known: Pixels, hole: Pixels) -> list[tuple[Floats, Pixels, Pixels]]:
    """The picture, what is known of it and its hole, ever larger, from where the hole has
    `NODES` pixels; each at most twice as large as the last."""
    factor = max(1.0, (int(hole.sum()) / NODES) ** 0.5)
    steps = int(np.ceil(np.log2(factor) - 1e-9))
    found = [(picture, known, hole)]
    weight = known.astype(np.float32)
    for k in range(steps):
        part = factor ** (-(k + 1) / steps)
        height, width = (max(1, round(side * part)) for side in known.shape)
        amount = cv2.resize(weight, (width, height), interpolation=cv2.INTER_AREA)
        colors = cv2.resize(
            picture * weight[..., None], (width, height), interpolation=cv2.INTER_AREA
        )
        share = cv2.resize(hole.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
        mean = colors / np.maximum(amount, 1e-6)[..., None]
        sure = amount > 1 - 1e-4
        found.append((np.asarray(mean, np.float32), np.asarray(sure), (share > 1e-4) & ~sure))
    return found[::-1]


def _enlarged(image: Numbers, shape: tuple[int, ...]) -> Numbers:
    """`image` [h, w] as large as `shape` (H, W), each pixel the nearest."""
    rows, columns = (
        np.minimum((np.arange(n) + 0.5) * m / n, m - 1).astype(np.int64)
        for n, m in zip(shape, image.shape, strict=True)
    )
    return np.asarray(image[rows][:, columns])


def _around(hole: Pixels, known: Pixels, reach: int) -> Pixels:
    """[H, W]: what is known within `reach` pixels of the hole."""
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    return np.asarray((cv2.dilate(hole.astype(np.uint8), kernel) > 0) & known)


def _shifts(picture: Floats, known: Pixels, hole: Pixels) -> Numbers:
    """[L, 2]: by what the ring around the hole, and each of its sectors, is most like itself."""
    height, width = known.shape
    ring = _around(hole, known, RING)
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
    length = np.hypot(down, across)
    cost[count < OVERLAP * here.sum()] = np.inf
    found: list[tuple[int, int]] = []
    # Long ones as well: only they reach across a large hole.
    for each, (least, most) in zip(EACH, pairwise(LENGTHS), strict=True):
        near = np.where((length >= least) & (length < most), cost, np.inf)
        for _ in range(each):
            i, j = np.unravel_index(int(near.argmin()), near.shape)
            if not np.isfinite(near[i, j]):
                break
            found.append((int(down[i, j]), int(across[i, j])))
            near[max(0, i - APART) : i + APART + 1, max(0, j - APART) : j + APART + 1] = np.inf
    return found


def _kinds(picture: Floats, known: Pixels) -> Numbers:
    """[H, W]: which of `KINDS` a pixel is, by its patch; -1 where that is not wholly known."""
    whole = cv2.erode(known.astype(np.uint8), np.ones((PATCH, PATCH)), borderValue=0) > 0
    kinds = np.full(known.shape, -1, np.int64)
    y, x = np.nonzero(whole)
    if len(y) < KINDS:
        return kinds
    windows = np.lib.stride_tricks.sliding_window_view(picture, (PATCH, PATCH), axis=(0, 1))
    half = PATCH // 2
    patches = windows[y - half, x - half].reshape(len(y), -1)
    middle = patches.mean(axis=0)
    _, _, axes = np.linalg.svd(patches[:: max(1, len(y) // 1500)] - middle, False)
    low = np.ascontiguousarray((patches - middle) @ axes[:DIMENSIONS].T, np.float32)
    cv2.setRNGSeed(0)
    stop = (cv2.TERM_CRITERIA_MAX_ITER, 10, 0.0)
    empty = np.empty(0, np.int32)
    _, labels, _ = cv2.kmeans(low, KINDS, empty, stop, 1, cv2.KMEANS_PP_CENTERS)
    kinds[y, x] = labels[:, 0]
    return kinds


def _strangeness(known: Pixels, hole: Pixels, kinds: Numbers) -> Floats:
    """[KINDS + 1, P] what each kind costs at the hole's pixels, the last for what is of no kind:
    most where there is none of it around.

    So a picture on a wall does not hang there twice.
    """
    from scipy.signal import fftconvolve

    ring = _around(hole, kinds >= 0, RING)
    side = max(known.shape)
    y, x = np.mgrid[-side : side + 1, -side : side + 1]
    kernel = (x * x + y * y + FADE**2) ** -1.5

    def spread(where: Pixels) -> Array:
        return np.asarray(fftconvolve(where.astype(np.float64), kernel, "same"))[hole]

    total = np.maximum(spread(ring), 1e-12)
    shares = [spread(ring & (kinds == kind)) / total for kind in range(KINDS)]
    costs = [np.clip(1 - share / USUAL, 0, 1) for share in shares]
    return SHUN * np.array([*costs, np.full(int(hole.sum()), 0.5)], np.float32)


def _misfits(picture: Floats, known: Pixels, hole: Pixels, shifts: Numbers) -> Array:
    """[L, P] what each shift costs at the hole's pixels, as it fails beside them."""
    ring = _around(hole, known, 3 * SPREAD)
    y, x = np.nonzero(ring)
    size, wide = hole.shape, (0, 0)
    amount = cv2.GaussianBlur(ring.astype(np.float32), wide, SPREAD)[hole]
    sure = MISFIT * np.minimum(2 * amount, 1) / np.maximum(amount, 1e-6)
    costs = []
    for shift in shifts:
        theirs, told = looked_up(picture, known, y + shift[0], x + shift[1])
        off = np.minimum(np.abs(theirs - picture[y, x]).sum(axis=1), 1.0)
        image = np.zeros(size, np.float32)
        image[y, x] = np.where(told, off, 0.5)
        costs.append(cv2.GaussianBlur(image, wide, SPREAD)[hole] * sure)
    return np.array(costs, np.float64)


def _moved(
    picture: Floats, known: Pixels, hole: Pixels, shifts: Numbers, labels: Numbers
) -> Iterator[Numbers]:
    """Each of `shifts` [L, 2] moved by a pixel at most, to where the hole's rim fits best."""
    for k, shift in enumerate(shifts):
        y, x = np.nonzero(_around(hole & (labels == k), known, RIM))
        best, least = shift, np.inf
        for down in (0, -1, 1):
            for across in (0, -1, 1):
                moved = shift + np.array([down, across])
                theirs, told = looked_up(picture, known, y + moved[0], x + moved[1])
                if 2 * told.sum() <= len(y):
                    continue
                off = float(((theirs - picture[y, x])[told] ** 2).mean())
                if off < 0.98 * least:
                    best, least = moved, off
        yield best


def _covering(known: Pixels, hole: Pixels, kinds: Numbers) -> Numbers:
    """Few shifts [L, 2] that together bring something usual to all of the hole, if they can."""
    from scipy.signal import fftconvolve

    near = kinds[_around(hole, kinds >= 0, NEAR)]
    usual = np.flatnonzero(np.bincount(near, minlength=KINDS) > USUAL / 2 * max(len(near), 1))
    good = known & np.isin(kinds, usual)
    height, width = known.shape
    left = hole.copy()
    found: list[tuple[int, int]] = []
    while left.any() and len(found) < COVERS:
        count = np.asarray(fftconvolve(good.astype(float), left[::-1, ::-1].astype(float)))
        i, j = np.unravel_index(int(count.argmax()), count.shape)
        if count[i, j] < 0.5:
            break
        down, across = int(i) - height + 1, int(j) - width + 1
        found.append((down, across))
        y, x = np.nonzero(left)
        told = looked_up(kinds, good, y + down, x + across)[1]
        left[y[told], x[told]] = False
    return np.array(found, np.int64).reshape(-1, 2)
