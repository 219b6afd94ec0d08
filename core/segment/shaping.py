"""Regions made from others or from the photo's colours: by tolerance, without holes, grown, shrunk.

Regions are pictures of 0 and 1, as in `regions`.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from core.segment.regions import nothing, of_pixels
from core.segment.tiles import Area, Tiled

Photo = NDArray[np.uint8]  # [H, W, 3] RGB


def alike(photo: Photo, x: int, y: int, tolerance: int, *, everywhere: bool = False) -> Tiled:
    """Pixels whose channels differ from those at (x, y) by at most `tolerance`.

    Those that hang together with (x, y) by their sides, or with `everywhere` all of the photo.
    """
    seed = photo[y, x].astype(np.int16)
    if everywhere:
        low, high = np.clip(seed - tolerance, 0, 255), np.clip(seed + tolerance, 0, 255)
        return of_pixels(cv2.inRange(photo, tuple(low.tolist()), tuple(high.tolist())) > 0)
    height, width = photo.shape[:2]
    found = np.zeros((height + 2, width + 2), np.uint8)
    flags = 4 | (1 << 8) | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE
    # OpenCV wants to be able to write, though it is told not to.
    own = np.require(photo, requirements=["C", "W"])
    cv2.floodFill(own, found, (x, y), 0, (tolerance,) * 3, (tolerance,) * 3, flags)
    return of_pixels(found[1:-1, 1:-1] > 0)


def connected(region: Tiled, x: int, y: int) -> Tiled:
    """The part of `region` that hangs together with the pixel (x, y); none where it is outside."""
    area, inside = _around(region, 0)
    if not area or not (area.left <= x < area.right and area.top <= y < area.bottom):
        return nothing(region.height, region.width)
    _, parts = cv2.connectedComponents(inside, connectivity=4)
    chosen = parts[y - area.top, x - area.left]
    return _placed(region, area, (parts == chosen) & (chosen > 0))


def largest(region: Tiled) -> Tiled:
    """The largest part of `region` that hangs together."""
    area, inside = _around(region, 0)
    if not area:
        return region
    _, parts, about, _ = cv2.connectedComponentsWithStats(inside, connectivity=4)
    chosen = 1 + int(np.argmax(about[1:, cv2.CC_STAT_AREA]))
    return _placed(region, area, parts == chosen)


def holes(region: Tiled) -> Tiled:
    """What is not in `region` but shut in by it: no way by the pixels' sides leads out."""
    area, inside = _around(region, 0)
    if not area:
        return region
    # A margin joins all that is open to a side.
    outside = cv2.copyMakeBorder(1 - inside, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    _, parts = cv2.connectedComponents(outside, connectivity=4)
    shut_in = (outside > 0) & (parts != parts[0, 0])
    return _placed(region, area, shut_in[1:-1, 1:-1])


def grown(region: Tiled, pixels: float) -> Tiled:
    """All within so many pixels of `region`."""
    area, inside = _around(region, int(np.ceil(pixels)))
    if not area:
        return region
    return _placed(region, area, _distance(inside == 0) <= pixels)


def shrunk(region: Tiled, pixels: float) -> Tiled:
    """What is more than so many pixels away from all that is not `region`; edges do not count."""
    # A margin, where the photo has one, is where the outside begins.
    area, inside = _around(region, 1)
    if not area:
        return region
    if inside.all():
        return region
    return _placed(region, area, _distance(inside > 0) > pixels)


def _distance(of: NDArray[np.bool_]) -> NDArray[np.float32]:
    """[h, w] pixels to the nearest that is False, exactly."""
    found = cv2.distanceTransform(of.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(found, np.float32)


def _around(region: Tiled, margin: int) -> tuple[Area, NDArray[np.uint8]]:
    """Where `region` lies with a margin, as far as there is a photo, and its pixels there."""
    bounds = region.bounds()
    if not bounds:
        return bounds, np.zeros((0, 0), np.uint8)
    wide = Area(
        bounds.left - margin, bounds.top - margin, bounds.right + margin, bounds.bottom + margin
    ).meet(region.area)
    return wide, (region.part(wide) > 0).astype(np.uint8)


def _placed(region: Tiled, area: Area, inside: NDArray[np.bool_]) -> Tiled:
    empty = nothing(region.height, region.width)
    return empty.with_part(area, inside.astype(np.uint16))
