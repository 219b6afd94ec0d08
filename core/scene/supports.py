"""What else things can stand on: level surfaces above the ground, with their outlines."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.geometry.pose import Pose

Array = NDArray[np.float64]

THICKNESS = 0.006  # of the scene's depth: points of one level surface lie within it
CELL = 0.015  # of the scene's depth: side of the squares that a surface is drawn in
LEAST_AREA = 0.004  # of the scene's depth squared
LEVEL_DEGREES = 25.0  # between the ground's normal and that of a level patch
NEIGHBOURS = 14  # points that tell which way a surface faces
FEWEST = 25
MOST = 40


@dataclass(frozen=True, eq=False)
class Support:
    """A level surface. `height`: scene units above the ground; `object_id`: whose most of it is.

    `outline` [K, 2]: x and z in the floor's own frame (`Floor.capture_from_ground`), in order.
    `area`: in squared scene units.
    """

    height: float
    outline: Array
    area: float
    object_id: int

    def holds(self, places: Array) -> NDArray[np.bool_]:
        """[P] bool: which `places` [P, 2] (x, z of the ground's frame) lie inside the outline."""
        line = self.outline.astype(np.float32)[:, None]
        inside = [cv2.pointPolygonTest(line, (float(x), float(z)), False) for x, z in places]
        return np.asarray(inside, np.float64) >= 0.0


def find_supports(
    points: Array, ids: NDArray[np.integer], capture_from_ground: Pose, depth: float
) -> tuple[Support, ...]:
    """Level surfaces among `points` [P, 3] of the objects `ids` [P]; largest first.

    A point is level where the plane through its neighbours is. Heights of level points that many
    share are peaks of their histogram; what hangs together in one of these is a surface.
    """
    thickness, cell = THICKNESS * depth, CELL * depth
    places = capture_from_ground.inverse().apply(points)
    above = places[:, 1] > 2.0 * thickness
    places, ids = places[above], np.asarray(ids)[above]
    if len(places) < FEWEST:
        return ()
    level = _level(places)
    places, ids = places[level], ids[level]
    found: list[Support] = []
    for height in _peaks(places[:, 1], thickness):
        on = np.abs(places[:, 1] - height) < thickness
        found += _surfaces(places[on], ids[on], cell, LEAST_AREA * depth**2)
    return tuple(sorted(found, key=lambda each: -each.area)[:MOST])


def support_below(
    supports: tuple[Support, ...], place: Array, slack: float, *, without: int | None = None
) -> float:
    """The height to drop to from `place` [3] (ground's frame): of the highest surface below it.

    `slack`: as far above the place a surface may lie and still count. `without`: the object that
    falls, whose own surfaces hold it not. 0, the ground, where there is none.
    """
    heights = [
        each.height
        for each in supports
        if each.height <= place[1] + slack
        and each.object_id != without
        and bool(each.holds(place[None, [0, 2]])[0])
    ]
    return max(heights, default=0.0)


def _level(places: Array) -> NDArray[np.bool_]:
    """[P] bool: whether the plane through each one's neighbours is level."""
    from scipy.spatial import cKDTree  # a third of a second to load

    _, near = cKDTree(places).query(places, min(NEIGHBOURS, len(places)))
    around = places[near] - places[near].mean(axis=1, keepdims=True)
    _, axes = np.linalg.eigh(np.einsum("pki,pkj->pij", around, around))
    return np.asarray(np.abs(axes[:, 1, 0]) > np.cos(np.radians(LEVEL_DEGREES)))


def _peaks(heights: Array, thickness: float) -> list[float]:
    """Heights that many points share, at least two thicknesses apart; the fullest first."""
    if len(heights) < FEWEST:
        return []
    step = thickness / 2.0
    low = float(heights.min())
    counts = np.bincount(((heights - low) / step).astype(np.int64), minlength=3)
    full = np.convolve(counts, np.ones(3), mode="same")
    peaks: list[float] = []
    for k in np.argsort(-full, kind="stable"):
        if full[k] < FEWEST:
            break
        near = heights[np.abs(heights - low - (k + 0.5) * step) < thickness]
        height = float(np.median(near))
        if all(abs(height - other) > 2.0 * thickness for other in peaks):
            peaks.append(height)
    return peaks


def _surfaces(places: Array, ids: NDArray[np.integer], cell: float, least: float) -> list[Support]:
    """The connected parts of one height's `places` that are large enough."""
    corner = places[:, [0, 2]].min(axis=0) - 2.0 * cell
    at = ((places[:, [0, 2]] - corner) / cell).astype(np.int64)
    picture = np.zeros(tuple(at.max(axis=0)[::-1] + 3), np.uint8)
    picture[at[:, 1], at[:, 0]] = 1
    # Points are not in every cell: gaps up to two cells wide are none.
    picture = cv2.morphologyEx(picture, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    _, labels = cv2.connectedComponents(picture, connectivity=4)
    own = labels[at[:, 1], at[:, 0]]
    found = []
    for label in np.unique(own[own > 0]):
        part = (labels == label).astype(np.uint8)
        area = float(part.sum()) * cell**2
        here = own == label
        if area < least or here.sum() < FEWEST:
            continue
        lines, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        line = cv2.approxPolyDP(max(lines, key=cv2.contourArea), 1.0, True)[:, 0]
        if len(line) < 3:
            continue
        values, counts = np.unique(ids[here], return_counts=True)
        outline = (line + 0.5) * cell + corner
        owner = int(values[counts.argmax()])
        found.append(Support(float(np.median(places[here, 1])), outline, area, owner))
    return found
