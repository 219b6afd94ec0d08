"""A face of the room, such as its floor: all that lies on one plane, in one piece or many.

Regions cannot tell a floor as a whole: what stands on it parts it, and a rug is unlike it.
Where a scene is known, its plane can.
"""

from typing import NamedTuple

import numpy as np

from core.segment import merging
from core.segment.protocol import Mask
from core.segment.relief import Stand
from core.segment.superpixels import Array
from core.segment.tree import Regions

TRIED = 256  # planes
THIN = 0.015  # of the distance from the camera: what is nearer to a plane lies on it
LOOSE = 2.0  # times that: what is turned as the plane is may lie on it still
TURNS = 5  # of fitting the plane to what lies on it
UPWARD = 0.2  # cosine of a floor's normal with the photo's up, at least
SIDEWAYS = 0.5  # cosine of normals: what is turned farther away only touches the plane


class _Plane(NamedTuple):
    """All p with normal . p = offset."""

    normal: Array  # [3] towards the camera
    offset: float


class _Spots(NamedTuple):
    """Superpixels: `points` [L, 3], `normals` [L, 3], `weight` [L] pixels, `thin` [L]."""

    points: Array
    normals: Array
    weight: Array
    thin: Array

    def off(self, plane: _Plane) -> Array:
        """[L]: how far each is before the plane, in what still counts as on it."""
        return np.asarray((self.points @ plane.normal - plane.offset) / self.thin)

    def facing(self, plane: _Plane) -> Mask:
        """[L]: which are turned as the plane is."""
        return np.asarray(self.normals @ plane.normal > SIDEWAYS)

    def on(self, plane: _Plane) -> Mask:
        """[L]: which surely lie on the plane."""
        return self.facing(plane) & (np.abs(self.off(plane)) < 1)

    def near(self, plane: _Plane) -> Mask:
        """[L]: which may lie on it, scenes being rough, above all at the edges of photos."""
        off = np.abs(self.off(plane))
        return np.asarray((off < 1) | ((off < LOOSE) & self.facing(plane)))


def floor_in(regions: Regions, stand: Stand, free: Array, shown: Mask) -> Mask:
    """The superpixels [L] of the floor; none where no plane can be one.

    `free` [L]: pixels of each that may be the floor. `shown` [L]: superpixels that the user said
    are; without any it is the plane that holds the most of what is free, less what lies below.
    """
    spots = _spots(regions, stand, free)
    hints = shown & (free > 0)
    found = _best(spots, hints if hints.any() else free > 0, stand.up)
    if found is None:
        return np.zeros(regions.count, bool)
    return spots.near(found) & (free > 0)


def _spots(regions: Regions, stand: Stand, free: Array) -> _Spots:
    known = regions.known[: regions.count]
    area = known[:, merging.AREA, None]
    points = known[:, merging.POINT : merging.POINT + 3] / area
    normals = known[:, merging.NORMAL : merging.NORMAL + 3] / area
    thin = THIN * np.linalg.norm(points - stand.centre, axis=1) + 1e-9
    return _Spots(points, normals, free, thin)


def _best(spots: _Spots, from_: Mask, up: Array) -> _Plane | None:
    """Of the planes of the superpixels `from_` [L] the one that holds most and has least below."""
    worth = np.where(from_ & (spots.normals @ up > UPWARD), spots.weight, 0.0)
    if not worth.any():
        return None
    tried = np.argsort(-worth, kind="stable")[: np.count_nonzero(worth)]
    tried = tried[:: max(1, len(tried) // TRIED)]
    planes = [_fitted(spots, _at(spots, int(each))) for each in tried]
    return max(planes, key=lambda plane: _score(spots, plane))


def _at(spots: _Spots, k: int) -> _Plane:
    normal = spots.normals[k] / np.linalg.norm(spots.normals[k])
    return _Plane(normal, float(normal @ spots.points[k]))


def _score(spots: _Spots, plane: _Plane) -> float:
    below = spots.off(plane) < -2
    return float(spots.weight[spots.on(plane)].sum() - spots.weight[below].sum())


def _fitted(spots: _Spots, plane: _Plane) -> _Plane:
    """The plane moved to the middle of what lies on it."""
    for _ in range(TURNS):
        on = spots.on(plane)
        weight = np.where(on, spots.weight / spots.thin**2, 0.0)
        if np.count_nonzero(weight) < 3:
            return plane
        middle = weight @ spots.points / weight.sum()
        away = spots.points - middle
        _, axes = np.linalg.eigh((away * weight[:, None]).T @ away)
        normal = axes[:, 0] * np.sign(axes[:, 0] @ plane.normal)
        plane = _Plane(normal, float(normal @ middle))
    return plane
