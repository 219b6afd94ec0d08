"""Furniture: rug, coffee table, armchair, bookshelf, sideboard, lamp, pouf."""

import numpy as np

from resources.room import paintings, textures
from resources.room.boxes import box, pillow
from resources.room.noise import Picture
from resources.room.patches import Material, Patch, lathe, moved, sheet, tube

Rng = np.random.Generator

TABLE_TOP = 0.44
"""Height of the coffee table in metres."""


def oak(rng: Rng, light: str = "c4935c", dark: str = "83562f", gloss: float = 0.04) -> Material:
    """Oiled wood, grain along the longer side."""
    return Material(textures.wood(rng, light, dark, 256, 1024), (1.3, 0.33), True, gloss, 0.06)


def rug(rng: Rng) -> list[Patch]:
    """A kilim of 2.5 by 1.65 m around the origin, 9 mm thick."""
    pattern = Material(paintings.rug(rng, 660, 1000))
    edge = Material(textures.linen(rng, "d8c8a6", 128), tile=(0.3, 0.3))
    return box((2.5, 0.009, 1.65), edge, radius=0.004, faces={"top": pattern}, texel=0.015)


def coffee_table(rng: Rng) -> list[Patch]:
    """A table of 1.05 by 0.58 m with a shelf below; stands on y = 0 around the origin."""
    wood = oak(rng)
    dark = oak(rng, "a6713f", "6b4224")
    parts = moved(box((1.05, 0.035, 0.58), wood, radius=0.014), to=(0, TABLE_TOP - 0.035, 0))
    parts += moved(box((0.90, 0.018, 0.44), dark, radius=0.006), to=(0, 0.13, 0))
    for x in (-0.46, 0.46):
        for z in (-0.225, 0.225):
            parts += moved(box((0.05, TABLE_TOP - 0.035, 0.05), dark, radius=0.008), to=(x, 0, z))
    for z in (-0.225, 0.225):
        parts += moved(box((0.87, 0.05, 0.022), dark), to=(0, TABLE_TOP - 0.085, z))
    for x in (-0.46, 0.46):
        parts += moved(box((0.022, 0.05, 0.40), dark), to=(x, TABLE_TOP - 0.085, 0))
    return parts


def armchair(rng: Rng) -> list[Patch]:
    """An armchair in ochre wool that looks along +z, with its pillow; around the origin."""
    wool = Material(textures.tweed(rng, ("a8741f", "d9a43f", "efd9a0")), tile=(0.62, 0.62))
    parts = moved(box((0.74, 0.17, 0.72), wool, radius=0.04), to=(0, 0.17, 0))
    parts += moved(box((0.53, 0.15, 0.62), wool, radius=0.055, bulge=0.025), to=(0, 0.335, 0.06))
    back = moved(box((0.70, 0.62, 0.16), wool, radius=0.07, bulge=0.015), to=(0, 0.30, -0.30))
    parts += moved(back, tilt=-11, to=(0, 0.03, -0.02))
    cushion = box((0.52, 0.46, 0.14), wool, radius=0.06, bulge=0.035)
    parts += moved(cushion, tilt=-13, to=(0, 0.45, -0.17))
    for side in (-1, 1):
        arm = box((0.13, 0.42, 0.70), wool, radius=0.055, bulge=0.008)
        parts += moved(arm, to=(side * 0.335, 0.17, 0.02))
    parts += _legs(oak(rng, "7a4f2c", "4a2d18"), 0.30, 0.29, 0.17)
    parts += [throw(rng)]
    blue = Material(_patchwork(rng))
    parts += moved(pillow(0.40, 0.38, 0.15, blue), tilt=-20, roll=6, to=(0.06, 0.68, 0.035))
    return parts


def _legs(wood: Material, x: float, z: float, tall: float) -> list[Patch]:
    leg = lathe([(0.012, 0.0), (0.024, tall)], wood, segments=12)
    places = [(a * x, 0.0, b * z) for a in (-1, 1) for b in (-1, 1)]
    return [part for place in places for part in moved([leg], to=place)]


def _patchwork(rng: Rng) -> Picture:
    """A pillow cover: blue cloth with sewn leaves."""
    cloth = textures.linen(rng, "2f5666", 256)
    for x in (48, 128, 208):
        for y in (48, 128, 208):
            spot = np.array([x, y + 22], np.float32)
            lean = rng.uniform(-0.6, 0.6)
            paintings.sprig(cloth, spot, -np.pi / 2 + lean, 58, ("e6d3a2", "d98e4a"))
    return cloth


def throw(rng: Rng) -> Patch:
    """A striped blanket over the chair's right arm (its own left), 4 mm above the wool."""
    codes = ("8c3b33", "e8dcc2", "c9743f", "2f4858", "e8dcc2", "7d8f78")
    cloth = Material(textures.striped(rng, codes, 320, 256), thin=True)
    width, top = 0.145, 0.606
    outline = np.array(
        [
            [0.412, 0.24], [0.412, 0.40], [0.414, 0.53], [0.400, 0.585], [0.370, top],
            [0.335, top + 0.004], [0.300, top], [0.268, 0.585], [0.256, 0.54], [0.252, 0.515],
        ]
    )  # fmt: skip
    along = np.linspace(0, len(outline) - 1, 40)
    x = np.interp(along, np.arange(len(outline)), outline[:, 0])
    y = np.interp(along, np.arange(len(outline)), outline[:, 1])
    s = np.linspace(-1, 1, 24)
    ripple = 0.004 * np.sin(9 * s[None, :] + 0.1 * along[:, None])
    grid = np.stack(
        [
            x[:, None] + ripple + 0.003,
            np.broadcast_to(y[:, None] + 0.003 + 0.5 * ripple, (40, 24)),
            np.broadcast_to(0.10 + s * width, (40, 24)) + 0.006 * np.sin(0.3 * along)[:, None],
        ],
        -1,
    )
    return sheet(grid[::-1, ::-1], cloth)


def bookshelf(rng: Rng) -> list[Patch]:
    """Five boards and two sides, 1.25 m wide, 1.62 high, 0.28 deep, its back at z = 0."""
    wood = oak(rng, "b98655", "7c522d")
    wide, tall, deep = 1.25, 1.62, 0.28
    parts: list[Patch] = []
    for side in (-1, 1):
        at = (side * (wide / 2 - 0.0125), 0.0, deep / 2)
        parts += moved(box((0.025, tall, deep), wood), to=at)
    for y in shelf_heights():
        parts += moved(box((wide - 0.05, 0.024, deep - 0.01), wood), to=(0, y - 0.024, deep / 2))
    parts += moved(
        box((wide - 0.05, tall - 0.06, 0.008), oak(rng, "a87a4d", "76502e", 0.0)),
        to=(0, 0.05, 0.006),
    )
    return parts


def shelf_heights() -> tuple[float, ...]:
    """Upper sides of the bookshelf's boards in metres; the last is its top."""
    return 0.08, 0.47, 0.84, 1.22, 1.62


def sideboard(rng: Rng) -> list[Patch]:
    """A low cabinet with six drawers that looks along +z; 1.2 by 0.62 by 0.4 m, back at z = 0."""
    wood = oak(rng, "9d6b3f", "5d3a20")
    front = oak(rng, "b17c4b", "70492a")
    brass = Material(textures.plain("b08a45"), gloss=0.3, roughness=0.12)
    parts = moved(box((1.2, 0.50, 0.40), wood, radius=0.008), to=(0, 0.12, 0.20))
    for i in (-1, 0, 1):
        for j in (0, 1):
            at = (i * 0.39, 0.15 + j * 0.232, 0.405)
            parts += moved(box((0.375, 0.215, 0.018), front, radius=0.005), to=at)
            knob = lathe(
                [(0.006, 0), (0.006, 0.012), (0.014, 0.016), (0.014, 0.024), (0.001, 0.028)],
                brass,
                segments=14,
            )
            parts += moved(moved([knob], tilt=90), to=(at[0], at[1] + 0.107, 0.414))
    legs = _legs(wood, 0.52, 0.13, 0.125)
    return parts + moved(legs, to=(0, 0, 0.2))


def floor_lamp(rng: Rng) -> list[Patch]:
    """A brass lamp with a linen shade around BULB; stands on the origin."""
    brass = Material(textures.plain("a88040"), gloss=0.35, roughness=0.12)
    base = [(0.14, 0.0), (0.14, 0.012), (0.13, 0.022), (0.03, 0.030), (0.012, 0.05)]
    stem = np.array([[0.0, y, 0.0] for y in np.linspace(0.04, 1.38, 8)])
    linen = Material(textures.linen(rng, "f4dfb4", 256), tile=(0.35, 0.35), glow=0.15, thin=True)
    shade = [(0.205, 1.28), (0.135, 1.57)]
    rim = Material(textures.plain("c9a870"), thin=True)
    parts = [lathe(base, brass), tube(stem, 0.011, brass), lathe(shade, linen, segments=48)]
    for radius, y in ((0.206, 1.28), (0.136, 1.565)):
        parts.append(lathe([(radius, y), (radius, y + 0.008)], rim, segments=48))
    return parts


def pouf(rng: Rng) -> list[Patch]:
    """A knitted pouf, 0.5 m wide, on the origin."""
    t = np.linspace(-np.pi / 2, np.pi / 2, 24)
    wool = Material(textures.knitted(rng, "a8946f", 160, 420))
    radius = 0.26 * np.cos(t) ** 0.55
    y = 0.185 + 0.185 * np.sin(t)
    profile: list[tuple[float, float]] = list(zip(radius + 1e-4, y, strict=True))
    return [lathe(profile, wool, segments=64)]
