"""Kernels of fusion: where pixels of one depth map lie on the surfaces of another."""

# mypy: ignore-errors
# Numba compiles these: it checks their types itself, against what they are called with.

import math

import numpy as np
from numba import njit, prange

from core.render.cpu.layout import HALF, JIT, ONE, ZERO, F


@njit(**JIT)
def landed(there, x, y, w, shape):
    """Row and column of the other picture where a pixel lands, and z there over z here; or -1."""
    s = there[2, 0] * x + there[2, 1] * y + there[2, 2] + there[2, 3] * w
    if s < F(1e-4):
        return -1, -1, ZERO
    u = (there[0, 0] * x + there[0, 1] * y + there[0, 2] + there[0, 3] * w) / s
    v = (there[1, 0] * x + there[1, 1] * y + there[1, 2] + there[1, 3] * w) / s
    if u < -HALF or v < -HALF or u >= shape[1] - HALF or v >= shape[0] - HALF:
        return -1, -1, ZERO
    return math.floor(v + HALF), math.floor(u + HALF), s


@njit(parallel=True, **JIT)
def average(depth, weight, other, other_weight, there, near, sums, weights, seen):
    """Add what another photo says of a pixel's depth to `sums` and `weights`, where they agree."""
    height, width = depth.shape
    for y in prange(height):
        for x in range(width):
            z = depth[y, x]
            if z <= ZERO:
                continue
            j, i, s = landed(there, x, y, ONE / z, other.shape)
            if j < 0 or other[j, i] <= ZERO:
                continue
            found = other[j, i] / s
            if abs(found / z - ONE) < near:
                sums[y, x] += other_weight[j, i] * found
                weights[y, x] += other_weight[j, i]
                seen[y, x] += 1


@njit(**JIT)
def same_place(depth, other, other_kept, there, y, x, near):
    """Row and column of the other picture's pixel on the same surface, if it is kept; or -1."""
    j, i, s = landed(there, x, y, ONE / depth[y, x], other.shape)
    if j < 0 or not other_kept[j, i] or abs(other[j, i] / s / depth[y, x] - ONE) >= near:
        return -1, -1
    return j, i


@njit(parallel=True, **JIT)
def claim(depth, worth, kept, other, other_worth, other_kept, there, near, better):
    """Of pixels of two photos on the same surface keep one: the earlier, `other`, or the better."""
    height, width = depth.shape
    lost = np.zeros(other.shape, np.bool_)
    for y in prange(height):
        for x in range(width):
            if kept[y, x]:
                j, i = same_place(depth, other, other_kept, there, y, x, near)
                if j >= 0 and worth[y, x] > better * other_worth[j, i]:
                    lost[j, i] = True
    # Several pixels may land on one: what each does must not hang on which comes first.
    for j in prange(other.shape[0]):
        for i in range(other.shape[1]):
            if lost[j, i]:
                other_kept[j, i] = False
    for y in prange(height):
        for x in range(width):
            if kept[y, x]:
                j, i = same_place(depth, other, other_kept, there, y, x, near)
                if j >= 0:
                    kept[y, x] = False
