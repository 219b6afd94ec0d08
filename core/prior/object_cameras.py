"""Where one object is looked at from when it is drawn alone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.aim import facing
from core.geometry.camera import Pinhole, View
from core.prior.choice import SOLID

# DP-Recon (Ni et al., CVPR 2025), its code: angles in degrees.
FILLED = 0.8  # of half the picture: an object's half size at the nearest camera
DISTANCE = (0.8, 1.0)  # of 1 / tan(fov / 2)
FOV = (40.0, 45.0)
ELEVATION_FIRST, ELEVATION = (5.0, 30.0), (5.0, 80.0)
LOW_UNTIL = 0.625  # of the work on shapes: from 35,000 to 60,000 of 75,000 steps
INSIDE_FOV = (70.0, 85.0)
FROM_THE_MIDDLE = 0.3  # of the cameras for the background
ASIDE = 0.05  # of the scene's half size
PADDING = 0.1  # of the half size, on each side
STRAYS = 0.005  # of the rows at each end of each axis lie outside the box
UP = (0.0, 1.0, 0.0)  # scene frame


@dataclass(frozen=True, eq=False)
class Box:
    """Where an object is: corners `low` and `high` [3] float64, scene frame."""

    low: Tensor
    high: Tensor

    def middle(self) -> Tensor:
        """[3]."""
        return (self.low + self.high) / 2

    def half(self) -> float:
        """Half of the longest side, scene units."""
        return max(float((self.high - self.low).max()) / 2, 1e-9)


def box_of(rows: Gaussians) -> Box | None:
    """Where `rows` are, a few strays left aside, and some air; None where nothing is solid."""
    solid = torch.sigmoid(rows.logit_opacity.detach()) > SOLID
    means = rows.means.detach()[solid].cpu().double()
    if not len(means):
        return None
    # quantile() takes 2^24 numbers at most: a few thousand rows tell as much.
    step = max(1, len(means) // 100_000)
    low, high = (means[::step].quantile(part, dim=0) for part in (STRAYS, 1 - STRAYS))
    air = PADDING * max(float((high - low).max()) / 2, 1e-9)
    return Box(low - air, high + air)


def around(box: Box, side: int, done: float, generator: torch.Generator) -> View:
    """A camera of `side` x `side` pixels that has the object in `box` before it, float64.

    From anywhere around, from just above the horizon; from higher up too when `done` in [0, 1]
    of the work is beyond `LOW_UNTIL`.
    """
    fov = math.radians(_between(FOV, generator))
    azimuth = math.radians(_between((-180.0, 180.0), generator))
    heights = ELEVATION_FIRST if done < LOW_UNTIL else ELEVATION
    elevation = math.radians(_between(heights, generator))
    # There the object's box is FILLED of a cube of side 2.
    away = _between(DISTANCE, generator) / math.tan(fov / 2) * box.half() / FILLED
    place = box.middle() + away * _direction(azimuth, elevation)
    return facing(lens(side, fov), place, box.middle(), torch.tensor(UP, dtype=torch.float64))


def within(box: Box, views: Sequence[View], side: int, generator: torch.Generator) -> View:
    """A camera in the scene in `box`, about where a photo was taken, that looks anywhere."""
    fov = math.radians(_between(INSIDE_FOV, generator))
    if not views or _between((0, 1), generator) < FROM_THE_MIDDLE:
        place = box.middle()
    else:
        chosen = int(torch.randint(len(views), (1,), generator=generator))
        place = views[chosen].centre().detach().cpu().double()
    shift = [_between((-ASIDE, ASIDE), generator) * box.half() for _ in range(3)]
    place = place + torch.tensor(shift, dtype=torch.float64)
    azimuth = math.radians(_between((-180.0, 180.0), generator))
    ahead = _direction(azimuth, math.radians(_between((-90.0, 90.0), generator)))
    return facing(lens(side, fov), place, place + ahead, torch.tensor(UP, dtype=torch.float64))


def lens(side: int, fov: float) -> Pinhole:
    """A camera of `side` x `side` pixels that sees `fov` radians across."""
    focal = side / 2 / math.tan(fov / 2)
    return Pinhole(side, side, focal, focal, side / 2, side / 2)


def _direction(azimuth: float, elevation: float) -> Tensor:
    """[3] of unit length, scene frame: y is up."""
    flat = math.cos(elevation)
    way = [flat * math.sin(azimuth), math.sin(elevation), flat * math.cos(azimuth)]
    return torch.tensor(way, dtype=torch.float64)


def _between(ends: tuple[float, float], generator: torch.Generator) -> float:
    part = float(torch.rand(1, generator=generator, dtype=torch.float64))
    return ends[0] + (ends[1] - ends[0]) * part
