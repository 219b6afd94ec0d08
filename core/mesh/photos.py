"""The photos of a project as looks at its scene, for its meshes."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.capture.photos import Photo
from core.capture.reconstruction import PlacedPhoto
from core.dense.sharpen import sharpened
from core.errors import UserError
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.mesh.looks import Look, looked, without_exposure
from core.mesh.values import Floats
from core.pipeline.prepare import flat_photo, views_of
from core.progress import Progress
from core.single.room import Room

STAGE = "Looking at the photos"
LONGEST = 1024  # pixels of a photo's longer side that textures are fitted to


@dataclass(frozen=True, eq=False)
class Photographed:
    """Photos by name, where they were taken, and the exposure [2, 3] of those trained on.

    `room`: what is known of the room in a scene of one photo.
    """

    photos: Mapping[str, Photo]
    places: tuple[PlacedPhoto, ...]
    exposures: Mapping[str, Tensor]
    room: Room | None = None


def looks_of(
    gaussians: Gaussians, photographed: Photographed, ids: Sequence[int]
) -> Generator[Progress, None, tuple[tuple[Look, ...], tuple[str, ...]]]:
    """A look at `gaussians` from each place, told apart by `ids`; and what is to be said of them.

    Where a photo is gone, what the Gaussians show from there takes its place.
    """
    looks: list[Look] = []
    photos: dict[int, Tensor] = {}
    for i, place in enumerate(photographed.places):
        yield Progress(STAGE, i, len(photographed.places), place.name)
        photo = photographed.photos.get(place.name)
        try:
            flat = None if photo is None else flat_photo(photo, place, LONGEST)
        except UserError:
            flat = None
        if flat is None:
            looks.append(looked(gaussians, _small(views_of([place])[0]), ids))
        else:
            colors = without_exposure(flat.pixels, photographed.exposures.get(place.name))
            photos[i] = flat.pixels
            looks.append(looked(gaussians, flat.view, ids, colors))
    if not looks:
        raise UserError(
            "No photo has a place, so no mesh can be made.", hint="Export splats instead."
        )
    gone = len(looks) - len(photos)
    measured = yield from _measured([looks[i] for i in photos], list(photos.values()))
    for i, depth in zip(photos, measured, strict=True):
        looks[i] = replace(looks[i], measured=depth)
    return tuple(looks), _words(gone)


def _measured(
    looks: Sequence[Look], photos: Sequence[Tensor]
) -> Generator[Progress, None, tuple[Floats, ...]]:
    """How far what each of `looks` sees is, by its photo and the others."""
    rough = [torch.from_numpy(look.depth) for look in looks]
    for step in sharpened([look.view for look in looks], photos, rough):
        if isinstance(step, Progress):
            yield step
        else:
            return step
    raise AssertionError("the depths come last")


def _small(view: View) -> View:
    """`view` at the size that photos are looked at."""
    camera = view.camera
    part = min(1.0, LONGEST / max(camera.width, camera.height))
    return view.resized(round(camera.width * part), round(camera.height * part))


def _words(gone: int) -> tuple[str, ...]:
    if not gone:
        return ()
    return (f"{gone} photos are gone: what the scene shows from there was used instead.",)
