"""By trial: which way may be up, and how walls may stand, were the focal length what it may be."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.single.lines import Edges

Array = NDArray[np.float64]

TILT = np.radians(20.0)  # spread of how far up or down photos are taken
ROLL = np.radians(6.0)  # and of how far to the side
NEAR = np.radians(2.0)  # an edge so near to a direction's belongs to it
TRIALS = 300  # of which way is up
BINS = 90  # of the quarter turn within which the walls' direction is looked for
LEANING = np.radians(35.0)  # edges farther from upright than this are not taken for upright
WITNESSES = 4.0  # edges that tell as much as one would alone: many are of one thing


@dataclass(frozen=True, eq=False)
class Guess:
    """A likely focal length in pixels and rotation; of two, the one of more `worth` is likelier."""

    worth: float
    focal: float
    camera_from_room: Array


def ups_of(edges: Edges, center: Array, random: np.random.Generator) -> Array:
    """Points [T, 3] of the picture (homogeneous, from `center`) where upright lines may meet."""
    straight_up = np.array([[0.0, 1.0, 0.0]])
    if not len(edges):
        return straight_up
    steps = edges.ends[:, 1] - edges.ends[:, 0]
    upright = np.flatnonzero(np.abs(steps[:, 0]) < np.tan(LEANING) * np.abs(steps[:, 1]))
    if len(upright) < 2:
        return straight_up
    ends = np.ones((len(upright), 2, 3))
    ends[..., :2] = edges.ends[upright] - center
    lines = np.cross(ends[:, 0], ends[:, 1])
    shares = edges.lengths[upright] / edges.lengths[upright].sum()
    pairs = random.choice(len(upright), (TRIALS, 2), p=shares)
    meets = np.cross(lines[pairs[:, 0]], lines[pairs[:, 1]])
    meets = meets[np.abs(meets).max(axis=1) > 1e-9]
    return np.concatenate([straight_up, meets])


def best_turn(
    edges: Edges, weights: Array, center: Array, focal: float, ups: Array, cost: float
) -> Guess:
    """The best of `ups` [T, 3] with the best turn of the walls, were the focal length `focal`."""
    down = ups / [focal, focal, 1.0]
    down /= np.linalg.norm(down, axis=1, keepdims=True)
    down *= np.where(down[:, 1:2] < 0, -1.0, 1.0)
    pitch, roll = np.arcsin(np.clip(down[:, 2], -1, 1)), np.arctan2(down[:, 0], down[:, 1])
    costs = 0.5 * (pitch / TILT) ** 2 + 0.5 * (roll / ROLL) ** 2 + cost
    normals = edges.normals(focal, center)
    sides = np.cross(down, [0.0, 0.0, 1.0])  # level, to the camera's side
    sides /= np.maximum(np.linalg.norm(sides, axis=1, keepdims=True), 1e-9)
    aheads = np.cross(sides, down)
    likely = len(edges) / WITNESSES * weights
    upright = _belongs(np.abs(normals @ down.T)) * likely[:, None]  # [L, T]
    # A level line's direction is where its plane through the camera meets the level plane.
    across, ahead = normals @ sides.T, normals @ aheads.T
    level = np.hypot(across, ahead) > np.sin(NEAR)
    angle = np.arctan2(-across, ahead) % (np.pi / 2)
    place = np.minimum((angle * (2 * BINS / np.pi)).astype(np.int64), BINS - 1)
    mass = np.where(level & (upright <= 0), likely[:, None], 0.0)
    trial = np.broadcast_to(np.arange(len(down)), place.shape)
    counts = np.bincount((trial * BINS + place).ravel(), mass.ravel(), len(down) * BINS)
    counts = counts.reshape(len(down), BINS)
    near = counts + 0.7 * (np.roll(counts, 1, axis=1) + np.roll(counts, -1, axis=1))
    worth = upright.sum(axis=0) + near.max(axis=1) - costs
    some = np.argsort(-worth)[:5]
    guesses = [
        _judged(normals, likely, down[k], sides[k], aheads[k], float(near[k].argmax()), costs[k])
        for k in some
    ]
    best = max(guesses, key=lambda guess: guess[0])
    return Guess(best[0], focal, best[1])


def _judged(
    normals: Array,
    likely: Array,
    down: Array,
    side: Array,
    ahead: Array,
    turn: float,
    cost: float,
) -> tuple[float, Array]:
    """How well edges fit three directions, one `turn` bins from `side`; and the rotation."""
    angle = (turn + 0.5) * np.pi / 2 / BINS
    x = np.cos(angle) * side + np.sin(angle) * ahead
    rotation = facing(np.stack([x, -down, np.cross(x, -down)], axis=1))
    fits = _belongs(np.abs(normals @ rotation)).max(axis=1, initial=0.0)
    return float((likely * fits).sum() - cost), rotation


def _belongs(sines: Array) -> Array:
    """In [0, 1]: how well edges fit directions that their planes miss by angles of these sines."""
    return np.asarray(np.maximum(1 - (sines / np.sin(NEAR)) ** 2, 0))


def facing(rotation: Array) -> Array:
    """The same frame, turned by right angles about y until -z is nearest to where one looks."""
    for _ in range(4):
        if -rotation[2, 2] >= abs(rotation[2, 0]) - 1e-12:
            break
        rotation = np.stack([rotation[:, 2], rotation[:, 1], -rotation[:, 0]], axis=1)
    return rotation
