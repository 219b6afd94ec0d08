"""Plane sweep: how well each pixel fits its sources at each inverse depth.

Fronto-parallel planes, ZNCC over a box by running sums, the best half of the sources.
"""

# mypy: ignore-errors
# Numba compiles these: it checks their types itself, against what they are called with.

import numpy as np
from numba import njit, prange

from core.dense.sampling import WORD, between, fetch, locate
from core.render.cpu.layout import HALF, JIT, ONE, ZERO, F, U

STRIP = 16  # rows a worker does at once: their costs stay in its cache
FLOOR = F(2e-5 * 255**2)  # variance of noise
COST = F(127.0)  # steps per unit of 1 - ZNCC in a byte
NOWHERE = F(-2.0)  # score of a source that does not show the pixel


@njit(parallel=True, **JIT)
def sweep(grey, means, variances, views, depths, keep, radius, costs):
    """Fill `costs` [H, W, D] uint8 with COST * (1 - ZNCC) at inverse `depths` [D].

    `grey`, `means`, `variances` [H, W]: the reference and its box statistics, borders repeated;
    `views`: `words`, `shape`, `sizes` and `maps` of the `Sources`.
    """
    words, shape, sizes, maps = views
    height, width = grey.shape
    for strip in prange((height + STRIP - 1) // STRIP):
        first = strip * STRIP
        rows = min(STRIP, height - first)
        scores = np.empty((len(maps), rows, width), np.float32)
        warped = np.empty((rows + 2 * radius, width), np.float32)
        shown = np.empty((rows + 2 * radius, width), np.float32)
        room = (np.empty(width, np.int32), np.empty((2, width), np.float32),
                np.empty(width, np.uint32))  # fmt: skip
        sums = np.empty((3, width + 2 * radius), np.float32)
        for d in range(len(depths)):
            for s in range(len(maps)):
                for y in range(rows + 2 * radius):
                    place = min(max(first + y - radius, 0), height - 1)
                    base = WORD(s * shape[0] * shape[1])
                    warp_row(
                        words, base, F(shape[1]), sizes[s], maps[s], F(place), depths[d],
                        warped[y], shown[y], room,
                    )  # fmt: skip
                match(grey, means, variances, first, rows, warped, shown, radius, sums, scores[s])
            gather(scores, first, rows, keep, d, costs)


@njit(**JIT)
def warp_row(words, base, stride, size, m, y, w, out, shown, room):
    """A row of the reference as a source shows it on the plane of inverse depth `w`."""
    spots, parts, taken = room
    u0, v0 = m[0, 1] * y + m[0, 2] + m[0, 3] * w, m[1, 1] * y + m[1, 2] + m[1, 3] * w
    s0 = m[2, 1] * y + m[2, 2] + m[2, 3] * w
    du, dv, ds = m[0, 0], m[1, 0], m[2, 0]
    right, low = F(size[0] - 1), F(size[1] - 1)
    for x in range(U(0), U(len(out))):
        s = s0 + ds * F(WORD(x))
        share = ONE / max(s, F(1e-4))
        u, v = (u0 + du * F(WORD(x))) * share, (v0 + dv * F(WORD(x))) * share
        # How far inside the picture; behind the camera it is nowhere.
        inside = min(min(u, right - u), min(v, low - v)) + HALF
        shown[x] = min(inside, s - F(1e-4))
        locate(u, v, right, low, base, stride, x, spots, parts)
    fetch(words, spots, taken)
    for x in range(U(0), U(len(out))):
        out[x] = between(taken[x], parts[0, x], parts[1, x])


@njit(**JIT)
def add_row(grey_row, warped_row, radius, sign, sums):
    """Add a row's values, squares and products to the columns' sums, borders repeated."""
    width = len(warped_row)
    for x in range(width):
        a = sign * warped_row[x]
        sums[0, x + radius] += a
        sums[1, x + radius] += a * warped_row[x]
        sums[2, x + radius] += a * grey_row[x]


@njit(**JIT)
def match(grey, means, variances, first, rows, warped, shown, radius, sums, scores):
    """ZNCC of each pixel of a strip."""
    height, width = grey.shape
    side = 2 * radius + 1
    share = ONE / F(side * side)
    sums[:] = ZERO
    for y in range(2 * radius):
        add_row(grey[min(max(first + y - radius, 0), height - 1)], warped[y], radius, ONE, sums)
    for y in range(rows):
        low = min(max(first + y + radius, 0), height - 1)
        add_row(grey[low], warped[y + 2 * radius], radius, ONE, sums)
        for k in range(3):
            for x in range(radius):
                sums[k, x] = sums[k, radius]
                sums[k, width + radius + x] = sums[k, width + radius - 1]
        a = b = c = ZERO
        for x in range(side - 1):
            a, b, c = a + sums[0, x], b + sums[1, x], c + sums[2, x]
        for x in range(width):
            end = x + side - 1
            a, b, c = a + sums[0, end], b + sums[1, end], c + sums[2, end]
            mean = a * share
            variance = max(b * share - mean * mean, ZERO)
            both = c * share - mean * means[first + y, x]
            found = both / np.sqrt((variance + FLOOR) * (variances[first + y, x] + FLOOR))
            scores[y, x] = found if shown[y + radius, x] > ZERO else NOWHERE
            a, b, c = a - sums[0, x], b - sums[1, x], c - sums[2, x]
        high = min(max(first + y - radius, 0), height - 1)
        add_row(grey[high], warped[y], radius, -ONE, sums)


@njit(**JIT)
def gather(scores, first, rows, keep, d, costs):
    """The mean of the `keep` best sources, as a cost; one that shows nothing counts as no match."""
    best = np.empty(keep, np.float32)
    for y in range(rows):
        for x in range(scores.shape[2]):
            best[:] = ZERO
            for s in range(len(scores)):
                value = scores[s, y, x]
                if value == NOWHERE:
                    continue
                for k in range(keep):
                    if value > best[k]:
                        value, best[k] = best[k], value
            mean = best.sum() / F(keep)
            costs[first + y, x, d] = np.uint8(COST * (ONE - mean) + F(0.5))
