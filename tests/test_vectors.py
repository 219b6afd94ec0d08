"""Eight floats at once: what every operation does, lane by lane."""

import numpy as np
from numba import njit

from core.render.cpu import vectors as v
from core.render.cpu import weave
from core.render.cpu.elementary import exponential, logarithm
from core.render.cpu.layout import F, U

FIRST = np.array([3, -1, 4, 1, -5, 9, 2, 6], np.float32)
SECOND = np.array([2, 7, 1, -8, 2, 8, 1, 8], np.float32)


@njit
def lane_by_lane(numbers, small, out):
    a, b = v.load(numbers, U(0)), v.load(numbers, U(8))
    v.store(out, U(0), a * b + F(2) * a - b / F(4))
    v.store(out, U(8), v.choose((a > b) & (b >= F(2)), a, v.spread(F(9))))
    v.store(out, U(16), v.keep(a > F(0), v.least(a, b)))
    v.store(out, U(24), v.greatest(a, b) + v.lanes())
    v.store(out, U(32), v.negative(a))
    v.store(out, U(40), v.load(small, U(1)))
    v.store(out, U(48), weave.totals(a, b, a, b, a + b, a, b, v.lanes()))
    return v.any_of(a > F(8)), v.any_of(a > F(9))


@njit
def there_and_back(numbers, out):
    three = weave.woven(v.load(numbers, U(0)), v.load(numbers, U(8)), v.load(numbers, U(16)))
    back = weave.unwoven(three[0], three[1], three[2])
    for k in range(3):
        v.store(out, U(8 * k), three[k])
        v.store(out, U(24 + 8 * k), back[k])


@njit
def elementary(numbers, out):
    x = v.load(numbers, U(0))
    v.store(out, U(0), exponential(x))
    v.store(out, U(8), logarithm(exponential(x)))


def test_exponential_and_logarithm_are_those_of_numpy() -> None:
    x, out = np.array([-80, -5.5, -1, -1e-3, 0, 0.3, 7, 80], np.float32), np.zeros(16, np.float32)
    elementary(x, out)
    np.testing.assert_allclose(out[:8], np.exp(x.astype(float)), rtol=3e-7)
    np.testing.assert_allclose(out[8:], x, rtol=3e-7, atol=3e-7)


def test_operations_are_those_of_numpy() -> None:
    a, b, out = FIRST, SECOND, np.zeros(56, np.float32)
    small = np.arange(250, 259, dtype=np.int32)
    answers = lane_by_lane(np.concatenate([a, b]), small, out)
    assert answers == (True, False)
    sums = [x.sum() for x in (a, b, a, b, a + b, a, b, np.arange(8))]
    expected = [
        a * b + 2 * a - b / 4,
        np.where((a > b) & (b >= 2), a, 9),
        np.where(a > 0, np.minimum(a, b), 0),
        np.maximum(a, b) + np.arange(8),
        -np.abs(a),
        small[1:],
        sums,
    ]
    np.testing.assert_allclose(out.reshape(7, 8), expected, rtol=1e-6)


def test_weaving_makes_pixels_of_planes_and_back() -> None:
    planes, out = np.arange(24, dtype=np.float32), np.zeros(48, np.float32)
    there_and_back(planes, out)
    np.testing.assert_array_equal(out[:24].reshape(8, 3), planes.reshape(3, 8).T)
    np.testing.assert_array_equal(out[24:], planes)
