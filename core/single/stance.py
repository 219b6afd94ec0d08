"""How a lone photo was taken as its user says it: its focal length, and where its horizon is.

The horizon is told as the line that is seen, not as angles: it stays where it was put whatever the
focal length turns out to be. Level directions vanish on it, so that a focal length and the line are
as much as a focal length, a pitch and a roll (Hartley and Zisserman, 2004, section 8.6).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.capture.exif import DIAGONAL_35MM

Array = NDArray[np.float64]
Horizon = tuple[float, float]

SHORTEST, LONGEST = 0.2, 20.0  # longer sides: focal lengths that can be told
HIGHEST, LOWEST = -5.0, 6.0  # heights of the photo: where a horizon may be
STEEPEST = math.radians(40.0)  # how far it may lean


class Source(Enum):
    """Who told the focal length."""

    USER = "user"
    KNOWN = "known"  # the photo's file, or a network
    EDGES = "edges"
    USUAL = "usual"


@dataclass(frozen=True)
class Stance:
    """What is told of a photo; what is None is for the program to find.

    `focal`: focal length in units of the photo's longer side. `horizon`: where it is at the
    photo's left and at its right edge, in units of its height from the top, beyond the photo too.
    """

    focal: float | None = None
    horizon: Horizon | None = None

    def __post_init__(self) -> None:
        if self.focal is not None and not SHORTEST <= self.focal <= LONGEST:
            raise ValueError(f"a focal length of {self.focal} longer sides")
        for row in self.horizon or ():
            if not HIGHEST <= row <= LOWEST:
                raise ValueError(f"a horizon {row} heights down")


UNTOLD = Stance()


@dataclass(frozen=True)
class Said:
    """A stance in the words of the command line, which does not know the photo's size.

    `focal`: pixels of the whole photo, or with `film` millimetres, as for a camera of 35 mm film.
    `horizon`: the row of pixels that it crosses at the photo's left and at its right edge.
    """

    focal: float | None = None
    film: bool = False
    horizon: Horizon | None = None

    def stance(self, width: int, height: int) -> Stance:
        """Of a photo of that size. Raises ValueError where no photo was taken so."""
        focal, rows = self.focal, self.horizon
        if focal is not None:
            focal = from_film(focal, width, height) if self.film else focal / max(width, height)
        return Stance(focal, None if rows is None else (rows[0] / height, rows[1] / height))


def film(focal: float, width: float, height: float) -> float:
    """Millimetres on 35 mm film that span the same angle as `focal` longer sides."""
    return focal * max(width, height) / math.hypot(width, height) * DIAGONAL_35MM


def from_film(millimetres: float, width: float, height: float) -> float:
    """The inverse of `film`."""
    return millimetres * math.hypot(width, height) / max(width, height) / DIAGONAL_35MM


def up_of(horizon: Horizon, focal: float, width: float, height: float) -> Array:
    """Which way is up [3], camera frame, where `horizon` is seen with `focal` pixels."""
    left, right = (row * height - height / 2 for row in horizon)
    across = width / 2 / focal
    normal = np.cross([-across, left / focal, 1.0], [across, right / focal, 1.0])
    return np.asarray(-normal / np.linalg.norm(normal))


def horizon_of(up: Array, focal: float, width: float, height: float) -> Horizon:
    """The inverse of `up_of`; at most as far away and as steep as a `Stance` may tell it."""
    level = min(float(up[1]), -1e-6)
    middle = 0.5 - focal * float(up[2]) / level / height
    lean = -width * float(up[0]) / level / height  # from its left end to its right one
    return within((middle - lean / 2, middle + lean / 2), width, height)


def within(horizon: Horizon, width: float, height: float) -> Horizon:
    """The nearest to `horizon` that can be told."""
    most = min(math.tan(STEEPEST) * width / height, LOWEST - HIGHEST)
    lean = min(max(horizon[1] - horizon[0], -most), most)
    room = abs(lean) / 2
    middle = min(max(sum(horizon) / 2, HIGHEST + room), LOWEST - room)
    return middle - lean / 2, middle + lean / 2


def tilt_of(up: Array) -> tuple[float, float]:
    """Radians: how far the camera looks up, below 0 for down, and how far it leans to the right."""
    return math.asin(float(np.clip(up[2], -1, 1))), math.atan2(-float(up[0]), -float(up[1]))


def up_tilted(pitch: float, roll: float) -> Array:
    """The inverse of `tilt_of`."""
    level = math.cos(pitch)
    return np.array([-level * math.sin(roll), -level * math.cos(roll), math.sin(pitch)])


def stances_to_json(stances: Mapping[str, Stance]) -> dict[str, object]:
    """By names of photos."""
    return {
        name: {"focal": each.focal, "horizon": each.horizon and list(each.horizon)}
        for name, each in sorted(stances.items())
    }


def stances_from_json(content: Any) -> dict[str, Stance]:
    """Raises KeyError, TypeError or ValueError where `content` is not what was written."""
    found = {}
    for name, row in content.items():
        focal, rows = row["focal"], row["horizon"]
        if rows is not None:
            left, right = rows
            rows = (float(left), float(right))
        found[str(name)] = Stance(None if focal is None else float(focal), rows)
    return found
