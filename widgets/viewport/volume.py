"""A box or a sphere in the scene that Gaussians are picked out with, and its grips. Pure."""

import math
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from core.scene.choosing import Alike
from core.scene.regions import Balls, Box, Point, Region
from widgets.viewport.eye import Eye
from widgets.viewport.handles import along, on_plane
from widgets.viewport.line_layer import Segments

Array = NDArray[np.float64]
Pixel = tuple[float, float]

GRIP = 5.0  # half a grip's side, logical pixels
REACH = 11.0  # from a grip, logical pixels, that still take it
LEAST = 1e-3  # of its size at first: nothing is made smaller
CORNERS = 64  # of a circle
LINE, GRIP_COLOR, HELD = (0.10, 0.68, 1.0), (0.95, 0.95, 0.95), (1.0, 0.45, 0.15)


class Grip(Enum):
    """What a volume is taken by: the middle, its six faces, and a knob that turns it."""

    MIDDLE = "middle"
    LOW_X = "low x"
    HIGH_X = "high x"
    LOW_Y = "low y"
    HIGH_Y = "high y"
    LOW_Z = "low z"
    HIGH_Z = "high z"
    TURN = "turn"


FACES = {
    Grip.LOW_X: (0, -1), Grip.HIGH_X: (0, 1), Grip.LOW_Y: (1, -1),
    Grip.HIGH_Y: (1, 1), Grip.LOW_Z: (2, -1), Grip.HIGH_Z: (2, 1),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Volume:
    """Around `centre` [3] of the scene, `half` [3] of its lengths along the rows of `axes` [3, 3].

    Of a `ball` all three are its radius.
    """

    centre: Array
    half: Array
    axes: Array
    ball: bool = False


def around(box: tuple[Array, Array], *, ball: bool) -> Volume:
    """What holds all of `box`."""
    low, high = box
    half = np.maximum((high - low) / 2, 1e-6)
    if ball:
        half = np.full(3, float(np.linalg.norm(half)))
    return Volume((low + high) / 2, half, np.eye(3), ball)


def as_kind(volume: Volume, *, ball: bool) -> Volume:
    """The same place as a box or as a sphere."""
    if volume.ball == ball:
        return volume
    half = np.full(3, float(volume.half.max())) if ball else volume.half
    return replace(volume, half=half, ball=ball)


def region_of(volume: Volume, where: Alike, *, outside: bool = False) -> Region:
    """What of the things that stand so lies in `volume`, or outside of it."""
    back = where.scene_from_capture.inverse()
    centre = _point(back.apply(volume.centre))
    if volume.ball:
        return Balls((centre,), (float(volume.half[0]) * back.scale,), where.objects, outside)
    axes = volume.axes @ where.scene_from_capture.rotation
    turn = (_point(axes[0]), _point(axes[1]), _point(axes[2]))
    return Box(centre, _point(volume.half * back.scale), turn, outside, where.objects)


def volume_of(region: Region, where: Alike) -> Volume | None:
    """The volume that `region_of` made this of; None for regions of other kinds."""
    pose = where.scene_from_capture
    if isinstance(region, Balls) and len(region.centres) == 1:
        half = np.full(3, region.radii[0] * pose.scale)
        return Volume(pose.apply(np.array(region.centres[0])), half, np.eye(3), ball=True)
    if isinstance(region, Box):
        axes = np.array(region.turn) @ pose.rotation.T
        half = np.array(region.half) * pose.scale
        return Volume(pose.apply(np.array(region.centre)), half, axes)
    return None


def grips(volume: Volume) -> dict[Grip, Array]:
    """Where each grip is [3]."""
    places = {Grip.MIDDLE: volume.centre}
    for grip, (axis, side) in FACES.items():
        places[grip] = volume.centre + side * volume.half[axis] * volume.axes[axis]
    if not volume.ball:
        out = volume.half[0] * 1.3 + 0.1 * volume.half[2]
        places[Grip.TURN] = volume.centre + out * volume.axes[0] + volume.half[2] * volume.axes[2]
    return places


def grip_at(volume: Volume, eye: Eye, at: Pixel, ratio: float) -> Grip | None:
    """The grip that is seen nearest to a pixel; of two there, the one nearer to the eye."""
    found: list[tuple[float, float, Grip]] = []
    for grip, place in grips(volume).items():
        pixel, z = eye.project(place)
        if eye.orthographic or z > eye.near:
            away = float(np.linalg.norm(pixel - np.array(at)))
            found.append((round(away / ratio), float(z), grip))
    best = min(found, key=lambda each: each[:2], default=None)
    return best[2] if best is not None and best[0] <= REACH else None


def dragged(begun: Volume, grip: Grip, eye: Eye, start: Pixel, at: Pixel, *, free: bool) -> Volume:
    """`begun` after its grip was dragged from one pixel to another. `free`: the middle moves across
    the view instead of level."""
    place = grips(begun)[grip]
    if grip in FACES:
        axis, side = FACES[grip]
        ends = [along(eye, *pixel, place, begun.axes[axis]) for pixel in (start, at)]
        if ends[0] is None or ends[1] is None:
            return begun
        return _stretched(begun, axis, side, side * (ends[1] - ends[0]))
    up = np.array([0.0, 1.0, 0.0])
    normal = eye.forward if free and grip is Grip.MIDDLE else up
    first, last = (on_plane(eye, *pixel, place, normal) for pixel in (start, at))
    if first is None or last is None:
        return begun
    if grip is Grip.MIDDLE:
        return replace(begun, centre=begun.centre + last - first)
    one, two = first - begun.centre, last - begun.centre
    return _turned(begun, math.atan2(two[0], two[2]) - math.atan2(one[0], one[2]))


def turn_of(volume: Volume) -> float:
    """How far its first axis is turned about the upright one, radians."""
    return math.atan2(-volume.axes[0, 2], volume.axes[0, 0])


def turned_to(volume: Volume, angle: float) -> Volume:
    """`volume` turned about its middle until `turn_of` it is `angle`."""
    return _turned(volume, angle - turn_of(volume))


def lines(volume: Volume, eye: Eye, held: Grip | None, ratio: float) -> Segments:
    """All that is drawn of it; `held` stands out."""
    parts = _circles(volume) if volume.ball else _edges(volume)
    starts = [part[:-1] for part in parts]
    ends = [part[1:] for part in parts]
    colors = [np.tile(LINE, (len(part) - 1, 1)) for part in parts]
    for grip, place in grips(volume).items():
        _, z = eye.project(place)
        size = GRIP * ratio / eye.fx * (1.0 if eye.orthographic else max(float(z), 1e-9))
        mark = _diamond(place, size, eye)
        starts.append(mark[:-1])
        ends.append(mark[1:])
        colors.append(np.tile(HELD if grip is held else GRIP_COLOR, (len(mark) - 1, 1)))
    first = np.concatenate(starts)
    return Segments(first, np.concatenate(ends), np.concatenate(colors), np.zeros_like(first))


def _turned(volume: Volume, angle: float) -> Volume:
    cos, sin = math.cos(angle), math.sin(angle)
    turn = np.array([[cos, 0.0, sin], [0.0, 1.0, 0.0], [-sin, 0.0, cos]])
    return replace(volume, axes=volume.axes @ turn.T)


def _stretched(volume: Volume, axis: int, side: int, by: float) -> Volume:
    """A face further out by `by`, the other where it was; a sphere larger by it."""
    if volume.ball:
        return replace(volume, half=np.full(3, max(volume.half[0] + by, LEAST * volume.half[0])))
    half = volume.half.copy()
    half[axis] = max(half[axis] + by / 2, LEAST * half[axis])
    moved = side * (half[axis] - volume.half[axis]) * volume.axes[axis]
    return replace(volume, half=half, centre=volume.centre + moved)


def _edges(volume: Volume) -> list[Array]:
    """[2, 3] each of the twelve, and the arm of the knob that turns it."""
    out = volume.half[:, None] * volume.axes
    answer = []
    for axis in range(3):
        one, two = out[(axis + 1) % 3], out[(axis + 2) % 3]
        for a in (-1, 1):
            for b in (-1, 1):
                middle = volume.centre + a * one + b * two
                answer.append(np.stack([middle - out[axis], middle + out[axis]]))
    corner = volume.centre + out[0] + out[2]
    return [*answer, np.stack([corner, grips(volume)[Grip.TURN]])]


def _circles(volume: Volume) -> list[Array]:
    angles = np.linspace(0, 2 * math.pi, CORNERS + 1)
    cos, sin, none = np.cos(angles), np.sin(angles), np.zeros_like(angles)
    circles = ((cos, sin, none), (none, cos, sin), (sin, none, cos))
    return [volume.centre + volume.half[0] * np.stack(each, axis=1) for each in circles]


def _diamond(place: Array, size: float, eye: Eye) -> Array:
    """[5, 3] a small mark that faces the eye."""
    right, down = eye.camera_from_scene[0, :3], eye.camera_from_scene[1, :3]
    corners = np.stack([right, down, -right, -down, right])
    return np.asarray(place + size * corners)


def _point(values: Array) -> Point:
    x, y, z = np.asarray(values).tolist()
    return x, y, z
