"""What each Gaussian weighs in the pixels of each label: the picture's weights, summed."""

import numpy as np
from numba import njit, prange

from core.render.cpu.bins import ROW_SHIFT
from core.render.cpu.blend import exp8
from core.render.cpu.layout import (
    BATCH,
    DARK,
    FAINT_POWER,
    HALF,
    JIT,
    LOGA,
    ONE,
    OPAQUE,
    QA,
    QB,
    QC,
    TILE_H,
    TILE_W,
    ZERO,
    F,
    X,
    Y,
)


@njit(parallel=True, **JIT)
def label_weights(records, entries, starts, shares, size, labels, votes):
    """Add alpha times transmittance of row r in every pixel p to `votes[w, r, labels[p]]`.

    `labels` [H, W], -1 where nothing is said; worker w has its own `votes[w]` [N, K].
    """
    width, height, across = size
    for w in prange(len(shares) - 1):
        light = np.empty((TILE_H, TILE_W), np.float32)
        for tile in range(shares[w], shares[w + 1]):
            ty = tile // across
            tx = tile - ty * across
            wide = min(TILE_W, width - tx * TILE_W)
            high = min(TILE_H, height - ty * TILE_H)
            light[:] = ZERO
            light[:high, :wide] = ONE
            for e in range(starts[tile], starts[tile + 1]):
                entry = entries[e]
                row = entry >> ROW_SHIFT
                record = records[row]
                for y in range((entry >> 5) & 31, min((entry & 31) + 1, high)):
                    dy = F(ty * TILE_H + y) + HALF - record[Y]
                    at = ty * TILE_H + y
                    for x in range(wide):
                        dx = F(tx * TILE_W + x) + HALF - record[X]
                        power = record[LOGA] + record[QA] * dx * dx
                        power += dy * (record[QB] * dx + record[QC] * dy)
                        if power < FAINT_POWER or light[y, x] <= ZERO:
                            continue
                        share = light[y, x] * min(exp8(power), OPAQUE)
                        left = light[y, x] - share
                        if left <= DARK:
                            # The ray ends before it, as in the picture.
                            light[y, x] = ZERO
                            continue
                        light[y, x] = left
                        label = labels[at, tx * TILE_W + x]
                        if label >= 0:
                            votes[w, row, label] += share
                if (e - starts[tile]) % BATCH == BATCH - 1 and not (light > ZERO).any():
                    break
