"""Whether a camera only turned between two photos, which leaves nothing to triangulate."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Matches that a turn alone predicts this well, in pixels, show no depth. Distortion is in it.
TURN_PX = 2.0
# Focal lengths tried, in longer sides of the photo: so many first, then so many between the
# neighbours of the best.
FOCAL_LENGTHS = (0.4, 3.0)
TRIED = 13


def only_turned(first: Array, second: Array, size: tuple[int, int], focal_px: float | None) -> bool:
    """Whether a turn about the camera's centre takes pixels `first` to `second`, both [N, 2].

    `size`: width and height of both photos. A focal length that is not known
    is searched for, since any would do.
    """
    center = np.array(size, np.float64) / 2.0
    a, b = first - center, second - center
    if focal_px is not None:
        return _turn_error(a, b, focal_px) < TURN_PX
    tried = max(size) * np.geomspace(*FOCAL_LENGTHS, TRIED)
    for _ in range(2):
        errors = [_turn_error(a, b, float(focal)) for focal in tried]
        best = int(np.argmin(errors))
        tried = np.geomspace(tried[max(best - 1, 0)], tried[min(best + 1, TRIED - 1)], TRIED)
    return min(errors) < TURN_PX


def _turn_error(first: Array, second: Array, focal: float) -> float:
    """Median distance in pixels after the best turn, found by two rounds of Kabsch.

    The second round leaves out the worse half, so that false matches do not matter.
    """
    rays = _rays(first, focal), _rays(second, focal)
    kept = np.ones(len(first), bool)
    distance = np.zeros(len(first))
    for _ in range(2):
        left, _, right = np.linalg.svd(rays[1][kept].T @ rays[0][kept])
        sign = np.diag([1.0, 1.0, np.linalg.det(left @ right)])
        turned = rays[0] @ (left @ sign @ right).T
        there = focal * turned[:, :2] / np.where(np.abs(turned[:, 2:]) > 1e-9, turned[:, 2:], 1e-9)
        distance = np.linalg.norm(there - second, axis=1)
        kept = distance <= np.median(distance)
    return float(np.median(distance))


def _rays(pixels: Array, focal: float) -> Array:
    rays = np.column_stack([pixels / focal, np.ones(len(pixels))])
    return np.asarray(rays / np.linalg.norm(rays, axis=1, keepdims=True))
