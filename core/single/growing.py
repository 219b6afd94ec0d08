"""The steps by which a scene of few photos grows: one camera of a path after the other."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor

from core.errors import UserError
from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.prior.backends.load import load_prior
from core.prior.protocol import PosedPhoto, Prior
from core.progress import Progress
from core.render.rasterize import rasterize
from core.scene.fill.holes import reach
from core.single.depth_models import open_depth_model
from core.single.expand import SOLID, DepthGuess, Grown, Painter, cameras, expanded
from core.single.fitted import Sight, fitted, reprojections
from core.single.layers import background_depth
from core.single.painters import (
    FacePainter,
    ModelDepth,
    PriorPainter,
    closed_room,
    open_painter,
    otherwise,
)
from core.single.paths import Growth

T = TypeVar("T")

STAGE = "Growing the scene"
ROUNDS = 4  # times that each picture is met where a step is fitted


@dataclass(frozen=True, eq=False)
class Stepped:
    """One step of `total`, counted from 0. `grown` is None where no camera from there on shows
    anything new: then all is done. `words`: what did not go as it was asked for."""

    number: int
    total: int
    grown: Grown | None
    words: str = ""


def grown_by_one(
    scene: Gaussians, view: View, things: tuple[int, ...], growth: Growth, first: int = 0
) -> Generator[Progress, None, Stepped]:
    """The next step from camera `first` of the path on; its Gaussians fit to what they should show.

    `scene`: y up, the floor at 0; `view`: the photo's. `things`: ids of what stands before the
    room's faces. A network that cannot be used is done without, and words say why.
    """
    depth = reach(scene, [view])
    path = cameras(view, growth.path, depth)
    prior, unpainted = _opened(load_prior, growth.prior)
    # A file holds the depth of the photo alone.
    place = "" if Path(growth.depth).expanduser().is_file() else growth.depth
    network, unmeasured = _opened(open_depth_model, place)
    model = None if network is None else ModelDepth(network)
    fill, unfilled = _opened(open_painter, growth.fill)
    words = " ".join(each for each in (unpainted, unmeasured, unfilled) if each)
    faces = None if prior and model else closed_room(scene, view)
    for number in range(first, len(path)):
        yield Progress(STAGE, number, len(path))
        there = path[number]
        gone = torch.isin(scene.object_id, torch.tensor(things, dtype=torch.int64))
        plain = FacePainter(scene, gone, faces or (), (view,), fill or otherwise(growth.seed))
        paint: Painter = plain
        if prior is not None:
            paint = _with_prior(prior, scene, view, there, growth.seed + number)
        guess: DepthGuess = model or plain.depth
        for grown in expanded(scene, [there], paint, guess):
            found = yield from _fitted(scene, grown, view, depth)
            return Stepped(number, len(path), replace(grown, added=found), words)
    return Stepped(len(path), len(path), None, words)


def _opened(load: Callable[[str], T], place: str) -> tuple[T | None, str]:
    """What is at `place`, or None and why not."""
    if not place:
        return None, ""
    try:
        return load(place), ""
    except UserError as error:
        return None, f"{error.problem} The room's own faces go on instead."


def sights_of(view: View, picture: Tensor) -> Sight:
    """All of `picture` [H, W, 3] in [0, 1]."""
    color = (255 * picture.clamp(0, 1)).round().to(torch.uint8)
    return Sight(view, color, torch.ones(color.shape[:2], dtype=torch.bool))


def _fitted(
    scene: Gaussians, grown: Grown, view: View, depth: float
) -> Generator[Progress, None, Gaussians]:
    """What a step added, fitted to its picture, the photo's view and reprojections beside it."""
    whole = scene.followed_by(grown.added)
    free = torch.arange(len(whole)) >= len(scene)
    with torch.no_grad():
        photo = sights_of(view, rasterize(scene, view).color)
    painted = sights_of(grown.view, torch.from_numpy(grown.picture))
    sights = (painted, photo, *reprojections(whole, grown.view, depth))
    done = yield from fitted(whole, free, sights, depth, ROUNDS)
    return done.rows(free)


def _with_prior(prior: Prior, scene: Gaussians, view: View, there: View, seed: int) -> PriorPainter:
    with torch.no_grad():
        photo, known = rasterize(scene, view), rasterize(scene, there)
    beside = PosedPhoto(view, photo.color.clamp(0, 1), photo.depth)
    # What goes on beyond what is known lies about as deep as what is around it.
    depth = background_depth(known.depth.numpy(), known.alpha.numpy() < SOLID)
    return PriorPainter(prior, depth, (beside,), seed)


def origin_of(growth: Growth) -> Origin:
    """What the added Gaussians count as."""
    return Origin.IMAGINED if growth.prior else Origin.FILLED
