"""How good each photo is, alone and beside the others of its capture."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from core.capture.photos import Photo, Quality
from core.capture.pixels import Pixels, fitted_size, shrunk

MEASURED_SIDE = 640  # pixels
COMPARED_SIDE = 256  # pixels
BLACK, WHITE = 2, 253

# Part of the capture's median sharpness below which a photo counts as blurred, and the fewest
# photos that make a median worth having.
BLURRED = 0.2
FEWEST_TO_COMPARE = 3

# Two photos are the same picture when they differ by less than this part of their contrast.
# Measured at COMPARED_SIDE: one picture saved again at JPEG quality 30 to 80, or at half its
# size, differs by 0.003 to 0.055; the two closest frames of a walk around a fox by 0.27.
SAME = 0.1


@dataclass(frozen=True, eq=False)
class Look:
    """A photo measured alone: its `quality` so far, and `thumbnail` [h, w] float32 brightness."""

    quality: Quality
    thumbnail: NDArray[np.float32]


def look_at(pixels: Pixels) -> Look:
    """Measure `pixels` [H, W, 3] uint8 RGB."""
    height, width = pixels.shape[:2]
    small = shrunk(pixels, *fitted_size(width, height, MEASURED_SIDE))
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    contrast = float(grey.var())
    detail = float(cv2.Laplacian(grey, cv2.CV_32F).var())
    quality = Quality(
        sharpness=detail / contrast if contrast > 1 else 0.0,
        exposure=float(grey.mean()) / 255,
        clipped=float(np.mean((grey <= BLACK) | (grey >= WHITE))),
    )
    size = fitted_size(width, height, COMPARED_SIDE)
    tiny = cv2.resize(grey.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return Look(quality, np.asarray(tiny, np.float32))


def compared(photos: Sequence[Photo], looks: Sequence[Look]) -> tuple[Photo, ...]:
    """`photos` with what shows only beside the others: which are blurred, which are doubles."""
    sharpness = [look.quality.sharpness for look in looks]
    limit = BLURRED * float(np.median(sharpness)) if len(looks) >= FEWEST_TO_COMPARE else 0.0
    doubles = _doubles(looks)
    return tuple(
        replace(
            photo,
            quality=replace(
                look.quality,
                blurred=look.quality.sharpness < limit,
                duplicate_of=None if first is None else photos[first].name,
            ),
        )
        for photo, look, first in zip(photos, looks, doubles, strict=True)
    )


def _doubles(looks: Sequence[Look]) -> list[int | None]:
    """For each look the first earlier one with the same picture, itself no double."""
    firsts: list[int | None] = []
    for i, look in enumerate(looks):
        originals = (k for k in range(i) if firsts[k] is None)
        firsts.append(next((k for k in originals if _same(looks[k], look)), None))
    return firsts


def _same(one: Look, two: Look) -> bool:
    a, b = one.thumbnail, two.thumbnail
    # One picture at two sizes may round to thumbnails that differ by a pixel.
    if max(abs(a.shape[0] - b.shape[0]), abs(a.shape[1] - b.shape[1])) > 1:
        return False
    # Means never differ by more than pixels do, which settles most pairs at no cost. (The
    # greatest contrast 8-bit pictures can have is half their range.)
    if abs(one.quality.exposure - two.quality.exposure) > SAME / 2:
        return False
    if a.shape != b.shape:
        b = np.asarray(cv2.resize(b, a.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)
    difference = float(np.sqrt(np.mean((a - b) ** 2)))
    # Below half a grey level even flat walls are the same picture.
    return difference < max(0.5, SAME * float(a.std()))
