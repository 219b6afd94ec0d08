"""Gaussians that likely float about where nothing is, by what is unusual about them."""

from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays
from core.scene.bodies import loneliness

Array = NDArray[np.float64]

LONELY = 6.0  # times as far from others as most: as likely a floater as not
LARGE = 8.0  # times as large as most
SURE = 100.0  # odds of being a floater, of what alone is one at the least strength
SHARP = 4.0  # how quickly that changes
UNSEEN_SAY = 0.5  # what never having been measured by photos adds
FAINT_SAY = 0.5  # what being faint adds


def floater_scores(splats: SplatArrays) -> Array:
    """[N] in [0, 1): how likely each Gaussian is a floater.

    Far from all others, or much larger than most, is what tells: x^4 / (1 + x^4), x the ratio to
    the median beside `LONELY` and `LARGE`. The others (1 - opacity, 1 - confidence of the
    photos) only strengthen that: score = a (1 + w (1 - a)), a the larger of both. Those of the
    same splats are reckoned once.
    """
    if splats not in _SCORES:
        _SCORES[splats] = _scored(splats)
    return _SCORES[splats]


def likely_floaters(scores: Array, strength: float) -> NDArray[np.bool_]:
    """[N]: which to select at a `strength` in [0, 1]: none at 0, more and more up to 1.

    Whatever is selected at one strength is at every larger one. In the middle what is as likely a
    floater as not; the odds for it fall evenly in their logarithm, from `SURE` to one of them.
    """
    odds = SURE ** (1 - 2 * strength)
    chosen: NDArray[np.bool_] = scores > (odds / (1 + odds) if strength > 0 else 1.0)
    return chosen


_SCORES: WeakKeyDictionary[SplatArrays, Array] = WeakKeyDictionary()


def _scored(splats: SplatArrays) -> Array:
    n = len(splats)
    if n == 0:
        return np.zeros(0)
    size = np.exp(splats.log_scales.astype(np.float64)).max(axis=1)
    alone = loneliness(splats.means.astype(np.float64)) / LONELY
    large = size / max(float(np.median(size)), 1e-12) / LARGE
    odd = np.maximum(alone, large) ** SHARP
    odd = odd / (1 + odd)
    opacity = 1 / (1 + np.exp(-splats.logit_opacity.astype(np.float64)))
    doubt = FAINT_SAY * (1 - opacity) + UNSEEN_SAY * (1 - splats.confidence)
    return np.asarray(odd * (1 + doubt * (1 - odd)))
