"""Kernels that merge regions two by two, those first that are most alike.

How unlike two regions are is a weighted sum of what tells them apart (`cues`), a logarithm of
odds: above 0 they are rather two objects than one.
"""

# mypy: ignore-errors
# Numba compiles these: it checks their types itself, against what they are called with.

import heapq

import numpy as np
from numba import njit

JIT = {"cache": True, "nogil": True, "error_model": "numpy"}
WORDS = 8  # levels a colour channel that colours are counted in

# Columns of what is known of a region: sums over its pixels, and the box around it at the end.
AREA, LAB, SQUARES = 0, 1, 4
COUNTS = 7
POINT = COUNTS + 3 * WORDS
NORMAL = POINT + 3
ROUGH = NORMAL + 3
BOX = ROUGH + 1
COLUMNS = BOX + 4
# Columns of what is known of a border: sums over its length.
LENGTH, STEEP, CONCAVE, CONVEX, GAP, SIDES = 0, 1, 2, 3, 4, 5
CUES = 20
LEAST = 1e-9


@njit(**JIT)
def cues(a, b, border, pixels, deep, out):
    """Write to `out` [CUES] what tells region `a` [COLUMNS] from `b` across their `border`.

    `pixels`: how many the picture has. `deep`: whether points and normals are known.
    """
    many, few = max(a[AREA], b[AREA]), min(a[AREA], b[AREA])
    length = border[LENGTH]
    apart, spread = 0.0, 0.0
    for k in range(3):
        one, two = a[LAB + k] / a[AREA], b[LAB + k] / b[AREA]
        apart += (one - two) ** 2
        spread += max(0.0, a[SQUARES + k] / a[AREA] - one * one)
        spread += max(0.0, b[SQUARES + k] / b[AREA] - two * two)
    common = 0.0
    for k in range(COUNTS, COUNTS + 3 * WORDS):
        common += min(a[k] / a[AREA], b[k] / b[AREA])
    wide = max(a[BOX + 2], b[BOX + 2]) - min(a[BOX], b[BOX])
    high = max(a[BOX + 3], b[BOX + 3]) - min(a[BOX + 1], b[BOX + 1])
    size = np.log(few / pixels * 1000 + 1)
    out[0] = 1.0
    out[1] = np.log1p(border[STEEP] / length)
    out[2] = np.log1p(np.sqrt(apart) / 4)
    out[3] = 1 - common / 3
    out[4] = np.log1p(np.sqrt(apart / (1 + 0.5 * spread)))
    out[5] = abs(np.log((a[ROUGH] / a[AREA] + 1) / (b[ROUGH] / b[AREA] + 1)))
    out[6] = size
    out[7] = np.log(many / pixels * 1000 + 1)
    out[8] = np.log(length / np.sqrt(few))
    out[9] = 1 - (a[AREA] + b[AREA]) / max(1.0, wide * high)
    out[10] = out[2] * size
    out[11] = out[1] * size
    out[12:] = 0.0
    if deep:
        _deep_cues(a, b, border, size, out)


@njit(**JIT)
def _deep_cues(a, b, border, size, out):
    long_a, long_b, way = 0.0, 0.0, 0.0
    for k in range(3):
        long_a += a[NORMAL + k] ** 2
        long_b += b[NORMAL + k] ** 2
        way += (b[POINT + k] / b[AREA] - a[POINT + k] / a[AREA]) ** 2
    long_a, long_b, way = np.sqrt(long_a) + LEAST, np.sqrt(long_b) + LEAST, np.sqrt(way) + LEAST
    along, above, below = 0.0, 0.0, 0.0
    for k in range(3):
        one, two = a[NORMAL + k] / long_a, b[NORMAL + k] / long_b
        step = b[POINT + k] / b[AREA] - a[POINT + k] / a[AREA]
        along += one * two
        above += one * step
        below += two * step
    length = border[LENGTH]
    out[12] = 1 - along
    out[13] = max(abs(above), abs(below)) / way
    out[14] = border[CONCAVE] / length
    out[15] = border[CONVEX] / length
    out[16] = border[GAP] / length
    flat = long_a / a[AREA] * long_b / b[AREA]
    out[17] = (1 - out[13]) * flat * max(0.0, along)
    out[18] = out[16] * size
    out[19] = out[14] * size


@njit(**JIT)
def all_cues(regions, pairs, borders, pixels, deep):
    """[E, CUES] of all `pairs` [E, 2] of `regions` [L, COLUMNS]."""
    out = np.zeros((len(pairs), CUES))
    for e in range(len(pairs)):
        cues(regions[pairs[e, 0]], regions[pairs[e, 1]], borders[e], pixels, deep, out[e])
    return out


@njit(**JIT)
def _join(table, a, b, new):
    for k in range(BOX):
        table[new, k] = table[a, k] + table[b, k]
    for k in range(BOX, BOX + 2):
        table[new, k] = min(table[a, k], table[b, k])
        table[new, k + 2] = max(table[a, k + 2], table[b, k + 2])


@njit(**JIT)
def _unlike(table, ends, border, weights, pixels, deep, room):
    cues(table[ends[0]], table[ends[1]], border, pixels, deep, room)
    total = 0.0
    for k in range(CUES):
        total += weights[k] * room[k]
    return total


@njit(**JIT)
def _relink(old, new, head, following, ends, alive, borders, slot, touched):
    """Give the living borders of `old` to `new`; where it has one already, add to that."""
    side = head[old]
    while side != -1:
        after, edge = following[side], side // 2
        if alive[edge]:
            other = ends[edge, 1 - side % 2]
            if slot[other] >= 0:
                borders[slot[other]] += borders[edge]
                alive[edge] = False
            else:
                slot[other] = edge
                ends[edge, side % 2] = new
                following[side] = head[new]
                head[new] = side
                touched.append(edge)
        side = after


@njit(**JIT)
def merged(regions, pairs, borders, weights, pixels, deep, lowest):
    """Parents and heights [<= 2L - 1] of the tree, and what is known of every region in it.

    A node's height is how unlike its halves are, never less than below; `lowest` of leaves.
    """
    count, most = len(regions), 2 * len(regions) - 1
    table = np.zeros((most, COLUMNS))
    table[:count] = regions
    ends, borders = pairs.copy(), borders.copy()
    alive, version = np.ones(len(pairs), np.bool_), np.zeros(len(pairs), np.int64)
    # The sides of borders, 2e and 2e + 1, as a list for each region.
    head, following = np.full(most, -1, np.int64), np.full(2 * len(pairs), -1, np.int64)
    parent, height = np.arange(most).astype(np.int32), np.full(most, lowest)
    slot, room = np.full(most, -1, np.int64), np.zeros(CUES)
    queue = [(0.0, 0, 0) for _ in range(0)]
    for e in range(len(pairs)):
        for side in range(2):
            following[2 * e + side] = head[ends[e, side]]
            head[ends[e, side]] = 2 * e + side
        queue.append((_unlike(table, ends[e], borders[e], weights, pixels, deep, room), e, 0))
    heapq.heapify(queue)
    new = count
    while len(queue) > 0 and new < most:
        unlike, e, when = heapq.heappop(queue)
        if not alive[e] or version[e] != when:
            continue
        a, b = ends[e, 0], ends[e, 1]
        alive[e] = False
        parent[a] = parent[b] = new
        height[new] = max(unlike, height[a], height[b])
        _join(table, a, b, new)
        touched = [0 for _ in range(0)]
        for old in (a, b):
            _relink(old, new, head, following, ends, alive, borders, slot, touched)
        for edge in touched:
            slot[ends[edge, 0]] = slot[ends[edge, 1]] = -1
            version[edge] += 1
            worth = _unlike(table, ends[edge], borders[edge], weights, pixels, deep, room)
            heapq.heappush(queue, (worth, edge, version[edge]))
        new += 1
    return parent[:new], height[:new], table[:new]
