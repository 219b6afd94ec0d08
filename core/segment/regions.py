"""Shapes drawn on a photo, as pixels: a pixel is inside where its centre is. Edges are hard.

Places are x, y in image pixels. Every function answers a picture that is 1 inside and 0 outside.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.segment.tiles import Area, Codes, Tiled

Places = NDArray[np.float64]  # [N, 2] x, y
Numbers = NDArray[np.float64]
Ends = tuple[Numbers, Numbers]  # [R] first and last x of each row
FINEST = 1.0  # a brush smaller than this many pixels paints the pixels that its middle passes


def nothing(height: int, width: int) -> Tiled:
    """No pixel."""
    return Tiled.full(height, width)


def united(one: Tiled, two: Tiled) -> Tiled:
    """The pixels of both."""
    return one.combined(two, np.maximum, idle=0)


def of_pixels(inside: NDArray[np.bool_]) -> Tiled:
    """The pixels [H, W] that are True."""
    return Tiled.of(inside.astype(np.uint16))


def box(area: Area, height: int, width: int) -> Tiled:
    """All pixels of `area` that the photo has."""
    inside = area.meet(Area(0, 0, width, height))
    return nothing(height, width).with_part(inside, np.ones(inside.shape, np.uint16))


def stroke(path: Places, radius: float, height: int, width: int) -> Tiled:
    """What a round brush passes over on the way `path` [N, 2]; one place is a dab."""
    if radius < FINEST:
        path, radius = np.floor(path) + 0.5, max(radius, 0.5)
    pieces = [path[[0, 0]]] if len(path) == 1 else [path[i : i + 2] for i in range(len(path) - 1)]
    answer = nothing(height, width)
    for piece in pieces:
        area = _around(piece, radius).meet(answer.area)
        if area:
            inside = _capsule(piece, radius, area)
            if piece is not pieces[0]:
                inside |= answer.part(area)
            answer = answer.with_part(area, inside)
    return answer


def polygon(corners: Places, height: int, width: int) -> Tiled:
    """What lies inside the closed line through `corners` [N, 2], its loops included."""
    answer = nothing(height, width)
    if len(corners) < 3:
        return answer
    area = _around(corners, 0.0).meet(answer.area)
    if not area:
        return answer
    return answer.with_part(area, _wound(corners, area))


def _around(places: Places, radius: float) -> Area:
    """The pixels that a brush can meet on `places`."""
    left, top = np.floor(places.min(axis=0) - radius).astype(int)
    right, bottom = np.ceil(places.max(axis=0) + radius).astype(int)
    return Area(int(left), int(top), int(right) + 1, int(bottom) + 1)


def _capsule(piece: Places, radius: float, area: Area) -> Codes:
    """Pixels of `area` within `radius` of the line [2, 2]: of each row, what lies between two x."""
    y = np.arange(area.top, area.bottom, dtype=np.float64) + 0.5
    ends = [_disc(piece[0], radius, y)]
    if not np.array_equal(piece[0], piece[1]):
        ends += [_disc(piece[1], radius, y), _bar(piece, radius, y)]
    # The shape is convex: a row of it is one piece, whichever parts it has there.
    first = np.min([low for low, _ in ends], axis=0)
    last = np.max([high for _, high in ends], axis=0)
    x = np.arange(area.left, area.right) + 0.5
    inside: Codes = ((x >= first[:, None]) & (x <= last[:, None])).astype(np.uint16)
    return inside


def _disc(middle: Numbers, radius: float, y: Numbers) -> Ends:
    with np.errstate(invalid="ignore"):
        half = np.sqrt(radius**2 - (y - middle[1]) ** 2)
    return _known(middle[0] - half, middle[0] + half)


def _bar(piece: Places, radius: float, y: Numbers) -> Ends:
    """The rectangle along `piece`: between its ends, and at most `radius` aside."""
    way = piece[1] - piece[0]
    length = float(np.hypot(*way))
    (along_x, along_y), below = way / length, y - piece[0, 1]
    low, high = np.full(len(y), -np.inf), np.full(len(y), np.inf)
    # Each is  least <= x * slope + offset <= most,  x counted from the first end.
    bounds: Sequence[tuple[float, Numbers, float, float]] = (
        (along_x, below * along_y, 0.0, length),
        (-along_y, below * along_x, -radius, radius),
    )
    for slope, offset, least, most in bounds:
        if slope == 0.0:
            low[(offset < least) | (offset > most)] = np.inf
            continue
        one, two = (least - offset) / slope, (most - offset) / slope
        low, high = np.maximum(low, np.minimum(one, two)), np.minimum(high, np.maximum(one, two))
    return _known(np.where(low <= high, low, np.nan) + piece[0, 0], high + piece[0, 0])


def _known(first: Numbers, last: Numbers) -> Ends:
    """Rows without pixels begin after they end."""
    missing = np.isnan(first)
    return np.where(missing, np.inf, first), np.where(missing, -np.inf, last)


def _wound(corners: Places, area: Area) -> Codes:
    """Pixels of `area` that the line through `corners` [N, 2] goes round, by counting crossings."""
    starts, ends = corners, np.roll(corners, -1, axis=0)
    low, high = np.minimum(starts[:, 1], ends[:, 1]), np.maximum(starts[:, 1], ends[:, 1])
    # The rows whose middle each edge crosses.
    first = np.maximum(np.ceil(low - 0.5), area.top).astype(int)
    after = np.minimum(np.ceil(high - 0.5), area.bottom).astype(int)
    counts = np.maximum(after - first, 0)
    edge = np.repeat(np.arange(len(corners)), counts)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts) + first[edge]
    way = ends[edge] - starts[edge]
    x = starts[edge, 0] + way[:, 0] * ((row + 0.5 - starts[edge, 1]) / way[:, 1])
    height, width = area.shape
    column = np.clip(np.ceil(x - 0.5).astype(int) - area.left, 0, width)
    turns = np.zeros((height, width + 1), np.int32)
    np.add.at(turns, (row - area.top, column), np.sign(way[:, 1]).astype(np.int32))
    inside: Codes = (np.cumsum(turns, axis=1)[:, :width] != 0).astype(np.uint16)
    return inside
