"""Jobs about the layout."""

import numpy as np
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays
from core.scene.floor import Floor
from core.scene.grounding import found_floor
from core.scene.shown import bounds


def floor_under(floor_ids: frozenset[int], up: NDArray[np.float64], splats: SplatArrays) -> Floor:
    """The floor under `splats`; half their reach stands for how far cameras see."""
    low, high = bounds(splats)
    return found_floor(splats, floor_ids, float(np.linalg.norm(high - low)) / 2, up)
