"""How well the photos are met, and whether that still changes."""

import math
from bisect import bisect_right
from operator import itemgetter

FLOOR = 1e-10  # of a mean squared error: 100 dB
STRETCH = 0.1  # of the budget, over which gains are counted ...
FEWEST = 100  # ... but over no fewer iterations


class Fits:
    """The PSNR of each of `photos` photos as it was when training last looked at it."""

    def __init__(self, photos: int) -> None:
        self.decibels = [math.nan] * photos
        self.history: list[tuple[float, float]] = []  # after each photo: spent, mean

    def note(self, index: int, spent: float, squared_error: float) -> None:
        """Photo `index` was met with `squared_error`, a mean, at `spent` of the budget."""
        self.decibels[index] = -10 * math.log10(max(squared_error, FLOOR))
        self.history.append((spent, self.mean()))

    def mean(self) -> float:
        """In dB, over the photos seen so far; NaN before the first."""
        seen = [value for value in self.decibels if not math.isnan(value)]
        return math.fsum(seen) / len(seen) if seen else math.nan

    def gain(self, spent: float) -> float:
        """dB won over the last tenth of the budget, if each photo was seen meanwhile.

        Infinite while that cannot be said.
        """
        earlier = self.history[: -max(len(self.decibels), FEWEST)]
        found = bisect_right(earlier, spent - STRETCH, key=itemgetter(0))
        return self.mean() - earlier[found - 1][1] if found else math.inf
