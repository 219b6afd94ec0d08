"""Where a thing from elsewhere is to stand."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.geometry.pose import Pose


@dataclass(frozen=True, eq=False)
class Spot:
    """`at` [3] on the floor, scene frame, looked at from `away` units.

    `capture_from_scene`: leads into the frame of the capture. `metric`: a unit of the scene is a
    metre.
    """

    at: NDArray[np.float64]
    away: float
    capture_from_scene: Pose
    metric: bool
