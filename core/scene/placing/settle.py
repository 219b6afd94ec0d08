"""An object settled where photos show it: on the floor, on what carries it, or as it hangs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import UserError
from core.gaussians.arrays import SplatArrays
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.geometry.pose import Pose
from core.progress import Progress
from core.render.rasterize import rasterize
from core.scene.arrange import EDGES
from core.scene.bodies import body_points
from core.scene.floor import surface_points
from core.scene.placing.contact import stands_on_floor
from core.scene.placing.fit import FitSettings, Placed, Surroundings, place
from core.scene.placing.model import Stance, stance_of
from core.scene.placing.settled import Settled
from core.scene.placing.sightings import Sighting, sighting
from core.scene.placing.start import start_from_masks
from core.scene.supports import Support, find_supports
from core.scene.tops import unscaled

Array = NDArray[np.float64]
Pixels = NDArray[np.bool_]

MOST_PHOTOS = 5
LONGEST = 144  # pixels of an object cut out of a photo
CARRIED = 0.05  # of how far photos see: a top so near to an object's bottom carries it
BODY = 0.02  # of an object's size: what is farther from its body than that is a stray


@dataclass(frozen=True, eq=False)
class Shown:
    """What a photo from `view` tells, all [H, W]: where the object is, and where the floor.

    `color` [H, W, 3]: the photo, where it is at hand.
    """

    view: View
    mask: Pixels
    floor: Pixels
    color: NDArray[np.uint8] | None = None


@dataclass(frozen=True, eq=False)
class Unsettled:
    """`thing`, and the `rest` of the scene, in the frame of the capture; `photos` that show it.

    `ground`: leads to the frame whose floor is at y = 0. `depth`: how far photos see, in units of
    the capture. `known`: the thing was captured where the photos show it. `cloud` [P, 3]: of one
    that was not, points that were seen on what it stands for.
    """

    thing: Gaussians
    rest: Gaussians
    photos: Sequence[Shown]
    ground: Pose
    depth: float
    known: bool
    cloud: Array | None = None

    def start(self, points: Array, stance: Stance, seen: Sequence[Sighting]) -> Array:
        """Five numbers [5] to begin with, of one that was not captured."""
        middle = None if self.cloud is None else np.median(self.cloud, axis=0)
        return start_from_masks(points, stance, seen, middle)


def settled(task: Unsettled) -> Iterator[Progress | Settled]:
    """Where the thing belongs; `Settled` comes last.

    With four degrees of freedom on the floor where masks touch it, on a table's top where one is
    right below; else with five. Raises `UserError` where no photo shows enough of it.
    """
    thing, points = _body(task.thing)
    photos = sorted(task.photos, key=lambda each: -np.count_nonzero(each.mask))[:MOST_PHOTOS]
    seen = _sightings(task.rest, photos)
    if not seen:
        raise UserError(
            "No photo shows enough of this object.", hint="Mark it in a photo that does."
        )
    grounded = stands_on_floor((each.mask, each.floor) for each in photos)
    # In units of the capture: the ground's own frame, whatever a unit of the scene is.
    capture_from_ground = unscaled(task.ground).inverse()
    top = None if grounded else _carrier(task, points, seen, capture_from_ground)
    stance = stance_of(
        points, _raised(capture_from_ground, top), grounded=grounded or top is not None,
        up=capture_from_ground.rotation @ np.array([0.0, 1.0, 0.0]),
    )  # fmt: skip
    start, turns = stance.numbers_of(Pose.identity()), 1
    if not task.known:
        start, turns = task.start(points, stance, seen), 8
    around = Surroundings(cloud=task.cloud)
    for step in place(thing, stance, seen, start, around, FitSettings(turns=turns)):
        if isinstance(step, Progress):
            yield step
        else:
            yield _told(step, grounded, top)


def _told(found: Placed, grounded: bool, top: Support | None) -> Settled:
    return Settled(
        found.scene_from_object, grounded, None if top is None else top.height, found.dice
    )


def _body(thing: Gaussians) -> tuple[Gaussians, Array]:
    """The thing without strays, and its points [P, 3]."""
    points = body_points(SplatArrays.from_gaussians(thing))
    low, high = points.min(axis=0), points.max(axis=0)
    slack = BODY * float(np.linalg.norm(high - low))
    means = thing.means.double().numpy()
    inside = ((means > low - slack) & (means < high + slack)).all(axis=1)
    return thing.rows(torch.from_numpy(inside)), points


def _sightings(rest: Gaussians, photos: Sequence[Shown]) -> tuple[Sighting, ...]:
    found = []
    for each in photos:
        with torch.no_grad():
            height, width = each.mask.shape
            render = rasterize(rest, each.view.resized(width, height))
        before = torch.where(render.alpha > 0.5, render.depth, 0.0)
        found.append(sighting(each.view, each.mask, LONGEST, before=before, color=each.color))
    return tuple(each for each in found if each is not None)


def _raised(capture_from_ground: Pose, top: Support | None) -> Pose:
    """The frame whose y = 0 is the top that carries something."""
    if top is None:
        return capture_from_ground
    return capture_from_ground @ Pose(np.eye(3), np.array([0.0, top.height, 0.0]))


def _carrier(
    task: Unsettled, points: Array, seen: Sequence[Sighting], capture_from_ground: Pose
) -> Support | None:
    """The top right below where the object is, if there is one."""
    placed = points
    if not task.known:
        free = stance_of(points, capture_from_ground, grounded=False)
        placed = free.scene_from_object(task.start(points, free, seen)).apply(points)
    here = capture_from_ground.inverse().apply(placed)
    low, high = np.percentile(here, EDGES, axis=0)
    middle = 0.5 * (low + high)[None, [0, 2]]
    splats = SplatArrays.from_gaussians(task.rest)
    solid = surface_points(splats)
    around = capture_from_ground.inverse().apply(solid)
    near = (np.abs(around[:, [0, 2]] - middle) < (high - low)[[0, 2]] + 0.2 * task.depth).all(
        axis=1
    )
    ids = np.zeros(int(near.sum()), np.int64)
    tops = find_supports(solid[near], ids, capture_from_ground, task.depth)
    below = [each for each in tops if bool(each.holds(middle)[0])]
    best = min(below, key=lambda each: abs(each.height - low[1]), default=None)
    return best if best and abs(best.height - low[1]) < CARRIED * task.depth else None
