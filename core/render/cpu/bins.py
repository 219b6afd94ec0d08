"""Records to tiles: sort by depth, then list for each tile the Gaussians that touch it."""

import math

import numpy as np
from numba import njit, prange

from core.render.cpu.layout import (
    CXX,
    CXY,
    CYY,
    FAINT_POWER,
    HALF,
    JIT,
    LOGA,
    ONE,
    QB,
    QC,
    RECORD,
    TILE_H,
    TILE_W,
    WRITTEN,
    WRITTEN_INLINE,
    ZERO,
    F,
    U,
    X,
    Y,
)
from core.render.cpu.rows import share
from core.render.cpu.vectors import (
    choose,
    greatest,
    lanes,
    least,
    prefetch,
    root,
    rounded_down,
    rounded_up,
    spread,
    store,
)

# An entry of a tile, uint32: row of the table << 10 | first pixel row << 5 | last pixel row.
ROW_SHIFT = 10
MOST_ROWS = 1 << (32 - ROW_SHIFT)
AHEAD = 16  # rows between asking for a record and using it
DIGIT = 2048  # radix of the sort: 11 bits


@njit(**JIT)
def sort_by_depth(visible, found, rows, keys, order, other, digits, more_digits):
    """Fill `order` with the visible rows, nearest first; how many there are.

    Radix sort, least significant digit first, of the depths' bits: positive floats
    order as unsigned integers do. Two passes of 11 bits over the range that occurs.
    """
    count = 0
    for w in range(len(found)):
        low = share(w, len(found), rows)
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


@njit(**WRITTEN_INLINE)
def first_pixel(low):
    """The first pixel, not before 0, whose centre lies at or beyond `low`; safe for any size.

    Rounded by hand: math.ceil is a call.
    """
    low = max(low - HALF, ZERO)
    whole = int(low)
    return whole + (low > F(whole))


@njit(**WRITTEN_INLINE)
def last_pixel(high, count):
    """The last of `count` pixels whose centre lies at or before `high`, -1 if there is none."""
    return int(min(high + HALF, F(count))) - 1


@njit(**WRITTEN_INLINE)
def edge(at, extreme, half_y, sign, b, inverse, c_reach, slope):
    """How far up (sign -1) or down (1) from its centre an ellipse goes at x = `at`."""
    found = (sign * root(greatest(c_reach - slope * at * at, spread(ZERO))) - b * at) * inverse
    # Where the tile holds the extreme itself, rounding shall not take anything off it.
    return choose((at >= extreme) & (extreme >= at), spread(sign * half_y), found)


@njit(**WRITTEN_INLINE)
def rows_in_columns(near, tx, half_x, half_y, reach, height, found):
    """First and last row of pixels of an ellipse in each of 8 columns of tiles from tx on.

    Written to `found` as [0:8] and [8:16]: eight columns cost little more than one.
    """
    b, c = near[QB] * F(-8), near[QC] * F(-16)
    xx, xy, yy = near[CXX], near[CXY], near[CYY]
    inverse, slope = ONE / c, ONE / (xx * yy - xy * xy)
    # The ellipse is lowest at top_x and highest at -top_x; elsewhere at the nearer edge.
    top_x = half_y * xy / yy
    x0 = lanes() * F(TILE_W) + (F(tx * TILE_W) + HALF - near[X])
    left = greatest(x0, spread(-half_x))
    right = least(x0 + F(TILE_W - 1), spread(half_x))
    low = least(greatest(spread(top_x), left), right)
    high = least(greatest(spread(-top_x), left), right)
    last = edge(low, top_x, half_y, ONE, b, inverse, c * reach, slope) + (near[Y] - HALF)
    first = edge(high, -top_x, half_y, -ONE, b, inverse, c * reach, slope) + (near[Y] - HALF)
    # Held within the picture before they become whole numbers, whatever their size.
    first = least(greatest(first, spread(ZERO)), spread(F(height)))
    last = least(greatest(last, spread(-ONE)), spread(F(height - 1)))
    store(found, U(0), rounded_up(first))
    store(found, U(8), rounded_down(last))


@njit(**WRITTEN_INLINE)
def entries_of(near, row, width, height, across, found, tiles, entries, at, counts):
    """Append the tiles that the ellipse of record `near` touches; where the next entry goes."""
    reach = F(16) * (near[LOGA] - FAINT_POWER) + F(1e-4)
    half_x, half_y = math.sqrt(reach * near[CXX]), math.sqrt(reach * near[CYY])
    left, right = first_pixel(near[X] - half_x), last_pixel(near[X] + half_x, width)
    for tx in range(left // TILE_W, right // TILE_W + 1):
        lane = (tx - left // TILE_W) % 8
        if lane == 0:
            rows_in_columns(near, tx, half_x, half_y, reach, height, found)
        top, bottom = int(found[lane]), int(found[8 + lane])
        for ty in range(top // TILE_H, bottom // TILE_H + 1):
            high = max(top - ty * TILE_H, 0)
            low = min(bottom - ty * TILE_H, TILE_H - 1)
            if low < high:
                continue
            tiles[at] = ty * across + tx
            entries[at] = np.uint32((row << ROW_SHIFT) | (high << 5) | low)
            counts[ty * across + tx] += 1
            at += 1
    return at


@njit(parallel=True, **WRITTEN)
def list_entries(order, count, records, offsets, size, counts, tiles, entries, written):
    """Each worker lists, in depth order, the (tile, entry) pairs of its share of the rows."""
    workers = len(offsets) - 1
    width, height, across = size
    flat = records.reshape(-1)
    for w in prange(workers):
        first, last = w * count // workers, (w + 1) * count // workers
        at = offsets[w]
        found, mine = np.empty(16, np.float32), counts[w]
        for k in range(first, last):
            # Records lie anywhere in memory: ask for one some time before it is needed.
            prefetch(flat, U(order[min(k + AHEAD, last - 1)]) * U(RECORD))
            at = entries_of(
                records[order[k]], order[k], width, height, across, found, tiles, entries, at, mine
            )
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
