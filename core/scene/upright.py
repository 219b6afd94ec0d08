"""Which way is up in a scene that says nothing of it: where things stand on a floor."""

from dataclasses import replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays
from core.geometry.pose import Pose
from core.scene.floor import THICKNESS, UP, lowest_plane, surface_points
from core.scene.layout import Ground

Array = NDArray[np.float64]

HALF_TURN = Pose(np.diag([1.0, -1.0, -1.0]), np.zeros(3))  # about x
MOST = 8000  # points that are asked
EXTENT = (2, 98)  # percentiles: what is beyond is sky and strays
CLEARLY = 1.5  # times as many points on one plane as on the other


class Upright(Enum):
    """How a scene stands, as far as its floor tells."""

    RIGHT = "right"
    OVER = "over"  # on its head, as files are whose y points down
    UNKNOWN = "unknown"


def stands(splats: SplatArrays) -> Upright:
    """Whether y points up in the frame of `splats`.

    The end of the scene that a large level plane closes is its floor; where both ends have one,
    as in a room, that with more on it, for nobody photographs a ceiling as often as a floor.
    """
    points = surface_points(splats, most=MOST)
    if not len(points):
        return Upright.UNKNOWN
    low, high = np.percentile(points, EXTENT, axis=0)
    points = points[((points >= low) & (points <= high)).all(axis=1)]
    thickness = THICKNESS * float(np.linalg.norm(high - low)) / 2
    below, above = (_share(points, thickness, up) for up in (UP, -UP))
    if below > CLEARLY * above:
        return Upright.RIGHT
    return Upright.OVER if above > CLEARLY * below else Upright.UNKNOWN


def turned_over(ground: Ground) -> Ground:
    """`ground` with the scene turned by half about x; the floor, if it was one, is none now."""
    return replace(
        ground, scene_from_capture=HALF_TURN @ ground.scene_from_capture, confirmed=False
    )


def _share(points: Array, thickness: float, up: Array) -> float:
    """Of `points` on the lowest large plane; 0 where there is none."""
    found = lowest_plane(points, thickness, up, 0)
    return 0.0 if found is None else float(np.mean(found.on))
