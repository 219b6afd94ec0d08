"""The room itself: floor, walls, ceiling, the window with its curtains, and the garden behind."""

import numpy as np

from resources.room import paintings, textures
from resources.room.boxes import box
from resources.room.patches import Array, Material, Patch, moved, rectangle, sheet, tube

WEST, EAST = -2.4, 2.4
NORTH, SOUTH = -1.9, 2.7
HEIGHT = 2.5
"""Walls in metres: x = WEST holds the window, z = NORTH the wallpaper, z = SOUTH is behind us."""

WINDOW = (-1.0, 0.5, 0.8, 2.1)
"""The window's opening: z from, z to, y from, y to."""

DEEP = 0.14
"""Thickness of the window's wall."""

Rng = np.random.Generator


def floor(rng: Rng) -> list[Patch]:
    """Oak boards, varnished."""
    pixel = 0.003
    wide, long = EAST - WEST, SOUTH - NORTH
    oak = textures.planks(rng, round(wide / pixel), round(long / pixel), pixel)
    material = Material(oak.swapaxes(0, 1).copy(), gloss=0.035, roughness=0.07)
    return [rectangle((WEST, 0, NORTH), (wide, 0, 0), (0, 0, long), material, texel=0.018)]


def walls(rng: Rng) -> list[Patch]:
    """Four walls, the ceiling and the skirting boards."""
    wide, long = EAST - WEST, SOUTH - NORTH
    paper = Material(paintings.wallpaper(rng, round(HEIGHT / 0.003), round(wide / 0.003), 0.003))
    lime = Material(textures.plaster(rng, "e3d6c0", 720, 1024), tile=(3.1, 2.18))
    white = Material(textures.mottled(rng, "ece7dc"), tile=(0.6, 0.6))
    parts = [
        rectangle((WEST, HEIGHT, NORTH), (wide, 0, 0), (0, -HEIGHT, 0), paper, texel=0.025),
        rectangle((EAST, HEIGHT, NORTH), (0, 0, long), (0, -HEIGHT, 0), lime, texel=0.025),
        rectangle((EAST, HEIGHT, SOUTH), (-wide, 0, 0), (0, -HEIGHT, 0), lime, texel=0.06),
        rectangle((WEST, HEIGHT, SOUTH), (wide, 0, 0), (0, 0, -long), white, texel=0.06),
        *_window_wall(lime, white),
    ]
    board = Material(textures.mottled(rng, "e9e2d4", amount=0.03), tile=(0.5, 0.5), gloss=0.02)
    parts += moved(box((wide, 0.10, 0.018), board), to=(0, 0, NORTH + 0.009))
    parts += moved(box((0.018, 0.10, long), board), to=(EAST - 0.009, 0, (NORTH + SOUTH) / 2))
    parts += moved(box((0.018, 0.10, long), board), to=(WEST + 0.009, 0, (NORTH + SOUTH) / 2))
    return parts


def _window_wall(lime: Material, white: Material) -> list[Patch]:
    """The west wall round its opening, and the opening's four inner sides."""
    z0, z1, y0, y1 = WINDOW
    parts = []
    for a, b, low, high in (
        (z1, SOUTH, 0.0, HEIGHT),
        (NORTH, z0, 0.0, HEIGHT),
        (z0, z1, y1, HEIGHT),
        (z0, z1, 0.0, y0),
    ):
        corner, right, down = (WEST, high, b), (0, 0, a - b), (0, low - high, 0)
        parts.append(rectangle(corner, right, down, lime, texel=0.025))
    out = WEST - DEEP
    parts += [
        rectangle((out, y1, z0), (DEEP, 0, 0), (0, y0 - y1, 0), white),
        rectangle((WEST, y1, z1), (-DEEP, 0, 0), (0, y0 - y1, 0), white),
        rectangle((WEST, y1, z0), (0, 0, z1 - z0), (-DEEP, 0, 0), white),
    ]
    return parts


def window(rng: Rng) -> list[Patch]:
    """The wooden frame with its bars, and the sill."""
    z0, z1, y0, y1 = WINDOW
    middle, x = (z0 + z1) / 2, WEST - DEEP + 0.04
    paint = Material(textures.mottled(rng, "f0ebe0", amount=0.03), tile=(0.5, 0.5), gloss=0.03)
    parts: list[Patch] = []
    for z, thick in ((z0 + 0.03, 0.06), (middle, 0.07), (z1 - 0.03, 0.06)):
        parts += moved(box((0.05, y1 - y0, thick), paint), to=(x, y0, z))
    for y, thick in ((y0, 0.07), (y0 + 0.86, 0.035), (y1 - 0.06, 0.06)):
        parts += moved(box((0.045, thick, z1 - z0), paint), to=(x, y, middle))
    oak = Material(textures.wood(rng, "c79a66", "8f6238", 256, 1024), (1.2, 0.3), True, 0.04)
    parts += moved(
        box((DEEP + 0.02, 0.03, z1 - z0 + 0.06), oak),
        to=(WEST - DEEP / 2 + 0.01, y0 - 0.03, middle),
    )
    return parts


def curtains(rng: Rng) -> list[Patch]:
    """Two striped linen curtains on a brass rod."""
    z0, z1, _, y1 = WINDOW
    stripes = textures.striped(rng, ("d9c7a3", "c98d5b", "e7dcc3", "b86b45", "e7dcc3"), 256, 768)
    cloth = Material(stripes.swapaxes(0, 1).copy(), thin=True)
    parts = [
        sheet(_folds(z0 - 0.42, z0 + 0.05, y1 + 0.14, 0.3), cloth, texel=0.02),
        sheet(_folds(z1 - 0.05, z1 + 0.42, y1 + 0.14, 1.9), cloth, texel=0.02),
    ]
    brass = Material(textures.plain("a07c3e"), gloss=0.25, roughness=0.15)
    rod = np.array([[WEST + 0.09, y1 + 0.17, z] for z in np.linspace(z0 - 0.5, z1 + 0.5, 5)])
    return [*parts, tube(rod, 0.012, brass)]


def _folds(start: float, stop: float, top: float, phase: float) -> Array:
    """A hanging cloth [V, U, 3] between two z, its folds wider towards the floor."""
    s = np.linspace(0, 1, 90)[None, :]
    t = np.linspace(0, 1, 24)[:, None]
    deep = 0.028 + 0.030 * t
    wave = np.sin(2 * np.pi * 5.5 * s + phase + 0.5 * np.sin(3 * t + phase))
    x = WEST + 0.10 + deep * wave + 0.012 * np.sin(17 * s + 2 * t)
    z = stop + (start - stop) * (s + 0.012 * np.cos(2 * np.pi * 5.5 * s + phase) * t)
    y = np.broadcast_to(top + t * (0.04 - top), x.shape)
    return np.stack([x, y, np.broadcast_to(z, x.shape)], -1)


def outdoors(rng: Rng) -> list[Patch]:
    """The garden on a far screen: seen, but it casts no shadow."""
    green = Material(paintings.garden(rng, 320, 640), glow=1.9)
    return [rectangle((WEST - 4.0, 3.6, 5.0), (0, 0, -11.0), (0, -4.6, 0), green, texel=1.0)]
