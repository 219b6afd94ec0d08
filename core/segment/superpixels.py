"""Superpixels: small regions of one colour, and how they border on each other."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.segment.protocol import Photo

SMOOTH = 0.8  # pixels: noise finer than this makes no edges
RELIEF = 12  # levels of 256 a unit of slope, for the watershed

Array = NDArray[np.float64]
Floats = NDArray[np.float32]
Ids = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Superpixels:
    """L regions of a picture, E pairs of neighbours."""

    leaf: Ids  # [H, W] from 0 on
    lab: Floats  # [H, W, 3] the picture's colours, smoothed a little
    area: Array  # [L] pixels
    pairs: NDArray[np.int64]  # [E, 2]
    length: Array  # [E] of their borders, pixels
    steep: Array  # [E] of Lab a pixel across them, on average

    def means(self, values: NDArray[np.generic]) -> Array:
        """[L, C]: the mean of `values` [H, W, C] over each; without C, [L]."""
        if values.ndim == 3:
            columns = [self.means(values[..., k]) for k in range(values.shape[2])]
            return np.stack(columns, axis=1) if columns else np.zeros((len(self.area), 0))
        flat = values.ravel().astype(np.float64)
        return np.asarray(np.bincount(self.leaf.ravel(), flat, len(self.area)) / self.area)


def superpixels_of(photo: Photo, spacing: int) -> Superpixels:
    """A watershed from the flattest place in each cell of a grid of `spacing` pixels."""
    smooth = cv2.GaussianBlur(photo, (0, 0), SMOOTH)
    scaled = smooth.astype(np.float32) / 255
    lab = np.asarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2LAB), np.float32)
    across, down = cv2.Sobel(lab, -1, 1, 0, scale=1 / 8), cv2.Sobel(lab, -1, 0, 1, scale=1 / 8)
    slope = np.asarray(np.sqrt((across**2 + down**2).sum(axis=2)), np.float32)
    leaf = _watershed(slope, spacing)
    area = np.bincount(leaf.ravel()).astype(np.float64)
    return Superpixels(leaf, lab, area, *_borders(leaf, slope))


def _watershed(slope: Floats, spacing: int) -> Ids:
    height, width = slope.shape
    seeds = np.zeros((height, width), np.int32)
    count = 0
    for top in range(0, height, spacing):
        for left in range(0, width, spacing):
            cell = slope[top : top + spacing, left : left + spacing]
            y, x = divmod(int(cell.argmin()), cell.shape[1])
            count += 1
            seeds[top + y, left + x] = count
    relief = np.clip(slope * RELIEF, 0, 255).astype(np.uint8)
    # OpenCV floods the differences of neighbours: of the slope, edges part as they should.
    grown = cv2.watershed(cv2.merge([relief] * 3), seeds)
    # Its lines between them, and its frame, go to a neighbour.
    while (open_ := grown <= 0).any():
        around = cv2.dilate(grown.astype(np.float32), np.ones((3, 3)))
        grown = np.where(open_, around, grown).astype(np.int32)
    _, dense = np.unique(grown, return_inverse=True)
    return dense.reshape(height, width).astype(np.int32)


def _borders(leaf: Ids, slope: Floats) -> tuple[NDArray[np.int64], Array, Array]:
    """Pairs of neighbours, the length of each border and the mean slope along it."""
    count = int(leaf.max()) + 1
    keys, slopes = [], []
    for one, other in (
        (np.s_[:, :-1], np.s_[:, 1:]),
        (np.s_[:-1], np.s_[1:]),
    ):
        a, b = leaf[one], leaf[other]
        apart = a != b
        low, high = np.minimum(a, b)[apart], np.maximum(a, b)[apart]
        keys.append(low.astype(np.int64) * count + high)
        slopes.append(np.maximum(slope[one], slope[other])[apart])
    found, index, length = np.unique(np.concatenate(keys), return_inverse=True, return_counts=True)
    steep = np.bincount(index, np.concatenate(slopes), len(found)) / length
    return np.stack(np.divmod(found, count), axis=1), length.astype(np.float64), steep
