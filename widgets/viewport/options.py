"""What the viewport shows, and how: values only."""

from dataclasses import dataclass
from enum import Enum

Color = tuple[float, float, float]


class Shading(Enum):
    """What a pixel of the splats, points or mesh tells."""

    COLOR = "color"
    DEPTH = "depth"  # z by a colour map, near is light
    ALPHA = "alpha"  # how much of the background is hidden
    NORMAL = "normal"  # which way the surface faces, scene frame
    OBJECTS = "objects"  # which object a splat belongs to
    ORIGIN = "origin"  # whether photos measured where a splat is


@dataclass(frozen=True)
class Options:
    """`background` is sRGB in [0, 1]. `wipe`: the left part of the picture, 0..1, that shows the
    photo given to the renderer; None shows none. `photo_opacity`: of the photos on the frustums.
    `line_width`: physical pixels; larger where the screen has many.
    """

    shading: Shading = Shading.COLOR
    background: Color = (0.13, 0.14, 0.16)
    content: bool = True  # splats, points or mesh
    filled: bool = True  # of the splats, those that were put there without evidence
    grid: bool = True
    axes: bool = True
    frustums: bool = True
    points: bool = False  # the sparse points of the photos' matches
    floor: bool = False
    bounds: bool = False
    wipe: float | None = None
    photo_opacity: float = 1.0
    line_width: float = 1.5
