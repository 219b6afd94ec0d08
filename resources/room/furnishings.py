"""What stands where in the other rooms, each with walls and a floor of its own."""

import numpy as np

from resources.room import furniture, more_furniture, paintings, scene, shell, textures, things
from resources.room.furniture import TABLE_TOP, oak
from resources.room.more_furniture import DESK_TOP, DINING_TOP
from resources.room.noise import Picture
from resources.room.patches import Material, Patch, moved, rectangle

Rng = np.random.Generator
Furnished = tuple[list[list[Patch]], tuple[float, float]]
"""The patches of each object, and x and z of the lamp."""


def dining_room(rng: Rng) -> Furnished:
    """A table with four chairs on boards, a sideboard below pictures, a plant."""
    turn = float(rng.uniform(-16, 16))
    laid = furniture_on_table(rng)
    table = moved(more_furniture.dining_table(rng) + laid, turn=turn, to=(0.0, 0.009, -0.35))
    chairs = []
    for x, z, look in more_furniture.spots((0.0, 0.0), (0.98, 0.66)):
        away = rng.uniform(-0.06, 0.06, 2)
        lean = float(look + rng.uniform(-18, 18))
        seat = moved(more_furniture.chair(rng), turn=lean, to=(x + away[0], 0.0, z + away[1]))
        chairs.append(moved(seat, turn=turn, to=(0.0, 0.009, -0.35)))
    lamp = (-1.95, -1.5)
    objects = [
        shell.floor(rng),
        shell.walls(rng) + shell.window(rng),
        moved(furniture.rug(rng), turn=turn + 4, to=(0.0, 0.0, -0.35)),
        table,
        *chairs,
        moved(furniture.sideboard(rng), to=(0.55, 0, shell.NORTH + 0.01)),
        moved(things.vase(rng), to=(0.95, 0.62, shell.NORTH + 0.22)),
        moved(things.pile_of_books(rng, _PILE), turn=20, to=(0.35, 0.62, shell.NORTH + 0.2)),
        moved(things.potted_plant(rng), to=(1.95, 0, -1.3)),
        moved(furniture.floor_lamp(rng), to=(lamp[0], 0, lamp[1])),
        _hung(rng, paintings.abstract(rng, 300, 400), 0.62, 0.46, (0.2, 1.5)),
        _hung(rng, paintings.herbarium(rng, 300, 210), 0.28, 0.40, (1.05, 1.55)),
        _hung(rng, paintings.landscape(rng, 240, 320), 0.50, 0.38, (-1.0, 1.5)),
        shell.curtains(rng),
    ]
    return objects, lamp


def living_room(rng: Rng) -> Furnished:
    """A sofa before a striped wall, a low table, shelves on the right, a pouf, on tiles."""
    lamp = (-1.65, -1.45)
    stripes = textures.striped(rng, ("d8d2c0", "b9c2ae", "e6e0d2", "a9b8ba"), 900, 512)
    wall = np.ascontiguousarray(np.rot90(stripes))
    objects = [
        _floor(_tiles(rng)),
        _walls(rng, Material(wall, tile=(2.6, 1.5))) + shell.window(rng),
        moved(furniture.rug(rng), turn=float(rng.uniform(-8, 8)), to=(0.1, 0, -0.1)),
        moved(more_furniture.sofa(rng), turn=float(rng.uniform(-5, 5)), to=(0.1, 0, -1.3)),
        moved(_laid_low(rng), turn=float(rng.uniform(-12, 12)), to=(0.1, 0.009, -0.2)),
        moved(scene.filled_shelf(rng), turn=-90, to=(shell.EAST - 0.01, 0, -0.6)),
        moved(furniture.pouf(rng), to=(float(rng.uniform(-1.5, -1.1)), 0.009, -0.1)),
        moved(things.potted_plant(rng), to=(1.75, 0, -1.5)),
        moved(furniture.floor_lamp(rng), to=(lamp[0], 0, lamp[1])),
        _hung(rng, paintings.landscape(rng, 300, 440), 0.86, 0.58, (0.1, 1.62)),
        _hung(rng, paintings.abstract(rng, 260, 200), 0.34, 0.44, (-0.85, 1.6)),
        _hung(rng, paintings.herbarium(rng, 300, 210), 0.30, 0.42, (0.98, 1.6)),
        shell.curtains(rng),
    ]
    return objects, lamp


def study(rng: Rng) -> Furnished:
    """A desk with a screen, shelves and a wardrobe in a row, a bed, on a carpet."""
    lamp = (2.0, -1.5)
    on_desk = moved(more_furniture.screen(rng), turn=8, to=(-0.15, DESK_TOP, 0.2))
    on_desk += moved(things.pile_of_books(rng, _PILE), turn=-15, to=(0.42, DESK_TOP, 0.3))
    on_desk += moved(things.mug(rng), turn=60, to=(0.15, DESK_TOP, 0.45))
    carpet = Material(textures.tweed(rng, ("7d7468", "a39a8a", "c9c0ad")), tile=(1.4, 1.4))
    plaster = Material(textures.plaster(rng, "c9b79c", 720, 1024), tile=(3.1, 2.18))
    objects = [
        _floor(carpet),
        _walls(rng, plaster) + shell.window(rng),
        moved(more_furniture.desk(rng) + on_desk, to=(0.15, 0, shell.NORTH + 0.02)),
        moved(more_furniture.chair(rng), turn=float(rng.uniform(150, 215)), to=(-0.1, 0, -0.85)),
        moved(scene.filled_shelf(rng), to=(-1.3, 0, shell.NORTH + 0.02)),
        moved(more_furniture.bed(rng), turn=-90, to=(shell.EAST - 0.03, 0, 0.05)),
        moved(more_furniture.wardrobe(rng), to=(1.35, 0, shell.NORTH + 0.02)),
        moved(furniture.pouf(rng), to=(-1.1, 0.0, 0.15)),
        moved(furniture.floor_lamp(rng), to=(lamp[0], 0, lamp[1])),
        _hung(rng, paintings.landscape(rng, 260, 300), 0.44, 0.38, (0.1, 1.6)),
        _hung(rng, paintings.abstract(rng, 220, 220), 0.22, 0.22, (0.55, 1.45)),
        shell.curtains(rng),
    ]
    return objects, lamp


_PILE = [(0.22, 0.034, 0.29), (0.20, 0.028, 0.26), (0.16, 0.024, 0.21)]


def furniture_on_table(rng: Rng) -> list[Patch]:
    """Bowl, mugs and books on the dining table, in its own frame."""
    parts = moved(things.fruit_bowl(rng), to=(float(rng.uniform(-0.1, 0.2)), DINING_TOP, -0.05))
    for x, z in ((-0.52, 0.16), (0.5, -0.2)):
        parts += moved(things.mug(rng), turn=float(rng.uniform(0, 360)), to=(x, DINING_TOP, z))
    books = things.pile_of_books(rng, _PILE[:2])
    return parts + moved(books, turn=float(rng.uniform(0, 60)), to=(-0.4, DINING_TOP, -0.15))


def _laid_low(rng: Rng) -> list[Patch]:
    """The coffee table with what lies on it, around the origin."""
    parts = furniture.coffee_table(rng)
    parts += moved(things.vase(rng), to=(0.32, TABLE_TOP, -0.05))
    parts += moved(things.pile_of_books(rng, _PILE), turn=-25, to=(-0.25, TABLE_TOP, 0.0))
    return parts + moved(things.mug(rng), turn=120, to=(0.05, TABLE_TOP, 0.16))


def _floor(material: Material) -> list[Patch]:
    wide, long = shell.EAST - shell.WEST, shell.SOUTH - shell.NORTH
    corner = (shell.WEST, 0.0, shell.NORTH)
    return [rectangle(corner, (wide, 0, 0), (0, 0, long), material, texel=0.018)]


def _walls(rng: Rng, north: Material) -> list[Patch]:
    """The usual walls, the north one in another material."""
    wide = shell.EAST - shell.WEST
    corner, down = (shell.WEST, shell.HEIGHT, shell.NORTH), (0.0, -shell.HEIGHT, 0.0)
    return [rectangle(corner, (wide, 0, 0), down, north, texel=0.025), *shell.walls(rng)[1:]]


def _tiles(rng: Rng) -> Material:
    """Fired tiles of 0.3 m in two tones, none quite alike, with their joints."""
    side, count = 64, 12
    canvas = np.zeros((side * count, side * count, 3), np.float32)
    for i in range(count):
        for j in range(count):
            code = ("b5694a", "d8c3a0")[(i + j) % 2]
            tile = textures.mottled(rng, code, amount=0.07, size=side).astype(np.float32)
            tile *= rng.uniform(0.86, 1.1)
            tile[:2], tile[:, :2] = 120, 120
            canvas[i * side : (i + 1) * side, j * side : (j + 1) * side] = tile
    picture = np.clip(np.round(canvas), 0, 255).astype(np.uint8)
    return Material(picture, tile=(0.3 * count, 0.3 * count), gloss=0.04, roughness=0.05)


def _hung(
    rng: Rng, image: Picture, wide: float, tall: float, at: tuple[float, float]
) -> list[Patch]:
    """A framed picture on the north wall at x, y."""
    frame = oak(rng, *(("5d4028", "38251a"), ("d0a672", "9a6f42"))[rng.integers(2)])
    parts = things.framed(image, wide, tall, frame, float(rng.uniform(0.02, 0.06)))
    return moved(parts, to=(*at, shell.NORTH))
