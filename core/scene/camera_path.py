"""The way of a camera: the views that it passes through, how long it takes, where it is when."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation, RotationSpline

from core.geometry.pose import Pose

Array = NDArray[np.float64]

SHORTEST = 0.05  # of the mean step: between two keys at the same place some time passes too
AROUND = 3  # keys repeated at either end of a closed way, so that its rotations go on smoothly
SKEW = 1e-6  # a rotation matrix may be that far from one
SECONDS = (0.5, 600.0)  # what a way may take


@dataclass(frozen=True)
class Key:
    """A view. `camera_from_capture`: a rigid [4, 4], its 16 numbers by rows; `fov_y`: radians."""

    camera_from_capture: tuple[float, ...]
    fov_y: float

    @staticmethod
    def of(camera_from_capture: Array, fov_y: float) -> "Key":
        return Key(tuple(float(part) for part in camera_from_capture.ravel()), float(fov_y))

    @property
    def matrix(self) -> Array:
        """[4, 4]."""
        return np.array(self.camera_from_capture).reshape(4, 4)


@dataclass(frozen=True)
class CameraPath:
    """Through all `keys` in their order, in so many `seconds`; `closed`: and back to the first."""

    keys: tuple[Key, ...] = ()
    seconds: float = 8.0
    closed: bool = False


def times(path: CameraPath) -> Array:
    """When each key is reached, 0 to 1; of a closed way also the first again. At least two keys.

    A longer step, or a larger turn, takes longer, though not in proportion: by the square root,
    which keeps the way from overshooting (Lee, 1989).
    """
    centres, turns = _parts(path)
    if path.closed:
        centres, turns = np.vstack([centres, centres[:1]]), _joined(turns, turns[:1])
    steps = np.linalg.norm(np.diff(centres, axis=0), axis=1)
    angles = (turns[1:] * turns[:-1].inv()).magnitude()
    effort = sum((part / part.mean() for part in (steps, angles) if part.mean() > 0), 0 * steps)
    share = np.sqrt(effort)
    share += SHORTEST * share.mean() if share.any() else 1.0
    return np.concatenate([[0.0], np.cumsum(share) / share.sum()])


def along(path: CameraPath, when: Array) -> list[Key]:
    """The views at the times `when` [N], 0 to 1. Raises ValueError for a way without keys."""
    if not path.keys:
        raise ValueError("a way without keys leads nowhere")
    if len(path.keys) == 1:
        return [path.keys[0]] * len(when)
    when = np.clip(np.asarray(when, np.float64), 0.0, 1.0)
    at = times(path)
    centres, turns = _parts(path)
    opening = np.log(np.tan(np.array([key.fov_y for key in path.keys]) / 2))
    values = np.column_stack([centres, opening])
    if path.closed:
        values = np.vstack([values, values[:1]])
    found = _hermite(at, values, when, closed=path.closed)
    rotations = _spline(at, turns, closed=path.closed)(when).as_matrix()
    answer = []
    for rotation, row in zip(rotations, found, strict=True):
        matrix = np.eye(4)
        matrix[:3, :3], matrix[:3, 3] = rotation, -rotation @ row[:3]
        answer.append(Key.of(matrix, 2 * np.arctan(np.exp(row[3]))))
    return answer


def in_scene(key: Key, scene_from_capture: Pose) -> Array:
    """`camera_from_scene` [4, 4] of a key."""
    return scene_from_capture.moved_camera(key.matrix)


def path_to_json(path: CameraPath) -> dict[str, object]:
    """All of it."""
    keys = [{"camera": list(key.camera_from_capture), "fov_y": key.fov_y} for key in path.keys]
    return {"keys": keys, "seconds": path.seconds, "closed": path.closed}


def path_from_json(content: Any) -> CameraPath:
    """Raises KeyError, TypeError or ValueError where `content` is not what was written."""
    keys = []
    for row in content["keys"]:
        matrix, fov_y = np.array(row["camera"], np.float64), float(row["fov_y"])
        if matrix.shape != (16,) or not np.isfinite(matrix).all() or not 0 < fov_y < np.pi:
            raise ValueError("a key of the camera's way is none")
        turn = matrix.reshape(4, 4)[:3, :3]
        if np.abs(turn @ turn.T - np.eye(3)).max() > SKEW or np.linalg.det(turn) < 0:
            raise ValueError("a key's rotation is none")
        keys.append(Key.of(matrix, fov_y))
    seconds = float(content["seconds"])
    if not SECONDS[0] <= seconds <= SECONDS[1]:
        raise ValueError("the camera's way takes no time, or too long")
    return CameraPath(tuple(keys), seconds, bool(content["closed"]))


def _parts(path: CameraPath) -> tuple[Array, Rotation]:
    """Where the cameras of the keys stand [K, 3], and how they are turned."""
    matrices = np.stack([key.matrix for key in path.keys])
    turns = matrices[:, :3, :3]
    centres = -np.einsum("kji,kj->ki", turns, matrices[:, :3, 3])
    return centres, Rotation.from_matrix(turns)


def _hermite(at: Array, values: Array, when: Array, *, closed: bool) -> Array:
    """[N, C]: through `values` [K, C] at the times `at`, with the slopes of parabolas."""
    steps = np.diff(at)[:, None]
    slopes = np.diff(values, axis=0) / steps
    inner = (slopes[:-1] * steps[1:] + slopes[1:] * steps[:-1]) / (steps[1:] + steps[:-1])
    first, last = slopes[:1], slopes[-1:]
    if closed:
        round_ = (slopes[-1:] * steps[:1] + slopes[:1] * steps[-1:]) / (steps[:1] + steps[-1:])
        first = last = round_
    tangents = np.vstack([first, inner, last])
    k = np.clip(np.searchsorted(at, when, side="right") - 1, 0, len(at) - 2)
    step = steps[k]
    u = ((when - at[k]) / step[:, 0])[:, None]
    answer: Array = (
        (1 + 2 * u) * (1 - u) ** 2 * values[k]
        + u**2 * (3 - 2 * u) * values[k + 1]
        + step * u * (1 - u) ** 2 * tangents[k]
        - step * u**2 * (1 - u) * tangents[k + 1]
    )
    return answer


def _spline(at: Array, turns: Rotation, *, closed: bool) -> RotationSpline:
    if not closed:
        return RotationSpline(at, turns)
    n = len(turns)
    numbers = np.arange(-AROUND, n + 1 + AROUND)
    rounds, which = np.divmod(numbers, n)
    return RotationSpline(at[which] + rounds, turns[which])


def _joined(one: Rotation, other: Rotation) -> Rotation:
    return Rotation.concatenate([one, other])
