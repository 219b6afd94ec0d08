"""Whether photos agree on a depth: there and back again."""

# mypy: ignore-errors
# Numba compiles these: it checks their types itself, against what they are called with.

import math

from numba import njit, prange

from core.render.cpu.layout import HALF, JIT, ONE, ZERO, F


@njit(parallel=True, **JIT)
def agree(planes, valid, other, other_valid, there, back, reach, deep, line, counts, sums, votes):
    """Count the pixels at which another photo agrees, by its own `other` planes.

    `there`, `back` [3, 4]: `landing`. A pixel that the other photo shows adds 1 to `votes`; if
    it comes back within `reach` pixels and a share `deep` of its depth, it adds 1 to `counts`
    and the inverse depth found there to `sums`. `line` [3] is `back`'s row for z.
    """
    height, width = valid.shape
    tall, wide = other_valid.shape
    for y in prange(height):
        for x in range(width):
            if not valid[y, x]:
                continue
            w = planes[y, x, 0]
            s = there[2, 0] * x + there[2, 1] * y + there[2, 2] + there[2, 3] * w
            if s < F(1e-4):
                continue
            u = (there[0, 0] * x + there[0, 1] * y + there[0, 2] + there[0, 3] * w) / s
            v = (there[1, 0] * x + there[1, 1] * y + there[1, 2] + there[1, 3] * w) / s
            i, j = math.floor(u + HALF), math.floor(v + HALF)
            if i < 0 or j < 0 or i >= wide or j >= tall:
                continue
            if not other_valid[j, i]:
                continue
            found = other[j, i, 0] + other[j, i, 1] * (u - F(i)) + other[j, i, 2] * (v - F(j))
            if found <= ZERO:
                continue
            # In front of what the other photo shows there it would be seen: then they disagree;
            # behind it, it may be hidden.
            expected = w / s
            r = back[2, 0] * u + back[2, 1] * v + back[2, 2] + back[2, 3] * found
            if r < F(1e-4):
                continue
            a = (back[0, 0] * u + back[0, 1] * v + back[0, 2] + back[0, 3] * found) / r - F(x)
            b = (back[1, 0] * u + back[1, 1] * v + back[1, 2] + back[1, 3] * found) / r - F(y)
            returned = found / r
            close = abs(returned / w - ONE) < deep
            if close and a * a + b * b < reach * reach:
                counts[y, x] += 1
                sums[y, x] += returned
                votes[y, x] += 1
            elif found < expected:
                votes[y, x] += 1
