"""Superpixels: small regions of one colour and one surface, and how they border on each other."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.segment import merging
from core.segment.grains import joined
from core.segment.protocol import Photo
from core.segment.relief import Relief

SMOOTH = 0.8  # pixels: noise finer than this makes no edges
EASE = 10.0  # of Lab, over its size in pixels: what a region takes in beyond its own unevenness
LARGEST, SMALLEST = 150, 6  # pixels of a superpixel
CREASE = 4.0  # of Lab: what normals that turn by one radian from pixel to pixel count
STEPS = 64  # a unit of Lab, that edges are put in order by
ACROSS = 3  # pixels to either side of a border that its shape is measured over
LOWEST, HIGHEST = np.array([0.0, -60, -60]), np.array([100.0, 60, 60])  # of Lab

Array = NDArray[np.float64]
Floats = NDArray[np.float32]
Ids = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Superpixels:
    """L regions of a picture, E pairs of neighbours. Columns are named in `merging`."""

    leaf: Ids  # [H, W] from 0 on
    known: Array  # [L, COLUMNS]
    pairs: NDArray[np.int64]  # [E, 2]
    borders: Array  # [E, SIDES]
    deep: bool  # whether points and normals are known


def superpixels_of(photo: Photo, relief: Relief | None = None) -> Superpixels:
    """The superpixels of `photo`, which should be small.

    `relief`: of the same size as `photo`, where a scene is known.
    """
    sharp, smooth = _lab(photo), _lab(np.asarray(cv2.GaussianBlur(photo, (0, 0), SMOOTH)))
    across, down = (cv2.Sobel(smooth, -1, *way, scale=1 / 8) for way in ((1, 0), (0, 1)))
    slope = np.asarray(np.sqrt((across**2 + down**2).sum(axis=2)), np.float32)
    leaf = _leaves(sharp, relief)
    pairs, borders = _borders(leaf, slope, relief)
    return Superpixels(
        leaf, _known(leaf, smooth, slope, relief), pairs, borders, relief is not None
    )


def _lab(photo: Photo) -> Floats:
    return np.asarray(cv2.cvtColor(photo.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


def _leaves(lab: Floats, relief: Relief | None) -> Ids:
    height, width = lab.shape[:2]
    place = np.arange(height * width, dtype=np.int32).reshape(height, width)
    normals = None
    if relief is not None:
        normals = np.asarray(cv2.GaussianBlur(relief.normals, (0, 0), 1.0), np.float32)
    ends, apart = [], []
    for one, other in (
        (np.s_[:, :-1], np.s_[:, 1:]),
        (np.s_[:-1], np.s_[1:]),
        (np.s_[:-1, :-1], np.s_[1:, 1:]),
        (np.s_[:-1, 1:], np.s_[1:, :-1]),
    ):
        steps = np.sqrt(((lab[one] - lab[other]) ** 2).sum(axis=2))
        if normals is not None:
            steps += CREASE * np.sqrt(((normals[one] - normals[other]) ** 2).sum(axis=2))
        ends.append(np.stack([place[one].ravel(), place[other].ravel()]))
        apart.append(steps.ravel())
    (a, b), steps = np.concatenate(ends, axis=1), np.concatenate(apart)
    order = np.argsort(np.minimum(steps * STEPS, 65535).astype(np.uint16), kind="stable")
    grown = joined(order, a, b, steps, height * width, EASE, LARGEST, SMALLEST)
    return np.asarray(grown).reshape(height, width)


def _known(leaf: Ids, lab: Floats, slope: Floats, relief: Relief | None) -> Array:
    flat, count = leaf.ravel(), int(leaf.max()) + 1

    def sums(values: NDArray[np.generic]) -> Array:
        return np.asarray(np.bincount(flat, values.ravel().astype(np.float64), count), np.float64)

    known = np.zeros((count, merging.COLUMNS))
    known[:, merging.AREA] = np.bincount(flat, minlength=count)
    for k in range(3):
        known[:, merging.LAB + k] = sums(lab[..., k])
        known[:, merging.SQUARES + k] = sums(lab[..., k].astype(np.float64) ** 2)
        if relief is not None:
            known[:, merging.POINT + k] = sums(relief.points[..., k])
            known[:, merging.NORMAL + k] = sums(relief.normals[..., k])
    known[:, merging.ROUGH] = sums(slope)
    known[:, merging.COUNTS : merging.POINT] = _counts(flat, lab, count)
    known[:, merging.BOX :] = _boxes(leaf, count)
    return known


def _counts(flat: Ids, lab: Floats, count: int) -> Array:
    """[count, 3 * WORDS]: how many pixels of each region are on levels of L, a and b."""
    words = merging.WORDS
    rows = np.zeros((count, 3, words))
    scaled = (lab.reshape(-1, 3) - LOWEST) / (HIGHEST - LOWEST) * words - 0.5
    for channel in range(3):
        place = np.clip(scaled[:, channel], 0, words - 1.001)
        left = place.astype(np.int64)
        # Shared between two levels, so that a shade makes no jump.
        for word, weight in ((left, 1 - (place - left)), (left + 1, place - left)):
            index = flat * words + word
            rows[:, channel] += np.bincount(index, weight, count * words).reshape(count, words)
    return rows.reshape(count, -1)


def _boxes(leaf: Ids, count: int) -> Array:
    """[count, 4]: left, top, right, bottom of each region."""
    height, width = leaf.shape
    box = np.tile(np.array([width, height, 0, 0]), (count, 1))
    y, x = np.mgrid[:height, :width]
    for column, values in ((0, x), (1, y)):
        np.minimum.at(box[:, column], leaf.ravel(), values.ravel())
        np.maximum.at(box[:, column + 2], leaf.ravel(), values.ravel() + 1)
    return box.astype(np.float64)


def _borders(leaf: Ids, slope: Floats, relief: Relief | None) -> tuple[NDArray[np.int64], Array]:
    """Pairs of neighbours, and what is known of the border of each."""
    count = int(leaf.max()) + 1
    keys, rows = [], []
    for down, across in ((0, 1), (1, 0)):
        one = np.s_[: leaf.shape[0] - down, : leaf.shape[1] - across]
        other = np.s_[down:, across:]
        a, b = leaf[one], leaf[other]
        apart = a != b
        low, high = np.minimum(a, b)[apart], np.maximum(a, b)[apart]
        keys.append(low.astype(np.int64) * count + high)
        row = np.zeros((len(low), merging.SIDES))
        row[:, merging.LENGTH] = 1
        row[:, merging.STEEP] = np.maximum(slope[one], slope[other])[apart]
        if relief is not None:
            row[:, merging.CONCAVE :] = _bends(np.nonzero(apart), (down, across), relief)
        rows.append(row)
    found, index = np.unique(np.concatenate(keys), return_inverse=True)
    values = np.concatenate(rows)
    sums = [np.bincount(index, values[:, k], len(found)) for k in range(merging.SIDES)]
    return np.stack(np.divmod(found, count), axis=1), np.stack(sums, axis=1)


def _bends(places: tuple[NDArray[np.int64], ...], step: tuple[int, int], relief: Relief) -> Array:
    """[N, 3]: how concave, how convex and how much of a step it is across each of `places`.

    A corner is concave where things stand on others (Stein et al., 2014); a step leaves the
    planes of both its sides.
    """
    height, width = relief.normals.shape[:2]

    def beside(way: int) -> tuple[Array, Array]:
        y = np.clip(places[0] + way * step[0], 0, height - 1)
        x = np.clip(places[1] + way * step[1], 0, width - 1)
        return relief.points[y, x].astype(np.float64), relief.normals[y, x].astype(np.float64)

    (here, up), (there, other_up) = beside(-ACROSS), beside(ACROSS + 1)
    way = there - here
    way /= np.linalg.norm(way, axis=1, keepdims=True) + merging.LEAST
    rise, fall = (up * way).sum(axis=1), (other_up * way).sum(axis=1)
    bend = fall - rise
    gap = np.minimum(np.abs(rise), np.abs(fall))
    return np.stack([np.maximum(0, -bend), np.maximum(0, bend), gap], axis=1)
