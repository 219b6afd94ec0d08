"""Where the things of one photo stand, from what their masks touch.

Below a thing there is floor, and its foot is there; or another thing, on which it stands or behind
which it hides; or a wall on which it hangs. The rest of it is taken to rise straight up from its
foot. That is all that masks say: backs and exact shapes they do not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from core.single.outline import Eye

Array = NDArray[np.float64]
Pixels = NDArray[np.bool_]

LOWEST = 0.04  # of a thing's height in the picture: so near to a foot, its outline belongs to it
TOUCH = 3  # pixels between a mask and what it touches
BESIDE = 0.5  # of a thing's lowest rows, with the other on both sides: it stands on that one
FOOTED = 0.04  # of a thing's width: floor below it, at least, for it to have a foot there
HOVER = 0.01  # of its depth: how far before a wall things hang
ASIDE, UP = 3.0, 0.4  # a foot's say of what is beside and above it falls off so much faster
SWELL = 0.12  # of its width: how far the middle of a thing comes forward
FLAT_LENGTH = 1.5  # times as long, away from the camera, as it is wide: what stands looks longer
FLAT_AREA = 0.8  # of the camera's height, squared: what is smaller is not taken to lie flat
FLAT_TOUCH = 0.55  # of its outline, not counting other things, at the floor
THROUGH = 0.03  # of its hull, where floor is seen through it: that stands on legs
NEAREST = 0.05  # of the camera's height
CUT_OFF = 0.9  # of the floor's depth at the picture's edge: of what is cut off there


class Footing(Enum):
    """What a thing rests on."""

    FLOOR = "floor"
    FLAT = "flat"  # it lies on the floor, as rugs do
    THING = "thing"  # on another thing
    BEHIND = "behind"  # its foot is hidden by another thing
    WALL = "wall"
    CUT = "cut"  # its foot is beyond the picture's edge


@dataclass(frozen=True, eq=False)
class Standing:
    """Where a thing stands. `depth` [H, W]: z of its pixels, 0 elsewhere. `feet` [F, 2]: x and y
    of the pixels where it touches what it rests on; `on`: the id of that, where it is a thing."""

    object_id: int
    footing: Footing
    depth: NDArray[np.float32]
    feet: NDArray[np.int64]
    on: int | None = None


def flat_things(
    labels: NDArray[np.integer], ids: Sequence[int], floor: Pixels, eye: Eye
) -> frozenset[int]:
    """Which of things `ids` in `labels` [H, W] lie on `floor` [H, W] as rugs do.

    Those through which no floor is seen, and that laid on the floor are large, and no longer
    than what lies there could be: whatever stands seems long on the floor behind it.
    """
    sizes = {id_: int((labels == id_).sum()) for id_ in ids}
    found: set[int] = set()
    for id_ in sorted(ids, key=lambda id_: -sizes[id_]):
        others = np.isin(labels, [other for other in ids if other not in found])
        ground = floor | np.isin(labels, list(found))
        if sizes[id_] and _lies(labels == id_, others, ground, eye):
            found.add(id_)
    return frozenset(found)


def _lies(mask: Pixels, others: Pixels, floor: Pixels, eye: Eye) -> bool:
    """Whether one thing lies flat on `floor`."""
    depth = eye.floor_depth()
    rim = _grown(mask, TOUCH) & ~others
    if not np.isfinite(depth[mask]).all() or not rim.any() or np.mean(floor[rim]) < FLAT_TOUCH:
        return False
    if np.mean(floor[_hull(mask)]) > THROUGH:
        return False
    spots = depth[mask][:, None] * eye.rays[mask]
    ahead = eye.rays[eye.rays.shape[0] // 2, eye.rays.shape[1] // 2] * [1, 0, 1]
    ahead /= np.linalg.norm(ahead)
    on_floor = np.stack([spots @ ahead, spots @ [-ahead[2], 0.0, ahead[0]]], axis=1)
    length, width = np.ptp(np.percentile(on_floor, [2, 98], axis=0), axis=0)
    return bool(length < FLAT_LENGTH * width and length * width > FLAT_AREA * eye.height**2)


def standing(
    labels: NDArray[np.integer],
    ids: Sequence[int],
    floor: Pixels,
    eye: Eye,
    behind: Array,
) -> dict[int, Standing]:
    """Of things `ids` in `labels` [H, W]; `floor` [H, W] with what lies flat on it is ground.

    `behind` [H, W]: z of the room without things. What rests on something comes after it.
    """
    found: dict[int, Standing] = {}
    todo = [id_ for id_ in ids if (labels == id_).any()]
    notes = {id_: _contacts(labels, id_, floor, frozenset(todo)) for id_ in todo}
    # Things on the floor first; then, again and again, what rests on those.
    order = sorted(todo, key=lambda id_: notes[id_].footing is not Footing.FLOOR)
    while order:
        ready = [id_ for id_ in order if notes[id_].on is None or notes[id_].on in found]
        for id_ in ready or order[:1]:  # two that rest on each other: one has to begin
            found[id_] = _stood(labels == id_, id_, notes[id_], found, eye, behind)
        order = [id_ for id_ in order if id_ not in found]
    return found


@dataclass(frozen=True, eq=False)
class _Contact:
    footing: Footing
    feet: NDArray[np.int64]
    on: int | None = None


def _contacts(
    labels: NDArray[np.integer], id_: int, floor: Pixels, things: frozenset[int]
) -> _Contact:
    """What the outline of a thing touches below."""
    mask = labels == id_
    columns = np.flatnonzero(mask.any(axis=0))
    height = labels.shape[0]
    rows = height - 1 - mask[::-1, columns].argmax(axis=0)
    below = np.minimum(rows[None] + np.arange(1, TOUCH + 1)[:, None], height - 1)
    on_floor = floor[below, columns[None]].any(axis=0) & (rows < height - 1)
    tall = rows.max() - np.flatnonzero(mask.any(axis=1)).min() + 1
    reach = max(2.0, LOWEST * tall)
    feet = on_floor & _low(rows, columns, reach)
    spots = np.stack([columns, rows], axis=1)
    if rows.max() >= height - 2 and rows[feet].max(initial=0) < rows.max() - reach:
        return _Contact(Footing.CUT, spots[rows >= height - 2])
    lowest = rows >= rows.max() - reach
    under = labels[below[:, lowest], columns[None, lowest]]
    other = _commonest(under, things - {id_})
    beside = other is not None and _on_both_sides(labels, mask, other, rows.max())
    if beside and not (on_floor & lowest).any():
        return _Contact(Footing.THING, spots[lowest], other)
    if on_floor.sum() > FOOTED * len(columns) and feet.any():
        return _Contact(Footing.FLOOR, spots[feet])
    if other is not None:
        return _Contact(Footing.THING if beside else Footing.BEHIND, spots[lowest], other)
    return _Contact(Footing.WALL, spots[lowest])


def _low(rows: NDArray[np.int64], columns: NDArray[np.int64], reach: float) -> Pixels:
    """[C]: where an outline is as low as anywhere near it: feet, not the underside between."""
    near = max(1, round(0.12 * len(columns)))
    padded = np.full(columns.max() - columns.min() + 1 + 2 * near, -1)
    padded[columns - columns.min() + near] = rows
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * near + 1).max(axis=1)
    return np.asarray(rows >= windows[columns - columns.min()] - reach)


def _commonest(labels: NDArray[np.integer], among: frozenset[int]) -> int | None:
    """Which of `among` occurs most, if any does in a third of all."""
    counts = {id_: int((labels == id_).sum()) for id_ in among}
    if not counts:
        return None
    best = max(counts, key=lambda id_: counts[id_])
    return best if 3 * counts[best] > labels.size else None


def _on_both_sides(labels: NDArray[np.integer], mask: Pixels, other: int, lowest: int) -> bool:
    """Whether `other` is seen to the left and right of a thing's lowest part: it stands on it."""
    rows = np.arange(max(0, lowest - TOUCH), lowest + 1)
    rows = rows[mask[rows].any(axis=1)]
    left = mask[rows].argmax(axis=1)
    right = mask.shape[1] - 1 - mask[rows][:, ::-1].argmax(axis=1)
    steps = np.arange(1, 2 * TOUCH + 1)
    last = mask.shape[1] - 1
    sides = (np.maximum(left[:, None] - steps, 0), np.minimum(right[:, None] + steps, last))
    there = [(labels[rows[:, None], side] == other).any(axis=1) for side in sides]
    return all(float(np.mean(side)) > BESIDE for side in there)


def _stood(
    mask: Pixels,
    id_: int,
    contact: _Contact,
    found: Mapping[int, Standing],
    eye: Eye,
    behind: Array,
) -> Standing:
    """The depth of a thing's pixels, from that of its feet."""
    columns, rows = contact.feet.T
    on = found.get(contact.on) if contact.on is not None else None
    ground = eye.floor_depth()
    if contact.footing is Footing.FLOOR:
        at = ground[rows, columns]
    elif contact.footing is Footing.CUT:
        at = CUT_OFF * ground[rows, columns]
    elif on is not None:
        at = np.where(on.depth > 0, on.depth, np.nan)[_near(on.depth > 0, rows, columns)]
        if contact.footing is Footing.BEHIND:
            at = (at + behind[rows, columns]) / 2
    else:
        at = (1 - HOVER) * behind[rows, columns]
    known = np.isfinite(at)
    # Above the horizon no floor tells how far away feet are: they are put before what is behind.
    at = np.where(known, at, np.median(at[known] if known.any() else behind[rows, columns]))
    if contact.footing is Footing.WALL:
        depth = (1 - HOVER) * behind
    else:
        depth = _upright(mask, contact.feet, at, eye)
        depth = _swollen(mask, depth, eye)
    depth = np.minimum(depth, np.minimum((1 - HOVER / 4) * behind, ground))
    depth = np.maximum(depth, NEAREST * eye.height)
    shown = np.where(mask, depth, 0).astype(np.float32)
    return Standing(id_, contact.footing, shown, contact.feet, contact.on)


def _near(
    there: Pixels, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> tuple[Array, Array]:
    """The pixels of `there` that are nearest to some others."""
    _, labels = cv2.distanceTransformWithLabels(
        (~there).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    y, x = np.nonzero(there)
    places = np.zeros((labels.max() + 1, 2), np.int64)
    places[labels[y, x]] = np.stack([y, x], axis=1)
    nearest = places[labels[rows, columns]]
    return nearest[:, 0], nearest[:, 1]


def _upright(mask: Pixels, feet: NDArray[np.int64], at: Array, eye: Eye) -> Array:
    """z [H, W] of what rises from `feet` [F, 2] of depths `at` [F]: an upright plane through them
    as well as may be, and near each foot the foot's own distance."""
    columns, rows = feet.T
    level = eye.rays[..., [0, 2]]
    spots = at[:, None] * level[rows, columns]
    # The upright plane a x + b z = 1, its inverse depth linear in the rays; drawn to facing one.
    middle = spots.mean(axis=0)
    square = float(middle @ middle)
    spread = max(float(np.var(spots @ np.array([-middle[1], middle[0]]) / np.sqrt(square))), 1e-12)
    pull = np.sqrt(len(spots) * max(0.02 * square, spread)) * np.eye(2)
    system = np.concatenate([spots, pull])
    target = np.concatenate([np.ones(len(spots)), pull @ (middle / square)])
    plane = np.linalg.lstsq(system, target, rcond=None)[0]
    inverse = level @ plane
    least = 0.3 / np.median(at)
    inverse = np.maximum(inverse, least)
    y, x = np.nonzero(mask)
    some = np.linspace(0, len(feet) - 1, min(len(feet), 60)).astype(np.int64)
    off = 1 / at[some] - inverse[rows[some], columns[some]]
    size = max(1.0, float(np.ptp(y)), float(np.ptp(x)))
    # What is above a foot is as far away as it is: legs rise straight up.
    apart = np.hypot(ASIDE * (x[:, None] - columns[some]), UP * (y[:, None] - rows[some])) / size
    weights = 1 / (apart**2 + 1e-4)
    blended = (weights @ off) / (weights.sum(axis=1) + len(some))
    result = 1 / inverse
    result[y, x] = 1 / np.maximum(inverse[y, x] + blended, least)
    return np.asarray(result)


def _swollen(mask: Pixels, depth: Array, eye: Eye) -> Array:
    """`depth` [H, W], nearer in the middle of the mask than along its outline."""
    inside = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    most = max(float(inside.max()), 1.0)
    width = 2 * most / eye.focal * float(np.median(depth[mask]))
    round_ = np.sqrt(np.maximum(1 - (1 - inside / most) ** 2, 0))
    return np.asarray(depth - SWELL * width * round_)


def _hull(mask: Pixels) -> Pixels:
    """[H, W]: the convex hull of a mask."""
    y, x = np.nonzero(mask)
    corners = cv2.convexHull(np.stack([x, y], axis=1).astype(np.int32))
    inside = np.zeros(mask.shape, np.uint8)
    cv2.fillConvexPoly(inside, corners, 1)
    return np.asarray(inside > 0)


def _grown(mask: Pixels, pixels: int) -> Pixels:
    kernel = np.ones((2 * pixels + 1, 2 * pixels + 1), np.uint8)
    return np.asarray(cv2.dilate(mask.astype(np.uint8), kernel) > 0)
