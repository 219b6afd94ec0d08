"""One drag of chosen placements: from where the mouse is to the motion it stands for. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.geometry.pose import Pose
from core.scene.arrange import (
    Box,
    Snapping,
    grown,
    moved_by,
    shift,
    snapped_angle,
    snapped_shift,
    turn,
)
from core.scene.layout import Layout
from core.scene.layout_edits import Move
from widgets.viewport.eye import Eye
from widgets.viewport.handles import AXES, Mode, Part, along, on_plane

Array = NDArray[np.float64]
Pixel = tuple[float, float]

FARTHEST = 20.0  # times the way to the thing: what the mouse points at beyond is not followed
BODY_TURN = math.radians(0.5)  # for each pixel that a thing itself is dragged across
BODY_GROWTH = 1 / 250  # natural logarithm, for each pixel that it is dragged up
LEAST, MOST = 0.05, 20.0  # factors of one drag


@dataclass(frozen=True, eq=False)
class Drag:
    """Begun at pixel `start` with all as in `layout`; every motion is told from there.

    `grabbed` [3]: the scene point that was taken. `others`: what can be snapped to.
    """

    layout: Layout
    ids: tuple[int, ...]
    box: Box
    pivot: Array  # [3]
    part: Part
    mode: Mode
    start: Pixel
    grabbed: Array
    others: Sequence[Box] = ()


@dataclass(frozen=True, eq=False)
class Motion:
    """What a drag has come to. One of `way` [3], `angle` (radians) and `factor` is told."""

    pose: Pose
    way: Array | None = None
    angle: float | None = None
    factor: float | None = None


def motion(drag: Drag, eye: Eye, at: Pixel, *, free: bool, how: Snapping) -> Motion:
    """What the drag stands for with the mouse at `at`. `free`: not along the floor, but across
    the view."""
    if drag.part is Part.RING or (drag.part is Part.BODY and drag.mode is Mode.TURN):
        angle = snapped_angle(_angle(drag, eye, at), how)
        return Motion(turn(drag.pivot, angle), angle=angle)
    if drag.part is Part.KNOB or (drag.part is Part.BODY and drag.mode is Mode.SCALE):
        factor = min(max(_factor(drag, eye, at), LEAST), MOST)
        return Motion(grown(drag.pivot, factor), factor=factor)
    way = _way(drag, eye, at, free)
    if how != Snapping():
        along_floor = drag.part is Part.BODY and not free
        way = snapped_shift(drag.box, way, drag.others, how) if along_floor else _gridded(way, how)
    return Motion(shift(way), way=way)


def edit_of(drag: Drag, done: Motion) -> Move:
    """The edit that a drag becomes."""
    words = "Turn" if done.angle is not None else "Scale" if done.factor is not None else "Move"
    return Move(moved_by(drag.layout, drag.ids, done.pose), words)


def _way(drag: Drag, eye: Eye, at: Pixel, free: bool) -> Array:
    if drag.part in AXES:
        axis = np.eye(3)[AXES[drag.part]]
        first, last = (along(eye, *pixel, drag.pivot, axis) for pixel in (drag.start, at))
        return np.zeros(3) if first is None or last is None else (last - first) * axis
    normal = eye.forward if free else np.array([0.0, 1.0, 0.0])
    begun, there = (on_plane(eye, *pixel, drag.grabbed, normal) for pixel in (drag.start, at))
    if begun is None or there is None:
        return np.zeros(3)
    way = there - begun
    reach = FARTHEST * float(np.linalg.norm(drag.grabbed - eye.centre))
    length = float(np.linalg.norm(way))
    return way if length <= reach else way * (reach / length)


def _gridded(way: Array, how: Snapping) -> Array:
    return np.round(way / how.grid) * how.grid if how.grid > 0 else way


def _angle(drag: Drag, eye: Eye, at: Pixel) -> float:
    """From above, against the clock."""
    if drag.part is Part.BODY:
        return (at[0] - drag.start[0]) * BODY_TURN
    pivot, up = drag.pivot, np.array([0.0, 1.0, 0.0])
    ends = [on_plane(eye, *pixel, pivot, up) for pixel in (drag.start, at)]
    if ends[0] is None or ends[1] is None:
        return (at[0] - drag.start[0]) * BODY_TURN
    begun, now = (end - pivot for end in ends if end is not None)
    angle = math.atan2(now[0], now[2]) - math.atan2(begun[0], begun[2])
    return (angle + math.pi) % (2 * math.pi) - math.pi


def _factor(drag: Drag, eye: Eye, at: Pixel) -> float:
    if drag.part is Part.BODY:
        return math.exp((drag.start[1] - at[1]) * BODY_GROWTH)
    middle, _ = eye.project(drag.pivot)
    begun, now = (float(np.linalg.norm(np.array(pixel) - middle)) for pixel in (drag.start, at))
    return now / max(begun, 1.0)
