"""Semi-global aggregation: a pixel's cost with that of cheap ways to it, and its best depth.

After Hirschmueller, "Stereo Processing by Semiglobal Matching and Mutual Information" (2008):
eight directions; jumps cost less across edges of the photo.
"""

# mypy: ignore-errors
# Numba compiles these: it checks their types itself, against what they are called with.

import numpy as np
from numba import njit, prange

from core.dense.sweep import COST
from core.render.cpu.layout import JIT, ONE, ZERO, F

STEP = COST * F(0.08)  # cost of one plane's difference
JUMP, EDGE_JUMP, EDGE = (
    COST * F(0.6),
    COST * F(0.15),
    F(30.0 / 255),
)  # cost of more; per unit of grey
BIG = F(1e9)


@njit(**JIT)
def advance(costs, before, after, total, jump):
    """One step of a way: `before` and `after` [D + 2], with something big at both ends."""
    count = len(costs)
    least = BIG
    for k in range(1, count + 1):
        least = min(least, before[k])
    far = least + jump
    for k in range(count):
        best = min(min(before[k + 1], far), min(before[k], before[k + 2]) + STEP)
        value = F(costs[k]) + best - least
        after[k + 1] = value
        total[k] += value


@njit(**JIT)
def begin(costs, after, total):
    for k in range(len(costs)):
        after[k + 1] = F(costs[k])
        total[k] += after[k + 1]


@njit(**JIT)
def jump_cost(a, b):
    return JUMP / (ONE + EDGE * abs(a - b)) + EDGE_JUMP


@njit(parallel=True, **JIT)
def along_rows(costs, grey, total):
    height, width, count = costs.shape
    for y in prange(height):
        ways = np.full((2, count + 2), BIG, np.float32)
        for back in range(2):
            for k in range(width):
                x = width - 1 - k if back else k
                if k == 0:
                    begin(costs[y, x], ways[0], total[y, x])
                else:
                    jump = jump_cost(grey[y, x], grey[y, x + 1 if back else x - 1])
                    advance(costs[y, x], ways[(k + 1) % 2], ways[k % 2], total[y, x], jump)


@njit(parallel=True, **JIT)
def along_columns(costs, grey, totals):
    """Ways down and up, straight and aslant; `totals` [2, H, W, D], one a direction."""
    height, width, count = costs.shape
    for back in prange(2):
        ways = np.full((2, 3, width, count + 2), BIG, np.float32)
        for k in range(height):
            y = height - 1 - k if back else k
            last = y + 1 if back else y - 1
            now, before = ways[k % 2], ways[(k + 1) % 2]
            for x in range(width):
                for way in range(3):
                    came = x + way - 1
                    if k == 0 or came < 0 or came >= width:
                        begin(costs[y, x], now[way, x], totals[back, y, x])
                    else:
                        jump = jump_cost(grey[y, x], grey[last, came])
                        advance(
                            costs[y, x], before[way, came], now[way, x], totals[back, y, x], jump
                        )


@njit(parallel=True, **JIT)
def winners(totals, low, step, found):
    """The best inverse depth of each pixel between the planes; 0 where it is the first or last."""
    _, height, width, count = totals.shape
    for y in prange(height):
        line = np.empty(count, np.float32)
        for x in range(width):
            for k in range(count):
                line[k] = totals[0, y, x, k] + totals[1, y, x, k]
            best = 0
            for k in range(count):
                if line[k] < line[best]:
                    best = k
            found[y, x] = ZERO
            if 0 < best < count - 1:
                a, b, c = line[best - 1], line[best], line[best + 1]
                bend = a - b + c - b
                shift = F(0.5) * (a - c) / bend if bend > F(1e-6) else ZERO
                found[y, x] = low + step * (F(best) + shift)
