"""The loops of `patch_filled`: how alike patches are, and the search for better ones. Compiled."""
# mypy: ignore-errors
# Numba compiles it: it checks types itself, against what it is called with.

import numpy as np
from numba import njit

from core.render.cpu.layout import JIT

HALF = 3  # pixels from a patch's middle to its edge


@njit(**JIT)
def patch_cost(picture, valid, y, x, v, u, most):
    """Squared difference of the patches at (y, x) and (v, u), a mean; `most` where it is more."""
    height, width, channels = picture.shape
    total, count = np.float32(0), 0
    for j in range(-HALF, HALF + 1):
        if y + j < 0 or y + j >= height:
            continue
        for i in range(-HALF, HALF + 1):
            if x + i < 0 or x + i >= width or not valid[y + j, x + i]:
                continue
            for c in range(channels):
                d = picture[y + j, x + i, c] - picture[v + j, u + i, c]
                total += d * d
            count += 1
        if total > most * np.float32((2 * HALF + 1) ** 2):
            return most
    return total / np.float32(max(count, 1))


@njit(**JIT)
def search(picture, valid, wanted, sources, matches, costs, seed):
    """Two sweeps of PatchMatch over `matches`: neighbours' matches, then others ever nearer."""
    height, width = wanted.shape
    np.random.seed(seed)
    for y in range(height):
        for x in range(width):
            if wanted[y, x]:
                far = np.float32(1e30)
                v, u = matches[y, x, 0], matches[y, x, 1]
                costs[y, x] = patch_cost(picture, valid, y, x, v, u, far)
    for sweep in range(2):
        step = 1 - 2 * sweep
        for k in range(height):
            y = k if sweep == 0 else height - 1 - k
            for n in range(width):
                x = n if sweep == 0 else width - 1 - n
                if not wanted[y, x]:
                    continue
                for side in range(2):
                    j, i = y - step * side, x - step * (1 - side)
                    if j < 0 or i < 0 or j >= height or i >= width or not wanted[j, i]:
                        continue
                    v, u = matches[j, i, 0] + y - j, matches[j, i, 1] + x - i
                    if v < 0 or u < 0 or v >= height or u >= width or not sources[v, u]:
                        continue
                    found = patch_cost(picture, valid, y, x, v, u, costs[y, x])
                    if found < costs[y, x]:
                        costs[y, x], matches[y, x, 0], matches[y, x, 1] = found, v, u
                reach = max(height, width)
                while reach >= 1:
                    v = matches[y, x, 0] + np.random.randint(-reach, reach + 1)
                    u = matches[y, x, 1] + np.random.randint(-reach, reach + 1)
                    if 0 <= v < height and 0 <= u < width and sources[v, u]:
                        found = patch_cost(picture, valid, y, x, v, u, costs[y, x])
                        if found < costs[y, x]:
                            costs[y, x], matches[y, x, 0], matches[y, x, 1] = found, v, u
                    reach //= 2
