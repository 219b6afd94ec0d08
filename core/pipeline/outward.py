"""A scene of one photo grown along a path of cameras without being asked, and fitted as a whole."""

from collections.abc import Generator
from dataclasses import replace

import torch
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.pipeline.build import Host
from core.pipeline.events import Remark
from core.pipeline.settings import AUTO, NONE, Settings
from core.progress import Progress
from core.scene.fill.holes import reach
from core.single.fitted import fitted, reprojections
from core.single.growing import grown_by_one, origin_of, sights_of
from core.single.paths import Growth, path_told

ROUNDS = 3  # times that each picture is met


def grown(
    scene: Gaussians,
    photo: Tensor,
    view: View,
    things: tuple[int, ...],
    settings: Settings,
    host: Host,
) -> Generator[Progress | Remark | Gaussians, None, Gaussians]:
    """`scene` as settings want it grown from the `view` of `photo` [H, W, 3]; yielded after each
    step.

    Then it is fitted to the photo, the N painted pictures, and reprojections of all of it beside
    each of these N + 1. `things`: ids of what stands before the room's faces.
    """
    path, steps = path_told(settings.expand)
    prior = "" if settings.prior in (AUTO, NONE) else settings.prior
    growth = Growth(path, settings.seed, prior, settings.depth, settings.fill)
    depth = reach(scene, [view])
    sights, camera, said = [sights_of(view, photo)], 0, ""
    for _ in range(steps):
        if host.stop():
            break
        step = yield from grown_by_one(scene, view, things, growth, camera)
        if step.words and step.words != said:
            said = step.words
            yield Remark(said)
        if step.grown is None:
            break
        added = step.grown.added
        origin = torch.full_like(added.origin, origin_of(growth))
        scene, camera = scene.followed_by(replace(added, origin=origin)), step.number + 1
        sights.append(sights_of(step.grown.view, torch.from_numpy(step.grown.picture)))
        yield scene
    if len(sights) == 1 or host.stop():
        return scene
    beside = [each for sight in sights for each in reprojections(scene, sight.view, depth)]
    everything = torch.ones(len(scene), dtype=torch.bool)
    return (yield from fitted(scene, everything, [*sights, *beside], depth, ROUNDS))
