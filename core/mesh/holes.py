"""Holes in a surface: small ones are closed, large ones are left and told of."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.mesh.values import Floats, Surface

Array = NDArray[np.float64]

OPPOSITE = -0.5  # cosine between a sheet and what would close it from behind


@dataclass(frozen=True)
class Closing:
    """What became of a surface's holes. `area`: of what was put in, square scene units.

    `behind`: whether something rough was put behind those that are left. `under`: whether a sheet
    goes on under what hides it.
    """

    closed: int = 0
    area: float = 0.0
    left: int = 0
    behind: bool = False
    under: bool = False

    @property
    def words(self) -> str:
        """For the user; "" where there was nothing to do."""
        told = []
        if self.closed:
            told.append(f"{self.closed} hole{'s' * (self.closed > 1)} closed")
        if self.left:
            told.append(f"{self.left} left open, where no photo shows the surface")
        if self.under:
            told.append("goes on flat under what hides it")
        if self.behind:
            told.append("closed off roughly behind its gaps")
        return ", ".join(told)


def closed(surface: Surface, longest: float) -> tuple[Surface, Closing]:
    """`surface` with every hole closed whose rim is at most `longest` scene units round.

    Each by a fan around the middle of its rim. What is wider was not seen, and is not made up; a
    sheet gets no back.
    """
    vertices, faces = [surface.vertices], [surface.faces]
    normals, count = [surface.normals], len(surface.vertices)
    told, ends = Closing(), False
    for rim in rims(surface):
        places = surface.vertices[rim].astype(np.float64)
        length = float(np.linalg.norm(np.roll(places, -1, axis=0) - places, axis=1).sum())
        mean = surface.normals[rim].mean(axis=0)
        if _outline(places, mean):
            ends |= length > longest  # told once, however many sheets there are
            continue
        if length > longest:
            told = replace(told, left=told.left + 1)
            continue
        middle = places.mean(axis=0)
        after = np.roll(rim, -1)
        # Against the way of the triangles at the rim, so that the fan faces as they do.
        fan = np.stack([after, rim, np.full(len(rim), count)], axis=1)
        arms = places - middle
        area = np.linalg.norm(np.cross(arms, np.roll(arms, -1, axis=0)), axis=1).sum() / 2
        vertices.append(middle[None].astype(np.float32))
        normals.append(_unit(mean)[None])
        faces.append(fan.astype(np.int32))
        count += 1
        told = replace(told, closed=told.closed + 1, area=told.area + float(area))
    whole = Surface(np.concatenate(vertices), np.concatenate(normals), np.concatenate(faces))
    return whole, replace(told, left=told.left + ends)


def rims(surface: Surface) -> list[NDArray[np.int64]]:
    """The loops of edges that have a triangle on one side only, in the direction of its corners.

    Where holes touch in a vertex each loop keeps to its own.
    """
    faces = surface.faces.astype(np.int64)
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    most = len(surface.vertices)
    forth, back = edges[:, 0] * most + edges[:, 1], edges[:, 1] * most + edges[:, 0]
    open_edges = edges[~np.isin(forth, back)]
    leaving: dict[int, list[int]] = {}
    for number, first in enumerate(open_edges[:, 0].tolist()):
        leaving.setdefault(first, []).append(number)
    loops, used = [], {-1}
    for first in range(len(open_edges)):
        loop, here = [], first
        while here not in used:
            used.add(here)
            loop.append(int(open_edges[here, 0]))
            ways = leaving.get(int(open_edges[here, 1]), [])
            here = _onwards(surface, open_edges[here], open_edges[ways], ways)
        if len(loop) > 2 and here == first:
            loops.append(np.array(loop))
    return loops


def _outline(places: Array, normal: Floats) -> bool:
    """Whether a rim is what a sheet ends in, not a hole in it: closed, it would have a back."""
    arms = places - places.mean(axis=0)
    facing = np.cross(np.roll(arms, -1, axis=0), arms).sum(axis=0)
    length = float(np.linalg.norm(facing) * np.linalg.norm(normal))
    return float(facing @ normal) < OPPOSITE * length


def _onwards(
    surface: Surface, edge: NDArray[np.int64], after: NDArray[np.int64], ways: list[int]
) -> int:
    """Which of the `ways` on goes round the hole that lies to the right of `edge`; -1 for none.

    The first that is met when one turns about the edge's end from where one came, through the
    hole; `after` [K, 2] are their edges.
    """
    if len(ways) < 2:
        return ways[0] if ways else -1
    start, middle = edge.tolist()
    normal = surface.normals[middle].astype(np.float64)
    here = surface.vertices[middle].astype(np.float64)
    came = surface.vertices[start] - here
    there = surface.vertices[after[:, 1]] - here
    across = np.cross(normal, came)
    turn = np.arctan2(there @ across, there @ came * np.linalg.norm(normal)) % (2 * np.pi)
    return ways[int(turn.argmin())]


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float32)
