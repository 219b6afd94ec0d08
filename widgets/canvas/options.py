"""What the user has chosen for working on masks: the tool, its size, and how masks are shown."""

from dataclasses import dataclass
from enum import Enum

SMALLEST_BRUSH, LARGEST_BRUSH = 1, 1000  # pixels of the photo, across
STEP = 1.25  # from one size of the brush to the next


class Tool(Enum):
    """What the left button does; the value names its icon."""

    INSIDE = "point-inside"
    OUTSIDE = "point-outside"
    BOX = "box"
    PICK = "pick"
    LASSO = "lasso"
    BRUSH = "brush"
    ERASER = "eraser"
    WAND = "wand"


class Shown(Enum):
    """How the pixels of objects are told from others."""

    FILL = "fill"
    OUTLINE = "outline"
    NOTHING = "nothing"


@dataclass(frozen=True)
class CanvasOptions:
    """`brush`: pixels of the photo, across. `tolerance`: of the wand, in steps of 255.

    `everywhere`: the wand takes what is alike in all of the photo. `spares`: tools leave the
    pixels of other objects alone. `brightness`: -1 to 1, 0 as the photo is. `opacity`: 0 to 1.
    """

    tool: Tool = Tool.INSIDE
    brush: float = 60.0
    tolerance: int = 24
    everywhere: bool = False
    spares: bool = False
    brightness: float = 0.0
    opacity: float = 0.5
    shown: Shown = Shown.FILL


def next_brush(size: float, larger: bool) -> float:
    """The brush one step larger or smaller, in whole pixels."""
    step = size * STEP if larger else size / STEP
    moved = max(step, size + 1) if larger else min(step, size - 1)
    return float(min(max(round(moved), SMALLEST_BRUSH), LARGEST_BRUSH))
