"""Gradients of eight rows' colours: to the spherical harmonics, and to where the rows are."""

from numba import njit

from core.render.cpu.color import (
    direction,
    write_basis,
)
from core.render.cpu.layout import ONE, ROOM_SUMS, ROOM_WEIGHTS, TWO, WRITTEN_INLINE, ZERO, F, U
from core.render.cpu.rows import read8, read_sh, write_sh
from core.render.cpu.vectors import keep, load, spread, store


@njit(**WRITTEN_INLINE)
def direction_gradient(low, high, x, y, z):
    """dL/d(unit direction) for dL/d(each function of the basis)."""
    _, w1, w2, w3, w4, w5, w6, w7 = low
    w8, w9, w10, w11, w12, w13, w14, w15 = high
    a, b, c, d = (
        F(0.4886025119029199), F(1.0925484305920792), F(0.31539156525252005), F(0.5900435899266435)
    )  # fmt: skip
    e, f, g, h = (
        F(2.890611442640554), F(0.4570457994644658), F(0.3731763325901154), F(1.445305721320277)
    )  # fmt: skip
    xx, yy, zz, xy, xz, yz = x * x, y * y, z * z, x * y, x * z, y * z
    gx = -a * w3 + b * (y * w4 - z * w7 + x * w8) - TWO * c * x * w6
    gy = -a * w1 + b * (x * w4 - z * w5 - y * w8) - TWO * c * y * w6
    gz = a * w2 - b * (y * w5 + x * w7) + F(4) * c * z * w6
    gx = (
        gx - F(6) * d * xy * w9 + e * yz * w10 + TWO * f * xy * w11 - F(6) * g * xz * w12
        - f * (F(4) * zz - F(3) * xx - yy) * w13 + TWO * h * xz * w14
        - F(3) * d * (xx - yy) * w15
    )  # fmt: skip
    gy = (
        gy - F(3) * d * (xx - yy) * w9 + e * xz * w10 - f * (F(4) * zz - xx - F(3) * yy) * w11
        - F(6) * g * yz * w12 + TWO * f * xy * w13 - TWO * h * yz * w14 + F(6) * d * xy * w15
    )  # fmt: skip
    gz = (
        gz + e * xy * w10 - F(8) * f * yz * w11 + g * (F(6) * zz - F(3) * (xx + yy)) * w12
        - F(8) * f * xz * w13 + h * (xx - yy) * w14
    )  # fmt: skip
    return gx, gy, gz


@njit(**WRITTEN_INLINE)
def colour_gradient(point, sh, out_sh, row, count, view, by_colour, i, left, boxes, room):
    """Write dL/d(sh); return dL/d(camera to row) through the view's direction."""
    x, y, z, inverse = direction(point[0], point[1], point[2], view)
    write_basis(x, y, z, room)
    for c in range(3):
        store(room, U(ROOM_SUMS + 64 + 8 * c), by_colour[c])
    for k in range(left):
        if boxes[i + k] == 0:
            for j in range(3 * count):
                out_sh[(i + k) * row + j] = ZERO
            continue
        r, g, b = (room[ROOM_SUMS + 64 + k], room[ROOM_SUMS + 72 + k], room[ROOM_SUMS + 80 + k])
        at = U(16 * k + ROOM_WEIGHTS)
        low, high = read_sh(sh, i + k, row, count, room)
        store(room, at, r * low[0] + g * low[1] + b * low[2])
        store(room, at + U(8), r * high[0] + g * high[1] + b * high[2])
        first, second = load(room, U(16 * k)), load(room, U(16 * k + 8))
        write_sh(
            out_sh, i + k, row, count, room,
            (first * r, first * g, first * b), (second * r, second * g, second * b),
        )  # fmt: skip
    gx, gy, gz = direction_gradient(
        read8(room, ROOM_WEIGHTS), read8(room, ROOM_WEIGHTS + 8), x, y, z
    )
    along = gx * x + gy * y + gz * z
    return (gx - along * x) * inverse, (gy - along * y) * inverse, (gz - along * z) * inverse


@njit(**WRITTEN_INLINE)
def unclamped(bits, gradient, power):
    """The gradient where the bit of value `power`, the highest left, is not set; the other bits."""
    clamped = bits >= power
    return keep(spread(power) > bits, gradient), bits - keep(clamped, spread(power))


@njit(**WRITTEN_INLINE)
def colour_slopes(bits, low, high, seen):
    """dL/d(red, green, blue) before they were clamped; `bits` as `project` writes them."""
    b, bits = unclamped(bits, high[0], F(4))
    g, bits = unclamped(bits, low[7], TWO)
    r, bits = unclamped(bits, low[6], ONE)
    return keep(seen, r), keep(seen, g), keep(seen, b)
