"""Where a prior is asked to look from: how photos were taken, and places taken like them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import torch
from torch import Tensor

from core.geometry.aim import between, facing
from core.geometry.camera import View

FRONT = math.radians(25)  # of the mean direction: up to here all photos look the same way
CONVERGING = 0.3  # of the way to the focus: no axis of an orbit passes it farther away
ROUND = math.radians(120)  # of directions from the focus, from which on it is an orbit
ANCHOR = 0.01  # how much the middle of what photos see counts beside where their axes meet
# The ranges are not given in what is published of ReconFusion; the path's own size is 1.
NARROWEST, WIDEST = 0.5, 1.5  # ellipse before a scene
NEAREST, FARTHEST = 0.8, 1.15  # orbit
ASIDE = 0.25  # a walk's steps: how far beside the way between two photos
JITTER = 0.1  # of the path's size for the place, of the depth for what is looked at
TILT = math.radians(5)  # most that the up vector leans
ALONE = 0.1  # of the depth: the size of a path where photos hardly move
NEIGHBOURS = 3  # of a photo, between which and it places are looked at
THINNEST = 0.25  # the least of an ellipse's half axes over the greatest


class Kind(Enum):
    """How a capture was taken."""

    FORWARD = "forward-facing"
    ORBIT = "orbit"
    WALK = "walk-through"


@dataclass(frozen=True, eq=False)
class CameraPath:
    """The way of a capture's cameras. Vectors [3] float64, lengths in scene units.

    `views` in the order of the way. `focus`: the place that they look at together; `depth`:
    how far away what they see is, in the median; `size`: of the way, by which jitter is
    measured. `up` is of unit length.
    """

    kind: Kind
    views: tuple[View, ...]
    focus: Tensor
    up: Tensor
    depth: float
    size: float


def path_of(views: Sequence[View], depths: Sequence[float]) -> CameraPath:
    """How `views` were taken, from their poses and the median z that each sees (`depths`).

    Forward-facing: all look the same way to `FRONT`, and their centres lie rather across that
    way than along it. Orbit: the axes pass the focus before them within `CONVERGING` of the
    way to it, and the directions to them from there cover `ROUND`. Walk-through: anything
    else. As CAT3D (Gao et al., 2024, appendix) tells captures apart, which does so by hand.
    """
    views = [View(view.camera, view.camera_from_scene.detach().cpu().double()) for view in views]
    centres, axes = _centres(views), torch.stack([v.camera_from_scene[2, :3] for v in views])
    far = torch.tensor(list(depths), dtype=torch.float64)
    focus = _focus(centres, axes, far)
    up = torch.nn.functional.normalize(
        -torch.stack([view.camera_from_scene[1, :3] for view in views]).mean(dim=0), dim=0
    )
    depth = float(far.median())
    middle = torch.nn.functional.normalize(axes.mean(dim=0), dim=0)
    offsets = centres - centres.mean(dim=0)
    along = (offsets @ middle)[:, None] * middle
    spread = torch.arccos((axes @ middle).clamp(-1, 1)).max()
    if float(spread) < FRONT and float(along.norm()) <= float((offsets - along).norm()) + 1e-9:
        size = max(float((offsets - along).norm(dim=1).max()), ALONE * depth)
        return CameraPath(Kind.FORWARD, tuple(views), focus, up, depth, size)
    if _is_orbit(centres, axes, focus, up):
        size = float((centres - focus).norm(dim=1).median())
        return CameraPath(Kind.ORBIT, tuple(views), focus, up, depth, size)
    ordered = [views[k] for k in walked(centres)]
    steps = _centres(ordered).diff(dim=0).norm(dim=1)
    size = max(float(steps.median()) if len(steps) else 0.0, ALONE * depth)
    return CameraPath(Kind.WALK, tuple(ordered), focus, up, depth, size)


def place_on(path: CameraPath, generator: torch.Generator) -> View:
    """A random camera on or about `path`, float64; its lens is that of the nearest photo."""
    ways = {Kind.FORWARD: _before, Kind.ORBIT: _around, Kind.WALK: _along}
    centre, target, up = ways[path.kind](path, generator)
    centre = centre + JITTER * path.size * _either_way(generator, 3)
    target = target + JITTER * path.depth * _either_way(generator, 3)
    right = torch.nn.functional.normalize(torch.linalg.cross(target - centre, up), dim=0)
    up = up + math.tan(TILT) * _either_way(generator, 1) * right
    near = min(path.views, key=lambda view: float((view.centre() - centre).norm()))
    return facing(near.camera, centre, target, up)


def place_between(path: CameraPath, generator: torch.Generator) -> View:
    """A random camera on the way from one photo to one of those nearest to it, without jitter."""
    views = path.views
    first = views[min(int(_unit(generator) * len(views)), len(views) - 1)]
    others = nearest(first, views, path.depth, NEIGHBOURS + 1)[1:]
    if not others:
        return first
    other = views[others[min(int(_unit(generator) * len(others)), len(others) - 1)]]
    return between(first, other, _unit(generator))


def nearest(view: View, views: Sequence[View], depth: float, count: int) -> list[int]:
    """Numbers of the `count` of `views` most like `view`, most like first.

    By the distance between the centres in parts of `depth`, and between the unit axes.
    """
    place, axis = view.centre().double().cpu(), view.camera_from_scene[2, :3].double().cpu()

    def away(index: int) -> float:
        other = views[index]
        move = (other.centre().double().cpu() - place).norm() / depth
        return float(move + (other.camera_from_scene[2, :3].double().cpu() - axis).norm())

    return sorted(range(len(views)), key=away)[:count]


def walked(centres: Tensor) -> list[int]:
    """An order of `centres` [P, 3] in which a way goes through them: always on to the nearest.

    It begins at one of the two that are farthest apart.
    """
    away = torch.cdist(centres, centres)
    order = [int(away.max(dim=1).values.argmax())]
    while len(order) < len(centres):
        row = away[order[-1]].clone()
        row[order] = math.inf
        order.append(int(row.argmin()))
    return order


def _before(path: CameraPath, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """On an ellipse through where forward-facing photos stand, made wider or narrower."""
    centres = _centres(path.views)
    middle = centres.mean(dim=0)
    forward = torch.nn.functional.normalize(path.focus - middle, dim=0)
    offsets = centres - middle
    offsets = offsets - (offsets @ forward)[:, None] * forward
    axes = torch.linalg.svd(offsets, full_matrices=True).Vh
    major = axes[0] if float(offsets.norm()) > 1e-9 else torch.linalg.cross(forward, path.up)
    major = torch.nn.functional.normalize(major, dim=0)
    minor = torch.linalg.cross(forward, major)
    wide = max(float((offsets @ major).abs().max()), ALONE * path.depth)
    high = max(float((offsets @ minor).abs().max()), THINNEST * wide)
    angle = 2 * math.pi * _unit(generator)
    scale = NARROWEST + (WIDEST - NARROWEST) * _unit(generator)
    step = wide * math.cos(angle) * major + high * math.sin(angle) * minor
    return middle + scale * step, path.focus, path.up


def _around(path: CameraPath, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """On a closed way about the focus through the photos, made wider or narrower."""
    offsets = _centres(path.views) - path.focus
    east, north = _level(path.up)
    angles = torch.atan2(offsets @ north, offsets @ east)
    heights = offsets @ path.up
    flat = (offsets - heights[:, None] * path.up).norm(dim=1)
    angle = 2 * math.pi * _unit(generator) - math.pi
    radius, height = (
        float(np.interp(angle, angles.numpy(), column.numpy(), period=2 * math.pi))
        for column in (flat, heights)
    )
    scale = NEAREST + (FARTHEST - NEAREST) * _unit(generator)
    step = radius * (math.cos(angle) * east + math.sin(angle) * north) + height * path.up
    return path.focus + scale * step, path.focus, path.up


def _along(path: CameraPath, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """On the way from one photo to the next, or a little beside it."""
    first = min(int(_unit(generator) * (len(path.views) - 1)), max(len(path.views) - 2, 0))
    other = path.views[min(first + 1, len(path.views) - 1)]
    view = between(path.views[first], other, _unit(generator))
    right, down, forward = view.camera_from_scene[:3, :3]
    beside = _either_way(generator, 2) * ASIDE * path.size
    centre = view.centre() + beside[0] * right + beside[1] * forward
    return centre, centre + path.depth * forward, -down


def _focus(centres: Tensor, axes: Tensor, depths: Tensor) -> Tensor:
    """The point [3] nearest to all optical axes, weakly drawn to the middle of what they see."""
    identity = torch.eye(3, dtype=torch.float64)
    across = identity - axes[:, :, None] * axes[:, None, :]
    seen = centres + depths[:, None] * axes
    matrix = (across + ANCHOR * identity).sum(dim=0)
    wanted = (across @ centres[:, :, None])[..., 0] + ANCHOR * seen
    found: Tensor = torch.linalg.solve(matrix, wanted.sum(dim=0))
    return found


def _is_orbit(centres: Tensor, axes: Tensor, focus: Tensor, up: Tensor) -> bool:
    """Whether photos look at `focus` from around it."""
    ways = focus - centres
    ahead = (ways * axes).sum(dim=1)
    passed = (ways - ahead[:, None] * axes).norm(dim=1)
    if not bool((passed < CONVERGING * ahead).all()):
        return False
    east, north = _level(up)
    angles = torch.atan2(ways @ north, ways @ east).sort().values
    gaps = torch.cat([angles.diff(), angles[:1] + 2 * math.pi - angles[-1:]])
    return 2 * math.pi - float(gaps.max()) > ROUND


def _level(up: Tensor) -> tuple[Tensor, Tensor]:
    """Two unit vectors that span the plane across `up`."""
    other = torch.eye(3, dtype=torch.float64)[int(up.abs().argmin())]
    east = torch.nn.functional.normalize(torch.linalg.cross(up, other), dim=0)
    return east, torch.linalg.cross(up, east)


def _centres(views: Sequence[View]) -> Tensor:
    return torch.stack([view.centre() for view in views])


def _unit(generator: torch.Generator) -> float:
    return float(torch.rand(1, generator=generator, dtype=torch.float64))


def _either_way(generator: torch.Generator, count: int) -> Tensor:
    """[count] in [-1, 1]."""
    return 2 * torch.rand(count, generator=generator, dtype=torch.float64) - 1
