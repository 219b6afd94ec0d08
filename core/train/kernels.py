"""Numba kernels of a training step on the CPU, beside the loss: Adam, and the pulls at the rows."""

import math

from numba import njit, prange

from core.render.cpu.layout import JIT, ONE, ZERO, U


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
