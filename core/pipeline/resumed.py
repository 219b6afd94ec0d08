"""Going on from where an earlier run stood, and telling where this one stands."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from core.capture.reconstruction import PlacedPhoto, Reconstruction
from core.pipeline.settings import Settings
from core.train.standing import Standing, Whereabouts
from core.train.steps import Snapshot
from core.train.trainer import Reached


def fitting(standing: Standing | None, names: Sequence[str]) -> Standing | None:
    """`standing`, where it is of a run on the photos `names`."""
    return standing if standing is not None and standing.photos == tuple(names) else None


def unrefined(reconstruction: Reconstruction, standing: Standing | None) -> Reconstruction:
    """`reconstruction` with the cameras that `standing` began with."""
    if standing is None:
        return reconstruction
    known = dict(zip(standing.photos, standing.cameras.numpy(), strict=True))

    def began(photo: PlacedPhoto) -> PlacedPhoto:
        matrix = known.get(photo.name, photo.camera_from_scene)
        return replace(photo, camera_from_scene=np.array(matrix))

    return replace(reconstruction, photos=tuple(map(began, reconstruction.photos)))


def told_to(
    outer: Whereabouts, names: Sequence[str], reconstruction: Reconstruction
) -> Whereabouts:
    """For a run on the photos `names`, as `reconstruction` has them; `outer` then knows as well."""
    inner = Whereabouts()
    matrices = {photo.name: photo.camera_from_scene for photo in reconstruction.photos}
    cameras = torch.from_numpy(np.stack([matrices[name] for name in names]))

    def now() -> Standing | None:
        found = inner.now()
        return found and replace(found, photos=tuple(names), cameras=cameras)

    outer.now = now
    return inner


def reached(
    begin: Snapshot | None,
    standing: Standing | None,
    settings: Settings,
    photos: int,
    device: str,
) -> Reached:
    """Where training begins; exposures of other photos than those trained on now say nothing."""
    if begin is None:
        return Reached()
    step = begin.step if standing is None else standing.step
    same = step.iterations == settings.iterations and step.spent < 1
    exposures: Tensor = begin.exposures
    return Reached(
        step.iteration,
        step.spent if same else min(1.0, step.iteration / settings.iterations),
        exposures.to(device) if len(exposures) == photos else None,
        standing,
    )
