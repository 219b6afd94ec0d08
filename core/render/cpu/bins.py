"""Records to tiles: sort by depth, then list for each tile the Gaussians that touch it."""

import math

import numpy as np
from numba import njit, prange

from core.render.cpu.layout import (
    BATCH,
    CXX,
    CXY,
    CYY,
    FAINT_POWER,
    HALF,
    INLINE,
    JIT,
    LOGA,
    ONE,
    QB,
    QC,
    RECORD,
    TILE_H,
    TILE_W,
    ZERO,
    F,
    X,
    Y,
)
from core.render.cpu.project import first_pixel, last_pixel

# An entry of a tile, uint32: row of the table << 10 | first pixel row << 5 | last pixel row.
ROW_SHIFT = 10
MOST_ROWS = 1 << (32 - ROW_SHIFT)
DIGIT = 2048  # radix of the sort: 11 bits


@njit(**JIT)
def sort_by_depth(visible, found, rows, keys, order, other, digits, more_digits):
    """Fill `order` with the visible rows, nearest first; how many there are.

    Radix sort, least significant digit first, of the depths' bits: positive floats
    order as unsigned integers do. Two passes of 11 bits over the range that occurs.
    """
    count = 0
    for w in range(len(found)):
        low = w * rows // len(found)
        for k in range(found[w]):
            order[count] = visible[low + k]
            count += 1
    least, most = np.uint32(0xFFFFFFFF), np.uint32(0)
    for k in range(count):
        key = keys[order[k]]
        digits[k] = key
        least, most = min(least, key), max(most, key)
    shift = np.uint32(0)
    while count and ((most - least) >> shift) >= np.uint32(DIGIT * DIGIT):
        shift += np.uint32(1)
    starts = np.zeros((2, DIGIT), np.int64)
    for k in range(count):
        key = (digits[k] - least) >> shift
        digits[k] = key
        starts[0, key & np.uint32(DIGIT - 1)] += 1
        starts[1, key >> np.uint32(11)] += 1
    for digit in range(2):
        total = 0
        for j in range(DIGIT):
            starts[digit, j], total = total, total + starts[digit, j]
    for k in range(count):
        j = digits[k] & np.uint32(DIGIT - 1)
        place = starts[0, j]
        starts[0, j] = place + 1
        other[place] = order[k]
        more_digits[place] = digits[k] >> np.uint32(11)
    for k in range(count):
        j = more_digits[k]
        place = starts[1, j]
        starts[1, j] = place + 1
        order[place] = other[k]
    return count


@njit(parallel=True, **JIT)
def entry_room(order, count, boxes, offsets):
    """Where each worker's entries may begin, by the boxes' sizes; the room needed in all."""
    workers = len(offsets) - 1
    for w in prange(workers):
        room = 0
        for k in range(w * count // workers, (w + 1) * count // workers):
            room += boxes[order[k]]
        offsets[w + 1] = room
    offsets[0] = 0
    for w in range(workers):
        offsets[w + 1] += offsets[w]
    return offsets[workers]


@njit(**INLINE)
def rows_in_column(near, j, x0, half_x, half_y, reach, top_x, slope):
    """First and last y, from the centre, of the ellipse within the tile that begins at x0."""
    b, c = near[j, QB] * F(-8), near[j, QC] * F(-16)
    inverse = ONE / c
    left = max(x0 + HALF - near[j, X], -half_x)
    right = min(x0 + F(TILE_W) - HALF - near[j, X], half_x)
    # The ellipse is highest at top_x and lowest at -top_x; elsewhere at the nearer edge.
    at = min(max(top_x, left), right)
    last = half_y
    if at != top_x:
        last = (-b * at + math.sqrt(max(c * reach - slope * at * at, ZERO))) * inverse
    at = min(max(-top_x, left), right)
    first = -half_y
    if at != -top_x:
        first = (-b * at - math.sqrt(max(c * reach - slope * at * at, ZERO))) * inverse
    return first, last


@njit(**INLINE)
def entries_of(near, j, row, width, height, across, tiles, entries, at, counts, w):
    """Append the tiles that the ellipse of record `near[j]` touches; where the next entry goes."""
    reach = F(16) * (near[j, LOGA] - FAINT_POWER) + F(1e-4)
    xx, xy, yy = near[j, CXX], near[j, CXY], near[j, CYY]
    half_x, half_y = math.sqrt(reach * xx), math.sqrt(reach * yy)
    gx, gy = near[j, X], near[j, Y]
    left, right = first_pixel(gx - half_x), last_pixel(gx + half_x, width)
    top_x = half_y * xy / yy
    slope = ONE / (xx * yy - xy * xy)
    if right < left:
        return at
    for tx in range(left // TILE_W, right // TILE_W + 1):
        first, last = rows_in_column(near, j, F(tx * TILE_W), half_x, half_y, reach, top_x, slope)
        top, bottom = first_pixel(gy + first), last_pixel(gy + last, height)
        if bottom < top:
            continue
        for ty in range(top // TILE_H, bottom // TILE_H + 1):
            high = max(top - ty * TILE_H, 0)
            low = min(bottom - ty * TILE_H, TILE_H - 1)
            tiles[at] = ty * across + tx
            entries[at] = np.uint32((row << ROW_SHIFT) | (high << 5) | low)
            counts[w, ty * across + tx] += 1
            at += 1
    return at


@njit(parallel=True, **JIT)
def list_entries(order, count, records, offsets, size, counts, tiles, entries, written):
    """Each worker lists, in depth order, the (tile, entry) pairs of its share of the rows."""
    workers = len(offsets) - 1
    width, height, across = size
    for w in prange(workers):
        first, last = w * count // workers, (w + 1) * count // workers
        at = offsets[w]
        near = np.empty((BATCH, RECORD), np.float32)
        for k in range(first, last):
            j = (k - first) % BATCH
            if j == 0:
                for jj in range(min(BATCH, last - k)):
                    for c in range(RECORD):
                        near[jj, c] = records[order[k + jj], c]
            at = entries_of(near, j, order[k], width, height, across, tiles, entries, at, counts, w)
        written[w] = at - offsets[w]


@njit(parallel=True, **JIT)
def sort_entries(offsets, counts, tiles, entries, written, starts, sorted_entries):
    """Stable counting sort of the entries by tile; `starts[t]` is where tile t begins."""
    workers, total = counts.shape[0], 0
    for t in range(counts.shape[1]):
        starts[t] = total
        for w in range(workers):
            counts[w, t], total = total, total + counts[w, t]
    starts[counts.shape[1]] = total
    for w in prange(workers):
        for e in range(offsets[w], offsets[w] + written[w]):
            t = tiles[e]
            sorted_entries[counts[w, t]] = entries[e]
            counts[w, t] += 1
