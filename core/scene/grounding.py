"""The frame of the scene: put on a floor that was found or shown, and given a length."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays
from core.geometry.pose import Pose
from core.scene.floor import UP, Floor, find_floor, floor_through, metres_per_unit, surface_points
from core.scene.layout import Ground

Array = NDArray[np.float64]


def found_floor(
    splats: SplatArrays, floor_ids: frozenset[int], depth: float, up: Array = UP
) -> Floor:
    """The floor under `splats`, capture frame; `floor_ids`: of objects that are one. As for
    `find_floor`."""
    labelled = surface_points(splats, floor_ids) if floor_ids else np.zeros((0, 3))
    return find_floor(surface_points(splats), labelled, depth, up=up)


def with_floor(before: Ground, floor: Floor) -> Ground:
    """The ground on `floor` (capture frame), with units as long as before."""
    pose = floor.scene_from_capture(before.scene_from_capture.scale)
    return replace(before, scene_from_capture=pose, confirmed=True)


def with_clicks(before: Ground, clicks: Array) -> Ground:
    """The ground through three points [3, 3] of the scene frame. Raises `UserError` where they lie
    on a line."""
    back = before.scene_from_capture.inverse()
    floor = floor_through(back.apply(clicks), up=back.rotation @ np.array([0.0, 1.0, 0.0]))
    return with_floor(before, floor)


def with_length(before: Ground, ends: Array, metres: float) -> Ground:
    """The ground in metres: the way between `ends` [2, 3] of the scene frame is so long. Raises
    `UserError` where either length is nothing."""
    longer = Pose(np.eye(3), np.zeros(3), metres_per_unit(ends, metres))
    return replace(before, scene_from_capture=longer @ before.scene_from_capture, metric=True)
