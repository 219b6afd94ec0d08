"""Planes through points, most of which lie on them, some of which do not."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FLAT = 1e-3  # least over greatest variance below which points are a plane as they are
MOSTLY = 0.85  # of the points on the plane: with fewer, only those are fitted
SAME = 0.98  # of the points on the better plane: hardly worse
TRIALS = 2000
MOST_POINTS = 4000  # that a trial is judged by
ROUNDS = 8


@dataclass(frozen=True, eq=False)
class Plane:
    """The points x with normal @ x + offset = 0; `normal` [3] is a unit vector."""

    normal: Array
    offset: float

    def heights(self, points: Array) -> Array:
        """Signed distances [...] of `points` [..., 3], positive on the normal's side."""
        return np.asarray(points @ self.normal + self.offset)

    def nearest(self, points: Array) -> Array:
        """The places [..., 3] on the plane that are nearest to `points` [..., 3]."""
        return np.asarray(points - self.heights(points)[..., None] * self.normal)

    def facing(self, direction: Array) -> "Plane":
        """The same plane, its normal on the side of `direction` [3]."""
        return self if self.normal @ direction >= 0.0 else Plane(-self.normal, -self.offset)

    def tangents(self) -> tuple[Array, Array]:
        """Unit u and v [3] such that u, normal, v are right-handed: x, y and z of a floor.

        u is the x axis laid down on the plane, or the z axis where x stands upright on it.
        """
        along = np.array([1.0, 0.0, 0.0])
        if abs(self.normal[0]) > 0.9:
            along = np.array([0.0, 0.0, 1.0])
        u = along - (along @ self.normal) * self.normal
        u /= np.linalg.norm(u)
        return u, np.cross(u, self.normal)


class Fit(Enum):
    """How a plane was found."""

    PCA = "pca"  # the points as they are lie on one
    SVD = "svd"  # nearly all do: least squares over all of them first
    RANSAC = "ransac"  # many do not: least squares over those only that agree


@dataclass(frozen=True, eq=False)
class FittedPlane:
    """A `plane`, the share of all points `on` it [P] bool, and how it was found."""

    plane: Plane
    on: NDArray[np.bool_]
    fit: Fit

    @property
    def share(self) -> float:
        """Of the points, those that lie on it."""
        return float(np.mean(self.on)) if len(self.on) else 0.0


def least_squares_plane(points: Array) -> Plane:
    """The plane of least squared distance to `points` [P, 3], P >= 3; its normal's side is open."""
    center = points.mean(axis=0)
    _, axes = np.linalg.eigh(np.cov((points - center).T))  # in ascending order of variance
    return Plane(axes[:, 0], -float(axes[:, 0] @ center))


def through(corners: Array) -> Plane | None:
    """The plane through three `corners` [3, 3]; None where they lie on one line."""
    sides = corners[1:] - corners[0]
    normal = np.cross(sides[0], sides[1])
    length = float(np.linalg.norm(normal))
    if length < 1e-6 * float(np.linalg.norm(sides, axis=1).max()) ** 2 or length == 0.0:
        return None
    return Plane(normal / length, -float(normal @ corners[0]) / length)


def fitted_plane(points: Array, thickness: float, seed: int) -> FittedPlane | None:
    """The plane that most of `points` [P, 3] lie on, nearer than `thickness`; None for under 3.

    As 3D-RE-GEN chooses (Sautter et al., 2025; its released code): principal components of all
    points where the least variance is under `FLAT` of the greatest; else RANSAC (Fischler and
    Bolles, 1981), and least squares over all points where at least `MOSTLY` of them agree with
    it, or over those alone. Each is then refined over the points near it, since a few points far
    off tilt the first two. Where that leaves clearly fewer points on the plane than RANSAC has,
    or in the first case than half of all, RANSAC's is the one.
    """
    if len(points) < 3:
        return None
    variances = np.linalg.eigvalsh(np.cov((points - points.mean(axis=0)).T))
    every = least_squares_plane(points)
    if variances[0] < FLAT * variances[2]:
        flat = _refined(points, every, thickness, Fit.PCA)
        if flat.share > 0.5:
            return flat
    found = ransac_plane(points, thickness, seed)
    if found is None:
        return None
    agreed = _refined(points, found, thickness, Fit.RANSAC)
    if agreed.share < MOSTLY:
        return agreed
    least = _refined(points, every, thickness, Fit.SVD)
    return least if least.share >= SAME * agreed.share else agreed


def ransac_plane(
    points: Array,
    thickness: float,
    seed: int,
    *,
    up: Array | None = None,
    tilt_degrees: float = 90.0,
) -> Plane | None:
    """Of `TRIALS` planes through three of `points` the one with most of them on it.

    `up` [3]: only planes whose normal is within `tilt_degrees` of it. None where there is none.
    """
    if len(points) < 3:
        return None
    random = np.random.default_rng(seed)
    corners = points[random.integers(0, len(points), (TRIALS, 3))]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1)
    good = lengths > 1e-12
    if up is not None:
        good &= np.abs(normals @ up) >= np.cos(np.radians(tilt_degrees)) * lengths
    if not good.any():
        return None
    normals = normals[good] / lengths[good, None]
    offsets = -np.sum(normals * corners[good, 0], axis=1)
    judges = points
    if len(points) > MOST_POINTS:
        judges = points[random.choice(len(points), MOST_POINTS, replace=False)]
    counts = [
        np.count_nonzero(np.abs(judges @ some.T + shifts) < thickness, axis=0)
        for some, shifts in zip(
            np.array_split(normals, 16), np.array_split(offsets, 16), strict=True
        )
    ]
    best = int(np.concatenate(counts).argmax())
    return Plane(normals[best], float(offsets[best]))


def _refined(points: Array, plane: Plane, thickness: float, fit: Fit) -> FittedPlane:
    """`plane` fitted to the points near it, again and again: from those nearer than most."""
    for _ in range(ROUNDS):
        away = np.abs(plane.heights(points))
        near = away < max(thickness, float(np.median(away)))
        if np.count_nonzero(near) < 3:
            break
        plane = least_squares_plane(points[near]).facing(plane.normal)
    return FittedPlane(plane, np.abs(plane.heights(points)) < thickness, fit)
