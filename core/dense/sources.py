"""Which photos help to find a photo's depth, and between which depths to look."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.dense.cameras import Array, Eye, corners, travel

MOST_SOURCES = 4
MOST_LOOKED_AT = 40  # photos that may be a photo's sources
BEST_ANGLE, NARROW, WIDE = 10.0, 5.0, 14.0  # degrees of parallax, and how fast worth falls off
ONLY_IN_FRAME = 0.25  # what a point counts that a photo may see, but was not matched in
LEAST_TRAVEL = 3.0  # pixels between the nearest and the farthest depth
LEAST_GAIN = 0.04  # of all sources so far
FEWEST = 12  # points that a range of depths is taken from
MOST_POINTS = 500  # of a photo, looked at
TURNED = 0.77  # cosine of how far aside of the photos that matched it a point may be seen from
LEFT_OVER = 0.02  # share of what could be covered that is left


@dataclass(frozen=True)
class Range:
    """Inverse depths to look between, `low` < `high`."""

    low: float
    high: float


def ranges(eyes: Sequence[Eye], seen: Sequence[Array]) -> list[Range]:
    """The inverse depths of each photo: by the points that it saw; else by all that lie in it."""
    everything = np.concatenate([*seen, np.zeros((0, 3))])
    found = []
    for eye, points in zip(eyes, seen, strict=True):
        depths = eye.seen(points)[0][:, 2]
        depths = depths[depths > 0]
        if len(depths) < FEWEST:
            at, inside = eye.seen(everything)
            depths = at[inside, 2]
        found.append(_range(depths) if len(depths) >= FEWEST else _guessed(eye, eyes))
    return found


def _range(depths: Array) -> Range:
    near, middle, far = np.percentile(depths, [2, 50, 99])
    # Of a point cloud gone wrong, the middle is the last to go.
    near, far = max(near * 0.75, middle / 20), min(far * 1.3, middle * 20)
    return Range(float(1 / far), float(1 / near))


def _guessed(eye: Eye, eyes: Sequence[Eye]) -> Range:
    """Without points: round the place that all look at or, if there is none, by the baselines."""
    centre = eye.centre()
    others = [other for other in eyes if other is not eye]
    steps = [float(np.linalg.norm(other.centre() - centre)) for other in others]
    steps = [step for step in steps if step > 0]
    if not steps:
        return Range(0.1, 10.0)
    # The point nearest to all axes: sum (I - a a^T) (x - c) = 0.
    across = [np.eye(3) - np.outer(other.rotation[2], other.rotation[2]) for other in eyes]
    total = sum(across, np.zeros((3, 3)))
    middle = 0.0
    if np.linalg.eigvalsh(total)[0] > 1e-3 * len(eyes):
        sums = sum((a @ o.centre() for a, o in zip(across, eyes, strict=True)), np.zeros(3))
        middle = float((eye.rotation @ np.linalg.solve(total, sums) + eye.translation)[2])
    if middle > 2 * min(steps):
        return Range(1 / (3 * middle), 1 / (0.35 * middle))
    step = float(np.median(steps))
    return Range(1 / (40 * step), 1 / (1.2 * step))


def worth(angles: Array) -> Array:
    """What a source is worth at a point, by the parallax in degrees; 1 at best."""
    width = np.where(angles < BEST_ANGLE, NARROW, WIDE)
    return np.asarray(np.exp(-0.5 * ((angles - BEST_ANGLE) / width) ** 2))


def parallax(points: Array, a: Array, b: Array) -> Array:
    """Degrees at `points` [K, 3] between the directions to the centres `a` and `b`."""
    one, two = a - points, b - points
    cosine = (one * two).sum(1) / np.maximum(
        np.linalg.norm(one, axis=1) * np.linalg.norm(two, axis=1), 1e-12
    )
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def choose(
    eyes: Sequence[Eye],
    seen: Sequence[Array],
    looks: Sequence[Range],
    most: int = MOST_SOURCES,
) -> list[list[int]]:
    """The sources of each photo, at most so many, best first; none where nothing can be measured.

    Greedy: each source adds to what the points have already, by the root, so one that shows
    other points is preferred to one more of the same. Of many photos, those are looked at that
    share the most points with it.
    """
    near = _likely(eyes, seen)
    names = [{point.tobytes() for point in points} for points in seen]
    chosen = []
    for i, eye in enumerate(eyes):
        points = _thinned(seen[i] if len(seen[i]) >= FEWEST else _imagined(eye, looks[i]))
        keys = [point.tobytes() for point in points]
        values = {}
        for j in near[i]:
            other = eyes[j]
            if travel(eye, other, looks[i].low, looks[i].high) < LEAST_TRAVEL:
                continue
            _, inside = other.seen(points)
            matched = np.array([key in names[j] for key in keys])
            trust = np.where(matched, 1.0, ONLY_IN_FRAME * inside)
            values[j] = (
                trust * worth(parallax(points, eye.centre(), other.centre())) + 1e-6 * inside
            )
        chosen.append(_greedy(values, most))
    return chosen


def _likely(eyes: Sequence[Eye], seen: Sequence[Array]) -> list[list[int]]:
    """By photo the others that may be its sources: they share points with it, or are near."""
    count = len(eyes)
    if count <= MOST_LOOKED_AT + 1:
        return [[j for j in range(count) if j != i] for i in range(count)]
    photos = np.repeat(np.arange(count), [len(points) for points in seen])
    _, points = np.unique(np.concatenate(seen), axis=0, return_inverse=True)
    saw = csr_array((np.ones(len(photos), np.int32), (photos, points.ravel())))
    shared = saw @ saw.T
    centres = np.stack([eye.centre() for eye in eyes])
    found = []
    for i, centre in enumerate(centres):
        most = -shared[[i], :].toarray()[0]
        order = np.lexsort((np.linalg.norm(centres - centre, axis=1), most))
        found.append(sorted(order[order != i][:MOST_LOOKED_AT].tolist()))
    return found


def _greedy(values: dict[int, Array], most: int) -> list[int]:
    chosen: list[int] = []
    left = dict(values)
    have, total = np.zeros(0), 0.0
    while left and len(chosen) < most:
        gains = {j: float(np.sqrt(have + v if len(have) else v).sum()) for j, v in left.items()}
        best = max(gains, key=lambda j: (gains[j], -j))
        if gains[best] - total <= LEAST_GAIN * total:
            break
        chosen.append(best)
        have, total = (have + left[best] if len(have) else left[best]), gains[best]
        del left[best]
    return chosen


def _thinned(points: Array) -> Array:
    step = max(1, len(points) // MOST_POINTS)
    return points[::step]


def _imagined(eye: Eye, look: Range) -> Array:
    """Points in the picture at three depths of the range."""
    camera = eye.camera
    rays = np.column_stack(
        [(corners(camera) - [camera.cx, camera.cy]) / [camera.fx, camera.fy], np.ones(9)]
    )
    depths = 1 / np.linspace(look.low, look.high, 5)[1:4]
    places = (rays * depths[:, None, None]).reshape(-1, 3)
    return np.asarray((places - eye.translation) @ eye.rotation)


def references(
    eyes: Sequence[Eye], seen: Sequence[Array], sources: Sequence[Sequence[int]], cover: int
) -> list[int]:
    """Photos to sweep until each sparse point lies in `cover` of them, if it can; sorted.

    All of them where there are few points to go by.
    """
    usable = [i for i in range(len(eyes)) if sources[i]]
    counts = [len(points) for points in seen]
    if sum(count >= FEWEST for count in counts) < len(eyes) or len(usable) <= 3 * cover:
        return usable
    sights = _sights(eyes, seen)
    wanted: NDArray[np.int64] = np.minimum(sights[usable].sum(0), cover)
    enough = int(LEFT_OVER * wanted.sum())
    chosen: list[int] = []
    while wanted.sum() > enough:
        gains = {i: int((sights[i] & (wanted > 0)).sum()) for i in usable if i not in chosen}
        best = max(gains, key=lambda i: (gains[i], -i))
        chosen.append(best)
        wanted = wanted - (sights[best] & (wanted > 0))
    return sorted(chosen)


def _sights(eyes: Sequence[Eye], seen: Sequence[Array]) -> NDArray[np.bool_]:
    """Which photos may show which points [N, P]: more than were matched in them.

    Those that the points lie in, seen from about where they were matched from.
    """
    stacked = np.concatenate([_thinned(points) for points in seen])
    points = np.unique(stacked, axis=0)
    rows = {point.tobytes(): k for k, point in enumerate(points)}
    matched = np.zeros((len(eyes), len(points)), bool)
    for i, own in enumerate(seen):
        matched[i, [k for k in (rows.get(point.tobytes(), -1) for point in own) if k >= 0]] = True
    away = np.stack([eye.centre() - points for eye in eyes])
    away /= np.maximum(np.linalg.norm(away, axis=2, keepdims=True), 1e-12)
    facing = (away * matched[..., None]).sum(0)
    facing /= np.maximum(np.linalg.norm(facing, axis=1, keepdims=True), 1e-12)
    inside = np.stack([eye.seen(points)[1] for eye in eyes])
    return np.asarray(matched | (inside & ((away * facing).sum(2) > TURNED)))
