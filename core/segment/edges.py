"""Masks made in a small picture, with their borders where the edges of the large one are.

A guided filter by colour (He et al., 2013) whose coefficients are found in a smaller picture
(He and Sun, 2015); of several labels each is filtered, and the greatest wins (Hosni et al., 2011).
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from core.segment.protocol import Mask, Photo

RADIUS = 2  # pixels of the small picture: how far an edge may be from the mask's border
SMOOTH = 1e-3  # of colours in [0, 1]: what is less uneven than this has no edge (squared)
TILE = 32  # pixels of the finer picture that are drawn at once
FINER = 2  # times the small picture's size: what the filter's coefficients are found at

Floats = NDArray[np.float32]


def at_full_size(mask: Mask, photo: Photo) -> Mask:
    """`mask` [h, w] at the size of `photo` [H, W, 3], its border moved to the photo's edges."""
    height, width = photo.shape[:2]
    size = min(width, FINER * mask.shape[1]), min(height, FINER * mask.shape[0])
    scale = max(1.0, size[0] / mask.shape[1])
    shares = mask.astype(np.float32)
    rough = np.asarray(cv2.resize(shares, size, interpolation=cv2.INTER_LINEAR), np.float32)
    small = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)
    radius = max(1, round(RADIUS * scale))
    slopes, offsets = _coefficients(_unit(small), rough[..., None], radius)
    finer = (_unit(small) * slopes[..., 0]).sum(axis=2) + offsets[..., 0] > 0.5
    if (width, height) == size:
        return np.asarray(finer)
    return _drawn(finer, slopes[..., 0], offsets[..., 0], photo)


def _drawn(finer: Mask, slopes: Floats, offsets: Floats, photo: Photo) -> Mask:
    """`finer` [h, w] at the size of `photo`; the border alone is worked out pixel by pixel."""
    height, width = photo.shape[:2]
    down, across = height / finer.shape[0], width / finer.shape[1]
    whole = cv2.resize(finer.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    border = cv2.morphologyEx(finer.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((5, 5)))
    packed = np.dstack([slopes, offsets])
    for top in range(0, finer.shape[0], TILE):
        for left in range(0, finer.shape[1], TILE):
            if not border[top : top + TILE, left : left + TILE].any():
                continue
            bottom, right = min(top + TILE, finer.shape[0]), min(left + TILE, finer.shape[1])
            rows = slice(round(top * down), round(bottom * down))
            columns = slice(round(left * across), round(right * across))
            y = (np.arange(rows.start, rows.stop, dtype=np.float32) + 0.5) / down - 0.5
            x = (np.arange(columns.start, columns.stop, dtype=np.float32) + 0.5) / across - 0.5
            x, y = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
            here = cv2.remap(packed, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            value = (_unit(photo[rows, columns]) * here[..., :3]).sum(axis=2) + here[..., 3]
            whole[rows, columns] = value > 0.5
    return np.asarray(whole > 0)


def filtered(shares: Floats, photo: Photo, radius: int) -> Floats:
    """`shares` [H, W, K] of labels, smoothed along the edges of `photo` [H, W, 3]."""
    guide = _unit(photo)
    slopes, offsets = _coefficients(guide, shares, radius)
    return np.asarray(np.einsum("hwc,hwck->hwk", guide, slopes) + offsets, np.float32)


def _coefficients(guide: Floats, shares: Floats, radius: int) -> tuple[Floats, Floats]:
    """Slopes [h, w, 3, K] and offsets [h, w, K] that tell `shares` from the colours around."""
    side = 2 * radius + 1

    def mean(values: Floats) -> Floats:
        return np.asarray(cv2.blur(values, (side, side)), np.float32).reshape(values.shape)

    inverse, colors = _inverse_spread(guide, mean)
    slopes = np.empty((*shares.shape[:2], 3, shares.shape[2]), np.float32)
    offsets = np.empty(shares.shape, np.float32)
    for k in range(shares.shape[2]):
        level = mean(np.ascontiguousarray(shares[..., k]))
        together = mean(guide * shares[..., k, None]) - colors * level[..., None]
        slope = (inverse * together[..., None, :]).sum(axis=3)
        slopes[..., k] = mean(slope)
        offsets[..., k] = mean(level - (slope * colors).sum(axis=2))
    return slopes, offsets


def _inverse_spread(guide: Floats, mean: Callable[[Floats], Floats]) -> tuple[Floats, Floats]:
    """The inverse [h, w, 3, 3] of the colours' covariance around each pixel, and their mean."""
    colors = mean(guide)
    terms = {}
    for i in range(3):
        for j in range(i, 3):
            terms[i, j] = mean(guide[..., i] * guide[..., j]) - colors[..., i] * colors[..., j]
        terms[i, i] = terms[i, i] + np.float32(SMOOTH)
    a, b, c = terms[0, 0], terms[0, 1], terms[0, 2]
    d, e, f = terms[1, 1], terms[1, 2], terms[2, 2]
    # By cofactors, which is much faster than solving pixel by pixel.
    minors = [
        d * f - e * e,
        c * e - b * f,
        b * e - c * d,
        a * f - c * c,
        b * c - a * e,
        a * d - b * b,
    ]
    whole = a * minors[0] + b * minors[1] + c * minors[2]
    inverse = np.empty((*guide.shape[:2], 3, 3), np.float32)
    for (i, j), minor in zip(((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)), minors, strict=True):
        inverse[..., i, j] = inverse[..., j, i] = minor / whole
    return inverse, colors


def _unit(photo: Photo) -> Floats:
    return photo.astype(np.float32) * np.float32(1 / 255)
