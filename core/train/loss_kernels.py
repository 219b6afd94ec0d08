"""The photometric loss with its gradient, in one pass down the picture.

The SSIM window is 11 x 11, Gaussian, sigma 1.5 (Wang et al., 2004), separable; beyond
the border the pictures count as 0, as in 3DGS. A row of pixels is 3 W numbers, r g b r g b:
a pixel's neighbour is 3 numbers away, and nothing has to be taken apart.

Each worker goes down its strip of rows. Of what was blurred along a row, the last 11 rows are
kept in a ring that stays in the cache; places in a ring are next to each other in memory for
the same 8 numbers of a row, and a new row takes the oldest one's place, so that the window's
weights turn and not the rows.
"""

import numpy as np
from numba import njit, prange

from core.render.cpu.layout import ONE, TWO, WRITTEN, WRITTEN_INLINE, ZERO, F, U
from core.render.cpu.vectors import choose, keep, lanes, load, negative, spread, store

_taps = np.exp(-((np.arange(11) - 5.0) ** 2) / (2 * 1.5**2))
W0, W1, W2, W3, W4, W5 = (F(tap) for tap in (_taps / _taps.sum())[:6])
TAPS = np.tile((_taps / _taps.sum()).astype(np.float32), 2)  # for rings
SSIM_C1, SSIM_C2 = F(0.01**2), F(0.03**2)
SUMS = 9  # per worker: ssim, L1, squared error, then dL/d(gain) and dL/d(bias) for r, g, b

WINDOW, HALF_WINDOW = 11, 5
PAD = 3 * HALF_WINDOW  # numbers beyond either end of a row
PLACE = 8 * WINDOW  # in a ring, one quantity's 11 rows of 8 numbers
# Blurred: the render, the photo, the sum of their squares (all that SSIM needs of them), their
# product. Then SSIM's derivatives by the render's mean, its square and its product with the photo.
MOMENTS, TERMS = 4, 3


@njit(**WRITTEN_INLINE)
def blur_along(line, x):
    """Eight numbers blurred along a padded row."""
    return (
        W0 * load(line, x) + W1 * load(line, x + U(3)) + W2 * load(line, x + U(6))
        + W3 * load(line, x + U(9)) + W4 * load(line, x + U(12)) + W5 * load(line, x + U(15))
        + W4 * load(line, x + U(18)) + W3 * load(line, x + U(21)) + W2 * load(line, x + U(24))
        + W1 * load(line, x + U(27)) + W0 * load(line, x + U(30))
    )  # fmt: skip


@njit(**WRITTEN_INLINE)
def turned(taps, slot):
    """The weights of a ring's places when `slot` holds the newest row; `taps` [22]."""
    return (
        spread(taps[slot + 11]), spread(taps[slot + 10]), spread(taps[slot + 9]),
        spread(taps[slot + 8]), spread(taps[slot + 7]), spread(taps[slot + 6]),
        spread(taps[slot + 5]), spread(taps[slot + 4]), spread(taps[slot + 3]),
        spread(taps[slot + 2]), spread(taps[slot + 1]),
    )  # fmt: skip


@njit(**WRITTEN_INLINE)
def blur_down(ring, at, w):
    """Eight numbers blurred over a ring's rows."""
    return (
        w[0] * load(ring, at) + w[1] * load(ring, at + U(8)) + w[2] * load(ring, at + U(16))
        + w[3] * load(ring, at + U(24)) + w[4] * load(ring, at + U(32))
        + w[5] * load(ring, at + U(40)) + w[6] * load(ring, at + U(48))
        + w[7] * load(ring, at + U(56)) + w[8] * load(ring, at + U(64))
        + w[9] * load(ring, at + U(72)) + w[10] * load(ring, at + U(80))
    )  # fmt: skip


@njit(**WRITTEN_INLINE)
def read(color, photo, at, count, row):
    """Copy a row of the render and the photo to where eight more numbers may be read: [0], [1]."""
    for x in range(count):
        row[0, x] = color[at + x]
        row[1, x] = F(photo[at + x]) * (ONE / F(255))


@njit(**WRITTEN_INLINE)
def inside(x, count):
    """Which of the eight numbers from `x` on lie in a row of `count`."""
    return spread(F(np.int64(count - x))) > lanes()


@njit(**WRITTEN_INLINE)
def exposed(row, exposure, x, count):
    """What the render becomes by gain and bias; 0 beyond the row."""
    phase = x % U(24)
    a = load(exposure, phase) * load(row[0], x) + load(exposure, phase + U(24))
    return keep(inside(x, count), a)


@njit(**WRITTEN_INLINE)
def blur_moments(row, exposure, count, lines, ring, slot):
    """Fill a place of the ring with a row."""
    for x in range(U(0), U(count), U(8)):
        a, b = exposed(row, exposure, x, count), load(row[1], x)
        store(lines[0], x + U(PAD), a)
        store(lines[1], x + U(PAD), b)
        store(lines[2], x + U(PAD), a * a + b * b)
        store(lines[3], x + U(PAD), a * b)
    for x in range(U(0), U(count), U(8)):
        place = x * U(MOMENTS * WINDOW) + slot * U(8)
        store(ring, place, blur_along(lines[0], x))
        store(ring, place + U(PLACE), blur_along(lines[1], x))
        store(ring, place + U(2 * PLACE), blur_along(lines[2], x))
        store(ring, place + U(3 * PLACE), blur_along(lines[3], x))


@njit(**WRITTEN_INLINE)
def blur_terms(moments, weights, count, lines, ring, slot):
    """Fill a place of the ring with SSIM's derivatives; the vector sum of the row's SSIM."""
    total = spread(ZERO)
    for x in range(U(0), U(count), U(8)):
        place = x * U(MOMENTS * WINDOW)
        m1 = blur_down(moments, place, weights)
        m2 = blur_down(moments, place + U(PLACE), weights)
        squares = blur_down(moments, place + U(2 * PLACE), weights)
        product = blur_down(moments, place + U(3 * PLACE), weights)
        means = m1 * m1 + m2 * m2
        a1 = TWO * m1 * m2 + SSIM_C1
        a2 = TWO * (product - m1 * m2) + SSIM_C2
        b1 = ONE / (means + SSIM_C1)
        b2 = ONE / (squares - means + SSIM_C2)
        a1b1, b2 = keep(inside(x, count), a1 * b1), keep(inside(x, count), b2)
        ssim = a1b1 * a2 * b2
        total = total + ssim
        by_mean = TWO * (m2 * (a2 * b1 * b2 - a1b1 * b2) + m1 * ssim * (b2 - b1))
        store(lines[0], x + U(PAD), by_mean)
        store(lines[1], x + U(PAD), ssim * (ZERO - b2))
        store(lines[2], x + U(PAD), TWO * a1b1 * b2)
    for x in range(U(0), U(count), U(8)):
        place = x * U(TERMS * WINDOW) + slot * U(8)
        store(ring, place, blur_along(lines[0], x))
        store(ring, place + U(PLACE), blur_along(lines[1], x))
        store(ring, place + U(2 * PLACE), blur_along(lines[2], x))
    return total


@njit(**WRITTEN_INLINE)
def slope_row(row, exposure, count, terms, weights, scales, sums):
    """dL/d(color) of a row, to row[2]; L1, squared error, exposure's shares are added to `sums`."""
    by_ssim, by_l1 = scales
    l1, squared = load(sums, U(0)), load(sums, U(8))
    for x in range(U(0), U(count), U(8)):
        a, b = exposed(row, exposure, x, count), load(row[1], x)
        place = x * U(TERMS * WINDOW)
        g = blur_down(terms, place, weights)
        g = g + TWO * a * blur_down(terms, place + U(PLACE), weights)
        g = by_ssim * (g + b * blur_down(terms, place + U(2 * PLACE), weights))
        d = a - b
        l1, squared = l1 - negative(d), squared + d * d
        g = g + choose(d > ZERO, spread(by_l1), spread(-by_l1))
        g = keep(inside(x, count), g)
        phase = x % U(24)
        store(sums, phase + U(16), load(sums, phase + U(16)) + g * load(row[0], x))
        store(sums, phase + U(40), load(sums, phase + U(40)) + g)
        store(row[2], x, g * load(exposure, phase))
    store(sums, U(0), l1)
    store(sums, U(8), squared)


@njit(**WRITTEN_INLINE)
def fill(ring, quantities, count, slot):
    """A row beyond the border: zeros in the ring's place."""
    for x in range(U(0), U(count), U(8)):
        for q in range(U(0), U(quantities)):
            store(ring, (x * U(quantities) + q * U(8)) * U(WINDOW) + slot * U(8), spread(ZERO))


@njit(parallel=True, **WRITTEN)
def fit(color, photo, exposure, weight, taps, gradient, sums):
    """dL/d(color) [H, W, 3] of (1 - weight) L1 + weight (1 - SSIM), and per worker its `SUMS`.

    `photo` [H, W, 3] uint8; `exposure` [48]: gains, then biases, of r g b eight times over;
    `taps` [22]: the window's weights twice.
    """
    height, count, workers = color.shape[0], 3 * color.shape[1], sums.shape[0]
    color_flat, photo_flat, flat = color.reshape(-1), photo.reshape(-1), gradient.reshape(-1)
    pixels = F(color.size)
    scales = (-weight / pixels, (ONE - weight) / pixels)
    blocks, size = (count + 7) // 8, U(count)
    for w in prange(workers):
        first, last = w * height // workers, (w + 1) * height // workers
        lines = np.zeros((MOMENTS, 8 * blocks + 2 * PAD), np.float32)
        moments = np.empty(blocks * MOMENTS * PLACE, np.float32)
        terms = np.empty(blocks * TERMS * PLACE, np.float32)
        row, totals = np.zeros((3, 8 * blocks), np.float32), np.zeros(72, np.float32)
        ssim = spread(ZERO)
        for y in range(first - 2 * HALF_WINDOW, last + 2 * HALF_WINDOW):
            slot = U((y - first + 2 * HALF_WINDOW) % WINDOW)
            weights = turned(taps, int(slot))
            if 0 <= y < height:
                read(color_flat, photo_flat, y * count, count, row)
                blur_moments(row, exposure, size, lines, moments, slot)
            else:
                fill(moments, MOMENTS, size, slot)
            if y < first:
                continue
            if 0 <= y - HALF_WINDOW < height:
                found = blur_terms(moments, weights, size, lines, terms, slot)
                if first <= y - HALF_WINDOW < last:
                    ssim = ssim + found
            else:
                fill(terms, TERMS, size, slot)
            if y >= first + 2 * HALF_WINDOW:
                at = (y - 2 * HALF_WINDOW) * count
                read(color_flat, photo_flat, at, count, row)
                slope_row(row, exposure, size, terms, weights, scales, totals)
                for x in range(count):
                    flat[at + x] = row[2, x]
        store(totals, U(64), ssim)
        gather(totals, sums[w])


@njit(**WRITTEN_INLINE)
def gather(totals, sums):
    """A worker's vectors to its `SUMS` numbers."""
    sums[:] = ZERO
    for k in range(8):
        sums[0] += totals[64 + k]
        sums[1] += totals[k]
        sums[2] += totals[8 + k]
    for k in range(24):
        sums[3 + k % 3] += totals[16 + k]
        sums[6 + k % 3] += totals[40 + k]
