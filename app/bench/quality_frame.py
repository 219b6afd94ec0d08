"""Cameras of one frame brought into another by what both say about the same photos."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from core.poses.compare import pair_errors

Array = NDArray[np.float64]

ROUNDS = 100
SAME_PLACE = 1e-9
# Cameras nearer to their counterparts than this part of the median count no more than others.
NEAR = 0.5


@dataclass(frozen=True, eq=False)
class Similarity:
    """`target = scale * rotation @ source + shift`; each camera then takes `turn`."""

    scale: float
    rotation: Array
    shift: Array
    turn: Array = field(default_factory=lambda: np.eye(3))

    def camera(self, camera_from_source: Array) -> Array:
        """`camera_from_target` [4, 4], rigid, of a camera that is known in the source frame."""
        axes = camera_from_source[:3, :3]
        centre = self.scale * self.rotation @ (-axes.T @ camera_from_source[:3, 3]) + self.shift
        moved = np.eye(4)
        moved[:3, :3] = self.turn @ axes @ self.rotation.T
        moved[:3, 3] = -moved[:3, :3] @ centre
        return moved


def similarity(source: Mapping[str, Array], target: Mapping[str, Array]) -> Similarity | None:
    """What takes the cameras of `source` to those of `target` best; both by photo, [4, 4].

    Each camera counts as four points, its centre and the ends of its axes, as long as the
    cameras are spread: two cameras, or some in a row, are then enough. Umeyama (PAMI 1991)
    with weights of 1 / distance squared, found in rounds, so that a camera that is
    wrong in one of the two hardly counts. Three cameras or more also tell by what turn all
    differ: where two lenses take their middle to be elsewhere, so do their cameras' axes
    point. None where fewer than two photos are common to both, or all cameras are in one place.
    """
    names = sorted(set(source) & set(target))
    if len(names) < 2:
        return None
    first, second = (np.stack([side[name] for name in names]) for side in (source, target))
    lengths = _spread(first), _spread(second)
    if min(lengths) < SAME_PLACE:
        return None
    weights = np.ones(len(names))
    scale, turn = lengths[1] / lengths[0], np.eye(3)
    for _ in range(ROUNDS):
        # The axes are as long in both frames as the newest scale says.
        points, wanted = _points(first, lengths[0], turn), _points(second, scale * lengths[0])
        found = _umeyama(points, wanted, weights)
        off = found.scale * points @ found.rotation.T + found.shift - wanted
        distance = np.sqrt((off**2).sum(-1).mean(-1))
        weights = 1.0 / np.maximum(distance, max(NEAR * float(np.median(distance)), 1e-12)) ** 2
        scale = max(found.scale, SAME_PLACE)
        if len(names) > 2:
            turn = _common_turn(first, second, found.rotation, weights)
    return replace(found, turn=turn)


def pose_errors(
    estimated: Mapping[str, Array], reference: Mapping[str, Array]
) -> dict[str, float | int | None]:
    """Degrees between the relative poses of pairs of photos; of those that were placed."""
    placed = {name: reference[name] for name in reference if name in estimated}
    rotation, translation = pair_errors(estimated, placed)
    told: dict[str, float | int | None] = {"of": len(reference), "placed": len(placed)}
    for name, errors in (("rotation", rotation), ("translation", translation)):
        told[f"{name}_mean"] = float(errors.mean()) if len(errors) else None
        told[f"{name}_worst"] = float(errors.max()) if len(errors) else None
    return told


def _common_turn(first: Array, second: Array, rotation: Array, weights: Array) -> Array:
    """The rotation [3, 3] that comes nearest to turning all cameras of one to the other's axes."""
    moved = first[:, :3, :3] @ rotation.T
    left, _, right = np.linalg.svd(np.einsum("n,nij,nkj->ik", weights, second[:, :3, :3], moved))
    sign = np.diag([1.0, 1.0, np.linalg.det(left @ right)])
    return np.asarray(left @ sign @ right)


def _points(cameras: Array, length: float, turn: Array | None = None) -> Array:
    """[N, 4, 3]: the centre of each camera, and the ends of its axes, turned in the camera."""
    axes = cameras[:, :3, :3] if turn is None else turn @ cameras[:, :3, :3]
    centres = _centres(cameras)[:, None]
    return np.concatenate([centres, centres + length * axes], axis=1)


def _spread(cameras: Array) -> float:
    """Root mean square distance of the centres from their middle."""
    centres = _centres(cameras)
    return float(np.sqrt(((centres - centres.mean(0)) ** 2).sum(-1).mean()))


def _centres(cameras: Array) -> Array:
    return np.asarray(-(cameras[:, :3, :3].transpose(0, 2, 1) @ cameras[:, :3, 3, None])[..., 0])


def _umeyama(source: Array, target: Array, weights: Array) -> Similarity:
    """Of points [N, 4, 3] with a weight for each four."""
    each = np.repeat(weights / weights.sum() / 4, 4)[:, None]
    a, b = source.reshape(-1, 3), target.reshape(-1, 3)
    middle_a, middle_b = (each * a).sum(0), (each * b).sum(0)
    a, b = a - middle_a, b - middle_b
    left, sizes, right = np.linalg.svd((each * b).T @ a)
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    rotation = left @ np.diag(sign) @ right
    scale = float((sizes * sign).sum() / (each * a * a).sum())
    return Similarity(scale, rotation, middle_b - scale * rotation @ middle_a)
