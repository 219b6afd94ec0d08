"""The floor that things stand on: by what masks call floor, else the lowest large plane."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from core.gaussians.arrays import SplatArrays
from core.gaussians.provenance import Origin
from core.geometry.planes import FittedPlane, Plane, fitted_plane, ransac_plane, through
from core.geometry.pose import Pose

Array = NDArray[np.float64]

UP = np.array([0.0, 1.0, 0.0])
THICKNESS = 0.01  # of the scene's depth: points nearer to the plane than this lie on it
FEWEST = 30  # floor points that a plane is fitted to
SURE = 300  # points on the plane from which their number raises no doubt
TILT_DEGREES = 20.0  # from the cameras' up, where nothing says which points are floor
LOWEST_SHARE = 0.06  # of the points, on a plane that may be the floor
BELOW_SHARE = 0.03  # of the points, at most, well below it
LEVELS = 12  # planes looked at
UNSAID = 0.8  # how sure the lowest plane is at best: a table that fills the photos may be one
SOLID = 0.5  # opacity from which a Gaussian shows where a surface is


class FloorSource(Enum):
    """What the floor was found by."""

    ASSUMED = "assumed"  # y = 0, for want of anything better
    MASKS = "masks"  # what masks call floor
    LOWEST = "lowest"  # the lowest of the large level planes
    CLICKS = "clicks"  # three points of the user's


@dataclass(frozen=True, eq=False)
class Floor:
    """The plane that objects stand on, in the frame of the Gaussians, its normal up.

    `confidence` in [0, 1]; 1 where the user said it.
    """

    plane: Plane
    source: FloorSource = FloorSource.ASSUMED
    confidence: float = 0.0

    def capture_from_ground(self) -> Pose:
        """From the floor's own frame: y up, y = 0 on it, its origin that of the Gaussians laid
        down on it, x theirs laid down on it too."""
        u, v = self.plane.tangents()
        rotation = np.stack([u, self.plane.normal, v], axis=1)
        return Pose(rotation, -self.plane.offset * self.plane.normal)

    def scene_from_capture(self, metres_per_unit: float = 1.0) -> Pose:
        """Into the frame in which this floor is y = 0, and a unit so many metres larger."""
        return Pose(np.eye(3), np.zeros(3), metres_per_unit) @ self.capture_from_ground().inverse()


def assumed_floor() -> Floor:
    """y = 0: where the pose solver puts a floor."""
    return Floor(Plane(UP, 0.0))


def floor_through(clicks: Array, up: Array = UP) -> Floor:
    """The floor through three `clicks` [3, 3] of the user's; `up` [3]: roughly.

    Raises `UserError` where they lie on a line, which leaves the floor's tilt open.
    """
    plane = through(clicks)
    if plane is None:
        raise UserError(
            "The three points lie on one line.",
            hint="Choose points that are far apart, like the corners of a triangle.",
        )
    return Floor(plane.facing(up), FloorSource.CLICKS, 1.0)


def metres_per_unit(ends: Array, metres: float) -> float:
    """The scale that makes the way between `ends` [2, 3] so many `metres` long.

    Raises `UserError` where either length is nothing.
    """
    units = float(np.linalg.norm(ends[1] - ends[0]))
    if not 0.0 < units < np.inf:
        raise UserError("Both ends are the same point.", hint="Choose two points apart.")
    if not 0.0 < metres < np.inf:
        raise UserError(f"A length of {metres:g} m is not one.", hint="Give it in metres, above 0.")
    return metres / units


def find_floor(
    points: Array, labelled: Array, depth: float, *, up: Array = UP, seed: int = 0
) -> Floor:
    """The floor among `points` [P, 3]; `labelled` [F, 3]: those that masks call floor.

    `depth`: how far the cameras see, in the points' units. `up` [3]: roughly, as cameras were
    held. `confidence`: the share of the labelled points that lie on it (`UNSAID`: of the lowest
    large plane), less where they are few
    or where it is steep. y = 0, with confidence 0, where nothing is found.
    """
    thickness = THICKNESS * depth
    if len(labelled) >= FEWEST:
        found = fitted_plane(labelled, thickness, seed)
        if found is not None and found.on.sum() >= FEWEST // 2:
            return _floor(found, found.share, up, FloorSource.MASKS)
    lowest = lowest_plane(points, thickness, up, seed)
    if lowest is not None:
        return _floor(lowest, UNSAID, up, FloorSource.LOWEST)
    return assumed_floor()


def lowest_plane(points: Array, thickness: float, up: Array, seed: int) -> FittedPlane | None:
    """The largest plane across `up` that has hardly a point below it.

    Planes are taken from `points` one by one, the largest first (sequential RANSAC), and each is
    fitted anew to the points near it. None where none is left with enough points.
    """
    rest = np.ones(len(points), bool)
    for k in range(LEVELS):
        if rest.sum() < FEWEST:
            break
        plane = ransac_plane(points[rest], thickness, seed + k, up=up, tilt_degrees=TILT_DEGREES)
        if plane is None:
            break
        near = points[np.abs(plane.heights(points)) < 2.0 * thickness]
        found = fitted_plane(near, thickness, seed + k)
        if found is None:
            break
        plane = found.plane.facing(up)
        heights = plane.heights(points)
        on = np.abs(heights) < thickness
        rest &= np.abs(heights) >= 2.0 * thickness
        if np.mean(on) < LOWEST_SHARE:
            break
        level = float(plane.normal @ up) > np.cos(np.radians(TILT_DEGREES))
        if level and np.mean(heights < -3.0 * thickness) < BELOW_SHARE:
            return FittedPlane(plane, on, found.fit)
    return None


def surface_points(
    splats: SplatArrays, ids: Collection[int] | None = None, most: int = 20_000
) -> Array:
    """Where surfaces are [P, 3]: middles of the solid Gaussians that rest on photos.

    `ids`: of these objects only. Evenly thinned to about `most`.
    """
    solid = splats.logit_opacity > np.log(SOLID / (1 - SOLID))
    solid &= splats.origin != Origin.FILLED
    if ids is not None:
        solid &= np.isin(splats.object_id, list(ids))
    rows = np.flatnonzero(solid)
    rows = rows[:: max(1, len(rows) // most)]
    return splats.means[rows].astype(np.float64)


def _floor(found: FittedPlane, share: float, up: Array, source: FloorSource) -> Floor:
    plane = found.plane.facing(up)
    enough = min(1.0, float(np.count_nonzero(found.on)) / SURE)
    return Floor(plane, source, share * enough * max(0.0, float(plane.normal @ up)))
