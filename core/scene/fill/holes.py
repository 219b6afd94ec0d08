"""The whole way from things that are away to what is put where they were: an addition."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays
from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.camera import View, project
from core.geometry.planes import Plane, fitted_plane
from core.geometry.pose import Pose
from core.progress import Progress
from core.scene.additions import Addition, Kind
from core.scene.cells import cells_of
from core.scene.fill.behind import Fill, filled_behind
from core.scene.fill.faces import THICKNESS, Face, ended, find_faces, support_faces
from core.scene.fill.painter import Painter, by_patches
from core.scene.floor import FEWEST, Floor
from core.scene.supports import find_supports

Array = NDArray[np.float64]

MOST_VIEWS = 12
MOST_POINTS = 20_000
SIDE = 0.005  # of the scene's depth: of the cells in which what was only guessed is hidden
UP = np.array([0.0, 1.0, 0.0])


@dataclass(frozen=True, eq=False)
class Hole:
    """What is to be filled: where `objects` were, as photos from `views` lack it.

    `scene_from_capture`: leads to the frame whose floor is at y = 0.
    """

    objects: tuple[int, ...]
    views: tuple[View, ...]
    scene_from_capture: Pose


def hole_filled(
    scene: Gaussians, hole: Hole, paint: Painter = by_patches
) -> Iterator[Progress | Addition]:
    """What was behind the objects, as `paint` goes on with what is around; `Addition` comes last.

    Of no Gaussians where photos leave nothing open. `scene`: capture frame, the objects in it.
    """
    gone = torch.isin(scene.object_id, torch.tensor(hole.objects))
    if not gone.any() or not hole.views:
        empty = SplatArrays.from_gaussians(scene.rows(torch.zeros(len(scene), dtype=torch.bool)))
        yield Addition(Kind.BEHIND, hole.objects, empty)
        return
    views = views_of(scene.means[gone], hole.views)
    depth = reach(scene, views)
    faces = faces_of(scene.rows(~gone), hole.scene_from_capture, views, depth)
    points, _ = _solid(scene.rows(~gone))
    feet = scene.means[gone].double().numpy()
    faces = (ended(faces[0], points, feet, depth), *faces[1:])
    for step in filled_behind(scene, gone, views, faces, paint):
        if isinstance(step, Progress):
            yield step
        else:
            yield _addition(scene, gone, step, hole.objects, SIDE * depth)


def views_of(points: torch.Tensor, views: Sequence[View]) -> tuple[View, ...]:
    """At most `MOST_VIEWS`, evenly chosen of those that `points` [P, 3] lie in; all if in none."""
    middle = points.median(dim=0).values[None]
    seen = []
    for view in views:
        (pixel,), (z,) = project(middle, view)
        size = torch.tensor([view.camera.width, view.camera.height]).to(pixel)
        if z > 0 and bool(((pixel > -0.25 * size) & (pixel < 1.25 * size)).all()):
            seen.append(view)
    seen = seen or list(views)
    chosen = np.unique(np.linspace(0, len(seen) - 1, min(len(seen), MOST_VIEWS)).round())
    return tuple(seen[int(k)] for k in chosen)


def reach(scene: Gaussians, views: Sequence[View]) -> float:
    """How far `views` see: the median distance of what lies in them."""
    means = scene.means[:: max(1, len(scene) // 4000)]
    away = []
    for view in views:
        pixels, z = project(means, view)
        size = torch.tensor([view.camera.width, view.camera.height]).to(pixels)
        away.append(z[(z > 0) & ((pixels > 0) & (pixels < size)).all(dim=1)])
    seen = torch.cat(away)
    return float(seen.median()) if len(seen) else 1.0


def faces_of(
    rest: Gaussians, scene_from_capture: Pose, views: Sequence[View], depth: float
) -> tuple[Face, ...]:
    """The floor, walls and table tops of a room of Gaussians `rest`."""
    points, ids = _solid(rest)
    floor = Floor(_floor_plane(points, scene_from_capture, depth))
    centres = np.stack([view.centre().double().numpy() for view in views])
    supports = find_supports(points, ids, floor.capture_from_ground(), depth)
    faces = find_faces(points, ids, floor, centres, depth)
    return (*faces, *support_faces(floor, supports))


def _solid(rest: Gaussians) -> tuple[Array, NDArray[np.int64]]:
    """Means [P, 3] and ids [P] of some that photos showed and that are not thin air."""
    solid = (rest.logit_opacity > 0) & (rest.origin < Origin.FILLED)
    rows = torch.nonzero(solid)[:, 0]
    rows = rows[:: max(1, len(rows) // MOST_POINTS)]
    return rest.means[rows].double().numpy(), rest.object_id[rows].numpy()


def _floor_plane(points: Array, scene_from_capture: Pose, depth: float) -> Plane:
    """y = 0 of the scene, laid exactly through the points that lie about there."""
    normal = scene_from_capture.rotation.T @ UP
    at = scene_from_capture.inverse().apply(np.zeros(3))
    plane = Plane(normal, -float(normal @ at))
    thickness = THICKNESS * depth
    near = points[np.abs(plane.heights(points)) < 2 * thickness]
    if len(near) < FEWEST:
        return plane
    found = fitted_plane(near, thickness, 0)
    return plane if found is None else found.plane.facing(normal)


def _addition(
    scene: Gaussians, gone: torch.Tensor, fill: Fill, objects: tuple[int, ...], side: float
) -> Addition:
    """What is laid, and in which cells nothing else is to be seen."""
    means = scene.means.double().numpy()
    hides = fill.hides.numpy()
    cells = cells_of(means[hides], side, without=means[~hides & ~gone.numpy()])
    added = replace(fill.added, origin=torch.full_like(fill.added.origin, Origin.IMAGINED))
    return Addition(Kind.BEHIND, objects, SplatArrays.from_gaussians(added), cells)
