"""The embedded default for one photo: a floor, walls, and things that stand on it.

Plain geometry from masks and straight edges. It knows nothing of shapes, and says so: `z` of what
is measured from the floor is good to some percent, of the rest it is a likely guess.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.geometry.planes import Plane
from core.scene.fill.faces import Face, first_faces
from core.segment.labels import BACKGROUND
from core.single.guess import guessed_walls
from core.single.lines import Edges
from core.single.outline import Eye, far_wall, walls_from_floor
from core.single.perspective import Perspective
from core.single.standing import Standing, flat_things, standing

Pixels = NDArray[np.bool_]

EYE_HEIGHT = 1.5  # metres: how high a photo is held, where nothing tells
CLOSED = 1.15  # times as far as the farthest that is known: the wall that no floor tells of
CORNER = 1.6  # times that: how far behind it the corners of the other walls may lie
HIGH = 60.0  # times the camera's height: nothing is farther away
OPEN = 3.0  # times the camera's height: how far away it is, at least


@dataclass(frozen=True, eq=False)
class Marked:
    """What masks say of a picture: `labels` [H, W], which of them are `things`, which `floors`."""

    labels: NDArray[np.int64]
    things: tuple[int, ...]
    floors: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Diorama:
    """A picture's depth. `camera_from_room` [4, 4]; `depth` [H, W]: z of what is seen.

    `faces`: floor and walls, and `face` [H, W] which of them is behind each pixel. `things` stand;
    those in `flat` lie on the floor. `floor` [H, W]: what was taken for floor.
    """

    camera_from_room: NDArray[np.float64]
    faces: tuple[Face, ...]
    face: NDArray[np.int64]
    things: dict[int, Standing]
    flat: frozenset[int]
    floor: Pixels
    depth: NDArray[np.float32]


def diorama(
    found: Perspective, photo: NDArray[np.uint8], edges: Edges, width: int, marked: Marked
) -> Diorama:
    """Of `photo` [H, W, 3] with labels of its size.

    `found` and `edges` are of the same photo `width` pixels wide.
    """
    tall, wide = marked.labels.shape
    share = wide / width
    eye = Eye.of(found.camera_from_room, found.focal * share, wide, tall, EYE_HEIGHT)
    floor = np.isin(marked.labels, marked.floors)
    flat = flat_things(marked.labels, marked.things, floor, eye)
    ground = floor | np.isin(marked.labels, list(flat))
    upright = [id_ for id_ in marked.things if id_ not in flat]
    things = np.isin(marked.labels, upright)
    if ground.any():
        walls = walls_from_floor(eye, ground, things, found.turned)
    else:
        walls = guessed_walls(photo, Edges(edges.ends * share), found, eye, things)
    faces = tuple(Face(plane, 0) for plane in (Plane(np.array([0.0, 1.0, 0.0]), 0.0), *walls))
    faces = (*faces, Face(far_wall(eye, _far(eye, ground, faces)), 0))
    first, times = first_faces(faces, eye.centre, eye.rays.reshape(-1, 3))
    # Seen steeply from below, walls go on for ever.
    behind = np.minimum(times, HIGH * EYE_HEIGHT).reshape(tall, wide)
    face = first.reshape(tall, wide).astype(np.int64)
    # Where masks say nothing, the room does.
    ground |= (face == 0) & (marked.labels != BACKGROUND) & ~things
    depth = behind.astype(np.float32)
    stood = standing(marked.labels, upright, ground, eye, behind)
    for each in stood.values():
        depth = np.where(each.depth > 0, each.depth, depth)
    world = np.eye(4)
    world[:3, :3] = found.camera_from_room
    world[:3, 3] = -world[:3, 1] * EYE_HEIGHT
    return Diorama(world, faces, face, stood, flat, ground, depth)


def _far(eye: Eye, ground: Pixels, faces: Sequence[Face]) -> float:
    """How far ahead the wall is put that closes what no other wall closes."""
    depth = eye.floor_depth()
    seen = ground & np.isfinite(depth)
    known = float(np.percentile(depth[seen], 98)) if seen.any() else 0.0
    nearest = max(CLOSED * known, OPEN * eye.height)
    if len(faces) < 2:
        return nearest
    first, times = first_faces(faces[1:], eye.centre, eye.rays.reshape(-1, 3))
    on = (first >= 0) & (times < CORNER * nearest)
    return max(nearest, 1.01 * float(times[on].max(initial=0.0)))
