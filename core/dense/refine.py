"""Slanted refinement: each pixel's plane is tried against its neighbours' and small changes of it.

After Bleyer et al., "PatchMatch Stereo" (2011), and Galliani et al., "Massively Parallel Multiview
Stereopsis by Surface Normal Diffusion" (2015): red and black pixels in turns, ZNCC over a
slanted window weighted by distance and likeness. A plane is three numbers: the inverse depth w
at the pixel, and its change from pixel to pixel along x and y; such planes are flat in space.
"""

# mypy: ignore-errors
# Numba compiles these: it checks their types itself, against what they are called with.

import math

import numpy as np
from numba import njit, prange

from core.dense.sampling import INLINE, WORD, between, fetch, locate
from core.render.cpu.layout import JIT, ONE, ZERO, F, U

ROWS = 8  # a worker does at once
# Taps of a window: every other pixel of nine by nine, but for the one in the middle, which
# leaves as many as fill three vectors.
_taps = [(x, y) for y in range(-4, 5, 2) for x in range(-4, 5, 2) if x or y]
DX, DY = (np.array(one, np.float32) for one in zip(*_taps, strict=True))
TAPS = len(DX)
LIKE = F(0.05 * 255)  # difference in grey at which a tap's weight has fallen to 1/e
FADE = np.exp(-np.hypot(DX, DY) / 4.5).astype(np.float32)  # weights by distance
FLOOR = F(1e-5 * 255**2)  # variance of noise
FAR = F(3.0)  # pixels from the middle where planes are compared
STEEP = F(0.12)  # cosine below which a surface is seen too much from the side
WORST = F(2.0)
# Where to look for better planes: an odd number of steps away, so always at the other colour.
AROUND = np.array([[1, 0], [-1, 0], [0, 1], [0, -1], [5, 0], [-5, 0], [0, 5], [0, -5]])


@njit(**JIT)
def random(x, y, turn):
    """A number in [-1, 1) that follows from the pixel and the turn alone."""
    h = np.uint32(x) * np.uint32(0x9E3779B1) ^ np.uint32(y) * np.uint32(0x85EBCA77)
    h = np.uint32(h ^ np.uint32(turn) * np.uint32(0xC2B2AE3D))
    h = np.uint32((h ^ (h >> np.uint32(15))) * np.uint32(0x2C1B3C6D))
    h = np.uint32((h ^ (h >> np.uint32(12))) * np.uint32(0x297A2D39))
    h = np.uint32(h ^ (h >> np.uint32(15)))
    return F(h) * F(2.0 / 4294967296.0) - ONE


@njit(**JIT)
def read_window(grey, x, y, window):
    """Fill a pixel's window with weights, and weights times values less their mean: [0], [1].

    Returns the variance.
    """
    height, width = grey.shape
    centre = grey[y, x]
    total = mean = square = ZERO
    for k in range(TAPS):
        i, j = x + WORD(DX[k]), y + WORD(DY[k])
        inside = 0 <= i < width and 0 <= j < height
        value = grey[min(max(j, 0), height - 1), min(max(i, 0), width - 1)]
        weight = FADE[k] * math.exp(-abs(value - centre) / LIKE) if inside else ZERO
        window[0, k], window[1, k] = weight, value
        total += weight
        mean += weight * value
        square += weight * value * value
    mean /= total
    for k in range(TAPS):
        window[0, k] /= total
        window[1, k] = window[0, k] * (window[1, k] - mean)
    return max(square / total - mean * mean, ZERO)


@njit(**INLINE)
def score(words, base, stride, size, m, x, y, w, gx, gy, room, variance):
    """Weighted ZNCC of the window on a plane with one source; -1 where that shows it not."""
    window, spots, parts, taken, _ = room
    s = m[2, 0] * x + m[2, 1] * y + m[2, 2] + m[2, 3] * w
    if s < F(1e-4):
        return -ONE
    share = ONE / s
    u = (m[0, 0] * x + m[0, 1] * y + m[0, 2] + m[0, 3] * w) * share
    v = (m[1, 0] * x + m[1, 1] * y + m[1, 2] + m[1, 3] * w) * share
    right, low = F(size[0] - 1), F(size[1] - 1)
    if u < ZERO or v < ZERO or u > right or v > low:
        return -ONE
    sx, sy = m[2, 0] + m[2, 3] * gx, m[2, 1] + m[2, 3] * gy
    ux, uy = (m[0, 0] + m[0, 3] * gx - u * sx) * share, (m[0, 1] + m[0, 3] * gy - u * sy) * share
    vx, vy = (m[1, 0] + m[1, 3] * gx - v * sx) * share, (m[1, 1] + m[1, 3] * gy - v * sy) * share
    for k in range(U(0), U(TAPS)):
        a, b = u + ux * DX[k] + uy * DY[k], v + vx * DX[k] + vy * DY[k]
        locate(a, b, right, low, base, stride, k, spots, parts)
    fetch(words, spots, taken)
    mean = square = both = ZERO
    for k in range(U(0), U(TAPS)):
        value = between(taken[k], parts[0, k], parts[1, k])
        mean += window[0, k] * value
        square += window[0, k] * value * value
        both += window[1, k] * value
    spread = max(square - mean * mean, ZERO)
    return both / math.sqrt((spread + FLOOR) * (variance + FLOOR))


@njit(**JIT)
def make_room(keep):
    """What a worker needs for one pixel's window, and the scores of its best sources."""
    return (
        np.empty((2, TAPS), np.float32),
        np.empty(TAPS, np.int32),
        np.empty((2, TAPS), np.float32),
        np.empty(TAPS, np.uint32),
        np.empty(keep, np.float32),
    )


@njit(**JIT)
def cost_of(views, x, y, w, gx, gy, room, variance):
    """1 - the mean ZNCC of the best half of the sources; WORST for a plane that cannot be."""
    words, shape, sizes, maps, camera, low, high = views
    if w < low or w > high:
        return WORST
    fx, fy = camera[0], camera[1]
    ax, ay = (F(x) - camera[2]), (F(y) - camera[3])
    nx, ny = gx * fx, gy * fy
    nz = w - gx * ax - gy * ay
    ray = ONE + (ax / fx) * (ax / fx) + (ay / fy) * (ay / fy)
    if w * w < STEEP * STEEP * (nx * nx + ny * ny + nz * nz) * ray:
        return WORST
    best = room[4]
    best[:] = ZERO
    for s in range(len(maps)):
        base = WORD(s * shape[0] * shape[1])
        value = score(
            words, base, F(shape[1]), sizes[s], maps[s], F(x), F(y), w, gx, gy, room, variance
        )
        for k in range(len(best)):
            if value > best[k]:
                value, best[k] = best[k], value
    return ONE - best.sum() / F(len(best))


@njit(parallel=True, **JIT)
def costs_of(grey, views, keep, planes, costs):
    """Fill `costs` [H, W] for the `planes` [H, W, 3] as they are."""
    height, width = grey.shape
    for block in prange((height + ROWS - 1) // ROWS):
        room = make_room(keep)
        for y in range(block * ROWS, min((block + 1) * ROWS, height)):
            for x in range(width):
                variance = read_window(grey, x, y, room[0])
                w, gx, gy = planes[y, x, 0], planes[y, x, 1], planes[y, x, 2]
                costs[y, x] = cost_of(views, x, y, w, gx, gy, room, variance)


@njit(parallel=True, **JIT)
def improve(grey, views, keep, planes, costs, color, around, tries, reach, same, turn):
    """Replace the planes of one colour in place where a neighbour's or a changed one fits better.

    `reach`: how far w may be changed at first, halved at each of the `tries`. `same`: how far
    planes may differ over the window not to be told apart.
    """
    height, width = grey.shape
    for block in prange((height + ROWS - 1) // ROWS):
        room = make_room(keep)
        for y in range(block * ROWS, min((block + 1) * ROWS, height)):
            for x in range((y + color) % 2, width, 2):
                variance = read_window(grey, x, y, room[0])
                w, gx, gy = planes[y, x, 0], planes[y, x, 1], planes[y, x, 2]
                least = costs[y, x]
                for k in range(around):
                    dx, dy = AROUND[k, 0], AROUND[k, 1]
                    if not (0 <= x + dx < width and 0 <= y + dy < height):
                        continue
                    a, b = planes[y + dy, x + dx, 1], planes[y + dy, x + dx, 2]
                    at = planes[y + dy, x + dx, 0] - a * F(dx) - b * F(dy)
                    if abs(at - w) + FAR * (abs(a - gx) + abs(b - gy)) < same:
                        continue
                    cost = cost_of(views, x, y, at, a, b, room, variance)
                    if cost < least:
                        least, w, gx, gy = cost, at, a, b
                scale = reach
                for k in range(tries):
                    at = w + scale * random(x, y, 8 * turn + k)
                    slant = scale * F(0.15)
                    a = gx + slant * random(x, y, 8 * turn + k + 1000)
                    b = gy + slant * random(x, y, 8 * turn + k + 2000)
                    cost = cost_of(views, x, y, at, a, b, room, variance)
                    if cost < least:
                        least, w, gx, gy = cost, at, a, b
                    scale *= F(0.5)
                planes[y, x, 0], planes[y, x, 1], planes[y, x, 2] = w, gx, gy
                costs[y, x] = least
