"""The floor and walls of a room as flat polygons, laid beside each other in a picture."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.geometry.planes import Plane
from core.mesh.unwrap import Flattened
from core.mesh.values import Surface

Array = NDArray[np.float64]

SLACK = 1e-6  # of the room's size
PADDING = 3  # texels around each polygon
COARSER = 1.05  # times: by so much texels grow until all have room


def polygons(planes: Sequence[Plane], low: Array, high: Array) -> list[Array]:
    """What of each of `planes` [K, 3] lies before all others, in the box from `low` to `high` [3].

    Anticlockwise as seen from before it; of no corners where nothing does. Together they close all
    that a camera before all of them sees of these.
    """
    size = float(np.linalg.norm(high - low))
    sides = [Plane(axis, -float(axis @ low)) for axis in np.eye(3)]
    sides += [Plane(-axis, float(axis @ high)) for axis in np.eye(3)]
    found = []
    for plane in planes:
        u, v = plane.tangents()
        middle = plane.nearest((low + high) / 2)
        # u, normal, v are right-handed: so these go round anticlockwise.
        square = [(-1, -1), (-1, 1), (1, 1), (1, -1)]
        corners = np.array([middle + 2 * size * (a * u + b * v) for a, b in square])
        for other in (*planes, *sides):
            if other is not plane:
                corners = _before(corners, other.heights(corners) + SLACK * size)
        found.append(corners)
    return found


def laid_out(
    planes: Sequence[Plane], corners: Sequence[Array], texels: Sequence[float], most: int
) -> Flattened:
    """Polygons of `corners` [K, 3] on `planes` as one surface whose picture shows all of them.

    Each as it is, walls upright (the first of `planes` is level), a texel of `texels` long, longer
    where the picture would have more than `most` a side.
    """
    charts = [_chart(planes[0], *each) for each in zip(planes, corners, strict=True)]
    factor = 1.0
    while True:
        flat = [chart / (factor * texel) for chart, texel in zip(charts, texels, strict=True)]
        sizes = [tuple(np.ceil(each.max(axis=0)).astype(int) + 2 * PADDING) for each in flat]
        places, width, height = _packed(sizes)
        if max(width, height) <= most:
            break
        factor *= COARSER
    uvs = [each + PADDING + place for each, place in zip(flat, places, strict=True)]
    faces, count = [], 0
    for each in corners:
        fan = np.arange(1, len(each) - 1)
        faces.append(count + np.stack([np.zeros_like(fan), fan, fan + 1], axis=1))
        count += len(each)
    normals = [np.repeat(p.normal[None], len(c), 0) for p, c in zip(planes, corners, strict=True)]
    surface = Surface(
        np.concatenate(corners).astype(np.float32),
        np.concatenate(normals).astype(np.float32),
        np.concatenate(faces).astype(np.int32),
    )
    along = np.concatenate(uvs) / (width, height)
    return Flattened(surface, along.astype(np.float32), width, height)


def _before(corners: Array, heights: Array) -> Array:
    """The part of a convex polygon [K, 3] where `heights` [K] are not below 0."""
    kept = []
    for k in range(len(corners)):
        a, b, here, there = corners[k - 1], corners[k], heights[k - 1], heights[k]
        if (here < 0) != (there < 0):
            kept.append(a + (b - a) * here / (here - there))
        if there >= 0:
            kept.append(b)
    return np.array(kept).reshape(-1, 3)


def _chart(floor: Plane, plane: Plane, corners: Array) -> Array:
    """[K, 2]: `corners` on their `plane`, to the right and down as seen from before it, from 0."""
    right = np.cross(floor.normal, plane.normal)
    if np.linalg.norm(right) < 0.1:  # the floor, or what is level like it: along its longest edge
        edges = np.roll(corners, -1, axis=0) - corners
        right = edges[np.linalg.norm(edges, axis=1).argmax()]
    right = right / np.linalg.norm(right)
    flat = np.stack([corners @ right, corners @ np.cross(right, plane.normal)], axis=1)
    return np.asarray(flat - flat.min(axis=0))


def _packed(sizes: Sequence[tuple[int, int]]) -> tuple[list[Array], int, int]:
    """Where rectangles of `sizes` (width, height) lie beside each other; how large all are."""
    area = sum(width * height for width, height in sizes)
    wide = max(max(width for width, _ in sizes), int(np.sqrt(area) * 1.15))
    places = [np.zeros(2)] * len(sizes)
    x = y = row = right = 0
    for k in sorted(range(len(sizes)), key=lambda k: -sizes[k][1]):
        width, height = sizes[k]
        if x + width > wide:
            x, y, row = 0, y + row, 0
        places[k] = np.array([x, y], np.float64)
        x, row = x + width, max(row, height)
        right = max(right, x)
    return places, right, y + row
