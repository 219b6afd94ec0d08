"""The large flat faces of a room, on which what nobody saw most likely goes on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from core.geometry.planes import Plane, least_squares_plane
from core.scene.floor import Floor
from core.scene.supports import Support

Array = NDArray[np.float64]

THICKNESS = 0.012  # of the scene's depth: points nearer to a face than this lie on it
CELL = 0.03  # of the scene's depth: side of the squares that a face is drawn in
MARGIN = 0.015  # of the scene's depth: how far a face goes on beyond the last that is known of it
NEARBY = 0.25  # of an object's size: what is so near may have been hidden by it alone
TRIALS = 600
MOST = 6000  # points looked at
UPRIGHT = 10  # faces looked for
SHARE = 0.025  # of the points, on a face
OWNED = 0.7  # of a face's points, one object's, unless it ends the room
BEHIND = 0.03  # of the points, behind a face that ends the room


@dataclass(frozen=True, eq=False)
class Face:
    """A flat face. Its `plane`'s normal points to the cameras' side; `object_id`: whose it is.

    `outline` [K, 2]: of what is known of it, along the plane's tangents, or None for one that ends
    the room: whatever is looked for beyond its edge is on it too.
    """

    plane: Plane
    object_id: int
    outline: NDArray[np.float32] | None = None

    def along(self, points: Array) -> Array:
        """Coordinates [..., 2] of `points` [..., 3] along the plane's tangents."""
        return np.asarray(points @ np.stack(self.plane.tangents(), axis=1))

    def places(self, along: Array) -> Array:
        """Points [..., 3] on the plane with these coordinates [..., 2]."""
        u, v = self.plane.tangents()
        return np.asarray(
            along[..., :1] * u + along[..., 1:] * v - self.plane.offset * self.plane.normal
        )

    def hits(self, centre: Array, rays: Array) -> Array:
        """How many times `rays` [R, 3] from `centre` [3] it is away; inf where they miss it."""
        slope = rays @ self.plane.normal
        height = float(self.plane.heights(centre))
        with np.errstate(divide="ignore", invalid="ignore"):
            times = np.where((slope < 0) & (height > 0), -height / slope, np.inf)
        if self.outline is not None:
            hit = np.flatnonzero(np.isfinite(times))
            at = self.along(centre + times[hit, None] * rays[hit])
            times[hit[~_within(self.outline, at)]] = np.inf
        return times


def find_faces(
    points: Array, ids: NDArray[np.integer], floor: Floor, centres: Array, depth: float
) -> tuple[Face, ...]:
    """The floor, and upright faces among `points` [P, 3] of objects `ids`; seen from `centres`.

    Upright planes are lines on the floor: sequential RANSAC through two points each. One with
    hardly a point behind it, seen from all cameras, ends the room.
    """
    thickness = THICKNESS * depth
    heights = floor.plane.heights(points)
    on_floor = np.abs(heights) < thickness
    faces = [Face(floor.plane, _owner(ids[on_floor]))]
    chosen = np.flatnonzero(heights > 2 * thickness)
    random = np.random.default_rng(0)
    if len(chosen) > MOST:
        chosen = np.sort(random.choice(chosen, MOST, replace=False))
    rest = chosen
    for _ in range(UPRIGHT):
        if len(rest) < 3:
            break
        plane = _upright(points[rest], floor, thickness, random)
        on = np.abs(plane.heights(points[rest])) < thickness
        if on.sum() < SHARE * len(chosen):
            break
        here = points[rest[on]]
        plane = _refined(here, floor, plane).facing(centres.mean(axis=0) - here.mean(axis=0))
        far = plane.heights(points[chosen]) < -4 * thickness
        ends = np.mean(far) < BEHIND and bool((plane.heights(centres) > 0).all())
        own = ids[rest[on]]
        owner = _owner(own)
        # A plane through many things' edges is a face of none.
        if ends or np.mean(own == owner) > OWNED:
            bare = Face(plane, owner)
            faces.append(bare if ends else replace(bare, outline=_outline(bare, here, depth)))
        rest = rest[~on]
    return tuple(faces)


def ended(face: Face, points: Array, feet: Array, depth: float) -> Face:
    """`face` as far as there are `points` [P, 3] on it, and `feet` [F, 3] right above or below.

    A table's top that is taken for the floor does not go on beyond the table.
    """
    on = points[np.abs(face.plane.heights(points)) < THICKNESS * depth]
    if len(on) < 3:
        return face
    margin = MARGIN * depth * np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])
    known = np.concatenate([_outline(face, on, depth), face.along(feet)])
    grown = (known[:, None] + margin).reshape(-1, 2).astype(np.float32)
    return replace(face, outline=np.asarray(cv2.convexHull(grown)[:, 0], np.float32))


def beside(faces: Sequence[Face], points: Array) -> tuple[Face, ...]:
    """The first of `faces`, the floor, those that end the room, and others near `points` [P, 3].

    What hardly any photo shows of a chair at the back is better left than painted.
    """
    some = points[:: max(1, len(points) // 200)]
    size = float(np.linalg.norm(np.subtract(*np.percentile(some, [95, 5], axis=0))))
    kept = []
    for k, face in enumerate(faces):
        if k and face.outline is not None:
            line = face.outline[:, None]
            at = face.along(some).astype(np.float32)
            off = [-cv2.pointPolygonTest(line, (float(x), float(y)), True) for x, y in at]
            away = np.hypot(np.maximum(off, 0), face.plane.heights(some))
            if away.min() > NEARBY * size:
                continue
        kept.append(face)
    return tuple(kept)


def support_faces(floor: Floor, supports: Sequence[Support]) -> tuple[Face, ...]:
    """Table tops and shelves as faces: what stood on one of `supports` leaves its top behind."""
    return tuple(
        Face(
            Plane(floor.plane.normal, floor.plane.offset - each.height),
            each.object_id,
            each.outline.astype(np.float32),
        )
        for each in supports
    )


def first_faces(faces: Sequence[Face], centre: Array, rays: Array) -> tuple[Array, Array]:
    """Which of `faces` (-1: none) each of `rays` [R, 3] meets first, and after how many times."""
    times = np.stack([face.hits(centre, rays) for face in faces])
    first = times.argmin(axis=0)
    nearest = times[first, np.arange(len(rays))]
    return np.where(np.isfinite(nearest), first, -1), nearest


def _within(outline: NDArray[np.float32], points: Array) -> NDArray[np.bool_]:
    """[P]: which of `points` [P, 2] lie inside of a closed line [K, 2]."""
    inside = np.zeros(len(points), bool)
    x, y = points.T
    for (x0, y0), (x1, y1) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        if y0 != y1:
            crossed = (y0 > y) != (y1 > y)
            inside ^= crossed & (x < x0 + (y - y0) / (y1 - y0) * (x1 - x0))
    return inside


def _upright(points: Array, floor: Floor, thickness: float, random: np.random.Generator) -> Plane:
    """The upright plane that most of `points` lie on."""
    up = floor.plane.normal
    pairs = points[random.integers(0, len(points), (TRIALS, 2))]
    normals = np.cross(pairs[:, 1] - pairs[:, 0], up)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    offsets = -np.sum(normals * pairs[:, 0], axis=1)
    judges = points[:: max(1, len(points) // 2000)]
    counts = (np.abs(judges @ normals.T + offsets) < thickness).sum(axis=0)
    best = int(counts.argmax())
    return Plane(normals[best], float(offsets[best]))


def _refined(points: Array, floor: Floor, plane: Plane) -> Plane:
    """`plane` fitted to `points` that lie on it, made upright again."""
    up = floor.plane.normal
    normal = least_squares_plane(points).facing(plane.normal).normal
    normal = normal - (normal @ up) * up
    normal /= np.linalg.norm(normal)
    return Plane(normal, -float(np.median(points @ normal)))


def _outline(face: Face, points: Array, depth: float) -> NDArray[np.float32]:
    """The outline [K, 2] of the largest part of the face that has `points` all over it."""
    cell = CELL * depth
    along = face.along(points)
    corner = along.min(axis=0) - 3 * cell
    at = ((along - corner) / cell).astype(np.int64)
    picture = np.zeros(tuple(at.max(axis=0)[::-1] + 4), np.uint8)
    picture[at[:, 1], at[:, 0]] = 1
    picture = cv2.morphologyEx(picture, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    picture = cv2.morphologyEx(picture, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    lines, _ = cv2.findContours(picture, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not lines:
        return np.asarray(cv2.convexHull(along.astype(np.float32))[:, 0], np.float32)
    hull = cv2.convexHull(max(lines, key=cv2.contourArea))[:, 0]
    return np.asarray((hull + 0.5) * cell + corner, np.float32)


def _owner(ids: NDArray[np.integer]) -> int:
    if not len(ids):
        return 0
    values, counts = np.unique(ids, return_counts=True)
    return int(values[counts.argmax()])
