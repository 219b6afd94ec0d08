"""Where the floor ends: the walls of a room that one photo shows, from the floor's outline."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.geometry.planes import Plane

Array = NDArray[np.float64]
Pixels = NDArray[np.bool_]

NEAR = 3.0  # pixels of a picture 1000 long: an outline so near to a wall's foot is the wall's
SHARE = 0.06  # of the picture's columns, at least, that end at a wall
CUT = 0.02  # of the floor, at most, behind a wall
FREE = 1.3  # times as many columns: what a wall askew to the room's axes must explain
ASKEW = 0.15  # of the columns, at least
TRIALS = 400
MOST_WALLS = 5
FARTHEST = 30.0  # times the camera's height: what lies farther away is not measured


@dataclass(frozen=True, eq=False)
class Eye:
    """A level camera's rays. `rays` [H, W, 3]: through each pixel, z = 1 in the camera's frame,
    turned into the room's; the camera stands at (0, `height`, 0). `focal`: pixels."""

    rays: Array
    height: float
    focal: float

    @staticmethod
    def of(camera_from_room: Array, focal: float, width: int, height: int, eye: float) -> "Eye":
        """The camera of a picture of `width` x `height` pixels, `eye` above the floor."""
        x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
        rays = np.stack(
            [(x - width / 2) / focal, (y - height / 2) / focal, np.ones_like(x)], axis=-1
        )
        return Eye(rays @ camera_from_room, eye, focal)

    @property
    def centre(self) -> Array:
        return np.array([0.0, self.height, 0.0])

    def floor_depth(self) -> Array:
        """z [H, W] of the floor, inf where a ray misses it or meets it too far away."""
        slope = -self.rays[..., 1]
        with np.errstate(divide="ignore"):
            depth = np.where(slope > 0, self.height / slope, np.inf)
        return np.where(depth < FARTHEST * self.height, depth, np.inf)


def walls_from_floor(eye: Eye, floor: Pixels, things: Pixels, turned: bool) -> tuple[Plane, ...]:
    """Upright planes, their normals to the camera, on which the outline of `floor` [H, W] ends.

    Columns whose floor ends at `things` [H, W] tell nothing, for these hide its end. Walls run
    along the room's axes where `turned` says that these are known, unless one askew explains
    clearly more. None cuts off floor that is seen.
    """
    depth = eye.floor_depth()
    seen = floor & np.isfinite(depth)
    feet, blur = _ends(eye, depth, seen, things)
    points = (depth[..., None] * eye.rays)[seen][:, [0, 2]]
    points = points[:: max(1, len(points) // 5000)]
    slack = _blur(eye, depth[seen][:: max(1, int(seen.sum()) // 5000)])[: len(points)]
    walls: list[Plane] = []
    rest = np.ones(len(feet), bool)
    random = np.random.default_rng(0)
    for _ in range(MOST_WALLS):
        best: tuple[float, Array, float] | None = None
        for normal, distance, askew in _candidates(feet[rest], turned, random):
            count = int((np.abs(feet[rest] @ normal + distance) < blur[rest]).sum())
            worth = count / FREE if askew else float(count)
            least = (ASKEW if askew else SHARE) * floor.shape[1]
            if count < least or (best is not None and worth <= best[0]):
                continue
            if np.mean(points @ normal + distance < -2 * slack) < CUT:
                best = (worth, normal, distance)
        if best is None:
            break
        _, normal, distance = best
        on = rest & (np.abs(feet @ normal + distance) < blur)
        distance = -float(np.median(feet[on] @ normal))
        walls.append(Plane(np.array([normal[0], 0.0, normal[1]]), distance))
        rest &= ~(np.abs(feet @ normal + distance) < 2 * blur)
    return tuple(walls)


def far_wall(eye: Eye, nearest: float) -> Plane:
    """What closes a scene where no wall does: across the view, `nearest` away."""
    height, width = eye.rays.shape[:2]
    return far_wall_ahead(eye.rays[height // 2, width // 2], nearest)


def far_wall_ahead(view: Array, away: float) -> Plane:
    """An upright plane across `view` [3], so far away from above the room's origin."""
    ahead = view * [1, 0, 1]
    ahead /= np.linalg.norm(ahead)
    return Plane(-ahead, away)


def _blur(eye: Eye, depth: Array) -> Array:
    """How far on the floor some pixels reach, at places `depth` away."""
    height, width = eye.rays.shape[:2]
    pixels = NEAR * max(height, width) / 1000
    return np.asarray(np.maximum(pixels * depth**2 / (eye.focal * eye.height), 1e-6))


def _ends(eye: Eye, depth: Array, seen: Pixels, things: Pixels) -> tuple[Array, Array]:
    """Where columns' floor ends, x and z [C, 2], and how exactly [C] that is known."""
    columns = np.flatnonzero(seen.any(axis=0))
    rows = seen[:, columns].argmax(axis=0)
    above = np.maximum(rows[None] - np.arange(1, 4)[:, None], 0)
    free = (rows > 0) & ~things[above, columns[None]].any(axis=0)
    rows, columns = rows[free], columns[free]
    at = depth[rows, columns]
    feet = at[:, None] * eye.rays[rows, columns][:, [0, 2]]
    return feet, _blur(eye, at)


def _candidates(
    feet: Array, turned: bool, random: np.random.Generator
) -> list[tuple[Array, float, bool]]:
    """Normals [2] towards the origin with distances; and whether each is askew."""
    if len(feet) < 2:
        return []
    found: list[tuple[Array, float, bool]] = []
    some = feet[random.integers(0, len(feet), TRIALS)]
    if turned:
        for normal in np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]):
            distances = -some @ normal
            found += [(normal, float(d), False) for d in np.unique(distances[distances > 0])]
    pairs = feet[random.integers(0, len(feet), (TRIALS, 2))]
    along = pairs[:, 1] - pairs[:, 0]
    lengths = np.linalg.norm(along, axis=1)
    for (foot, _), step, length in zip(pairs, along, lengths, strict=True):
        if length > 1e-9:
            normal = np.array([-step[1], step[0]]) / length
            distance = -float(foot @ normal)
            sign = 1.0 if distance > 0 else -1.0
            found.append((sign * normal, sign * distance, turned))
    return found
