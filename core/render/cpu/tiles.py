"""Tiles to pixels: compositing front to back, and its backward pass, which walks forward again."""

import numpy as np
from numba import njit, prange

from core.render.cpu.bins import ROW_SHIFT
from core.render.cpu.blend import (
    any_alive,
    begin_tile,
    blend,
    blend_gradient,
)
from core.render.cpu.layout import (
    BATCH,
    C0,
    C1,
    C2,
    C3,
    GRADIENT,
    LIGHT,
    ONE,
    RECORD,
    REMAIN,
    ROW,
    TILE,
    TILE_H,
    TILE_W,
    WRITTEN,
    WRITTEN_INLINE,
    ZERO,
    U,
)
from core.render.cpu.vectors import load, negative, prefetch, store
from core.render.cpu.weave import unwoven, woven

AHEAD = 16  # entries between asking for a record and using it


@njit(**WRITTEN_INLINE)
def write_row(tile, at, background, line, picture, place, inside):
    """A row of pixels to its `place` in the picture's flat planes, as many as lie inside."""
    color, fourth, alpha = picture
    light = ZERO - negative(load(tile, at + U(LIGHT)))
    r, g, b = woven(
        load(tile, at + U(C0)) + light * background[0],
        load(tile, at + U(C1)) + light * background[1],
        load(tile, at + U(C2)) + light * background[2],
    )
    if inside == TILE_W:
        store_three(color, U(3) * place, r, g, b)
        store(fourth, place, load(tile, at + U(C3)))
        store(alpha, place, ONE - light)
        return
    store_three(line, U(0), r, g, b)
    store(line, U(24), light)
    for x in range(inside):
        fourth[place + x] = tile[at + U(C3) + x]
        alpha[place + x] = ONE - line[24 + x]
        for c in range(3):
            color[3 * (place + x) + c] = line[3 * x + c]


@njit(**WRITTEN_INLINE)
def read_row(picture, place, line, inside):
    """What `write_row` wrote: three channels, the fourth, alpha; 0 beyond the picture."""
    color, fourth, alpha = picture
    if inside < TILE_W:
        line[:] = ZERO
        for x in range(inside):
            line[24 + x], line[32 + x] = fourth[place + x], alpha[place + x]
            for c in range(3):
                line[3 * x + c] = color[3 * (place + x) + c]
        r, g, b = unwoven(load(line, U(0)), load(line, U(8)), load(line, U(16)))
        return r, g, b, load(line, U(24)), load(line, U(32))
    at = U(3) * place
    r, g, b = unwoven(load(color, at), load(color, at + U(8)), load(color, at + U(16)))
    return r, g, b, load(fourth, place), load(alpha, place)


@njit(**WRITTEN_INLINE)
def store_three(array, at, a, b, c):
    store(array, at, a)
    store(array, at + U(8), b)
    store(array, at + U(16), c)


@njit(parallel=True, **WRITTEN)
def render_tiles(records, entries, starts, shares, size, background, color, fourth, alpha, walked):
    """Composite all tiles: channels 0-2 over the background [H, W, 3], channel 3 and alpha [H, W].

    Worker w draws the tiles from shares[w] to shares[w + 1]; `walked` counts, per tile,
    the entries looked at before no pixel was left.
    """
    width, height, across = size
    flat_records = records.reshape(-1)
    flat = (color.reshape(-1), fourth.reshape(-1), alpha.reshape(-1))
    for w in prange(len(shares) - 1):
        plane, line = np.empty(TILE, np.float32), np.empty(5 * TILE_W, np.float32)
        for tile in range(shares[w], shares[w + 1]):
            ty = tile // across
            tx = tile - ty * across
            begin_tile(plane, tx, ty, width, height)
            walked[tile] = starts[tile + 1] - starts[tile]
            for e in range(starts[tile], starts[tile + 1]):
                # Records lie anywhere in memory: ask for one some time before it is needed.
                ahead = entries[min(e + AHEAD, len(entries) - 1)] >> ROW_SHIFT
                prefetch(flat_records, U(ahead) * U(RECORD))
                blend(plane, entries[e], records[entries[e] >> ROW_SHIFT], tx, ty)
                if (e - starts[tile]) % BATCH == BATCH - 1 and not any_alive(plane):
                    walked[tile] = e + 1 - starts[tile]
                    break
            inside = min(TILE_W, width - tx * TILE_W)
            for y in range(min(TILE_H, height - ty * TILE_H)):
                place = (ty * TILE_H + y) * width + tx * TILE_W
                write_row(plane, U(y * ROW), background, line, flat, U(place), inside)


@njit(**WRITTEN_INLINE)
def load_gradient(plane, tx, ty, size, line, picture, gradient):
    """Set the channel planes to the picture's gradient, and REMAIN to its product with the picture.

    The light left over adds to the loss through the background, which `color` holds
    already, and takes from it through alpha.
    """
    inside = min(TILE_W, size[0] - tx * TILE_W)
    for y in range(min(TILE_H, size[1] - ty * TILE_H)):
        place, at = U((ty * TILE_H + y) * size[0] + tx * TILE_W), U(y * ROW)
        r, g, b, fourth, alpha = read_row(picture, place, line, inside)
        by_r, by_g, by_b, by_fourth, by_alpha = read_row(gradient, place, line, inside)
        store(plane, at + U(C0), by_r)
        store(plane, at + U(C1), by_g)
        store(plane, at + U(C2), by_b)
        store(plane, at + U(C3), by_fourth)
        remain = by_r * r + by_g * g + by_b * b + by_fourth * fourth - by_alpha * (ONE - alpha)
        store(plane, at + U(REMAIN), remain)


@njit(parallel=True, **WRITTEN)
def render_tiles_gradient(
    records, entries, starts, shares, walked, size, picture, gradient, gradients, with_fourth
):
    """Each worker sums the gradients of its tiles in `gradients[w]` [N, GRADIENT]: no atomics."""
    width, height, across = size
    flat_records = records.reshape(-1)
    flat = (picture[0].reshape(-1), picture[1].reshape(-1), picture[2].reshape(-1))
    slopes = (gradient[0].reshape(-1), gradient[1].reshape(-1), gradient[2].reshape(-1))
    for w in prange(len(shares) - 1):
        sums = gradients[w].reshape(-1)
        sums[:] = ZERO
        plane, line = np.empty(TILE, np.float32), np.empty(5 * TILE_W, np.float32)
        for tile in range(shares[w], shares[w + 1]):
            if walked[tile] == 0:
                continue
            ty = tile // across
            tx = tile - ty * across
            begin_tile(plane, tx, ty, width, height)
            load_gradient(plane, tx, ty, size, line, flat, slopes)
            for e in range(starts[tile], starts[tile] + walked[tile]):
                ahead = entries[min(e + AHEAD, len(entries) - 1)] >> ROW_SHIFT
                prefetch(flat_records, U(ahead) * U(RECORD))
                prefetch(sums, U(ahead) * U(GRADIENT))
                row = entries[e] >> ROW_SHIFT
                blend_gradient(
                    plane, entries[e], records[row], tx, ty, sums, U(row) * U(GRADIENT), with_fourth
                )
