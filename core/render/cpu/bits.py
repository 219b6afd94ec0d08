"""Floats as bits, and the fast reciprocal that needs them."""

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from core.render.cpu.layout import INLINE, TWO

GUESS = np.int32(0x7EF311C7)


@intrinsic
def bits_of(typingctx, number):
    """The bits of a float32 as an int32."""

    def generate(context, builder, signature, values):
        return builder.bitcast(values[0], ir.IntType(32))

    return types.int32(types.float32), generate


@intrinsic
def float_of(typingctx, bits):
    """The float32 whose bits are an int32."""

    def generate(context, builder, signature, values):
        return builder.bitcast(values[0], ir.FloatType())

    return types.float32(types.int32), generate


@njit(**INLINE)
def reciprocal(x):
    """1 / x for x > 0, to 1e-7: a guess by the exponent's bits, and three steps of Newton's.

    A vector division takes four times as long as these few multiplications.
    """
    y = float_of(GUESS - bits_of(x))
    y *= TWO - x * y
    y *= TWO - x * y
    return y * (TWO - x * y)
