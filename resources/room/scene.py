"""The furnished room: what stands where, and which object each surface belongs to."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from resources.room import furniture, paintings, shell, things
from resources.room.furniture import TABLE_TOP, oak
from resources.room.light import Lights
from resources.room.patches import Array, Patch, labelled, moved
from resources.room.tracer import Room

Rng = np.random.Generator


@dataclass(frozen=True, eq=False)
class Scene:
    """Patches by object. `names`: id to name, 0 the background; `outside` casts no shadow."""

    patches: list[Patch]
    outside: list[Patch]
    names: dict[int, str]

    def room(self, seed: int) -> Room:
        return Room(self.patches, self.outside, seed)


TABLE_AT = (0.02, 0.009, -0.25)
TABLE_TURN = 7.0
"""Where the coffee table stands (metres) and how it is turned (degrees about y)."""

LAMP_AT = (1.98, 0.0, -1.48)
"""Where the floor lamp stands (metres)."""


def furnished(seed: int) -> Scene:
    """The room with everything in it; y up, metres, floor at y = 0."""
    rng = np.random.default_rng(seed)
    objects: list[tuple[str, Callable[[Rng], list[Patch]]]] = [
        ("floor", shell.floor),
        ("rug", lambda r: moved(furniture.rug(r), turn=-3, to=(0.05, 0.0, -0.2))),
        ("coffee table", lambda r: _by_table(furniture.coffee_table(r), (0, 0))),
        ("pile of books", _table_books),
        ("mug", lambda r: _on_table(things.mug(r), (0.13, 0.15), turn=-30)),
        ("fruit bowl", lambda r: _on_table(things.fruit_bowl(r), (0.29, -0.08))),
        ("armchair", lambda r: moved(furniture.armchair(r), turn=-33, to=(1.12, 0, -1.02))),
        ("bookshelf", _filled_shelf),
        ("floor lamp", lambda r: moved(furniture.floor_lamp(r), to=LAMP_AT)),
        ("plant", lambda r: moved(things.potted_plant(r), to=(-1.78, 0, -1.32))),
        ("pouf", lambda r: moved(furniture.pouf(r), to=(-1.22, 0.0, -0.42))),
        ("sideboard", lambda r: moved(furniture.sideboard(r), turn=-90, to=(2.37, 0, -0.02))),
        ("vase", lambda r: moved(things.vase(r), to=(2.16, 0.62, -0.30))),
        ("pictures", _pictures),
        ("curtains", shell.curtains),
    ]
    background = shell.walls(rng) + shell.window(rng)
    patches, names = list(background), {0: "background"}
    for label, (name, make) in enumerate(objects, start=1):
        names[label] = name
        patches += labelled(make(rng), label)
    return Scene(patches, shell.outdoors(rng), names)


def lights() -> Lights:
    """Late morning: sun and sky from the west window, and the lamp in its corner."""
    z0, z1, y0, y1 = shell.WINDOW
    x = shell.WEST - shell.DEEP
    sun = np.array([-0.76, 0.56, 0.20])
    return Lights(
        window=np.array([[x, y0, z0], [0.0, 0.0, z1 - z0], [0.0, y1 - y0, 0.0]]),
        sky=np.array([32.0, 33.5, 36.0], np.float32),
        ground=np.array([14.0, 14.0, 11.5], np.float32),
        to_sun=(sun / np.linalg.norm(sun)).astype(np.float32),
        sun=np.array([21.0, 17.8, 13.4], np.float32),
        sun_spread=0.007,
        bulb=np.array([LAMP_AT[0], 1.43, LAMP_AT[2]], np.float32),
        bulb_radius=0.05,
        lamp=np.array([3.0, 2.15, 1.25], np.float32),
    )


def table_corners() -> Array:
    """The four upper corners [4, 3] of the coffee table's top, as if its edges were sharp."""
    flat = [[x, TABLE_TOP, z] for x in (-0.525, 0.525) for z in (-0.29, 0.29)]
    c, s = np.cos(np.radians(TABLE_TURN)), np.sin(np.radians(TABLE_TURN))
    turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    return np.asarray(flat) @ turn.T + np.asarray(TABLE_AT)


def _by_table(patches: list[Patch], at: tuple[float, float], height: float = 0.0) -> list[Patch]:
    """`patches` at x, z in the table's own frame, `height` above the rug."""
    return moved(moved(patches, to=(at[0], height, at[1])), turn=TABLE_TURN, to=TABLE_AT)


def _on_table(patches: list[Patch], at: tuple[float, float], turn: float = 0.0) -> list[Patch]:
    return _by_table(moved(patches, turn=turn), at, TABLE_TOP)


def _table_books(rng: Rng) -> list[Patch]:
    large = [(0.22, 0.034, 0.29), (0.19, 0.026, 0.26), (0.15, 0.022, 0.21)]
    below = [(0.24, 0.03, 0.31), (0.21, 0.035, 0.27)]
    parts = _on_table(things.pile_of_books(rng, large), (-0.27, 0.02), turn=18)
    return parts + _by_table(things.pile_of_books(rng, below), (-0.12, 0.02), 0.148)


def _filled_shelf(rng: Rng) -> list[Patch]:
    return moved(filled_shelf(rng), to=(-0.62, 0.0, shell.NORTH + 0.02))


def filled_shelf(rng: Rng) -> list[Patch]:
    """The bookshelf with its back at z = 0, its books, and a few things between them."""
    boards = furniture.shelf_heights()
    parts = furniture.bookshelf(rng)
    for low, high in itertools.pairwise(boards):
        begin = -0.595
        tall = min(high - low - 0.05, 0.30)
        wide = float(rng.uniform(0.45, 0.62))
        parts += moved(things.row_of_books(rng, wide, tall), to=(begin, low, 0.25))
        rest = 0.59 - (begin + wide)
        if low in boards[0:1] + boards[2:3]:
            more = things.row_of_books(rng, rest - 0.12, tall)
            parts += moved(more, to=(begin + wide + 0.115, low, 0.25))
        else:
            pile = [(0.24, 0.035, 0.20), (0.22, 0.03, 0.19), (0.20, 0.04, 0.17)]
            lying = moved(things.pile_of_books(rng, pile), turn=90)
            parts += moved(lying, to=(begin + wide + rest * 0.5, low, 0.14))
    parts += moved(
        things.pile_of_books(rng, [(0.2, 0.04, 0.26), (0.18, 0.03, 0.24)]),
        turn=80,
        to=(-0.38, 1.62, 0.15),
    )
    return parts + moved(things.vase(rng), to=(0.36, 1.62, 0.14))


def _pictures(rng: Rng) -> list[Patch]:
    """Framed pictures on the north, east and west walls."""
    dark, light = oak(rng, "5d4028", "38251a"), oak(rng, "d0a672", "9a6f42")
    north = [
        (paintings.landscape(rng, 240, 320), 0.52, 0.39, dark, 0.05, 0.72, 1.52),
        (paintings.herbarium(rng, 300, 210), 0.25, 0.36, light, 0.035, 1.31, 1.60),
        (paintings.abstract(rng, 220, 220), 0.24, 0.24, dark, 0.03, 1.32, 1.14),
    ]
    east = [
        (paintings.abstract(rng, 300, 240), 0.48, 0.60, light, 0.05, -0.62, 1.52),
        (paintings.landscape(rng, 220, 280), 0.40, 0.31, dark, 0.04, 0.22, 1.44),
    ]
    parts: list[Patch] = []
    for image, wide, tall, frame, mount, x, y in north:
        parts += moved(things.framed(image, wide, tall, frame, mount), to=(x, y, shell.NORTH))
    for image, wide, tall, frame, mount, z, y in east:
        picture = things.framed(image, wide, tall, frame, mount)
        parts += moved(picture, turn=-90, to=(shell.EAST, y, z))
    west = things.framed(paintings.herbarium(rng, 300, 210), 0.22, 0.31, light, 0.03)
    return parts + moved(west, turn=90, to=(shell.WEST, 1.45, -1.62))
