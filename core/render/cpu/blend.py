"""One Gaussian on one tile: compositing front to back, and its gradient, row by row of pixels."""

from numba import njit

from core.render.cpu.layout import (
    C0,
    C1,
    C2,
    C3,
    CH,
    DARK,
    E0,
    E1,
    E2,
    E3,
    E4,
    E5,
    FAINT_POWER,
    HALF,
    LIGHT,
    LOGA,
    ONE,
    OPAQUE,
    OPAQUE_POWER,
    QA,
    QB,
    QC,
    REMAIN,
    ROW,
    TILE,
    TILE_H,
    TILE_W,
    WRITTEN_INLINE,
    ZERO,
    F,
    U,
    X,
    Y,
)
from core.render.cpu.vectors import (
    any_of,
    choose,
    greatest,
    keep,
    lanes,
    least,
    load,
    negative,
    spread,
    store,
)
from core.render.cpu.weave import totals


@njit(**WRITTEN_INLINE)
def exp8(power):
    """exp(8 * power) for power in [-0.7, 0], any value below: a polynomial squared three times."""
    # In pairs, for a chain of dependent steps shorter by half.
    square = power * power
    e = (E0 + power * E1) + square * ((E2 + power * E3) + square * (E4 + power * E5))
    e = e * e
    e = e * e
    return e * e


@njit(**WRITTEN_INLINE)
def first_row(entry):
    """Where in a tile's buffer the entry's first row of pixels begins."""
    return U((entry >> 5) & 31) * U(ROW)


@njit(**WRITTEN_INLINE)
def end_row(entry):
    """Where in a tile's buffer the entry's last row of pixels ends."""
    return U((entry & 31) + 1) * U(ROW)


@njit(**WRITTEN_INLINE)
def power_parts(entry, record, tx, ty):
    """What a record's power is made of in the entry's first row of pixels.

    power = along + dy * (slant + c * dy); `along`, `slant` and dx stay from row to row, dy
    grows by 1.
    """
    dx = lanes() + (F(tx * TILE_W) + HALF - record[X])
    dy = spread(F(ty * TILE_H) + F((entry >> 5) & 31) + HALF - record[Y])
    return dx, dy, record[LOGA] + record[QA] * dx * dx, record[QB] * dx


@njit(**WRITTEN_INLINE)
def blend_rows(tile, entry, record, tx, ty, bright):
    """Composite one Gaussian over its rows of a tile.

    A pixel with too little light left has its light's sign flipped and takes no more.
    """
    _, dy, along, slant = power_parts(entry, record, tx, ty)
    c, c0, c1, c2, c3 = record[QC], record[CH], record[CH + 1], record[CH + 2], record[CH + 3]
    for at in range(first_row(entry), end_row(entry), U(ROW)):
        power = along + dy * (slant + c * dy)
        light = load(tile, at + U(LIGHT))
        # A lane that is not hit takes nothing, and so stays alive as long as it was.
        alpha = keep(power >= FAINT_POWER, exp8(power))
        if bright:
            alpha = least(alpha, spread(OPAQUE))
        share = light * alpha
        left = light - share
        alive = left > DARK
        store(tile, at + U(LIGHT), choose(alive, left, negative(light)))
        share = keep(alive, share)
        store(tile, at + U(C0), load(tile, at + U(C0)) + share * c0)
        store(tile, at + U(C1), load(tile, at + U(C1)) + share * c1)
        store(tile, at + U(C2), load(tile, at + U(C2)) + share * c2)
        store(tile, at + U(C3), load(tile, at + U(C3)) + share * c3)
        dy = dy + ONE


@njit(**WRITTEN_INLINE)
def blend(tile, entry, record, tx, ty):
    """`blend_rows`, compiled once more without the clamp, which few can need."""
    if record[LOGA] > OPAQUE_POWER:
        blend_rows(tile, entry, record, tx, ty, True)
    else:
        blend_rows(tile, entry, record, tx, ty, False)


@njit(**WRITTEN_INLINE)
def blend_rows_gradient(tile, entry, record, tx, ty, whole):
    """As `blend_rows`, with the sums over pixels that one Gaussian's gradient is made of.

    Planes C0..C3 hold the picture's gradient; REMAIN what the Gaussians from here
    on (and the background) contribute to the loss, to first order. With share w,
    dL/d(power) = w * gradient . channels - alpha / (1 - alpha) * (what remains behind).
    Only where `whole` is the fourth channel looked at, and alpha clamped.
    """
    dx, dy, along, slant = power_parts(entry, record, tx, ty)
    c, c0, c1, c2, c3 = record[QC], record[CH], record[CH + 1], record[CH + 2], record[CH + 3]
    v0 = v1 = v2 = s0 = s1 = s2 = s3 = spread(ZERO)
    for at in range(first_row(entry), end_row(entry), U(ROW)):
        power = along + dy * (slant + c * dy)
        full = keep(power >= FAINT_POWER, exp8(power))
        alpha = least(full, spread(OPAQUE)) if whole else full
        light = load(tile, at + U(LIGHT))
        share = light * alpha
        left = light - share
        alive = left > DARK
        store(tile, at + U(LIGHT), choose(alive, left, spread(-ONE)))
        share = keep(alive, share)
        g0, g1, g2 = load(tile, at + U(C0)), load(tile, at + U(C1)), load(tile, at + U(C2))
        slope = c0 * g0 + c1 * g1 + c2 * g2
        if whole:
            g3 = load(tile, at + U(C3))
            slope = slope + c3 * g3
            s3 = s3 + share * g3
        gain = share * slope
        remain = load(tile, at + U(REMAIN)) - gain
        store(tile, at + U(REMAIN), remain)
        # alpha / (1 - alpha) is share / left, which is 0 where nothing is taken.
        v = gain - remain * (share / left)
        if whole:
            v = keep(spread(OPAQUE) >= full, v)
        vy = v * dy
        v0, v1, v2 = v0 + v, v1 + vy, v2 + vy * dy
        s0, s1, s2 = s0 + share * g0, s1 + share * g1, s2 + share * g2
        dy = dy + ONE
    # dx is the same in all rows: its products could wait until the rows were summed.
    vx = v0 * dx
    return totals(v0, vx, v1, vx * dx, v1 * dx, v2, s0, s1), s2, s3


@njit(**WRITTEN_INLINE)
def blend_gradient(tile, entry, record, tx, ty, sums, out, with_fourth):
    """Add one Gaussian's sums to `sums` from `out` on."""
    if with_fourth or record[LOGA] > OPAQUE_POWER:
        most, s2, s3 = blend_rows_gradient(tile, entry, record, tx, ty, True)
    else:
        most, s2, s3 = blend_rows_gradient(tile, entry, record, tx, ty, False)
    store(sums, out, load(sums, out) + most)
    rest = totals(s2, s3, s2, s3, s2, s3, s2, s3)
    store(sums, out + U(8), load(sums, out + U(8)) + rest)


@njit(**WRITTEN_INLINE)
def any_alive(tile):
    most = load(tile, U(LIGHT))
    for at in range(U(LIGHT + ROW), U(TILE), U(ROW)):
        most = greatest(most, load(tile, at))
    return any_of(most > ZERO)


@njit(**WRITTEN_INLINE)
def begin_tile(tile, tx, ty, width, height):
    """Full light inside the picture, none outside, zero channels."""
    tile[:] = ZERO
    for y in range(TILE_H):
        for x in range(TILE_W):
            inside = tx * TILE_W + x < width and ty * TILE_H + y < height
            tile[y * ROW + LIGHT + x] = ONE if inside else -ONE
