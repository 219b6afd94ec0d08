"""Vectors rearranged: planes to pixels and back, matrices on their side, sums over lanes."""

from numba import types
from numba.extending import intrinsic

from core.render.cpu.vectors import LANES, floats, plainly, shuffled

two, three, four, eight = (types.UniTuple(floats, count) for count in (2, 3, 4, 8))


def picked(builder, parts, order):
    """The lanes `order` of several vectors in a row."""
    while len(parts) > 1:
        # Two vectors at a time: the lanes that come from them move to their last places.
        pairs = [parts[k : k + 2] for k in range(0, len(parts), 2)]
        joined = []
        for k, pair in enumerate(pairs):
            mine = [lane - 16 * k if lane // 16 == k else 0 for lane in order]
            joined.append(shuffled(builder, pair[0], pair[-1], mine))
        parts, order = joined, [lane // 16 * LANES + at for at, lane in enumerate(order)]
    return parts[0]


def weaving(kind, width, order):
    """What an intrinsic returns that rearranges `width` vectors."""

    def emit(context, builder, sig, args):
        rows = [order[LANES * k : LANES * (k + 1)] for k in range(width)]
        return context.make_tuple(builder, kind, [picked(builder, list(args), row) for row in rows])

    return kind(*[floats] * width), emit


@intrinsic
def woven(typing, a, b, c):
    """a0 b0 c0 a1 ... c7 as three vectors: planes to pixels."""
    return weaving(three, 3, [LANES * (k % 3) + k // 3 for k in range(24)])


@intrinsic
def unwoven(typing, a, b, c):
    """What `woven` was given: pixels to planes."""
    return weaving(three, 3, [3 * (k % LANES) + k // LANES for k in range(24)])


@intrinsic
def woven2(typing, a, b):
    """As `woven`, of two."""
    return weaving(two, 2, [LANES * (k % 2) + k // 2 for k in range(16)])


@intrinsic
def woven4(typing, a, b, c, d):
    """As `woven`, of four."""
    return weaving(four, 4, [LANES * (k % 4) + k // 4 for k in range(32)])


@intrinsic
def unwoven4(typing, a, b, c, d):
    """As `unwoven`, of four."""
    return weaving(four, 4, [4 * (k % LANES) + k // LANES for k in range(32)])


@intrinsic
def transposed(typing, a, b, c, d, e, f, g, h):
    """Eight vectors as the rows of a matrix, to its columns."""

    def emit(context, builder, sig, args):
        rows = list(args)
        for step in (1, 2, 4):
            old = list(rows)
            for k in (k for k in range(LANES) if not k & step):
                upper = [j if not j & step else LANES + j - step for j in range(LANES)]
                lower = [j + step if not j & step else LANES + j for j in range(LANES)]
                rows[k] = shuffled(builder, old[k], old[k + step], upper)
                rows[k + step] = shuffled(builder, old[k], old[k + step], lower)
        return context.make_tuple(builder, eight, rows)

    return eight(*[floats] * LANES), emit


@intrinsic
def totals(typing, a, b, c, d, e, f, g, h):
    """The sums over lanes of eight vectors, as one vector: 7 additions instead of 8 x 3."""

    def emit(builder, *parts):
        # Each round interleaves two vectors and adds: half as many, twice as far summed up.
        for step in (1, 2, 4):
            order = [k // step % 2 * LANES + (k & ~step) for k in range(LANES)]
            parts = [
                builder.fadd(
                    shuffled(builder, parts[k], parts[k + 1], order),
                    shuffled(builder, parts[k], parts[k + 1], [lane + step for lane in order]),
                )
                for k in range(0, len(parts), 2)
            ]
        return parts[0]

    return floats(*[floats] * LANES), plainly(emit)
