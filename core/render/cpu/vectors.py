"""Eight floats at once inside a kernel: a small vector type for Numba, written out as LLVM vectors.

LLVM's own vectoriser masks what it stores and cannot keep sums in registers across rows;
said outright, the same work takes half the instructions. Where a processor's registers
are narrower, LLVM splits each vector in two.
"""

import operator

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, models, register_model

LANES = 8
WORD = ir.IntType(32)
EIGHT_FLOATS, EIGHT_BITS = ir.VectorType(ir.FloatType(), LANES), ir.VectorType(ir.IntType(1), LANES)
EIGHT_WORDS, EIGHT_BYTES = ir.VectorType(WORD, LANES), ir.VectorType(ir.IntType(8), LANES)
NOTHING = ir.Constant(EIGHT_FLOATS, [0.0] * LANES)


class Floats(types.Type):
    """Eight float32; + - * / and comparisons, also with a float32 for all lanes."""


class Bits(types.Type):
    """Eight truth values, what comparing `Floats` gives; `&` joins two."""


floats, bits = Floats("eight floats"), Bits("eight bits")
ANY_PAIR = [(floats, floats), (floats, types.float32), (types.float32, floats)]
three = types.UniTuple(floats, 3)
register_model(Floats)(
    type("FloatsModel", (models.PrimitiveModel,), {
        "__init__": lambda self, manager, kind: models.PrimitiveModel.__init__(
            self, manager, kind, EIGHT_FLOATS
        )
    })
)  # fmt: skip
register_model(Bits)(
    type("BitsModel", (models.PrimitiveModel,), {
        "__init__": lambda self, manager, kind: models.PrimitiveModel.__init__(
            self, manager, kind, EIGHT_BITS
        )
    })
)  # fmt: skip


def index(value):
    """A lane's number as LLVM wants it."""
    return ir.Constant(WORD, value)


def shuffled(builder, one, other, lanes):
    """The lanes, by their numbers, of two vectors in a row."""
    order = ir.Constant(ir.VectorType(WORD, len(lanes)), lanes)
    return builder.shuffle_vector(one, other, order)


def in_all_lanes(builder, value):
    """A scalar as a vector; a vector as it is."""
    if value.type in (EIGHT_FLOATS, EIGHT_BITS):
        return value
    empty = ir.Constant(EIGHT_FLOATS, ir.Undefined)
    first = builder.insert_element(empty, value, index(0))
    return shuffled(builder, first, first, [0] * LANES)


def define(function, answer, emit, pairs=ANY_PAIR):
    """Give an operator a meaning for vectors."""
    cases = [signature(answer, *pair) for pair in pairs]
    infer_global(function)(type("Template", (ConcreteTemplate,), {"cases": cases}))
    for pair in pairs:

        @lower_builtin(function, *pair)
        def lower(context, builder, sig, args):
            return emit(builder, *(in_all_lanes(builder, value) for value in args))


define(operator.add, floats, lambda b, x, y: b.fadd(x, y))
define(operator.sub, floats, lambda b, x, y: b.fsub(x, y))
define(operator.mul, floats, lambda b, x, y: b.fmul(x, y))
define(operator.truediv, floats, lambda b, x, y: b.fdiv(x, y))
define(operator.ge, bits, lambda b, x, y: b.fcmp_ordered(">=", x, y))
define(operator.gt, bits, lambda b, x, y: b.fcmp_ordered(">", x, y))
define(operator.and_, bits, lambda b, x, y: b.and_(x, y), [(bits, bits)])


def plainly(emit):
    """What an intrinsic returns, from a function of the builder and the values."""
    return lambda context, builder, sig, args: emit(builder, *args)


def pointer(context, builder, kind, array, at):
    """To element `at` of a flat array."""
    data = context.make_array(kind)(context, builder, array).data
    return builder.gep(data, [at], inbounds=True)


@intrinsic
def load(typing, array, at):
    """Eight numbers of a flat array of float32 or uint8 from `at` on."""
    kind = EIGHT_BYTES if array.dtype == types.uint8 else EIGHT_FLOATS

    def emit(context, builder, sig, args):
        place = pointer(context, builder, sig.args[0], *args)
        found = builder.load(builder.bitcast(place, kind.as_pointer()), align=1)
        if kind is EIGHT_FLOATS:
            return found
        return builder.sitofp(builder.zext(found, EIGHT_WORDS), EIGHT_FLOATS)

    return floats(array, types.uint64), emit


@intrinsic
def store(typing, array, at, value):
    """Write eight floats into a flat array from `at` on."""

    def emit(context, builder, sig, args):
        place = pointer(context, builder, sig.args[0], *args[:2])
        builder.store(args[2], builder.bitcast(place, EIGHT_FLOATS.as_pointer()), align=4)
        return context.get_dummy_value()

    return types.void(array, types.uint64, floats), emit


@intrinsic
def prefetch(typing, array, at):
    """Have the cache fetch what lies at `at` of a flat array, and go on without waiting."""

    def emit(context, builder, sig, args):
        place = builder.bitcast(pointer(context, builder, sig.args[0], *args), cgutils.voidptr_t)
        kind = ir.FunctionType(ir.VoidType(), [place.type, WORD, WORD, WORD])
        fetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(fetch, [place, index(0), index(3), index(1)])  # to read, and soon
        return context.get_dummy_value()

    return types.void(array, types.uint64), emit


@intrinsic
def spread(typing, value):
    """One float32 in all lanes."""
    return floats(types.float32), plainly(in_all_lanes)


@intrinsic
def lanes(typing):
    """0, 1 ... 7."""
    numbers = ir.Constant(EIGHT_FLOATS, [float(lane) for lane in range(LANES)])
    return floats(), plainly(lambda builder: numbers)


@intrinsic
def choose(typing, which, one, other):
    """`one` in the lanes that are true, `other` in the rest."""
    return floats(bits, floats, floats), plainly(lambda b, *parts: b.select(*parts))


@intrinsic
def keep(typing, which, value):
    """`value` in the lanes that are true, 0 in the rest, whatever it holds there."""
    return floats(bits, floats), plainly(lambda b, which, value: b.select(which, value, NOTHING))


@intrinsic
def least(typing, one, other):
    """The smaller in each lane."""
    return floats(floats, floats), plainly(
        lambda b, x, y: b.select(b.fcmp_ordered("<", x, y), x, y)
    )


@intrinsic
def greatest(typing, one, other):
    """The larger in each lane."""
    return floats(floats, floats), plainly(
        lambda b, x, y: b.select(b.fcmp_ordered(">", x, y), x, y)
    )


def mathematical(name):
    """What an intrinsic of one vector returns, from LLVM's function of that name."""

    def emit(builder, value):
        kind = ir.FunctionType(EIGHT_FLOATS, [EIGHT_FLOATS])
        function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v8f32")
        return builder.call(function, [value])

    return floats(floats), plainly(emit)


@intrinsic
def root(typing, value):
    """Square root."""
    return mathematical("sqrt")


@intrinsic
def rounded_down(typing, value):
    """The next whole number below."""
    return mathematical("floor")


@intrinsic
def rounded_up(typing, value):
    """The next whole number above."""
    return mathematical("ceil")


@intrinsic
def negative(typing, value):
    """Minus the absolute value."""

    def emit(builder, value):
        sign = ir.Constant(EIGHT_WORDS, [1 << 31] * LANES)
        return builder.bitcast(builder.or_(builder.bitcast(value, EIGHT_WORDS), sign), EIGHT_FLOATS)

    return floats(floats), plainly(emit)


@intrinsic
def any_of(typing, which):
    """Whether any lane is true."""

    def emit(builder, which):
        together = builder.bitcast(which, ir.IntType(LANES))
        return builder.icmp_unsigned("!=", together, ir.Constant(together.type, 0))

    return types.boolean(bits), plainly(emit)


def picked(builder, parts, order):
    """The lanes `order` of three vectors in a row."""
    both = shuffled(builder, parts[0], parts[1], [k if k < 2 * LANES else 0 for k in order])
    last = [at if k < 2 * LANES else k - LANES for at, k in enumerate(order)]
    return shuffled(builder, both, parts[2], last)


@intrinsic
def woven(typing, a, b, c):
    """a0 b0 c0 a1 ... c7 as three vectors: planes to pixels."""
    order = [LANES * (k % 3) + k // 3 for k in range(3 * LANES)]

    def emit(context, builder, sig, args):
        parts = [picked(builder, args, order[LANES * k : LANES * (k + 1)]) for k in range(3)]
        return context.make_tuple(builder, three, parts)

    return three(floats, floats, floats), emit


@intrinsic
def unwoven(typing, a, b, c):
    """What `woven` was given: pixels to planes."""

    def emit(context, builder, sig, args):
        parts = [picked(builder, args, list(range(k, 3 * LANES, 3))) for k in range(3)]
        return context.make_tuple(builder, three, parts)

    return three(floats, floats, floats), emit


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
