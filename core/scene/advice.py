"""Where to take the next photo from, so that it settles most of what is guessed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.aim import facing
from core.geometry.camera import View
from core.render.rasterize import rasterize
from core.train.evidence import shares_seen

LONGEST = 96  # pixels: enough to tell how much of a picture is guessed
TURNS, RISES = 12, (-10.0, 15.0, 40.0)  # places around, and degrees above the middle
NEAR = 0.25  # of how far photos see: nearer things are in the way
FAR = 0.5  # of how far photos see: half the picture at least, or the camera is behind a wall
MOST_VIEWS = 12  # that are asked what they show
GLIMPSE = 0.05  # of a Gaussian: what no photo shows more of is a guess
FILLED_UP = 0.6  # of the picture: one that shows less looks out of the scene


@dataclass(frozen=True, eq=False)
class Advice:
    """A camera, and the share in [0, 1] of what it shows that is guessed today."""

    view: View
    share: float


def places_to_try(views: Sequence[View], up: Tensor) -> tuple[View, ...]:
    """Cameras on circles around what `views` look at, as far away as they are; `up` [3]."""
    centres = torch.stack([view.centre().double() for view in views])
    forward = torch.stack([view.camera_from_scene[2, :3].double() for view in views])
    across = torch.eye(3).double() - forward[:, :, None] * forward[:, None, :]
    system = across.sum(dim=0) + 1e-3 * len(views) * torch.eye(3).double()
    pull = 1e-3 * (centres + forward).sum(dim=0)
    middle = torch.linalg.solve(system, (across @ centres[..., None]).sum(dim=0)[:, 0] + pull)
    radius = float((centres - middle).norm(dim=1).median())
    up = torch.nn.functional.normalize(up.double(), dim=0)
    first = centres[0] - middle
    first = torch.nn.functional.normalize(first - (first @ up) * up, dim=0)
    side = torch.linalg.cross(up, first)
    found = []
    for rise in np.radians(RISES):
        for turn in 2 * np.pi * np.arange(TURNS) / TURNS:
            ahead = np.cos(turn) * first + np.sin(turn) * side
            centre = middle + radius * (np.cos(rise) * ahead + np.sin(rise) * up)
            view = facing(views[0].camera, centre, middle, up)
            found.append(replace(view, camera_from_scene=view.camera_from_scene.float()))
    return tuple(found)


def photo_to_take(
    scene: Gaussians, candidates: Sequence[View], depth: float, unsure: Tensor | None = None
) -> Advice | None:
    """Of `candidates` the one whose picture shows most of what is guessed; None for none fit.

    `depth`: how far the photos see, scene units. `unsure` [N] in [0, 1]: how much of each
    Gaussian is guessed, 1 - its confidence unless told. A camera right before something, behind
    a wall, or that hardly sees the scene is not fit. One small picture a candidate.
    """
    guessed = (1 - scene.confidence if unsure is None else unsure).to(scene.means)
    plain = replace(scene.map(Tensor.detach), sh=torch.zeros_like(scene.sh[:, :1]))
    best: Advice | None = None
    for view in candidates:
        camera = view.camera
        shrink = min(1.0, LONGEST / max(camera.width, camera.height))
        small = view.resized(round(camera.width * shrink), round(camera.height * shrink))
        with torch.no_grad():
            render = rasterize(plain, small, features=guessed[:, None])
        assert render.features is not None
        covered = render.alpha > 0.5
        if float(covered.float().mean()) < FILLED_UP:
            continue
        away = render.depth[covered]
        if float(away.quantile(0.05)) < NEAR * depth or float(away.median()) < FAR * depth:
            continue
        share = float(render.features[..., 0].sum() / render.alpha.sum())
        if best is None or share > best.share:
            best = Advice(view, share)
    return best


def guessed_by(scene: Gaussians, views: Sequence[View]) -> Tensor:
    """[N] in [0, 1]: how much of each Gaussian is guessed.

    By its confidence; where nothing was judged, by whether one of `views` shows it.
    """
    unsure = 1 - scene.confidence
    rest = scene.origin < Origin.FILLED
    if bool((unsure[rest] > 0).any()) or not views:
        return unsure
    some = views[:: max(1, len(views) // MOST_VIEWS)]
    seen = torch.stack([shares_seen(scene, view) for view in some]).amax(dim=0)
    return torch.where(rest, (seen < GLIMPSE).to(unsure), unsure)
