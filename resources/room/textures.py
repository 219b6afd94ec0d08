"""Pictures of materials: wood, plaster, cloth, clay, leaves. All sRGB, 8 bit, from a seed."""

import cv2
import numpy as np

from resources.room.noise import Floats, Picture, colour, mixed, picture, shaded, spectral

Rng = np.random.Generator


def plain(code: str) -> Picture:
    """One colour."""
    return picture(np.tile(colour(code), (2, 2, 1)))


def mottled(rng: Rng, code: str, *, amount: float = 0.05, size: int = 128) -> Picture:
    """A colour with fine, soft variation, for paint, clay, fruit and paper; seamless."""
    factor = 1 + amount * spectral(rng, size, size, slope=0.9)
    return picture(shaded(np.tile(colour(code), (size, size, 1)), factor))


def plaster(rng: Rng, code: str, height: int, width: int) -> Picture:
    """Hand-trowelled plaster: clouds, broad strokes, grains and a few pits."""
    clouds = spectral(rng, height, width, slope=1.6)
    strokes = spectral(rng, height, width, slope=1.1, coarsest=0.06, stretch=2.5)
    grain = spectral(rng, height, width, slope=0.35, coarsest=0.01)
    pits = np.clip(spectral(rng, height, width, slope=0.8, coarsest=0.02) - 2.2, 0, 1)
    factor = 1 + 0.012 * clouds + 0.028 * strokes + 0.020 * grain - 0.16 * pits
    warm = np.array([1.0, 0.0, -1.2], np.float32) * 2.0
    tint = spectral(rng, height, width, slope=1.5)[..., None] * warm
    return picture(shaded(np.tile(colour(code), (height, width, 1)) + tint, factor))


def wood(rng: Rng, light: str, dark: str, height: int, width: int) -> Picture:
    """Wood with its grain along x; seamless."""
    warp = spectral(rng, height, width, slope=2.0, stretch=5.0)
    fibres = spectral(rng, height, width, slope=0.5, coarsest=0.06, stretch=22.0)
    broad = spectral(rng, height, width, slope=1.3, stretch=9.0)
    rows = np.linspace(0, 1, height, endpoint=False, dtype=np.float32)[:, None]
    rings = np.sin(2 * np.pi * (5 * rows + 0.9 * warp))
    amount = 0.42 + 0.17 * fibres + 0.15 * rings + 0.14 * broad
    pores = np.clip(spectral(rng, height, width, slope=0.2, coarsest=0.03, stretch=9.0) - 1.7, 0, 1)
    return picture(shaded(mixed(amount, light, dark), 1 - 0.30 * pores))


def planks(rng: Rng, height: int, width: int, metres_per_pixel: float) -> Picture:
    """A floor of oak boards that run along x, each with its own tone and stretch of grain."""
    boards = [wood(rng, "cb9c68", "8d5f38", 256, 1024) for _ in range(3)]
    canvas = np.zeros((height, width, 3), np.float32)
    tall = round(0.135 / metres_per_pixel)
    for top in range(0, height, tall):
        left = -int(rng.uniform(0, 1.4) / metres_per_pixel)
        while left < width:
            long = int(rng.uniform(0.8, 1.9) / metres_per_pixel)
            _lay_board(canvas, boards[rng.integers(3)], (top, left, tall, long), rng)
            left += long
    return picture(canvas)


def _lay_board(canvas: Floats, grain: Picture, place: tuple[int, int, int, int], rng: Rng) -> None:
    top, left, tall, long = place
    rows = (np.arange(tall) + rng.integers(256)) % 256
    columns = (np.arange(long) + rng.integers(1024)) % 1024
    board = grain[np.ix_(rows, columns)].astype(np.float32)
    board *= rng.uniform(0.80, 1.12) * (1 + rng.uniform(-0.03, 0.03, 3).astype(np.float32))
    board[:1] *= 0.42
    board[-1:] *= 0.72
    board[:, :1] *= 0.42
    begin = max(left, 0)
    end = max(begin, min(left + long, canvas.shape[1]))
    bottom = min(top + tall, canvas.shape[0])
    canvas[top:bottom, begin:end] = board[: bottom - top, begin - left : begin - left + end - begin]


def tweed(rng: Rng, codes: tuple[str, str, str], size: int = 512) -> Picture:
    """Woven wool: two heathered yarns crossing, with flecks of a third; seamless."""
    heather = 0.5 + 0.30 * spectral(rng, size, size, slope=0.75, coarsest=0.12)
    body = mixed(heather, codes[0], codes[1])
    flecks = np.clip(spectral(rng, size, size, slope=0.3, coarsest=0.02) - 1.45, 0, 1)[..., None]
    body = body * (1 - flecks) + colour(codes[2]) * flecks
    y, x = np.mgrid[:size, :size]
    weave = 1 + 0.07 * np.where(((x // 2) + (y // 2)) % 2 == 0, 1.0, -1.0).astype(np.float32)
    slubs = spectral(rng, size, size, slope=0.6, coarsest=0.03, stretch=8.0)
    return picture(shaded(body, weave * (1 + 0.05 * slubs + 0.05 * slubs.T)))


def striped(rng: Rng, codes: tuple[str, ...], height: int, width: int) -> Picture:
    """Cloth with uneven stripes across x, woven."""
    canvas = np.zeros((height, width, 3), np.float32)
    top = 0
    while top < height:
        tall = int(rng.integers(height // 40 + 2, height // 9 + 4))
        canvas[top : top + tall] = colour(codes[rng.integers(len(codes))])
        top += tall
    slubs = spectral(rng, height, width, slope=0.5, coarsest=0.05)
    threads = spectral(rng, height, width, slope=0.4, coarsest=0.05, stretch=12.0)
    return picture(shaded(canvas, 1 + 0.08 * slubs + 0.06 * threads))


def linen(rng: Rng, code: str, size: int = 512) -> Picture:
    """Plain cloth with uneven threads both ways; seamless."""
    across = spectral(rng, size, size, slope=0.4, coarsest=0.04, stretch=14.0)
    down = spectral(rng, size, size, slope=0.4, coarsest=0.04, stretch=14.0).T
    clouds = spectral(rng, size, size, slope=1.2, coarsest=0.3)
    factor = 1 + 0.055 * across + 0.055 * down + 0.03 * clouds
    return picture(shaded(np.tile(colour(code), (size, size, 1)), factor))


def knitted(rng: Rng, code: str, height: int, width: int) -> Picture:
    """Thick knitted rows, for the pouf."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    zigzag = np.abs(((x / 9) % 2) - 1) * 5
    rows = 0.5 + 0.5 * np.cos(2 * np.pi * (y + zigzag) / 9)
    heather = spectral(rng, height, width, slope=0.8, coarsest=0.2)
    factor = 0.70 + 0.36 * rows + 0.10 * heather
    return picture(shaded(np.tile(colour(code), (height, width, 1)), factor))


def leaf(rng: Rng, code: str, vein: str, height: int = 96, width: int = 48) -> Picture:
    """A leaf's upper side, its stalk at the top: a midrib, side veins, blotches."""
    tone = 1 + 0.10 * spectral(rng, height, width, slope=1.0)
    canvas = picture(shaded(np.tile(colour(code), (height, width, 1)), tone))
    ink = tuple(int(c) for c in colour(vein))
    middle = width // 2
    for row in range(4, height - 8, 11):
        for side in (-1, 1):
            tip = (middle + side * (middle - 2), row + 12)
            cv2.line(canvas, (middle, row), tip, ink, 1, cv2.LINE_AA)
    cv2.line(canvas, (middle, 0), (middle, height), ink, 2, cv2.LINE_AA)
    return canvas
