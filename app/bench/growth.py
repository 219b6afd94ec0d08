"""How a cost grows with what causes it."""

from collections.abc import Sequence

import numpy as np


def exponent(series: Sequence[tuple[int, float]]) -> float:
    """The power of the first with which the second grows.

    The slope of the least-squares line through the logarithms.
    """
    amounts, costs = np.log(np.array(series)).T
    return float(np.polyfit(amounts, costs, 1)[0])
