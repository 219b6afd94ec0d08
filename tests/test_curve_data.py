"""The numbers behind the curves: which are kept, and the axes they stand on."""

import math

import numpy as np
import pytest

from widgets.panels.curve_data import Axis, Series, arranged, axis, by_column, spread


def test_points_are_kept_as_they_are_while_they_are_few() -> None:
    series = Series(10)
    for i in range(10):
        series.add(i, i * i)
    x, y = series.points()
    assert x.tolist() == list(range(10))
    assert y.tolist() == [i * i for i in range(10)]


@pytest.mark.parametrize("count", [11, 100, 12_345])
def test_many_points_become_means(count: int) -> None:
    series = Series(50)
    for i in range(count):
        series.add(i, 2.0 * i)
    x, y = series.points()
    assert len(x) <= 51
    assert len(x) >= min(count, 20)
    assert (np.diff(x) > 0).all()
    assert x[-1] == count - 1
    # A mean lies beside its last x by less than it takes points together.
    together = count / 20
    assert np.abs(y - 2 * x).max() <= 2 * together
    assert series.last == (count - 1, 2.0 * (count - 1))


def test_means_are_exact() -> None:
    series = Series(4)
    for i in range(16):
        series.add(i, float(i))
    _, y = series.points()
    assert y.tolist() == [1.5, 5.5, 9.5, 13.5]


def test_going_back_forgets_what_came_after() -> None:
    series = Series(100)
    for i in range(1, 51):
        series.add(i, 1.0)
    for i in range(20, 31):
        series.add(i, 5.0)
    x, y = series.points()
    assert x.tolist() == list(range(1, 31))
    assert y[-1] == 5
    assert series.at(29.8) == (30, 5)
    assert series.at(-4) == (1, 1)


def test_what_is_no_number_is_left_aside() -> None:
    series = Series()
    series.add(1, math.nan)
    series.add(2, math.inf)
    assert len(series) == 0
    assert series.last is None
    assert series.at(1) is None


@pytest.mark.parametrize(
    ("low", "high", "marks", "expected"),
    [
        (0, 1, 4, Axis(0, 1, (0, 0.5, 1), 1)),
        (0.02, 0.37, 4, Axis(0, 0.4, (0, 0.1, 0.2, 0.3, 0.4), 1)),
        (14.2, 27.1, 3, Axis(10, 30, (10, 15, 20, 25, 30), 0)),
        (0, 148_000, 3, Axis(0, 150_000, (0, 50_000, 100_000, 150_000), 0)),
        (-3, 3, 4, Axis(-4, 4, (-4, -2, 0, 2, 4), 0)),
    ],
)
def test_axes(low: float, high: float, marks: int, expected: Axis) -> None:
    assert axis(low, high, marks) == expected


@pytest.mark.parametrize(("low", "high"), [(3, 3), (0, 0), (math.nan, 1), (5e-12, 6e-12)])
def test_axes_of_nothing_much(low: float, high: float) -> None:
    found = axis(low, high)
    assert found.high > found.low
    assert len(found.ticks) >= 2
    if math.isfinite(low):
        assert found.low <= low <= high <= found.high


def test_wild_values_do_not_flatten_a_curve() -> None:
    values = np.ones(1000)
    values[3] = 1e6
    assert spread(values) == (1, 1)
    values[-1] = 7
    assert spread(values) == (1, 7)  # the newest is always seen
    assert spread(np.array([])) == (0, 1)


def test_columns() -> None:
    x = np.arange(1000.0)
    found_x, found_y = by_column(x, x * 2, axis(0, 1000), 100)
    assert len(found_x) <= 52
    assert (found_x[0], found_x[-1], found_y[-1]) == (0, 999, 1998)
    assert np.allclose(found_y, 2 * found_x)
    few = by_column(x[:2], x[:2], axis(0, 1), 100)
    assert few[0].tolist() == [0, 1]


def test_plots_stand_side_by_side_where_it_is_wide() -> None:
    tall, wide = arranged(300, 500), arranged(1000, 200)
    assert tall[0].bottom < tall[1].top
    assert tall[0].left == tall[1].left
    assert wide[0].right < wide[1].left
    assert wide[0].top == wide[1].top
    for area in (*tall, *wide, *arranged(10, 10)):
        assert area.width > 0
        assert area.height > 0
