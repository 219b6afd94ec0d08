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
EIGHT_WORDS = ir.VectorType(WORD, LANES)
NOTHING = ir.Constant(EIGHT_FLOATS, [0.0] * LANES)


class Floats(types.Type):
    """Eight float32; + - * / and comparisons, also with a float32 for all lanes."""


class Bits(types.Type):
    """Eight truth values, what comparing `Floats` gives; `&` joins two."""


floats, bits = Floats("eight floats"), Bits("eight bits")
ANY_PAIR = [(floats, floats), (floats, types.float32), (types.float32, floats)]
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
infer_global(operator.neg)(
    type("Negation", (ConcreteTemplate,), {"cases": [signature(floats, floats)]})
)


@lower_builtin(operator.neg, floats)
def negated(context, builder, sig, args):
    """-x"""
    return builder.fneg(args[0])


define(operator.and_, bits, lambda b, x, y: b.and_(x, y), [(bits, bits)])


def plainly(emit):
    """What an intrinsic returns, from a function of the builder and the values."""
    return lambda context, builder, sig, args: emit(builder, *args)


def pointer(context, builder, kind, array, at):
    """To element `at` of a flat array, or of what `address` gave."""
    if isinstance(kind, types.Array):
        array = context.make_array(kind)(context, builder, array).data
    return builder.gep(array, [at], inbounds=True)


@intrinsic
def address(typing, array, at):
    """Where element `at` of an array lies, to index as if it were flat; no reference to it.

    Numba counts references to arrays in functions that branch, one by one and atomically, which
    takes longer than the work in them. Only for a kernel's arguments: an array made in the kernel
    would be gone with its last mention.
    """

    def emit(context, builder, sig, args):
        return pointer(context, builder, sig.args[0], *args)

    return types.CPointer(array.dtype)(array, types.int64), emit


@intrinsic
def load(typing, array, at):
    """Eight numbers of a flat array of float32 or int32 from `at` on."""
    kind = EIGHT_WORDS if array.dtype == types.int32 else EIGHT_FLOATS

    def emit(context, builder, sig, args):
        place = pointer(context, builder, sig.args[0], *args)
        found = builder.load(builder.bitcast(place, kind.as_pointer()), align=4)
        if kind is EIGHT_FLOATS:
            return found
        return builder.sitofp(found, EIGHT_FLOATS)

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


def picking(comparison):
    """One of two in each lane, the second where the first is not a number."""

    def emit(builder, *pair):
        x, y = (in_all_lanes(builder, value) for value in pair)
        return builder.select(builder.fcmp_ordered(comparison, x, y), x, y)

    return plainly(emit)


@intrinsic
def least(typing, one, other):
    """The smaller in each lane; either may be a float32 for all lanes."""
    return floats(one, other), picking("<")


@intrinsic
def greatest(typing, one, other):
    """The larger in each lane; either may be a float32 for all lanes."""
    return floats(one, other), picking(">")


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


def words(value):
    """A whole number in all lanes."""
    return ir.Constant(EIGHT_WORDS, [value] * LANES)


@intrinsic
def halves(typing, value):
    """Positive numbers as m * 2^e with m from 0.7 to 1.42: m, and e."""

    def emit(context, builder, sig, args):
        whole = builder.bitcast(args[0], EIGHT_WORDS)
        power = builder.ashr(builder.sub(whole, words(0x3F3504F3)), words(23))  # sqrt(0.5)
        rest = builder.sub(whole, builder.shl(power, words(23)))
        parts = [builder.bitcast(rest, EIGHT_FLOATS), builder.sitofp(power, EIGHT_FLOATS)]
        return context.make_tuple(builder, sig.return_type, parts)

    return types.UniTuple(floats, 2)(floats), emit


@intrinsic
def scaled(typing, value, power):
    """value * 2^power for whole powers that keep it in range."""

    def emit(builder, value, power):
        steps = builder.shl(builder.fptosi(power, EIGHT_WORDS), words(23))
        return builder.bitcast(
            builder.add(builder.bitcast(value, EIGHT_WORDS), steps), EIGHT_FLOATS
        )

    return floats(floats, floats), plainly(emit)
