"""Tiles to pixels: compositing front to back, and its backward pass, which walks forward again."""

import numpy as np
from numba import njit, prange

from core.render.cpu.bins import ROW_SHIFT
from core.render.cpu.layout import (
    BATCH,
    C0,
    C1,
    C2,
    C3,
    DARK,
    E0,
    E1,
    E2,
    E3,
    E4,
    E5,
    FAINT_POWER,
    GRADIENT,
    HALF,
    INLINE,
    JIT,
    LIGHT,
    LOW_POWER,
    ONE,
    OPAQUE,
    PIXELS,
    PLANES,
    PX,
    PY,
    REMAIN,
    TILE_H,
    TILE_W,
    ZERO,
    F,
    U,
    X,
    Y,
)

USED = 10  # leading floats of a record that compositing needs


@njit(**INLINE)
def exp8(power):
    """exp(8 * power) for power in [-0.7, 0]: a polynomial squared three times."""
    e = E0 + power * (E1 + power * (E2 + power * (E3 + power * (E4 + power * E5))))
    e = e * e
    e = e * e
    return e * e


@njit(**INLINE)
def blend(plane, begin, end, gx, gy, a, b, c, loga, c0, c1, c2, c3):
    """Composite one Gaussian over pixels begin..end of a tile.

    A pixel with too little light left has its light's sign flipped and takes no more.
    """
    for p in range(begin, end):
        dx = plane[p + U(PX)] - gx
        dy = plane[p + U(PY)] - gy
        power = loga + dx * (a * dx + b * dy) + c * dy * dy
        hit = power >= FAINT_POWER
        alpha = min(exp8(max(power, LOW_POWER)), OPAQUE)
        light = plane[p + U(LIGHT)]
        left = light - light * alpha
        alive = left > DARK
        share = light * alpha if hit & alive else ZERO
        after = left if alive else -abs(light)
        plane[p + U(LIGHT)] = after if hit else light
        plane[p + U(C0)] += share * c0
        plane[p + U(C1)] += share * c1
        plane[p + U(C2)] += share * c2
        plane[p + U(C3)] += share * c3


@njit(**INLINE)
def blend_gradient(plane, begin, end, gx, gy, a, b, c, loga, c0, c1, c2, c3):
    """As `blend`, with the sums over pixels that one Gaussian's gradient is made of.

    Planes C0..C3 hold the picture's gradient; REMAIN what the Gaussians from here
    on (and the background) contribute to the loss, to first order. With share w,
    dL/d(power) = w * gradient . channels - alpha / (1 - alpha) * (what remains behind).
    """
    s = sx = sy = sxx = sxy = syy = s0 = s1 = s2 = s3 = ZERO
    for p in range(begin, end):
        dx = plane[p + U(PX)] - gx
        dy = plane[p + U(PY)] - gy
        power = loga + dx * (a * dx + b * dy) + c * dy * dy
        hit = power >= FAINT_POWER
        full = exp8(max(power, LOW_POWER))
        alpha = min(full, OPAQUE)
        light = plane[p + U(LIGHT)]
        taken = light * alpha
        left = light - taken
        alive = left > DARK
        seen = hit & alive
        share = taken if seen else ZERO
        after = left if alive else -abs(light)
        plane[p + U(LIGHT)] = after if hit else light
        g0, g1, g2, g3 = plane[p + U(C0)], plane[p + U(C1)], plane[p + U(C2)], plane[p + U(C3)]
        gain = share * (c0 * g0 + c1 * g1 + c2 * g2 + c3 * g3)
        remain = plane[p + U(REMAIN)] - gain
        plane[p + U(REMAIN)] = remain
        v = gain - alpha * remain / (ONE - alpha)
        v = v if seen & (full <= OPAQUE) else ZERO
        vx, vy = v * dx, v * dy
        s += v
        sx += vx
        sy += vy
        sxx += vx * dx
        sxy += vx * dy
        syy += vy * dy
        s0 += share * g0
        s1 += share * g1
        s2 += share * g2
        s3 += share * g3
    return s, sx, sy, sxx, sxy, syy, s0, s1, s2, s3


@njit(**INLINE)
def first_place(entry):
    """Where in a plane the entry's first row of pixels begins."""
    return U((entry >> 5) & 31) * U(TILE_W)


@njit(**INLINE)
def end_place(entry):
    """Where in a plane the entry's last row of pixels ends."""
    return U((entry & 31) + 1) * U(TILE_W)


@njit(**INLINE)
def any_alive(plane):
    most = -ONE
    for p in range(U(LIGHT), U(LIGHT + PIXELS)):
        most = max(most, plane[p])
    return most > ZERO


@njit(**INLINE)
def begin_tile(plane, tx, ty, width, height):
    """Pixel centres, full light inside the picture, none outside, zero channels."""
    for p in range(PIXELS):
        x, y = p % TILE_W, p // TILE_W
        plane[PX + p] = F(x) + HALF
        plane[PY + p] = F(y) + HALF
        plane[LIGHT + p] = ONE if tx * TILE_W + x < width and ty * TILE_H + y < height else -ONE
    for p in range(C0, PLANES):
        plane[p] = ZERO


@njit(**INLINE)
def gather(records, entries, first, count, near):
    """Copy the next records together: independent loads, whose cache misses overlap."""
    for j in range(count):
        row = entries[first + j] >> ROW_SHIFT
        for c in range(USED):
            near[j, c] = records[row, c]


@njit(parallel=True, **JIT)
def render_tiles(records, entries, starts, shares, size, background, color, fourth, alpha, walked):
    """Composite all tiles: channels 0-2 over the background [H, W, 3], channel 3 and alpha [H, W].

    Worker w draws the tiles from shares[w] to shares[w + 1]; `walked` counts, per tile,
    the entries looked at before no pixel was left.
    """
    width, height, across = size
    for w in prange(len(shares) - 1):
        plane = np.empty(PLANES, np.float32)
        near = np.empty((BATCH, USED), np.float32)
        for tile in range(shares[w], shares[w + 1]):
            ty = tile // across
            tx = tile - ty * across
            begin_tile(plane, tx, ty, width, height)
            at = starts[tile]
            while at < starts[tile + 1]:
                count = min(BATCH, starts[tile + 1] - at)
                gather(records, entries, at, count, near)
                for j in range(count):
                    entry = entries[at + j]
                    blend(
                        plane, first_place(entry), end_place(entry),
                        near[j, X] - F(tx * TILE_W), near[j, Y] - F(ty * TILE_H),
                        near[j, 2], near[j, 3], near[j, 4], near[j, 5],
                        near[j, 6], near[j, 7], near[j, 8], near[j, 9],
                    )  # fmt: skip
                at += count
                if not any_alive(plane):
                    break
            walked[tile] = at - starts[tile]
            for y in range(min(TILE_H, height - ty * TILE_H)):
                for x in range(min(TILE_W, width - tx * TILE_W)):
                    p, row, column = y * TILE_W + x, ty * TILE_H + y, tx * TILE_W + x
                    light = abs(plane[LIGHT + p])
                    for c in range(3):
                        color[row, column, c] = plane[C0 + c * PIXELS + p] + light * background[c]
                    fourth[row, column] = plane[C3 + p]
                    alpha[row, column] = ONE - light


@njit(**INLINE)
def load_gradient(plane, tx, ty, size, picture, gradient):
    """Set the channel planes to the picture's gradient, and REMAIN to its product with the picture.

    The light left over adds to the loss through the background, which `color` holds
    already, and takes from it through alpha.
    """
    color, fourth, alpha = picture
    grad_color, grad_fourth, grad_alpha = gradient
    for y in range(min(TILE_H, size[1] - ty * TILE_H)):
        for x in range(min(TILE_W, size[0] - tx * TILE_W)):
            p, row, column = y * TILE_W + x, ty * TILE_H + y, tx * TILE_W + x
            g = grad_fourth[row, column]
            plane[C3 + p] = g
            remain = g * fourth[row, column] - (ONE - alpha[row, column]) * grad_alpha[row, column]
            for c in range(3):
                g = grad_color[row, column, c]
                plane[C0 + c * PIXELS + p] = g
                remain += g * color[row, column, c]
            plane[REMAIN + p] = remain


@njit(parallel=True, **JIT)
def render_tiles_gradient(
    records, entries, starts, shares, walked, size, picture, gradient, gradients
):
    """Each worker sums the gradients of its tiles in `gradients[w]` [N, GRADIENT]: no atomics."""
    width, height, across = size
    for w in prange(len(shares) - 1):
        sums = gradients[w]
        sums[:] = ZERO
        plane = np.empty(PLANES, np.float32)
        near = np.empty((BATCH, USED), np.float32)
        found = np.empty((BATCH, GRADIENT), np.float32)
        for tile in range(shares[w], shares[w + 1]):
            if walked[tile] == 0:
                continue
            ty = tile // across
            tx = tile - ty * across
            begin_tile(plane, tx, ty, width, height)
            load_gradient(plane, tx, ty, size, picture, gradient)
            at, end = starts[tile], starts[tile] + walked[tile]
            while at < end:
                count = min(BATCH, end - at)
                gather(records, entries, at, count, near)
                for j in range(count):
                    entry = entries[at + j]
                    sums10 = blend_gradient(
                        plane, first_place(entry), end_place(entry),
                        near[j, X] - F(tx * TILE_W), near[j, Y] - F(ty * TILE_H),
                        near[j, 2], near[j, 3], near[j, 4], near[j, 5],
                        near[j, 6], near[j, 7], near[j, 8], near[j, 9],
                    )  # fmt: skip
                    (
                        found[j, 0], found[j, 1], found[j, 2], found[j, 3], found[j, 4],
                        found[j, 5], found[j, 6], found[j, 7], found[j, 8], found[j, 9],
                    ) = sums10  # fmt: skip
                for j in range(count):
                    row = entries[at + j] >> ROW_SHIFT
                    for c in range(10):
                        sums[row, c] += found[j, c]
                at += count
