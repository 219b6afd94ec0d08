"""The numbers behind the curves: points kept few, and axes with round ticks."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST = 2000  # points of a curve; beyond it two become one
COLUMN = 2.0  # logical pixels
Numbers = NDArray[np.float64]


class Series:
    """Points of growing x, each the mean of as many as were added since the one before."""

    def __init__(self, most: int = MOST) -> None:
        """`most` is even."""
        self._x, self._y = np.empty(most), np.empty(most)
        self._count = 0
        self._share = 1  # added points that make one kept point
        self._sum, self._waiting = 0.0, 0
        self.last: tuple[float, float] | None = None

    def __len__(self) -> int:
        return self._count

    def add(self, x: float, y: float) -> None:
        """One point more. Going back to an earlier x forgets what came after it."""
        if not math.isfinite(y):
            return
        if self.last is not None and x <= self.last[0]:
            self._count = int(np.searchsorted(self._x[: self._count], x))
            self._sum, self._waiting = 0.0, 0
        self.last = (x, y)
        self._sum += y
        self._waiting += 1
        if self._waiting < self._share:
            return
        if self._count == len(self._x):
            self._halve()
            return  # what waits is now half of a point
        self._x[self._count], self._y[self._count] = x, self._sum / self._waiting
        self._count += 1
        self._sum, self._waiting = 0.0, 0

    def points(self) -> tuple[Numbers, Numbers]:
        """x and y of what is kept, and of the newest."""
        x, y = self._x[: self._count], self._y[: self._count]
        if self.last is not None and self._waiting:
            return np.append(x, self.last[0]), np.append(y, self._sum / self._waiting)
        return x.copy(), y.copy()

    def at(self, x: float) -> tuple[float, float] | None:
        """The point closest to `x`."""
        xs, ys = self.points()
        if not len(xs):
            return None
        nearest = int(np.argmin(np.abs(xs - x)))
        return float(xs[nearest]), float(ys[nearest])

    def _halve(self) -> None:
        half = self._count // 2
        self._x[:half] = self._x[1 : 2 * half : 2]
        self._y[:half] = (self._y[0 : 2 * half : 2] + self._y[1 : 2 * half : 2]) / 2
        self._count, self._share = half, 2 * self._share


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`, marked at `ticks`, which have so many `decimals`."""

    low: float
    high: float
    ticks: tuple[float, ...]
    decimals: int = 0

    def part(self, values: Numbers) -> Numbers:
        """Where `values` lie between low (0) and high (1)."""
        return (values - self.low) / (self.high - self.low)


def axis(low: float, high: float, marks: int = 4) -> Axis:
    """An axis that holds both values, with about so many round ticks."""
    if not (math.isfinite(low) and math.isfinite(high)):
        low, high = 0.0, 1.0
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-9):
        room = max(abs(low) * 0.1, 0.5)
        low, high = low - room, high + room
    step = _round_step((high - low) / max(1, marks))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    ticks = tuple(round(k * step, decimals + 2) for k in range(first, last + 1))
    return Axis(ticks[0], ticks[-1], ticks, decimals)


def spread(values: Numbers) -> tuple[float, float]:
    """The range that matters of a noisy curve: a few wild values do not flatten the rest."""
    if len(values) == 0:
        return 0.0, 1.0
    low, high = (
        np.percentile(values, (1, 99)) if len(values) >= 50 else (values.min(), values.max())
    )
    return float(min(low, values[-1])), float(max(high, values[-1]))


def by_column(x: Numbers, y: Numbers, across: Axis, width: float) -> tuple[Numbers, Numbers]:
    """The means in each column of a few pixels: shorter pieces are drawn faint and slowly."""
    if len(x) <= 2:
        return x, y
    columns = np.floor(across.part(x) * width / COLUMN).astype(np.int64)
    starts = np.flatnonzero(np.diff(columns, prepend=columns[0] - 1))
    counts = np.diff(starts, append=len(x))
    means = np.add.reduceat(x, starts) / counts, np.add.reduceat(y, starts) / counts
    # From the first value to the last: the means alone would end short of both.
    return (
        np.concatenate([x[:1], means[0][1:-1], x[-1:]]),
        np.concatenate([y[:1], means[1][1:-1], y[-1:]]),
    )


@dataclass(frozen=True)
class Area:
    """Part of the canvas, in logical pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height


GUTTER, TITLE, FOOT, GAP = 44.0, 24.0, 20.0, 10.0


def arranged(width: float, height: float, count: int = 3) -> tuple[Area, ...]:
    """Where the plots are: below one another, or side by side where it is wide."""
    if width > 1.5 * height:
        each = (width - GAP) / count
        tall = max(10.0, height - TITLE - FOOT)
        return tuple(
            Area(i * each + GUTTER, TITLE, max(10.0, each - GUTTER - GAP), tall)
            for i in range(count)
        )
    each = (height - FOOT) / count
    wide = max(10.0, width - GUTTER - GAP)
    return tuple(
        Area(GUTTER, i * each + TITLE, wide, max(10.0, each - TITLE - 4)) for i in range(count)
    )


def _round_step(rough: float) -> float:
    """The smallest of 1, 2, 5, 10 ... that is not below `rough`."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999999)
