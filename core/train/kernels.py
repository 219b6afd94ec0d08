"""Numba kernels of a training step on the CPU: the photometric loss with its gradient, and Adam.

The SSIM window is 11 x 11, Gaussian, sigma 1.5 (Wang et al., 2004), separable; beyond
the border the pictures count as 0, as in 3DGS.
"""

import math

import numpy as np
from numba import njit, prange

from core.render.cpu.layout import JIT, ONE, TWO, ZERO, F, U

_taps = np.exp(-((np.arange(11) - 5.0) ** 2) / (2 * 1.5**2))
W0, W1, W2, W3, W4, W5 = (F(tap) for tap in (_taps / _taps.sum())[:6])
SSIM_C1, SSIM_C2 = F(0.01**2), F(0.03**2)
PAD = 5  # half the window
SUMS = 9  # per worker: ssim, L1, squared error, then dL/d(gain) and dL/d(bias) for r, g, b


@njit(**JIT)
def blur_row(row, out, width):
    for x in range(U(0), U(width)):
        out[x] = (
            W5 * row[x + U(5)]
            + W4 * (row[x + U(4)] + row[x + U(6)])
            + W3 * (row[x + U(3)] + row[x + U(7)])
            + W2 * (row[x + U(2)] + row[x + U(8)])
            + W1 * (row[x + U(1)] + row[x + U(9)])
            + W0 * (row[x] + row[x + U(10)])
        )


@njit(**JIT)
def blur_rows(rows, y, out, width):
    """Rows y .. y + 10 of `rows` weighted into one."""
    r0, r1, r2, r3, r4, r5 = (
        rows[y],
        rows[y + 1],
        rows[y + 2],
        rows[y + 3],
        rows[y + 4],
        rows[y + 5],
    )
    r6, r7, r8, r9, r10 = rows[y + 6], rows[y + 7], rows[y + 8], rows[y + 9], rows[y + 10]
    for x in range(U(0), U(width)):
        out[x] = (
            W5 * r5[x]
            + W4 * (r4[x] + r6[x])
            + W3 * (r3[x] + r7[x])
            + W2 * (r2[x] + r8[x])
            + W1 * (r1[x] + r9[x])
            + W0 * (r0[x] + r10[x])
        )


@njit(parallel=True, **JIT)
def blur_moments(color, photo, exposure, moments, workers):
    """Horizontal blur of the corrected render, the photo, their squares and product.

    `color` [H, W, 3] float32, `photo` [H, W, 3] uint8, `exposure` [2, 3] gain and bias;
    `moments` [5, 3, H + 10, W], its first and last five rows left at 0.
    """
    height, width, _ = color.shape
    scale = ONE / F(255)
    for w in prange(workers):
        line = np.zeros((5, width + 2 * PAD), np.float32)
        for r in range(w * 3 * height // workers, (w + 1) * 3 * height // workers):
            c = r // height
            y = r - c * height
            gain, bias = exposure[0, c], exposure[1, c]
            for x in range(width):
                a, b = gain * color[y, x, c] + bias, scale * F(photo[y, x, c])
                line[0, x + PAD], line[1, x + PAD] = a, b
                line[2, x + PAD], line[3, x + PAD], line[4, x + PAD] = a * a, b * b, a * b
            for m in range(5):
                blur_row(line[m], moments[m, c, y + PAD], width)


@njit(parallel=True, **JIT)
def ssim_terms(moments, terms, sums, workers):
    """Sum of SSIM, and its derivatives by the blurred moments, blurred along rows once more.

    `terms` [3, 3, H + 10, W]: by the render's mean, its square, its product with the photo.
    """
    height, width = moments.shape[2] - 2 * PAD, moments.shape[3]
    for w in prange(workers):
        mean = np.zeros((5, width), np.float32)
        line = np.zeros((3, width + 2 * PAD), np.float32)
        total = ZERO
        for r in range(w * 3 * height // workers, (w + 1) * 3 * height // workers):
            c = r // height
            y = r - c * height
            for m in range(5):
                blur_rows(moments[m, c], y, mean[m], width)
            for x in range(width):
                m1, m2 = mean[0, x], mean[1, x]
                a1 = TWO * m1 * m2 + SSIM_C1
                a2 = TWO * (mean[4, x] - m1 * m2) + SSIM_C2
                b1 = ONE / (m1 * m1 + m2 * m2 + SSIM_C1)
                b2 = ONE / (mean[2, x] - m1 * m1 + mean[3, x] - m2 * m2 + SSIM_C2)
                ssim = a1 * a2 * b1 * b2
                total += ssim
                line[0, x + PAD] = TWO * (m2 * (a2 - a1) * b1 * b2 + m1 * ssim * (b2 - b1))
                line[1, x + PAD] = -ssim * b2
                line[2, x + PAD] = TWO * a1 * b1 * b2
            for m in range(3):
                blur_row(line[m], terms[m, c, y + PAD], width)
        sums[w, 0] = total


@njit(parallel=True, **JIT)
def loss_gradient(color, photo, exposure, weight, terms, gradient, sums, workers):
    """dL/d(color) [H, W, 3] of (1 - weight) L1 + weight (1 - SSIM), and the exposure's sums."""
    height, width, _ = color.shape
    pixels = F(3 * height * width)
    by_ssim, by_l1, scale = -weight / pixels, (ONE - weight) / pixels, ONE / F(255)
    for w in prange(workers):
        term = np.zeros((3, width), np.float32)
        for c in range(SUMS - 1):
            sums[w, 1 + c] = ZERO
        for r in range(w * 3 * height // workers, (w + 1) * 3 * height // workers):
            c = r // height
            y = r - c * height
            for m in range(3):
                blur_rows(terms[m, c], y, term[m], width)
            gain, bias = exposure[0, c], exposure[1, c]
            l1, squared, by_gain, by_bias = ZERO, ZERO, ZERO, ZERO
            for x in range(width):
                a, b = gain * color[y, x, c] + bias, scale * F(photo[y, x, c])
                d = a - b
                l1 += abs(d)
                squared += d * d
                g = by_ssim * (term[0, x] + TWO * a * term[1, x] + b * term[2, x])
                g += by_l1 if d > ZERO else -by_l1
                by_gain += g * color[y, x, c]
                by_bias += g
                gradient[y, x, c] = g * gain
            sums[w, 1] += l1
            sums[w, 2] += squared
            sums[w, 3 + c] += by_gain
            sums[w, 6 + c] += by_bias


@njit(parallel=True, **JIT)
def adam(values, gradient, first, second, rates, decay, workers):
    """One Adam step in place on rows [N, C], the first len(`rates`) columns of them.

    `rates` holds the step sizes by column; `decay`: beta1, beta2, 1 / (1 - beta1^t),
    1 / (1 - beta2^t), epsilon.
    """
    rows, columns = values.shape[0], len(rates)
    b1, b2, c1, c2, epsilon = decay[0], decay[1], decay[2], decay[3], decay[4]
    for w in prange(workers):
        for i in range(w * rows // workers, (w + 1) * rows // workers):
            for j in range(U(0), U(columns)):
                g = gradient[i, j]
                m = b1 * first[i, j] + (ONE - b1) * g
                v = b2 * second[i, j] + (ONE - b2) * g * g
                first[i, j] = m
                second[i, j] = v
                values[i, j] -= rates[j] * (m * c1) / (math.sqrt(v * c2) + epsilon)


@njit(parallel=True, **JIT)
def add_pulls(gradient, radii, half_width, half_height, total, seen, workers):
    """Add the length of each row's `gradient` [N, 2], in half pictures, to `total`."""
    rows = len(radii)
    for w in prange(workers):
        for i in range(w * rows // workers, (w + 1) * rows // workers):
            x, y = gradient[i, 0] * half_width, gradient[i, 1] * half_height
            total[i] += math.sqrt(x * x + y * y)
            seen[i] += ONE if radii[i] > ZERO else ZERO
