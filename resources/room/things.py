"""Things that stand about: books, mug, fruit bowl, plants, vase, pictures on the wall."""

import numpy as np

from resources.room import paintings, textures
from resources.room.boxes import box
from resources.room.noise import Picture
from resources.room.patches import Array, Material, Patch, lathe, moved, rectangle, sheet, tube

Rng = np.random.Generator

CLOTHS = (
    "8c3b33", "23445a", "c98a2e", "4f6b45", "d9c7a3", "6b4a6e", "b8552f", "2b3b3a",
    "7f9482", "a33c4a", "e2b650", "39607a", "efe3c8", "5a3a28", "c06a4a", "8fa3a8",
)  # fmt: skip
"""Colours of book covers."""


def book(rng: Rng, size: tuple[float, float, float]) -> list[Patch]:
    """A standing book, its back towards +z; `size`: thickness, height, depth in metres."""
    code = str(rng.choice(CLOTHS))
    cloth = Material(textures.mottled(rng, code, size=64), tile=(0.2, 0.2))
    pages = Material(textures.mottled(rng, "e8dfc8", amount=0.06, size=64), tile=(0.15, 0.15))
    back = Material(paintings.spine(rng, code), gloss=0.015)
    faces = {"front": back, "top": pages, "bottom": pages, "back": pages}
    return box(size, cloth, radius=0.003, faces=faces, texel=0.016)


def row_of_books(rng: Rng, wide: float, tallest: float) -> list[Patch]:
    """Books from x = 0 to about `wide`, standing on y = 0, their backs at z = 0."""
    parts: list[Patch] = []
    x = 0.0
    while True:
        thick = float(rng.uniform(0.017, 0.050))
        tall = float(tallest * rng.uniform(0.66, 0.96))
        if x + thick > wide:
            return parts
        deep = float(rng.uniform(0.15, 0.2))
        at = (x + thick / 2, 0.0, -deep / 2 - float(rng.uniform(0.0, 0.025)))
        parts += moved(book(rng, (thick, tall, deep)), to=at)
        x += thick + 0.0015


def pile_of_books(rng: Rng, sizes: list[tuple[float, float, float]]) -> list[Patch]:
    """Books lying on each other from y = 0; `sizes`: width, thickness, length in metres."""
    parts: list[Patch] = []
    y = 0.0
    for k, size in enumerate(sizes):
        code = str(rng.choice(CLOTHS))
        cloth = Material(textures.mottled(rng, code, size=64), tile=(0.2, 0.2), gloss=0.02)
        pages = Material(textures.mottled(rng, "e8dfc8", amount=0.06, size=64), tile=(0.15, 0.15))
        title = Material(paintings.cover(rng, code), gloss=0.02)
        back = Material(np.ascontiguousarray(np.rot90(paintings.spine(rng, code))), gloss=0.02)
        faces = {"top": title, "left": back, "front": pages, "right": pages, "back": pages}
        turn = float(rng.uniform(-14, 14)) if k else 0.0
        parts += moved(
            box(size, cloth, radius=0.002, faces=faces, texel=0.008), turn=turn, to=(0, y, 0)
        )
        y += size[1]
    return parts


def mug(rng: Rng) -> list[Patch]:
    """A glazed mug, 9 cm tall, with tea in it."""
    glaze = textures.mottled(rng, "d9dccf", amount=0.05, size=128)
    glaze[:70] = textures.mottled(rng, "2f5a6b", amount=0.10, size=128)[:70]
    glaze[70:74] = (196, 120, 70)
    clay = Material(np.concatenate([glaze, glaze[:40]]), gloss=0.06, roughness=0.03)
    profile = [
        (0.001, 0.0), (0.034, 0.0), (0.038, 0.004), (0.041, 0.02), (0.042, 0.088), (0.0405, 0.0905),
        (0.0385, 0.088), (0.0375, 0.02), (0.033, 0.008), (0.001, 0.007),
    ]  # fmt: skip
    angle = np.linspace(-1.9, 1.9, 20)
    handle = np.stack([0.036 + 0.028 * np.cos(angle), 0.047 + 0.028 * np.sin(angle), 0 * angle], -1)
    tea = Material(textures.plain("5a2f14"), gloss=0.05, roughness=0.02)
    surface = lathe([(0.038, 0.0719), (0.0001, 0.072)], tea, segments=24, texel=0.006)
    parts = [lathe(profile, clay, segments=40, texel=0.006), tube(handle, 0.0055, clay), surface]
    return moved(parts, to=(0, 0.0005, 0))


def fruit_bowl(rng: Rng) -> list[Patch]:
    """A wooden bowl with oranges, apples and a lemon."""
    wood = Material(textures.wood(rng, "b07a48", "6e4526", 128, 256), (0.3, 0.1), False, 0.04)
    profile = [
        (0.001, 0.0), (0.06, 0.0), (0.066, 0.004), (0.115, 0.035), (0.142, 0.075), (0.138, 0.079),
        (0.132, 0.075), (0.105, 0.040), (0.055, 0.012), (0.001, 0.010),
    ]  # fmt: skip
    parts = [lathe(profile, wood, segments=48, texel=0.008)]
    places = [
        ("dd7f1f", 0.043, (-0.050, 0.030, 0.030)), ("dd7f1f", 0.041, (0.050, 0.030, 0.038)),
        ("a8322a", 0.040, (0.008, 0.030, -0.055)), ("7f9a3a", 0.039, (-0.072, 0.042, -0.040)),
        ("d98a20", 0.041, (0.078, 0.046, -0.030)), ("c4402f", 0.040, (0.002, 0.094, 0.004)),
        ("e3c445", 0.034, (0.000, 0.062, 0.086)),
    ]  # fmt: skip
    return parts + [part for place in places for part in _fruit(rng, *place)]


def _fruit(rng: Rng, code: str, radius: float, at: tuple[float, float, float]) -> list[Patch]:
    skin = textures.mottled(rng, code, amount=0.09, size=64)
    skin[:4] = (70, 80, 40)
    t = np.linspace(-np.pi / 2, np.pi / 2, 16)
    r = radius * np.cos(t) + 1e-4
    y = radius * (0.94 * np.sin(t) - 0.10 * np.exp(-((r / radius) ** 2) * 9) * np.sign(t)) + radius
    ball = lathe(
        list(zip(r, y, strict=True)),
        Material(skin[::-1].copy(), gloss=0.04, roughness=0.12),
        texel=0.007,
    )
    lean = rng.uniform(-30, 30, 2)
    centred = moved([ball], to=(0, -radius, 0))
    x, bottom, z = at
    return moved(centred, turn=lean[0] * 6, tilt=lean[1], roll=lean[0], to=(x, bottom + radius, z))


def leaf(
    base: Array, azimuth: float, rise: float, size: tuple[float, float], cloth: Material
) -> Patch:
    """A leaf that starts at `base`, heads for `azimuth` (radians), `rise` (radians), and droops."""
    long, wide = size
    t, s = np.linspace(0, 1, 12), np.linspace(-1, 1, 7)
    slope = rise - 1.5 * t**1.3
    out = np.concatenate([[0], np.cumsum(np.cos(slope[:-1]))]) * long / 11
    up = np.concatenate([[0], np.cumsum(np.sin(slope[:-1]))]) * long / 11
    half = wide / 2 * np.sin(np.pi * np.clip(t, 0.02, 0.99) ** 0.8) ** 0.8
    heading = np.array([np.cos(azimuth), 0.0, np.sin(azimuth)])
    side = np.array([-np.sin(azimuth), 0.0, np.cos(azimuth)])
    spine = base + out[:, None] * heading + up[:, None] * np.array([0.0, 1.0, 0.0])
    fold = 0.22 * half[:, None] * np.abs(s)[None, :]
    grid = spine[:, None] + (half[:, None] * s[None, :])[..., None] * side
    grid[..., 1] += fold
    return sheet(grid, cloth, texel=0.02)


def potted_plant(rng: Rng) -> list[Patch]:
    """A rubber tree of about 1.3 m in a terracotta pot."""
    clay = Material(textures.mottled(rng, "b5643c", amount=0.10), tile=(0.4, 0.4))
    pot = [
        (0.001, 0.0), (0.12, 0.0), (0.128, 0.008), (0.165, 0.26), (0.18, 0.265), (0.182, 0.315),
        (0.170, 0.318), (0.162, 0.30), (0.155, 0.275),
    ]  # fmt: skip
    soil = Material(textures.mottled(rng, "3d2a1e", amount=0.30), tile=(0.25, 0.25))
    parts = [lathe(pot, clay, segments=48), lathe([(0.158, 0.2749), (0.0001, 0.278)], soil)]
    bark = Material(textures.mottled(rng, "6d5138", amount=0.12), tile=(0.1, 0.1))
    greens = [
        Material(textures.leaf(rng, code, vein), gloss=0.03, roughness=0.2, thin=True)
        for code, vein in (("3f6b35", "7d9c5a"), ("52803d", "93b06a"), ("356044", "7aa06f"))
    ]
    for stem, (lean, tall) in enumerate(((0.10, 1.10), (-0.13, 0.85), (0.04, 0.62))):
        t = np.linspace(0, 1, 10)
        bearing = 1.3 + 2.2 * stem
        out = lean * t**1.6 + 0.03
        path = np.stack([out * np.cos(bearing), 0.27 + tall * t * 0.9, out * np.sin(bearing)], -1)
        parts.append(tube(path, np.linspace(0.014, 0.007, 10), bark))
        for k in range(13):
            part = 0.22 + 0.78 * k / 12
            base = np.array([np.interp(part, t, path[:, i]) for i in range(3)])
            azimuth = 2.4 * k + bearing + rng.uniform(-0.3, 0.3)
            size = (float(rng.uniform(0.22, 0.32)), float(rng.uniform(0.11, 0.15)))
            rise = 0.5 + 0.7 * part + rng.uniform(-0.15, 0.15)
            parts.append(leaf(base, azimuth, rise, size, greens[rng.integers(3)]))
    return parts


def vase(rng: Rng) -> list[Patch]:
    """A stoneware vase with dry branches."""
    stone = Material(textures.mottled(rng, "cfc3ad", amount=0.12), tile=(0.25, 0.25), gloss=0.03)
    profile = [
        (0.001, 0.0), (0.05, 0.0), (0.075, 0.03), (0.098, 0.10), (0.088, 0.17), (0.045, 0.225),
        (0.038, 0.25), (0.048, 0.272), (0.042, 0.272), (0.032, 0.25), (0.034, 0.22),
    ]  # fmt: skip
    parts = [lathe(profile, stone, segments=40)]
    twig = Material(textures.plain("7a5a3a"))
    dry = [
        Material(textures.leaf(rng, code, "e0b080", 48, 24), thin=True)
        for code in ("c2703a", "d9a04f", "a8532f")
    ]
    for k in range(9):
        bearing, lean = 2.4 * k, 0.08 + 0.03 * k
        t = np.linspace(0, 1, 8)
        tall = float(rng.uniform(0.28, 0.48))
        path = np.stack(
            [lean * t**1.5 * np.cos(bearing), 0.18 + tall * t, lean * t**1.5 * np.sin(bearing)], -1
        )
        parts.append(tube(path, 0.003, twig, segments=6))
        for j in range(6):
            base = path[2 + j] if j < 6 else path[-1]
            size = (float(rng.uniform(0.06, 0.10)), float(rng.uniform(0.03, 0.05)))
            parts.append(leaf(base, bearing + 2.2 * j, 0.9, size, dry[rng.integers(3)]))
    return parts


def framed(image: Picture, wide: float, tall: float, frame: Material, mount: float) -> list[Patch]:
    """A picture of `wide` by `tall` metres that looks along +z, its middle at the origin.

    `mount`: metres of white card around it.
    """
    card = Material(textures.plain("efe9dc"))
    w, h = wide / 2 + mount, tall / 2 + mount
    parts = [
        rectangle((-w, h, 0.008), (2 * w, 0, 0), (0, -2 * h, 0), card),
        rectangle((-wide / 2, tall / 2, 0.010), (wide, 0, 0), (0, -tall, 0), Material(image)),
    ]
    bar = 0.024
    for side in (-1, 1):
        upright = box((bar, 2 * h + 2 * bar, 0.025), frame, radius=0.003)
        parts += moved(upright, to=(side * (w + bar / 2), -h - bar, 0.0125))
        across = box((2 * w, bar, 0.025), frame, radius=0.003)
        parts += moved(across, to=(0, side * (h + bar / 2) - bar / 2, 0.0125))
    return parts
