"""Flat surfaces that go on under what stands on them or hangs before them.

No photo shows a rug below its table. Where all that look there see something before its plane, it
is taken to go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.geometry.camera import project
from core.geometry.planes import Plane, fitted_plane
from core.mesh.looking import first_hits, rays
from core.mesh.looks import NOBODY, Look
from core.mesh.values import Surface

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

SAMPLES = 20_000  # points of a surface that its plane is fitted to
THICK = 0.004  # of the diagonal: what is nearer to the plane lies on it
MOSTLY = 0.5  # of a surface's area that has to lie on its plane, for it to be a sheet
CELLS = 200  # along the longer side of a sheet, in which it is asked what hides it
AWAY = 3  # thicknesses from the plane within which a surface is there
RIM = 1  # cells by which what is laid reaches under what is there
LOWER = 2  # times what the surface is off its plane, as a rule, by which that lies lower
SQUARE = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, eq=False)
class _Grid:
    """`places` [H, W, 3] on a plane, the middles of square cells."""

    plane: Plane
    places: Array


def continued(surface: Surface, looks: Sequence[Look], id_: int) -> Surface:
    """`surface`, of object `id_`, going on flat where things hide it from all that look there.

    If it is a sheet: most of it lies on one plane. Within the convex outline of that, and only
    where one of `looks` at least sees something else before the plane, and none sees past it or
    something else on it. What is laid there comes last, unconnected.
    """
    points = _sampled(surface)
    thick = THICK * float(np.linalg.norm(np.ptp(surface.vertices, axis=0)))
    fitted = fitted_plane(points, thick, seed=0)
    if fitted is None or fitted.share < MOSTLY:
        return surface
    points = points[fitted.on]
    cameras = np.array([look.view.centre().double().numpy() for look in looks])
    plane = fitted.plane.facing(cameras.mean(axis=0) - points.mean(axis=0))
    grid = _grid(plane, points)
    there = _there(surface, grid, thick)
    wanted = _without_threads(_outline(there) & ~there & _hidden(grid, looks, id_, thick))
    if not wanted.any():
        return surface
    lower = LOWER * float(np.median(np.abs(plane.heights(points))))
    return surface.followed_by(_laid(grid, wanted, lower))


def _sampled(surface: Surface) -> Array:
    """Points [P, 3] evenly on `surface`."""
    corners = surface.vertices[surface.faces].astype(np.float64)
    area = surface.areas
    random = np.random.default_rng(0)
    chosen = random.choice(len(corners), SAMPLES, p=area / area.sum())
    shares = random.dirichlet(np.ones(3), SAMPLES)
    return np.asarray((corners[chosen] * shares[..., None]).sum(axis=1))


def _grid(plane: Plane, points: Array) -> _Grid:
    """Cells over all of `points` [P, 3], and two more all around."""
    u, v = plane.tangents()
    flat = np.stack([points @ u, points @ v], axis=1)
    low, high = flat.min(axis=0), flat.max(axis=0)
    cell = float((high - low).max()) / CELLS
    across, down = (np.arange(int(n) + 5) - 2 for n in np.ceil((high - low) / cell))
    x, y = np.meshgrid(low[0] + across * cell, low[1] + down * cell)
    return _Grid(plane, x[..., None] * u + y[..., None] * v - plane.offset * plane.normal)


def _there(surface: Surface, grid: _Grid, thick: float) -> Mask:
    """Of which cells the `surface` has something near the plane."""
    start = grid.places + AWAY * thick * grid.plane.normal
    ways = np.broadcast_to(-grid.plane.normal * thick, start.shape)
    return np.asarray(first_hits(surface, start, ways) < 2 * AWAY)


def _outline(there: Mask) -> Mask:
    """The convex hull of the cells that are `there`, but for threads of them."""
    inside = np.zeros(there.shape, np.uint8)
    corners = cv2.findNonZero(_without_threads(there).astype(np.uint8))
    if corners is not None:
        cv2.fillConvexPoly(inside, cv2.convexHull(corners), 1)
    return inside.astype(bool)


def _without_threads(cells: Mask) -> Mask:
    """`cells` that lie in squares of three by three of them."""
    return cv2.morphologyEx(cells.astype(np.uint8), cv2.MORPH_OPEN, SQUARE).astype(bool)


def _hidden(grid: _Grid, looks: Sequence[Look], id_: int, thick: float) -> Mask:
    """Before which cells some of `looks` see another thing, and none sees past or one on them."""
    points = torch.from_numpy(grid.places.reshape(-1, 3)).float()
    hidden, against = np.zeros((2, len(points)), bool)
    for look in looks:
        pixels, z = (each.numpy() for each in project(points, look.view))
        height, width = look.depth.shape
        inside = (z > 0) & (pixels >= 0).all(axis=1) & (pixels < (width, height)).all(axis=1)
        x, y = pixels[inside].astype(np.int64).T
        depth, owner = look.depth[y, x], look.owner[y, x]
        start, ways = rays(look.view)
        above = grid.plane.heights(start + ways[y, x] * depth[:, None])
        other = (owner != id_) & (owner != NOBODY)
        before, past = (depth > 0) & (above > thick), (depth <= 0) | (above < -thick)
        hidden[inside] |= other & before
        against[inside] |= past | (other & ~before)
    return np.asarray((hidden & ~against).reshape(grid.places.shape[:2]))


def _laid(grid: _Grid, wanted: Mask, lower: float) -> Surface:
    """Two triangles for each square of `wanted` cells and a rim, so much `lower` than the plane."""
    chosen = cv2.dilate(wanted.astype(np.uint8), SQUARE, iterations=RIM).astype(bool)
    number = np.arange(chosen.size).reshape(chosen.shape)
    squares = [number[:-1, :-1], number[:-1, 1:], number[1:, :-1], number[1:, 1:]]
    corners = np.stack(squares, axis=-1).reshape(-1, 4)
    a, b, c, d = corners[chosen.ravel()[corners].all(axis=1)].T
    # u, normal, v are right-handed: so these go round anticlockwise as seen from before it.
    faces = np.concatenate([np.stack([a, c, b], 1), np.stack([b, c, d], 1)])
    used, numbers = np.unique(faces, return_inverse=True)
    vertices = grid.places.reshape(-1, 3)[used] - lower * grid.plane.normal
    normals = np.repeat(grid.plane.normal[None], len(used), axis=0)
    return Surface(
        vertices.astype(np.float32),
        normals.astype(np.float32),
        numbers.reshape(-1, 3).astype(np.int32),
    )
