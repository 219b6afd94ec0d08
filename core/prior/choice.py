"""Which of several places to look from: none inside things, rather where photos left much open."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.dense.cameras import fitted
from core.gaussians.table import Gaussians
from core.geometry.camera import View, project
from core.geometry.rotation import matrix_from_quat
from core.prior.cameras import CameraPath, nearest, place_on
from core.prior.visibility import Sight, landed, surface, visibility_picture
from core.render.rasterize import rasterize

CANDIDATES = 6
SMALL = 48  # pixels on the longer side of the pictures that decide
CLEARANCE = 0.1  # of the path's depth: nothing solid may be nearer than that
SOLID = 0.5  # opacity
INSIDE = 2.0  # standard deviations
NEAR_PART = 0.05  # of the pixels may show something nearer than the clearance
COVERED = 0.2  # of the light must be stopped: else there is next to nothing to go by
KNOWN = 0.2  # of the picture the photos must have seen, to tell a good target from a bad one
EVEN = 0.1  # added to how open a place is: what is known is looked at too, now and then


@dataclass(frozen=True, eq=False)
class Photographed:
    """The photos' views and path, and what they saw of the scene as it is now."""

    views: Sequence[View]
    path: CameraPath
    sight: Sight


def open_place(
    scene: Gaussians,
    photographed: Photographed,
    generator: torch.Generator,
    place: Callable[[CameraPath, torch.Generator], View] = place_on,
    count: int = CANDIDATES,
) -> View | None:
    """A camera on the photos' path that is free and sees things that the photos did not.

    Of `count` at random those are left from which something is to be seen that the photos
    saw as well; one of them is drawn in proportion to the square of `EVEN` + the part of its
    picture that they did not see. None where all are blocked. `place` draws them.
    """
    views, chances = [], []
    for _ in range(count):
        view = place(photographed.path, generator)
        openness = _openness(scene, view, photographed)
        if openness is not None:
            views.append(view)
            chances.append((EVEN + openness) ** 2)
    if not views:
        return None
    return views[int(torch.multinomial(torch.tensor(chances), 1, generator=generator))]


def is_free(scene: Gaussians, place: Tensor, clearance: float) -> bool:
    """Whether nothing solid is at `place` [3], nor nearer to it than `clearance`, scene units."""
    solid = scene.rows(torch.sigmoid(scene.logit_opacity.detach()) > SOLID)
    away = place.to(solid.means) - solid.means.detach()
    far = away.norm(dim=1)
    if bool((far < clearance).any()):
        return False
    widest = torch.exp(solid.log_scales.detach()).amax(dim=1)
    near = far < INSIDE * widest  # no others can hold it
    solid, away = solid.rows(near), away[near]
    turned = (away[:, None, :] @ matrix_from_quat(solid.quats.detach()))[:, 0]
    deviations = (turned / torch.exp(solid.log_scales.detach())).norm(dim=1)
    return not bool((deviations < INSIDE).any())


def is_behind(place: Tensor, view: View, depth: Tensor) -> bool:
    """Whether `view`, which sees the surfaces `depth` [H, W], sees something before `place` [3]."""
    pixel, z = project(place.to(depth), view)
    column, row, inside = landed(pixel, z, view)
    found = depth[row, column]
    return bool(inside & (found > 0) & (z > found))


def _openness(scene: Gaussians, view: View, photographed: Photographed) -> float | None:
    """The part of the picture from `view` that photos did not see; None where it is no place."""
    path, sight = photographed.path, photographed.sight
    clearance, place = CLEARANCE * path.depth, view.centre()
    if not is_free(scene, place, clearance):
        return None
    k = nearest(view, photographed.views, path.depth, 1)[0]
    if is_behind(place, photographed.views[k], sight.depths[k]):
        return None
    small = view.resized(*fitted(view.camera, SMALL))
    with torch.no_grad():
        render = rasterize(scene, small, sh_degree=0, features=sight.visible[:, None])
    depth, seen = surface(render), float(visibility_picture(render).mean())
    close = float(((depth > 0) & (depth < clearance)).float().mean())
    if float(render.alpha.mean()) < COVERED or seen < KNOWN or close > NEAR_PART:
        return None
    return 1 - seen
