"""Eight rows of a table at once: columns of 3, 4 and 16 numbers a row to one vector a number."""

from numba import njit

from core.render.cpu.layout import ROOM_SH, ROOM_SUMS, WRITTEN_INLINE, ZERO, F, U
from core.render.cpu.vectors import lanes, load, spread, store
from core.render.cpu.weave import transposed, unwoven, unwoven4, woven, woven2, woven4

SH = 48  # numbers of a row's spherical harmonics of degree 3


@njit(**WRITTEN_INLINE)
def share(w, workers, rows):
    """The first row of worker w's share: whole groups of eight."""
    return 8 * (w * ((rows + 7) // 8) // workers)


@njit(**WRITTEN_INLINE)
def inside(left):
    """Which of eight rows are there, when only `left` are."""
    return spread(F(left)) > lanes()


@njit(**WRITTEN_INLINE)
def staged(array, at, count, spare):
    """Copy numbers to where more may be read than there are."""
    for k in range(count):
        spare[k] = array[at + k]


@njit(**WRITTEN_INLINE)
def read1(array, i, left, spare):
    """Rows i to i + 8 of a flat [N], of which `left` are there."""
    found = spread(ZERO)
    if left >= 8:
        found = load(array, U(i))
    else:
        staged(array, i, left, spare)
        found = load(spare, U(0))
    return found


@njit(**WRITTEN_INLINE)
def read3(array, i, left, spare):
    """Three vectors from rows i to i + 8 of a flat [N, 3], of which `left` are there."""
    a = b = c = spread(ZERO)
    if left >= 8:
        a, b, c = load(array, U(3 * i)), load(array, U(3 * i + 8)), load(array, U(3 * i + 16))
    else:
        staged(array, 3 * i, 3 * left, spare)
        a, b, c = load(spare, U(0)), load(spare, U(8)), load(spare, U(16))
    return unwoven(a, b, c)


@njit(**WRITTEN_INLINE)
def read4(array, i, left, spare):
    """As `read3`, of [N, 4]."""
    a = b = c = d = spread(ZERO)
    if left >= 8:
        a, b = load(array, U(4 * i)), load(array, U(4 * i + 8))
        c, d = load(array, U(4 * i + 16)), load(array, U(4 * i + 24))
    else:
        staged(array, 4 * i, 4 * left, spare)
        a, b = load(spare, U(0)), load(spare, U(8))
        c, d = load(spare, U(16)), load(spare, U(24))
    return unwoven4(a, b, c, d)


@njit(**WRITTEN_INLINE)
def write2(array, i, x, y):
    """Two vectors to rows i to i + 8 of a flat [N, 2] with room for all of them."""
    a, b = woven2(x, y)
    store(array, U(2 * i), a)
    store(array, U(2 * i + 8), b)


@njit(**WRITTEN_INLINE)
def write3(array, i, x, y, z):
    """Three vectors to rows i to i + 8 of a flat [N, 3] with room for all of them."""
    a, b, c = woven(x, y, z)
    store(array, U(3 * i), a)
    store(array, U(3 * i + 8), b)
    store(array, U(3 * i + 16), c)


@njit(**WRITTEN_INLINE)
def write4(array, i, w, x, y, z):
    """As `write3`, of [N, 4]."""
    a, b, c, d = woven4(w, x, y, z)
    store(array, U(4 * i), a)
    store(array, U(4 * i + 8), b)
    store(array, U(4 * i + 16), c)
    store(array, U(4 * i + 24), d)


@njit(**WRITTEN_INLINE)
def read8(array, at):
    """Eight vectors from numbers at .. at + 8 of eight rows of a flat [N, 16]."""
    at = U(at)
    return transposed(
        load(array, at), load(array, at + U(16)), load(array, at + U(32)),
        load(array, at + U(48)), load(array, at + U(64)), load(array, at + U(80)),
        load(array, at + U(96)), load(array, at + U(112)),
    )  # fmt: skip


@njit(**WRITTEN_INLINE)
def write8(array, at, a, b, c, d, e, f, g, h):
    """What `read8` reads."""
    at = U(at)
    rows = transposed(a, b, c, d, e, f, g, h)
    store(array, at, rows[0])
    store(array, at + U(16), rows[1])
    store(array, at + U(32), rows[2])
    store(array, at + U(48), rows[3])
    store(array, at + U(64), rows[4])
    store(array, at + U(80), rows[5])
    store(array, at + U(96), rows[6])
    store(array, at + U(112), rows[7])


@njit(**WRITTEN_INLINE)
def read_sh(sh, i, row, count, room):
    """Red, green and blue of a row's coefficients 0-7, then of 8-15, `count` of them in use.

    `row`: the numbers of a row of `sh`; `room` as in `layout.ROOM`.
    """
    if count == 16:
        at = U(i * SH)
        a, b, c = load(sh, at), load(sh, at + U(8)), load(sh, at + U(16))
        d, e, f = load(sh, at + U(24)), load(sh, at + U(32)), load(sh, at + U(40))
    else:
        for k in range(3 * count):
            room[ROOM_SH + k] = sh[i * row + k]
        at = U(ROOM_SH)
        a, b, c = load(room, at), load(room, at + U(8)), load(room, at + U(16))
        d, e, f = load(room, at + U(24)), load(room, at + U(32)), load(room, at + U(40))
    return unwoven(a, b, c), unwoven(d, e, f)


@njit(**WRITTEN_INLINE)
def write_sh(sh, i, row, count, room, low, high):
    """What `read_sh` reads."""
    a, b, c = woven(low[0], low[1], low[2])
    d, e, f = woven(high[0], high[1], high[2])
    if count == 16:
        at = U(i * SH)
        store(sh, at, a)
        store(sh, at + U(8), b)
        store(sh, at + U(16), c)
        store(sh, at + U(24), d)
        store(sh, at + U(32), e)
        store(sh, at + U(40), f)
    else:
        # Through the sums' place, which is not in use now.
        store(room, U(ROOM_SUMS), a)
        store(room, U(ROOM_SUMS + 8), b)
        store(room, U(ROOM_SUMS + 16), c)
        store(room, U(ROOM_SUMS + 24), d)
        store(room, U(ROOM_SUMS + 32), e)
        store(room, U(ROOM_SUMS + 40), f)
        for k in range(3 * count):
            sh[i * row + k] = room[ROOM_SUMS + k]
