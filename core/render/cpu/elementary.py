"""Exponential and logarithm of eight floats, to 2e-7: the polynomials of Cephes (Moshier, 1992)."""

from numba import njit

from core.render.cpu.layout import HALF, ONE, WRITTEN_INLINE, F
from core.render.cpu.vectors import greatest, halves, least, rounded_down, scaled

LN2_HIGH, LN2_LOW = F(0.693359375), F(-2.12194440e-4)  # their sum, the first without rounding


@njit(**WRITTEN_INLINE)
def exponential(x):
    """exp(x), held within float32's range; NaN stays NaN."""
    x = greatest(F(-87), least(F(88), x))
    whole = rounded_down(x * F(1.44269504088896341) + HALF)
    x = x - whole * LN2_HIGH - whole * LN2_LOW
    high = (F(1.9875691500e-4) * x + F(1.3981999507e-3)) * x + F(8.3334519073e-3)
    low = ((high * x + F(4.1665795894e-2)) * x + F(1.6666665459e-1)) * x + F(5.0000001201e-1)
    return scaled(low * x * x + x + ONE, whole)


@njit(**WRITTEN_INLINE)
def logarithm(x):
    """log(x) for x > 0, not checked."""
    x, whole = halves(x)
    x = x - ONE
    square = x * x
    high = (F(7.0376836292e-2) * x - F(1.1514610310e-1)) * x + F(1.1676998740e-1)
    high = ((high * x - F(1.2420140846e-1)) * x + F(1.4249322787e-1)) * x - F(1.6668057665e-1)
    low = ((high * x + F(2.0000714765e-1)) * x - F(2.4999993993e-1)) * x + F(3.3333331174e-1)
    return x + (low * x * square + whole * LN2_LOW - HALF * square) + whole * LN2_HIGH
