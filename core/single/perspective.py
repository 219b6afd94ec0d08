"""How a lone photo was taken: its focal length and its tilt, from lines that are parallel in space.

Rooms and streets have three directions at right angles (a Manhattan frame). Where they meet in the
picture tells the focal length and which way is up (Coughlan and Yuille, 1999; Košecká and Zhang,
2002). Where edges say too little, what is usual for photos decides.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from core.single.lines import Edges

Array = NDArray[np.float64]

USUAL = 0.78  # of the longer side: the focal length of a phone's main camera
SPREAD = 0.3  # of its logarithm, over cameras
KNOWN = 0.03  # of its logarithm, where EXIF tells it
SHORT, LONG = 0.45, 2.5  # of the longer side: focal lengths looked at
FOCALS = 25
TILT = np.radians(20.0)  # spread of how far up or down photos are taken
ROLL = np.radians(6.0)  # and of how far to the side
NEAR = np.radians(2.0)  # an edge so near to a direction's belongs to it
EXACT = np.radians(0.4)  # error of an edge as long as a tenth of the diagonal
TRIALS = 300  # of which way is up
BINS = 90  # of the quarter turn within which the walls' direction is looked for
LEANING = np.radians(35.0)  # edges farther from upright than this are not taken for upright
WITNESSES = 4.0  # edges that tell as much as one would alone: many are of one thing
TRIED = 6  # focal lengths that are refined
FEWEST = 3  # edges along a direction, for it to count as seen


@dataclass(frozen=True, eq=False)
class Perspective:
    """How a photo was taken.

    `focal`: pixels. `camera_from_room` [3, 3]: rotation from the room's frame (y up, x and z along
    its walls) to the camera's. `along` [L]: which of the room's axes each edge runs along, -1 for
    none. `spread`: standard deviation of the focal length's logarithm; `leveled` and `turned`:
    whether edges told which way is up, and how the walls stand.
    """

    focal: float
    camera_from_room: Array
    along: NDArray[np.int64]
    spread: float
    leveled: bool
    turned: bool

    @property
    def up(self) -> Array:
        """[3], camera frame."""
        return np.asarray(self.camera_from_room[:, 1])


def perspective(
    edges: Edges, width: int, height: int, focal: float | None, seed: int = 0
) -> Perspective:
    """Of a photo of `width` x `height` pixels with these `edges`; `focal` as EXIF tells it.

    The most likely answer: edges near one of three directions speak for it, against what is usual
    (`USUAL`, `TILT`). Up and walls are looked for together, by trial, and then refined.
    """
    center = np.array([width, height]) / 2
    longest = float(max(width, height))
    usual = np.log(focal if focal else USUAL * longest)
    spread = KNOWN if focal else SPREAD
    focals = [focal] if focal else list(longest * np.geomspace(SHORT, LONG, FOCALS))
    start = _Guess(-np.inf, float(np.exp(usual)), np.eye(3) * [1, -1, -1])
    weights = edges.lengths / max(float(edges.lengths.sum()), 1e-9) if len(edges) else np.zeros(0)
    ups = _ups(edges, center, np.random.default_rng(seed))
    guesses = [start]
    if len(edges):
        for each in focals:
            cost = 0.5 * ((np.log(each) - usual) / spread) ** 2
            guesses.append(_turned(edges, weights, center, each, ups, cost))
    guesses.sort(key=lambda guess: -guess.worth)
    found = [_refined(edges, center, each, usual, spread) for each in guesses[:TRIED]]
    return min(found, key=lambda pair: pair[0])[1]


@dataclass(frozen=True, eq=False)
class _Guess:
    worth: float
    focal: float
    camera_from_room: Array


def _ups(edges: Edges, center: Array, random: np.random.Generator) -> Array:
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


def _turned(
    edges: Edges, weights: Array, center: Array, focal: float, ups: Array, cost: float
) -> _Guess:
    """The best of `ups` with the best turn of the walls, were the focal length `focal`."""
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
    return _Guess(best[0], focal, best[1])


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
    rotation = _facing(np.stack([x, -down, np.cross(x, -down)], axis=1))
    fits = _belongs(np.abs(normals @ rotation)).max(axis=1, initial=0.0)
    return float((likely * fits).sum() - cost), rotation


def _belongs(sines: Array) -> Array:
    """In [0, 1]: how well edges fit directions that their planes miss by angles of these sines."""
    return np.asarray(np.maximum(1 - (sines / np.sin(NEAR)) ** 2, 0))


def _facing(rotation: Array) -> Array:
    """The same frame, turned by right angles about y until -z is nearest to where one looks."""
    for _ in range(4):
        if -rotation[2, 2] >= abs(rotation[2, 0]) - 1e-12:
            break
        rotation = np.stack([rotation[:, 2], rotation[:, 1], -rotation[:, 0]], axis=1)
    return rotation


def _refined(
    edges: Edges, center: Array, guess: _Guess, usual: float, spread: float
) -> tuple[float, Perspective]:
    """Least squares over the edges that belong to a direction; how unlikely the answer is."""
    focal, rotation = guess.focal, guess.camera_from_room
    sigma = spread
    # An end is off by some part of a pixel, so long edges are the more exact ones.
    tenth = 0.2 * float(np.linalg.norm(center))
    exact = EXACT * np.clip(tenth / np.maximum(edges.lengths, 1), 0.5, 4)
    for _ in range(3):
        along = _along(edges, center, focal, rotation)
        chosen = np.flatnonzero(along >= 0)
        problem = _Problem(
            Edges(edges.ends[chosen]), center, along[chosen], exact[chosen], rotation, usual, spread
        )
        found = least_squares(problem.misses, np.array([0, 0, 0, np.log(focal)]), max_nfev=50)
        rotation, focal = problem.rotation(found.x), float(np.exp(found.x[3]))
        inverse = np.linalg.pinv(found.jac.T @ found.jac)
        sigma = min(spread, float(np.sqrt(max(inverse[3, 3], 0.0))))
    along = _along(edges, center, focal, rotation)
    off = np.abs(edges.normals(focal, center) @ rotation).min(axis=1, initial=1.0)
    lost = np.log1p((np.minimum(off, np.sin(NEAR)) / exact) ** 2).sum() / WITNESSES
    unlikely = float(lost + (_unusual(rotation, np.log(focal), usual, spread) ** 2).sum())
    counts = [int((along == k).sum()) for k in range(3)]
    leveled = counts[1] >= FEWEST or min(counts[0], counts[2]) >= FEWEST
    turned = max(counts[0], counts[2]) >= FEWEST
    return unlikely, Perspective(focal, _facing(rotation), along, sigma, leveled, turned)


def _along(edges: Edges, center: Array, focal: float, rotation: Array) -> NDArray[np.int64]:
    """Which axis of the room each edge runs along [L], -1 for none."""
    sines = np.abs(edges.normals(focal, center) @ rotation)
    near = sines.min(axis=1, initial=1.0) < np.sin(NEAR)
    return np.where(near, sines.argmin(axis=1), -1)


@dataclass(frozen=True, eq=False)
class _Problem:
    """Edges along axes, each so `exact`; asked are a turn of `start` and a focal length."""

    edges: Edges
    center: Array
    axis: NDArray[np.int64]
    exact: Array
    start: Array
    usual: float
    spread: float

    def rotation(self, x: Array) -> Array:
        return np.asarray(Rotation.from_rotvec(x[:3]).as_matrix() @ self.start)

    def misses(self, x: Array) -> Array:
        """Residuals; those of edges grow as Cauchy's loss does."""
        turned = self.rotation(x)
        sines = self.edges.normals(float(np.exp(x[3])), self.center) @ turned
        off = sines[np.arange(len(self.axis)), self.axis] / self.exact
        robust = np.sign(off) * np.sqrt(np.log1p(off**2) / WITNESSES)
        return np.concatenate([robust, _unusual(turned, x[3], self.usual, self.spread)])


def _unusual(rotation: Array, log_focal: float, usual: float, spread: float) -> Array:
    """How far from usual [3] focal length, tilt and roll are, in standard deviations."""
    up = rotation[:, 1]
    pitch, roll = np.arcsin(np.clip(up[2], -1, 1)), np.arctan2(up[0], -up[1])
    return np.array([(log_focal - usual) / spread, pitch / TILT, roll / ROLL])
