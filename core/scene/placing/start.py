"""A first guess at where an object stands, from its masks or from points seen on it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.scene.placing.model import LOG_SCALE, YAW, Stance
from core.scene.placing.sightings import Sighting, middle_of

Array = NDArray[np.float64]

TURNS = 8
MOST = 1500  # points compared
ROUNDS = 3


def start_from_cloud(own: Array, stance: Stance, cloud: Array) -> Array:
    """Five numbers [5] for an object of points `own` [P, 3] seen as `cloud` [Q, 3], scene frame.

    As 3D-RE-GEN has it: the middle is the cloud's, the scale the cube root of the ratio of both
    boxes' volumes, upright; of `TURNS` yaws the one with the least Chamfer distance between
    both, middle on middle.
    """
    from scipy.spatial import cKDTree  # a third of a second to load

    seen = stance.scene_from_ground.inverse().apply(cloud[:: max(1, len(cloud) // MOST)])
    own = own[:: max(1, len(own) // MOST)]
    numbers = np.zeros(5)
    low, high = seen.min(axis=0), seen.max(axis=0)
    middle = 0.5 * (low + high)
    numbers[[0, 2]] = middle[[0, 2]]
    numbers[1] = 0.0 if stance.grounded else middle[1]
    tree, least, best = cKDTree(seen - middle), np.inf, 0.0
    for k in range(TURNS):
        numbers[YAW], numbers[LOG_SCALE] = 2 * np.pi * k / TURNS, 0.0
        posed = _in_ground(own, stance, numbers)
        size = np.ptp(posed, axis=0)
        scale = float(np.cbrt(np.prod(high - low) / max(np.prod(size), 1e-12)))
        posed = scale * (posed - 0.5 * (posed.min(axis=0) + posed.max(axis=0)))
        there, back = tree.query(posed)[0], cKDTree(posed).query(seen - middle)[0]
        chamfer = float(np.mean(there**2) + np.mean(back**2))
        if chamfer < least:
            least, best, numbers_scale = chamfer, numbers[YAW], scale
    numbers[YAW], numbers[LOG_SCALE] = best, np.log(numbers_scale)
    return numbers


def start_from_masks(
    own: Array, stance: Stance, sightings: Sequence[Sighting], middle: Array | None = None
) -> Array:
    """Five numbers [5] for an object of points `own` [P, 3] by its masks; yaw 0.

    Its middle is where the rays through the masks' middles meet, unless `middle` [3] is known; its
    scale makes the box of its points in the pictures as large as the masks'.
    """
    middle = middle_of(sightings) if middle is None else middle
    middle = stance.scene_from_ground.inverse().apply(middle)
    own = own[:: max(1, len(own) // MOST)]
    numbers = np.zeros(5)
    numbers[[0, 2]] = middle[[0, 2]]
    numbers[1] = 0.0 if stance.grounded else middle[1]
    tall = np.ptp(own @ stance.upright.T, axis=0)
    # Begun small, so that it lies before every camera.
    numbers[LOG_SCALE] = np.log(0.2 * _nearest(middle, stance, sightings) / max(tall.max(), 1e-9))
    for _ in range(ROUNDS):
        ratios = [_larger(own, stance, numbers, each) for each in sightings]
        numbers[LOG_SCALE] += float(np.median(np.log(ratios)))
    return numbers


def _in_ground(own: Array, stance: Stance, numbers: Array) -> Array:
    return stance.scene_from_ground.inverse().apply(stance.scene_from_object(numbers).apply(own))


def _nearest(middle: Array, stance: Stance, sightings: Sequence[Sighting]) -> float:
    place = stance.scene_from_ground.apply(middle)
    centres = [each.view.centre().double().numpy() for each in sightings]
    return float(min(np.linalg.norm(place - centre) for centre in centres))


def _larger(own: Array, stance: Stance, numbers: Array, each: Sighting) -> float:
    """How many times larger the mask is than the object as it would be seen."""
    world = each.view.camera_from_scene.double().numpy()
    seen = stance.scene_from_object(numbers).apply(own) @ world[:3, :3].T + world[:3, 3]
    seen = seen[seen[:, 2] > 0]
    if len(seen) < 3:
        return 1.0
    camera = each.view.camera
    flat = seen[:, :2] / seen[:, 2:] * (camera.fx, camera.fy)
    y, x = np.nonzero(each.mask.numpy() > 0.5)
    mask = float(np.hypot(np.ptp(x) + 1, np.ptp(y) + 1))
    return mask / max(float(np.hypot(*np.ptp(flat, axis=0))), 1e-9)
