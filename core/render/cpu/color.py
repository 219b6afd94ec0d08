"""Colours of eight rows at once: spherical harmonics in the direction of the view."""

from numba import njit

from core.render.cpu.layout import EYE, HALF, ONE, ROOM_SUMS, TWO, WRITTEN_INLINE, F, U
from core.render.cpu.rows import read_sh, write8
from core.render.cpu.vectors import load, root, spread, store
from core.render.cpu.weave import totals


@njit(**WRITTEN_INLINE)
def sh_basis(x, y, z):
    """The 16 functions of `core.geometry.sh` in the unit direction (x, y, z)."""
    xx, yy, zz = x * x, y * y, z * z
    one, two, three = F(0.4886025119029199), F(1.0925484305920792), F(-0.5900435899266435)
    across = F(-0.4570457994644658) * (F(4) * zz - xx - yy)
    low = (
        spread(F(0.28209479177387814)), -one * y, one * z, -one * x,
        two * x * y, -two * y * z, F(0.31539156525252005) * (TWO * zz - xx - yy), -two * x * z,
    )  # fmt: skip
    high = (
        F(0.5462742152960396) * (xx - yy), three * y * (F(3) * xx - yy),
        F(2.890611442640554) * x * y * z, across * y,
        F(0.3731763325901154) * z * (TWO * zz - F(3) * (xx + yy)), across * x,
        F(1.445305721320277) * z * (xx - yy), three * x * (xx - F(3) * yy),
    )  # fmt: skip
    return low, high


@njit(**WRITTEN_INLINE)
def direction(x, y, z, view):
    """Unit vector from the camera, and one over the distance."""
    x, y, z = x - view[EYE], y - view[EYE + 1], z - view[EYE + 2]
    inverse = ONE / root(x * x + y * y + z * z)
    return x * inverse, y * inverse, z * inverse, inverse


@njit(**WRITTEN_INLINE)
def write_basis(x, y, z, basis):
    """The basis in eight directions, row by row, to `basis` [128]."""
    low, high = sh_basis(x, y, z)
    write8(basis, 0, low[0], low[1], low[2], low[3], low[4], low[5], low[6], low[7])
    write8(basis, 8, high[0], high[1], high[2], high[3], high[4], high[5], high[6], high[7])


@njit(**WRITTEN_INLINE)
def colours(x, y, z, sh, row, count, view, i, left, boxes, room):
    """Red, green and blue of eight rows, before they are clamped."""
    x, y, z, _ = direction(x, y, z, view)
    write_basis(x, y, z, room)
    for k in range(left):
        if boxes[i + k] == 0:
            continue
        low, high = read_sh(sh, i + k, row, count, room)
        first, second, at = load(room, U(16 * k)), load(room, U(16 * k + 8)), U(8 * k + ROOM_SUMS)
        store(room, at, first * low[0] + second * high[0])
        store(room, at + U(64), first * low[1] + second * high[1])
        store(room, at + U(128), first * low[2] + second * high[2])
    r, g = sum_rows(room, ROOM_SUMS), sum_rows(room, ROOM_SUMS + 64)
    return r + HALF, g + HALF, sum_rows(room, ROOM_SUMS + 128) + HALF


@njit(**WRITTEN_INLINE)
def sum_rows(parts, at):
    """The sums over each of eight vectors from `at` on."""
    at = U(at)
    return totals(
        load(parts, at), load(parts, at + U(8)), load(parts, at + U(16)), load(parts, at + U(24)),
        load(parts, at + U(32)), load(parts, at + U(40)), load(parts, at + U(48)),
        load(parts, at + U(56)),
    )  # fmt: skip
