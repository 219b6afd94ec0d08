"""Furniture of the other rooms: sofa, dining table, chair, bed, desk, screen, wardrobe."""

import numpy as np

from resources.room import paintings, textures
from resources.room.boxes import box, pillow
from resources.room.furniture import oak
from resources.room.patches import Array, Material, Patch, lathe, moved

Rng = np.random.Generator

DINING_TOP, DESK_TOP, SEAT = 0.75, 0.73, 0.45
"""Heights in metres of the tables and of a chair's seat."""


def sofa(rng: Rng) -> list[Patch]:
    """A sofa for three in tweed, 2 m wide, that looks along +z, with four pillows."""
    cloth = Material(textures.tweed(rng, ("4a6b78", "7fa3ad", "d5e2df")), tile=(0.6, 0.6))
    parts = moved(box((1.75, 0.20, 0.82), cloth, radius=0.03), to=(0, 0.13, 0))
    for i in (-1, 0, 1):
        seat = box((0.57, 0.15, 0.66), cloth, radius=0.05, bulge=0.025)
        parts += moved(seat, to=(0.575 * i, 0.32, 0.08))
        back = box((0.56, 0.48, 0.17), cloth, radius=0.06, bulge=0.03)
        parts += moved(back, tilt=-12, to=(0.575 * i, 0.42, -0.26))
    for side in (-1, 1):
        arm = box((0.16, 0.50, 0.84), cloth, radius=0.06, bulge=0.008)
        parts += moved(arm, to=(0.93 * side, 0.12, 0))
    covers = [textures.striped(rng, codes, 256, 256) for codes in _STRIPES]
    covers += [paintings.abstract(rng, 256, 256), paintings.abstract(rng, 256, 256)]
    for k, cover in enumerate(covers):
        x = (-0.72, 0.74, -0.38, 0.33)[k]
        turned = pillow(0.42, 0.40, 0.15, Material(cover))
        lean = float(rng.uniform(-9, 9))
        parts += moved(turned, tilt=-22, roll=lean, to=(x, 0.66, -0.04 + 0.05 * (k % 2)))
    return parts


_STRIPES = (("c25b3f", "efe2c6", "2b4a5c"), ("d9a43a", "f1e9d6", "7c8f6a"))


def dining_table(rng: Rng) -> list[Patch]:
    """A table of 1.5 by 0.85 m; stands on y = 0 around the origin."""
    wood, dark = oak(rng, "d2a878", "a27646"), oak(rng, "8e6a48", "5d432b")
    parts = moved(box((1.5, 0.04, 0.85), wood, radius=0.012), to=(0, DINING_TOP - 0.04, 0))
    for x in (-0.66, 0.66):
        for z in (-0.34, 0.34):
            leg = box((0.07, DINING_TOP - 0.04, 0.07), dark, radius=0.012)
            parts += moved(leg, to=(x, 0, z))
    for z in (-0.34, 0.34):
        parts += moved(box((1.25, 0.09, 0.025), dark), to=(0, DINING_TOP - 0.13, z))
    for x in (-0.66, 0.66):
        parts += moved(box((0.025, 0.09, 0.62), dark), to=(x, DINING_TOP - 0.13, 0))
    return parts


def chair(rng: Rng) -> list[Patch]:
    """A wooden chair with a woven seat that looks along +z; around the origin."""
    wood = oak(rng, "9a6f45", "67462a")
    seat = Material(textures.striped(rng, ("b8483a", "e7d9b8", "d98e4a"), 256, 256))
    parts = moved(box((0.43, 0.045, 0.42), wood, faces={"top": seat}), to=(0, SEAT - 0.045, 0))
    for x in (-0.19, 0.19):
        parts += moved(box((0.036, SEAT - 0.045, 0.036), wood, radius=0.008), to=(x, 0, 0.18))
        parts += moved(box((0.036, 0.92, 0.036), wood, radius=0.008), to=(x, 0, -0.19))
    for y in (0.56, 0.68, 0.80):
        parts += moved(box((0.36, 0.06, 0.018), wood), to=(0, y, -0.19))
    return parts


def bed(rng: Rng) -> list[Patch]:
    """A bed of 1.5 by 2 m, its head at z = 0 and its foot towards +z, with a quilt."""
    wood = oak(rng, "a87b4f", "6d4a2b")
    white = Material(textures.linen(rng, "e6e1d4", 256), tile=(0.4, 0.4))
    quilt = Material(paintings.rug(rng, 660, 700))
    edge = Material(textures.linen(rng, "8d4436", 256), tile=(0.4, 0.4))
    parts = moved(box((1.5, 0.24, 2.0), wood, radius=0.02), to=(0, 0.08, 1.0))
    parts += moved(box((1.44, 0.20, 1.92), white, radius=0.06, bulge=0.015), to=(0, 0.32, 1.0))
    cover = box((1.54, 0.12, 1.30), edge, radius=0.05, bulge=0.02, faces={"top": quilt})
    parts += moved(cover, to=(0, 0.44, 1.32))
    parts += moved(box((1.56, 0.95, 0.05), wood, radius=0.02), to=(0, 0.05, 0.0))
    for x, cloth in ((-0.36, textures.striped(rng, _STRIPES[1], 256, 256)), (0.36, None)):
        stuff = white if cloth is None else Material(cloth)
        parts += moved(pillow(0.62, 0.42, 0.2, stuff), tilt=-58, to=(x, 0.63, 0.32))
    return parts


def desk(rng: Rng) -> list[Patch]:
    """A desk of 1.3 by 0.62 m with drawers on its right; its back at z = 0, looks along +z."""
    top, body = oak(rng, "c9a06b", "93693d"), oak(rng, "e0d6c4", "b8a98f", 0.03)
    parts = moved(box((1.3, 0.03, 0.62), top, radius=0.008), to=(0, DESK_TOP - 0.03, 0.31))
    parts += moved(box((0.38, 0.62, 0.56), body, radius=0.006), to=(0.43, 0.08, 0.30))
    brass = Material(textures.plain("8a8a86"), gloss=0.3, roughness=0.12)
    for j in range(3):
        y = 0.11 + 0.195 * j
        parts += moved(box((0.35, 0.18, 0.016), top, radius=0.004), to=(0.43, y, 0.588))
        parts += moved([_knob(brass)], tilt=90, to=(0.43, y + 0.09, 0.596))
    for z in (0.05, 0.57):
        parts += moved(box((0.045, DESK_TOP - 0.03, 0.045), top), to=(-0.61, 0, z))
    return parts


def screen(rng: Rng) -> list[Patch]:
    """A screen of 0.6 m on its foot that shows a painting; looks along +z from the origin."""
    black = Material(textures.mottled(rng, "26272a"), tile=(0.3, 0.3), gloss=0.03)
    face = Material(paintings.landscape(rng, 200, 340), glow=0.35, gloss=0.02, roughness=0.1)
    parts = moved(box((0.60, 0.36, 0.025), black, faces={"front": face}), to=(0, 0.10, 0))
    parts += moved(box((0.05, 0.14, 0.02), black), to=(0, 0, -0.02))
    return parts + box((0.24, 0.012, 0.17), black)


def wardrobe(rng: Rng) -> list[Patch]:
    """A wardrobe with two panelled doors, 1.1 by 2 m, 0.55 deep; its back at z = 0."""
    wood, panel = oak(rng, "b99468", "86633c"), oak(rng, "cdb085", "9c7a4e")
    iron = Material(textures.plain("4a4a4a"), gloss=0.1)
    parts = moved(box((1.1, 1.96, 0.55), wood, radius=0.008), to=(0, 0.04, 0.275))
    for side in (-1, 1):
        for y, tall in ((0.14, 0.62), (0.84, 1.06)):
            parts += moved(box((0.44, tall, 0.02), panel, radius=0.006), to=(side * 0.27, y, 0.555))
        parts += moved([_knob(iron)], tilt=90, to=(side * 0.05, 1.0, 0.555))
    return parts


def _knob(metal: Material) -> Patch:
    profile = [(0.006, 0.0), (0.006, 0.012), (0.014, 0.016), (0.014, 0.024), (0.001, 0.028)]
    return lathe(profile, metal, segments=14)


def spots(middle: tuple[float, float], half: tuple[float, float]) -> Array:
    """Floor positions [4, 2] and turns, round a table: x, z, degrees that look at it."""
    x, z = middle
    wide, deep = half
    return np.array(
        [
            [x, z + deep, 180.0],
            [x, z - deep, 0.0],
            [x - wide, z, 90.0],
            [x + wide, z, -90.0],
        ]
    )
