"""How a lone photo was taken: its focal length and its tilt, from lines that are parallel in space.

Rooms and streets have three directions at right angles (a Manhattan frame). Where they meet in the
picture tells the focal length and which way is up (Coughlan and Yuille, 1999; Košecká and Zhang,
2002). Where edges say too little, what is usual for photos decides. What the user says is so.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from core.single.lines import Edges
from core.single.stance import UNTOLD, Source, Stance, up_of
from core.single.trial import NEAR, ROLL, TILT, WITNESSES, Guess, best_turn, facing, ups_of

Array = NDArray[np.float64]

USUAL = 0.78  # of the longer side: the focal length of a phone's main camera
SPREAD = 0.3  # of its logarithm, over cameras
KNOWN = 0.03  # of its logarithm, where EXIF tells it
SHORT, LONG = 0.45, 2.5  # of the longer side: focal lengths looked at
FOCALS = 25
EXACT = np.radians(0.4)  # error of an edge as long as a tenth of the diagonal
TRIED = 6  # focal lengths that are refined
FEWEST = 3  # edges along a direction, for it to count as seen
SURE = 0.15  # spread below which it is edges that tell the focal length


@dataclass(frozen=True, eq=False)
class Perspective:
    """How a photo was taken.

    `focal`: pixels. `camera_from_room` [3, 3]: rotation from the room's frame (y up, x and z along
    its walls) to the camera's. `along` [L]: which of the room's axes each edge runs along, -1 for
    none. `spread`: standard deviation of the focal length's logarithm, 0 where the user told it;
    `leveled` and `turned`: whether edges, or the user, told which way is up, and whether edges told
    how the walls stand.
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
    edges: Edges,
    width: int,
    height: int,
    focal: float | None,
    seed: int = 0,
    stance: Stance = UNTOLD,
) -> Perspective:
    """Of a photo of `width` x `height` pixels with these `edges`; `focal` as EXIF tells it.

    The most likely answer: edges near one of three directions speak for it, against what is usual
    (`USUAL`, `TILT`). Up and walls are looked for together, by trial, and then refined. What
    `stance` says is held.
    """
    center = np.array([width, height]) / 2
    longest = float(max(width, height))
    focal = stance.focal * longest if stance.focal else focal
    usual = np.log(focal if focal else USUAL * longest)
    spread = KNOWN if focal else SPREAD
    focals = [focal] if focal else list(longest * np.geomspace(SHORT, LONG, FOCALS))
    level = np.eye(3) * [1, -1, -1]
    start = Guess(-np.inf, float(np.exp(usual)), _held(level, stance, np.exp(usual), center))
    weights = edges.lengths / max(float(edges.lengths.sum()), 1e-9) if len(edges) else np.zeros(0)
    ups = ups_of(edges, center, np.random.default_rng(seed))
    guesses = [start]
    if len(edges):
        for each in focals:
            cost = 0.5 * ((np.log(each) - usual) / spread) ** 2
            if stance.horizon is not None:
                ups = -_up(stance, each, center)[None] * [each, each, 1.0]
            guesses.append(best_turn(edges, weights, center, each, ups, cost))
    guesses.sort(key=lambda guess: -guess.worth)
    asked = _Asked(center, usual, spread, stance)
    found = [_refined(edges, each, asked) for each in guesses[:TRIED]]
    return min(found, key=lambda pair: pair[0])[1]


def told_by(found: Perspective, known: float | None, stance: Stance) -> Source:
    """Who told the focal length of `found`, which was looked for with `known` and `stance`."""
    if stance.focal is not None:
        return Source.USER
    if known:
        return Source.KNOWN
    return Source.EDGES if found.spread < SURE else Source.USUAL


@dataclass(frozen=True, eq=False)
class _Asked:
    """What the answer is held to: the `center` of the picture, what is usual, what the user says.

    `usual`: the focal length's logarithm, give or take `spread`.
    """

    center: Array
    usual: float
    spread: float
    stance: Stance


def _refined(edges: Edges, guess: Guess, asked: _Asked) -> tuple[float, Perspective]:
    """Least squares over the edges that belong to a direction; how unlikely the answer is."""
    center, (focal, rotation) = asked.center, (guess.focal, guess.camera_from_room)
    sigma = asked.spread
    # An end is off by some part of a pixel, so long edges are the more exact ones.
    tenth = 0.2 * float(np.linalg.norm(center))
    exact = EXACT * np.clip(tenth / np.maximum(edges.lengths, 1), 0.5, 4)
    for _ in range(3):
        along = _along(edges, center, focal, rotation)
        chosen = np.flatnonzero(along >= 0)
        problem = _Problem(
            Edges(edges.ends[chosen]), along[chosen], exact[chosen], rotation, focal, asked
        )
        found = least_squares(problem.misses, problem.begin, max_nfev=50)
        rotation, focal = problem.pose(found.x)
        inverse = np.linalg.pinv(found.jac.T @ found.jac)
        sigma = min(asked.spread, float(np.sqrt(max(inverse[-1, -1], 0.0))))
    along = _along(edges, center, focal, rotation)
    off = np.abs(edges.normals(focal, center) @ rotation).min(axis=1, initial=1.0)
    lost = np.log1p((np.minimum(off, np.sin(NEAR)) / exact) ** 2).sum() / WITNESSES
    unlikely = float(lost + (_unusual(rotation, np.log(focal), asked) ** 2).sum())
    counts = [int((along == k).sum()) for k in range(3)]
    leveled = counts[1] >= FEWEST or min(counts[0], counts[2]) >= FEWEST
    leveled |= asked.stance.horizon is not None
    turned = max(counts[0], counts[2]) >= FEWEST
    sigma = 0.0 if asked.stance.focal else sigma
    return unlikely, Perspective(focal, facing(rotation), along, sigma, leveled, turned)


def _up(stance: Stance, focal: float, center: Array) -> Array:
    """Up [3] in the camera, as the horizon that the user told has it."""
    assert stance.horizon is not None
    return up_of(stance.horizon, focal, 2 * center[0], 2 * center[1])


def _held(rotation: Array, stance: Stance, focal: float, center: Array) -> Array:
    """`rotation`, tilted by as little as brings its y axis to where the user told it."""
    if stance.horizon is None:
        return rotation
    up = _up(stance, focal, center)
    axis = np.cross(rotation[:, 1], up)
    sine, cosine = float(np.linalg.norm(axis)), float(rotation[:, 1] @ up)
    axis *= np.arctan2(sine, cosine) / max(sine, 1e-12)
    return np.asarray(Rotation.from_rotvec(axis).as_matrix() @ rotation)


def _along(edges: Edges, center: Array, focal: float, rotation: Array) -> NDArray[np.int64]:
    """Which axis of the room each edge runs along [L], -1 for none."""
    sines = np.abs(edges.normals(focal, center) @ rotation)
    near = sines.min(axis=1, initial=1.0) < np.sin(NEAR)
    return np.where(near, sines.argmin(axis=1), -1)


@dataclass(frozen=True, eq=False)
class _Problem:
    """Edges along axes, each so `exact`; asked are a turn of `start` and a focal length.

    Of what the user says, nothing: with a horizon only the turn about what is up, and no focal
    length where that is told.
    """

    edges: Edges
    axis: NDArray[np.int64]
    exact: Array
    start: Array
    focal: float
    asked: _Asked

    @property
    def begin(self) -> Array:
        """What is asked, as far as it is known: turns, and the focal length's logarithm."""
        turns = [0.0] * (3 if self.asked.stance.horizon is None else 1)
        return np.array(turns if self.asked.stance.focal else [*turns, np.log(self.focal)])

    def pose(self, x: Array) -> tuple[Array, float]:
        """Rotation and focal length."""
        stance = self.asked.stance
        focal = self.focal if stance.focal else float(np.exp(x[-1]))
        if stance.horizon is None:
            turn, start = x[:3], self.start
        else:
            start = _held(self.start, stance, focal, self.asked.center)
            turn = x[0] * start[:, 1]
        return np.asarray(Rotation.from_rotvec(turn).as_matrix() @ start), focal

    def misses(self, x: Array) -> Array:
        """Residuals; those of edges grow as Cauchy's loss does."""
        turned, focal = self.pose(x)
        sines = self.edges.normals(focal, self.asked.center) @ turned
        off = sines[np.arange(len(self.axis)), self.axis] / self.exact
        robust = np.sign(off) * np.sqrt(np.log1p(off**2) / WITNESSES)
        return np.concatenate([robust, _unusual(turned, np.log(focal), self.asked)])


def _unusual(rotation: Array, log_focal: float, asked: _Asked) -> Array:
    """How far from usual [3] focal length, tilt and roll are, in standard deviations."""
    up = rotation[:, 1]
    pitch, roll = np.arcsin(np.clip(up[2], -1, 1)), np.arctan2(up[0], -up[1])
    return np.array([(log_focal - asked.usual) / asked.spread, pitch / TILT, roll / ROLL])
