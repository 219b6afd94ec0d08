"""What splats are coloured with instead of their own colours: objects', or a judgement's."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.segment.labels import Role, SceneObject
from core.segment.masks import color_of
from widgets.viewport.options import Color, Shading

# How the shader is told of a shading that is a tint.
TINTS = {Shading.OBJECTS: 1, Shading.ORIGIN: 2}
HARDLY: Color = (0.93, 0.86, 0.30)
WELL: Color = (0.16, 0.66, 0.47)
ONE_PHOTO: Color = (0.98, 0.48, 0.20)
FILLED: Color = (0.66, 0.42, 1.0)
UNJUDGED: Color = (0.55, 0.57, 0.60)
ORIGINS = (HARDLY, WELL, ONE_PHOTO, FILLED, UNJUDGED)
FEWEST = 256  # ids that have a colour, whoever knows of them


def palette(objects: Sequence[SceneObject]) -> NDArray[np.uint8]:
    """[L, 4] sRGB by id: the objects' colours, and for ids of others what a new object would have.

    Objects that are not visible have no opacity: what belongs to them keeps its own colours.
    """
    built = [each for each in objects if each.role is not Role.IGNORE]
    length = max([FEWEST, *(each.id + 1 for each in built)])
    colors = np.full((length, 4), 255, np.uint8)
    colors[:FEWEST, :3] = [rgb(color_of(id_)) for id_ in range(FEWEST)]
    for each in built:
        colors[each.id] = (*rgb(each.color), 255 if each.visible else 0)
    return colors


def rgb(color: str) -> tuple[int, int, int]:
    """Red, green and blue of "#rrggbb", 0 to 255."""
    red, green, blue = (int(color[k : k + 2], 16) for k in (1, 3, 5))
    return red, green, blue


def hexadecimal(color: Color) -> str:
    """ "#rrggbb" of a colour in [0, 1]."""
    return "#" + "".join(f"{round(255 * part):02x}" for part in color)
