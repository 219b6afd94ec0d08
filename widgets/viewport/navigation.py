"""How the camera of the viewport stands and moves: values and pure functions.

Cursor positions and picture sizes are in any pixels, as long as both are in the same; y is down.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from widgets.viewport.eye import Eye

Array = NDArray[np.float64]
Pair = tuple[float, float]

STRAIGHT = math.pi / 2
# Closer to its pivot than this part of the scene a camera pushes the pivot ahead of it.
NEAREST = 2e-3
FARTHEST = 1e3
# A drag over the whole height of the picture turns by this, in radians.
ORBIT_TURN = math.pi
LOOK_TURN = math.pi / 2
# Parts of the scene's size a second.
PACE = 0.5
FAST = 4.0
# The planes between which things are drawn, in sizes of the scene.
NEAR_PLANE, FAR_PLANE = 2e-3, 1e2
# How far an orthographic camera steps back, so that nothing is behind it; it changes no pixel.
STEP_BACK = 4.0
# A framed scene fills this part of the picture.
FILLED = 0.9


@dataclass(frozen=True, eq=False)
class Camera:
    """A camera that stands upright and turns about a pivot; scene frame, y up.

    `offset` [3] is the pivot as the camera sees it (x right, y down, z forward; z > 0), so that the
    pivot need not be in the middle of the picture. At `yaw` 0 and `pitch` 0 it looks along -z; a
    larger yaw is further to the right of the scene, a larger pitch looks further up; radians.
    `scene_size` sets the pace and the limits.
    """

    pivot: Array = field(default_factory=lambda: np.zeros(3))
    offset: Array = field(default_factory=lambda: np.array([0.0, 0.0, 4.0]))
    yaw: float = 0.0
    pitch: float = 0.0
    fov_y: float = math.radians(50.0)
    orthographic: bool = False
    scene_size: float = 1.0


class Side(Enum):
    """Yaw and pitch of the views along the axes, in radians."""

    FRONT = (0.0, 0.0)
    BACK = (math.pi, 0.0)
    RIGHT = (STRAIGHT, 0.0)
    LEFT = (-STRAIGHT, 0.0)
    TOP = (0.0, -STRAIGHT)
    BOTTOM = (0.0, STRAIGHT)


def camera_axes(camera: Camera) -> Array:
    """Its right, down and forward as rows [3, 3]: the rotation from the scene to the camera."""
    (sin_yaw, cos_yaw), (sin_pitch, cos_pitch) = (
        (math.sin(angle), math.cos(angle)) for angle in (camera.yaw, camera.pitch)
    )
    right = (cos_yaw, 0.0, -sin_yaw)
    forward = (-sin_yaw * cos_pitch, sin_pitch, -cos_yaw * cos_pitch)
    return np.array([right, np.cross(forward, right), forward])


def position(camera: Camera) -> Array:
    """Where the camera stands, [3]."""
    return camera.pivot - camera_axes(camera).T @ camera.offset


def camera_from_scene(camera: Camera) -> Array:
    """[4, 4], rigid."""
    axes = camera_axes(camera)
    return rigid(axes, camera.offset - axes @ camera.pivot)


def focal_length(camera: Camera, height: float) -> float:
    """In pixels of a picture so many high."""
    return 0.5 * height / math.tan(0.5 * camera.fov_y)


def to_eye(camera: Camera, width: int, height: int) -> Eye:
    """What the camera sees in a picture of so many physical pixels.

    An orthographic picture shows what is at the pivot's depth as large as the perspective does.
    """
    matrix, focal = camera_from_scene(camera), focal_length(camera, height)
    if camera.orthographic:
        matrix[2, 3] += STEP_BACK * camera.scene_size
        focal /= camera.offset[2]
    return Eye(
        camera_from_scene=matrix,
        width=width,
        height=height,
        fx=focal,
        fy=focal,
        cx=width / 2,
        cy=height / 2,
        orthographic=camera.orthographic,
        near=NEAR_PLANE * camera.scene_size,
        far=FAR_PLANE * camera.scene_size + float(camera.offset[2]),
    )


def orbited(camera: Camera, dx: float, dy: float, size: Pair) -> Camera:
    """After a drag by (dx, dy): turned about the pivot, which stays where it is in the picture."""
    return _turned(camera, -dx / size[1] * ORBIT_TURN, -dy / size[1] * ORBIT_TURN)


def looked(camera: Camera, dx: float, dy: float, size: Pair) -> Camera:
    """After a drag by (dx, dy): turned about where it stands, as a head is."""
    turned = _turned(camera, -dx / size[1] * LOOK_TURN, -dy / size[1] * LOOK_TURN)
    return _standing(turned, position(camera))


def panned(camera: Camera, start: Pair, end: Pair, size: Pair) -> Camera:
    """Moved so that what is at the pivot's depth under `start` comes under `end`."""
    there = point_under(camera, start, size) - point_under(camera, end, size)
    return replace(camera, pivot=camera.pivot + there)


def zoomed(camera: Camera, factor: float, cursor: Pair, size: Pair) -> Camera:
    """Nearer by `factor` (> 1) or further (< 1), towards what is under the cursor.

    That stays under it. Nearest to the pivot the camera pushes it ahead and goes on.
    """
    least, most = NEAREST * camera.scene_size, FARTHEST * camera.scene_size
    kept = point_under(camera, cursor, size)
    depth = float(camera.offset[2])
    wanted = depth / min(max(factor, 1e-3), 1e3)
    depth_new = min(max(wanted, least), most)
    ratio = depth_new / depth
    near = replace(camera, pivot=kept + (camera.pivot - kept) * ratio, offset=camera.offset * ratio)
    towards = kept - position(camera)
    length = float(np.linalg.norm(towards))
    ahead = max(least - wanted, 0.0) if not camera.orthographic else 0.0
    return replace(near, pivot=near.pivot + towards / length * ahead)


def flown(camera: Camera, direction: Sequence[float], seconds: float, fast: bool) -> Camera:
    """Carried along `direction` (right, up, forward; each -1, 0 or 1) for some seconds."""
    way = np.array(direction, np.float64) * (1.0, -1.0, 1.0)
    length = float(np.linalg.norm(way))
    if not length:
        return camera
    pace = PACE * camera.scene_size * (FAST if fast else 1.0)
    return replace(
        camera, pivot=camera.pivot + camera_axes(camera).T @ way * (pace * seconds / length)
    )


def framed(camera: Camera, low: Array, high: Array, size: Pair) -> Camera:
    """Looking the same way, with all between two corners of a box in the picture."""
    radius = max(float(np.linalg.norm(high - low)) / 2, 1e-6)
    corners = np.stack(np.meshgrid(*zip(low - high, high - low, strict=True)), axis=-1) / 2
    x, y, z = (corners.reshape(-1, 3) @ camera_axes(camera).T).T
    steep = FILLED * math.tan(camera.fov_y / 2)
    needed = np.maximum(np.abs(x) / (steep * size[0] / size[1]), np.abs(y) / steep)
    distance = float((needed if camera.orthographic else needed - z).max())
    return replace(
        camera,
        pivot=(low + high) / 2,
        offset=np.array([0.0, 0.0, max(distance, 0.1 * radius)]),
        scene_size=2 * radius,
    )


def pivoted(camera: Camera, point: Array) -> Camera:
    """Turning about `point` from now on; the picture stays as it is.

    A point that is not in front of the camera changes nothing.
    """
    offset = camera_axes(camera) @ (point - position(camera))
    if not np.isfinite(offset).all() or offset[2] < NEAREST * camera.scene_size:
        return camera
    return _same_scale(replace(camera, pivot=np.array(point, np.float64), offset=offset), camera)


def seen_from(camera: Camera, side: Side) -> Camera:
    """Looking along an axis, with the pivot in the middle and as far away as it was."""
    distance = float(np.linalg.norm(camera.offset))
    yaw, pitch = side.value
    return replace(camera, yaw=yaw, pitch=pitch, offset=np.array([0.0, 0.0, distance]))


def point_under(camera: Camera, cursor: Pair, size: Pair) -> Array:
    """The scene point [3] at the pivot's depth that is seen at `cursor`."""
    depth = float(camera.offset[2])
    across = depth / focal_length(camera, size[1])
    seen = [(cursor[0] - size[0] / 2) * across, (cursor[1] - size[1] / 2) * across, depth]
    point: Array = position(camera) + camera_axes(camera).T @ np.array(seen)
    return point


def rigid(rotation: Array, translation: Array) -> Array:
    """[4, 4] of a rotation [3, 3] and a translation [3]."""
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation, translation
    return matrix


def upright(matrix: Array, depth: float, fov_y: float, scene_size: float) -> Camera:
    """Level, but where and looking as a camera with `matrix` [4, 4] camera_from_scene does.

    The pivot is `depth` straight ahead.
    """
    forward, up = matrix[2, :3], -matrix[1, :3]
    # Straight up or down the way ahead says nothing about the yaw; the top of the picture does.
    level = -np.sign(forward[1]) * up if abs(forward[1]) > 0.999 else forward
    camera = Camera(
        offset=np.array([0.0, 0.0, depth]),
        yaw=math.atan2(-level[0], -level[2]),
        pitch=math.asin(min(max(float(forward[1]), -1.0), 1.0)),
        fov_y=fov_y,
        scene_size=scene_size,
    )
    return _standing(camera, -matrix[:3, :3].T @ matrix[:3, 3])


def _turned(camera: Camera, yaw: float, pitch: float) -> Camera:
    turned = math.remainder(camera.yaw + yaw, 2 * math.pi)
    return replace(camera, yaw=turned, pitch=min(max(camera.pitch + pitch, -STRAIGHT), STRAIGHT))


def _standing(camera: Camera, where: Array) -> Camera:
    return replace(camera, pivot=where + camera_axes(camera).T @ camera.offset)


def _same_scale(camera: Camera, before: Camera) -> Camera:
    """An orthographic picture's scale hangs on the pivot's depth: that has to stay, then."""
    if not camera.orthographic:
        return camera
    return replace(camera, offset=camera.offset * (1, 1, 0) + before.offset * (0, 0, 1))
