"""Placing an object by what photos show of it: a few turns tried, then down the gradient.

After 3D-RE-GEN (Sautter et al., 2025), with the project's own rasterizer and all photos at once.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.geometry.pose import Pose
from core.progress import Progress
from core.render.rasterize import rasterize
from core.render.render import Render
from core.scene.placing.losses import (
    Clearance,
    dice_loss,
    one_sided,
    outside_box,
    penetration,
    unlike,
    widely,
)
from core.scene.placing.model import LOG_SCALE, YAW, Stance
from core.scene.placing.sightings import Sighting

Array = NDArray[np.float64]

SILHOUETTES, CLOUD, ROOM, APART = 1.0, 0.5, 0.1, 0.1  # what the terms count
LOOKS = 0.1
# A box turned by 22 degrees has a silhouette of its own to rest in.
ASIDE = np.radians(16.0)
MATCH_EVERY = 10  # steps between looking anew which point of the object is nearest
MOST_POINTS = 2000  # of the object, that keep it in the room and apart from others


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What is known beside silhouettes; any may be None.

    `cloud` [P, 3]: points seen on the object, scene frame. `low`, `high` [3]: the room in the
    ground's frame. `others`: what else stands there.
    """

    cloud: Array | None = None
    low: Array | None = None
    high: Array | None = None
    others: Clearance | None = None


@dataclass(frozen=True)
class FitSettings:
    """How long and how far.

    `turns` are tried for `first_steps` each; from the best one and `ASIDE` of it either way
    `coarse_steps` follow in pictures of `coarse` pixels a side, and from the best of these `steps`
    in the sightings as they are, a quarter as fast.
    `rate`: of Adam, falling to a fiftieth; lengths count in the object's sizes, so that one rate
    suits all five numbers.
    """

    turns: int = 8
    first_steps: int = 15
    coarse_steps: int = 60
    steps: int = 60
    rate: float = 0.03
    coarse: int = 64


@dataclass(frozen=True, eq=False)
class Placed:
    """Where the object is, `numbers` [5] of its stance, and the mean Dice loss of the photos."""

    scene_from_object: Pose
    numbers: Array
    dice: float


def place(
    thing: Gaussians,
    stance: Stance,
    sightings: Sequence[Sighting],
    start: Array,
    around: Surroundings = Surroundings(),
    settings: FitSettings = FitSettings(),
) -> Iterator[Progress | Placed]:
    """Where `thing` stands, from five numbers `start`; `Placed` comes last.

    `settings.turns` yaws, evenly about the start's, are each followed for a few steps, the best to
    the end (1: the start's alone). The loss: silhouettes in all sightings, the distance
    from points seen to the object, out of the room, into others. As much work as a small picture
    and its gradient a sighting and step.
    """
    small = tuple(each.coarser(settings.coarse) for each in sightings)
    looks = any(each.color is not None for each in sightings)
    rough = _Problem(_plain(thing, looks), stance, small, around)
    exact = replace(rough, sightings=tuple(sightings))
    best = np.asarray(start, np.float64)
    if settings.turns > 1:
        turns = [2 * np.pi * k / settings.turns for k in range(settings.turns)]
        best = yield from _best_of(rough, best, turns, settings.first_steps, settings.rate)
    aside = [-ASIDE, 0.0, ASIDE]
    best = yield from _best_of(rough, best, aside, settings.coarse_steps, settings.rate)
    found, _ = exact.followed(best, settings.steps, settings.rate / 4)
    yield Placed(stance.scene_from_object(found), found, exact.dice(found))


def _best_of(
    problem: "_Problem", start: Array, turns: Sequence[float], steps: int, rate: float
) -> Generator[Progress, None, Array]:
    """The numbers of least loss that so many `steps` lead to from `start`, turned by `turns`."""
    best, least = start, np.inf
    for k, turn in enumerate(turns):
        turned = start.copy()
        turned[YAW] += turn
        found, loss = problem.followed(turned, steps, rate)
        if loss < least:
            best, least = found, loss
        yield Progress("Placing the object", k + 1, len(turns))
    return best


@dataclass(frozen=True, eq=False)
class _Problem:
    """The loss of five numbers, and the way down."""

    thing: Gaussians
    stance: Stance
    sightings: tuple[Sighting, ...]
    around: Surroundings

    @cached_property
    def points(self) -> Tensor:
        """[P, 3] float64: some of the object's middles."""
        means = self.thing.means.double()
        return means[:: max(1, len(means) // MOST_POINTS)]

    @cached_property
    def size(self) -> float:
        """Between opposite corners of the object's box, in its own units."""
        return float((self.points.amax(dim=0) - self.points.amin(dim=0)).norm())

    def followed(self, start: Array, steps: int, rate: float) -> tuple[Array, float]:
        """The numbers after so many `steps`, and their loss."""
        unit = self.size * float(np.exp(start[LOG_SCALE]))
        scale = torch.tensor([unit, unit, unit, 1.0, 1.0], dtype=torch.float64)
        change = torch.zeros(5, dtype=torch.float64, requires_grad=True)
        adam = torch.optim.Adam([change], lr=rate)
        fall = torch.optim.lr_scheduler.ExponentialLR(adam, 0.02 ** (1 / max(steps, 2)))
        origin, pairs = torch.from_numpy(start.copy()), None
        best, least = start, np.inf
        for step in range(steps):
            numbers = origin + change * scale
            if step % MATCH_EVERY == 0:
                pairs = self._matched(numbers.detach())
            adam.zero_grad()
            loss = self._total(numbers, pairs)
            if loss.item() < least:
                best, least = numbers.detach().numpy().copy(), loss.item()
            loss.backward()  # type: ignore[no-untyped-call]
            adam.step()
            fall.step()
        if self.stance.grounded:
            best[1] = 0.0
        return best, least

    def dice(self, numbers: Array) -> float:
        """The mean Dice loss over all sightings."""
        with torch.no_grad():
            seen = [self._seen(each, torch.from_numpy(numbers)) for each in self.sightings]
            return float(np.mean([float(dice_loss(*pair)) for pair in seen])) if seen else 0.0

    def _total(self, numbers: Tensor, pairs: tuple[Tensor, Tensor] | None) -> Tensor:
        total = numbers.new_zeros(())
        focal = self.stance.grounded
        for each in self.sightings:
            render, depth = self._drawn(each, numbers)
            alpha, mask = each.seen(render.alpha, depth)
            loss = widely(alpha, mask, focal=focal).double()
            if each.color is not None:
                both = (alpha.detach() * mask) > 0.25
                loss = loss + LOOKS * unlike(render.color, each.color, both.to(alpha)).double()
            total = total + SILHOUETTES * loss / len(self.sightings)
        size = self.size * torch.exp(numbers[LOG_SCALE].detach())
        if pairs is not None:
            own, seen = pairs
            away = (self.stance.on_ground(numbers, own) - seen).norm(dim=1)
            total = total + CLOUD * one_sided(away, float(size))
        known = self.around
        if known.others is not None or known.low is not None:
            points = self.stance.on_ground(numbers, self.points)
            if known.others is not None:
                total = total + APART * penetration(points, known.others)
            if known.low is not None and known.high is not None:
                low, high = torch.from_numpy(known.low), torch.from_numpy(known.high)
                total = total + ROOM * outside_box(points, low, high) / size
        return total

    def _seen(self, each: Sighting, numbers: Tensor) -> tuple[Tensor, Tensor]:
        render, depth = self._drawn(each, numbers)
        return each.seen(render.alpha, depth)

    def _drawn(self, each: Sighting, numbers: Tensor) -> tuple[Render, Tensor]:
        """What the photo would see of the object, and how far away [H, W] in scene units."""
        camera = self.stance.camera_from_object(numbers, each.view.camera_from_scene)
        render = rasterize(self.thing, View(each.view.camera, camera.float()))
        unit = float(torch.exp(numbers[LOG_SCALE].detach())) * self.stance.scene_from_ground.scale
        return render, render.depth.detach() * unit

    def _matched(self, numbers: Tensor) -> tuple[Tensor, Tensor] | None:
        """Of each point seen the object's nearest, [P, 3] in its frame, and where it was seen."""
        if self.around.cloud is None or not len(self.around.cloud):
            return None
        from scipy.spatial import cKDTree  # a third of a second to load

        cloud = self.around.cloud[:: max(1, len(self.around.cloud) // MOST_POINTS)]
        seen = self.stance.scene_from_ground.inverse().apply(cloud)
        own = self.thing.means.double()
        placed = self.stance.on_ground(numbers, own).numpy()
        _, nearest = cKDTree(placed).query(seen)
        return own[torch.from_numpy(nearest)], torch.from_numpy(seen)


def _plain(thing: Gaussians, looks: bool) -> Gaussians:
    """`thing` without gradients; without colours too, or with those that all sides share."""
    bare = thing.map(Tensor.detach)
    return replace(bare, sh=bare.sh[:, :1] if looks else torch.zeros_like(bare.sh[:, :1]))
