"""What a chosen thing is taken by: arrows, a ring, a knob; where they are seen. Pure.

Positions are in physical pixels of the picture.
"""

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from core.scene.arrange import Box
from widgets.viewport.eye import Eye
from widgets.viewport.line_layer import Segments

Array = NDArray[np.float64]

ARROW = 46.0  # logical pixels
LEAST_RING = 52.0
RING_ROOM = 1.12  # of the thing's own reach
KNOB = 5.0  # half its side, logical pixels
GRIP = 8.0  # from a handle, logical pixels, that still take it
CORNERS = 72  # of the ring


class Mode(Enum):
    """What dragging does: to a chosen thing, or to what is under the mouse."""

    MOVE = "move"
    TURN = "turn"
    SCALE = "scale"
    ERASE = "erase"
    SELECT = "select"


class Part(Enum):
    """Of the handles, and the thing itself."""

    BODY = "body"
    X = "x"
    Y = "y"
    Z = "z"
    RING = "ring"
    KNOB = "knob"


COLORS = {
    Part.X: (0.92, 0.34, 0.34),
    Part.Y: (0.44, 0.75, 0.31),
    Part.Z: (0.33, 0.55, 0.96),
    Part.RING: (1.0, 0.77, 0.24),
    Part.KNOB: (0.94, 0.94, 0.94),
}
HELD = (1.0, 1.0, 1.0)
AXES = {Part.X: 0, Part.Y: 1, Part.Z: 2}
PARTS = {
    Mode.MOVE: (Part.X, Part.Y, Part.Z, Part.RING),
    Mode.TURN: (Part.RING,),
    Mode.SCALE: (Part.KNOB,),
    Mode.ERASE: (),
    Mode.SELECT: (),
}


@dataclass(frozen=True, eq=False)
class Handles:
    """Around a thing that stands on `pivot` [3]; lengths in scene units.

    `ring` [K, 3]: corners of what is seen of the ring; behind the thing there is none of it.
    """

    pivot: Array
    arrow: float
    radius: float
    ring: Array
    top: float  # height of the thing
    parts: tuple[Part, ...]


def handles(box: Box, pivot: Array, eye: Eye, mode: Mode, ratio: float) -> Handles | None:
    """Of what stands in `box` on `pivot` [3]; None where it lies behind the eye. `ratio`: physical
    pixels a logical one."""
    _, z = eye.project(pivot)
    if not eye.orthographic and z <= eye.near:
        return None
    unit = ratio / eye.fx * (1.0 if eye.orthographic else float(z))  # of a logical pixel
    reach = float(np.linalg.norm((box[1] - box[0])[[0, 2]])) / 2
    radius = max(RING_ROOM * reach, LEAST_RING * unit)
    ring, top = _ring(box, pivot, radius, eye), float(box[1][1] - pivot[1])
    return Handles(pivot, ARROW * unit, radius, ring, top, PARTS[mode])


def _ring(box: Box, pivot: Array, radius: float, eye: Eye) -> Array:
    """[K, 3], without what an ellipsoid in `box` covers: who drags there means the thing."""
    angles = np.linspace(0, 2 * math.pi, CORNERS, endpoint=False)
    around = np.stack([np.sin(angles), np.zeros_like(angles), np.cos(angles)], axis=1)
    corners = pivot + radius * around
    half = np.maximum((box[1] - box[0]) / 2, 1e-9)
    eyes = corners - eye.far * eye.forward if eye.orthographic else eye.centre
    starts, ways = (eyes - (box[0] + box[1]) / 2) / half, (corners - eyes) / half
    reached = np.clip(-(starts * ways).sum(axis=1) / (ways**2).sum(axis=1), 0, 1)
    hidden = np.linalg.norm(starts + reached[:, None] * ways, axis=1) < 1
    if hidden.all() or not hidden.any():
        return np.concatenate([corners, corners[:1]])
    first = int(np.flatnonzero(hidden & ~np.roll(hidden, -1))[0]) + 1
    return np.asarray(np.roll(corners, -first, axis=0)[~np.roll(hidden, -first)])


def line_of(shown: Handles, part: Part) -> Array:
    """[K, 3] of a handle in the scene; the end that is taken comes last."""
    if part is Part.RING:
        return shown.ring
    if part is Part.KNOB:
        up = shown.top + shown.arrow * 0.6
        return np.stack([shown.pivot, shown.pivot + up * np.eye(3)[1]])
    # Outside of the thing, which is taken by itself.
    start = shown.top if part is Part.Y else shown.radius
    ends = np.array([start, start + shown.arrow])
    return np.asarray(shown.pivot + ends[:, None] * np.eye(3)[AXES[part]])


def seen(shown: Handles, part: Part, eye: Eye) -> Array:
    """[K, 2] pixels of a handle's line; what lies behind the eye is left out."""
    pixels, z = eye.project(line_of(shown, part))
    return np.asarray(pixels[z > eye.near]) if not eye.orthographic else pixels


def segments(shown: Handles, held: Part | None) -> Segments:
    """All handles as lines of the scene; `held` stands out."""
    starts, ends, colors = [], [], []
    for part in shown.parts:
        line = line_of(shown, part)
        lines = [line, *_tips(shown, part, line[-1])]
        count = sum(len(each) - 1 for each in lines)
        starts += [each[:-1] for each in lines]
        ends += [each[1:] for each in lines]
        colors.append(np.tile(HELD if part is held else COLORS[part], (count, 1)))
    first, last = np.concatenate(starts), np.concatenate(ends)
    return Segments(first, last, np.concatenate(colors), np.zeros_like(first))


def _tips(shown: Handles, part: Part, end: Array) -> list[Array]:
    """Lines that make a head for an arrow, and a diamond for the knob."""
    if part is Part.RING:
        return []
    size, axes = 0.2 * shown.arrow, np.eye(3)
    if part is Part.KNOB:
        around = [
            axes[0],
            axes[1],
            -axes[0],
            -axes[1],
            axes[0],
            axes[2],
            -axes[0],
            -axes[2],
            axes[0],
        ]
        return [end + 0.8 * size * np.array(around)]
    back, other = end - size * axes[AXES[part]], axes[1 if part is not Part.Y else 0]
    return [np.stack([back + 0.5 * size * other, end, back - 0.5 * size * other])]


def part_at(shown: Handles, eye: Eye, x: float, y: float, ratio: float) -> Part | None:
    """The handle that is seen near a pixel: the nearest."""
    found: list[tuple[float, Part]] = []
    for part in shown.parts:
        line = seen(shown, part, eye)
        if len(line) < 2:
            continue
        if part is Part.KNOB:
            line = line[-1:].repeat(2, axis=0)
        elif part is not Part.RING:
            line = line[0] + (line - line[0]) * np.array([[0.0], [1.12]])
        found.append((_distance(line, np.array([x, y])), part))
    near = min(found, key=lambda each: each[0], default=(math.inf, None))
    room = (KNOB + GRIP if near[1] is Part.KNOB else GRIP) * ratio
    return near[1] if near[0] <= room else None


def on_plane(eye: Eye, x: float, y: float, point: Array, normal: Array) -> Array | None:
    """Where the ray through a pixel meets the plane through `point` [3]; None far off or behind."""
    start, way = eye.ray(x, y)
    across = float(way @ normal)
    if abs(across) < 0.02 * float(np.linalg.norm(way)):
        return None
    reach = float((point - start) @ normal) / across
    if not eye.orthographic and reach <= eye.near:
        return None
    return np.asarray(start + reach * way)


def along(eye: Eye, x: float, y: float, point: Array, axis: Array) -> float | None:
    """How far along `axis` (unit [3]) from `point` [3] the ray through a pixel comes nearest."""
    start, way = eye.ray(x, y)
    way = way / np.linalg.norm(way)
    between, cosine = point - start, float(way @ axis)
    level = 1 - cosine**2
    if level < 1e-3:
        return None
    return float((cosine * (way @ between) - axis @ between) / level)


def _distance(line: Array, at: Array) -> float:
    """From `at` [2] to the nearest point of a line [K, 2], pixels."""
    starts, ways = line[:-1], np.diff(line, axis=0)
    lengths = np.maximum((ways**2).sum(axis=1), 1e-12)
    parts = np.clip(((at - starts) * ways).sum(axis=1) / lengths, 0, 1)
    return float(np.linalg.norm(starts + parts[:, None] * ways - at, axis=1).min())
