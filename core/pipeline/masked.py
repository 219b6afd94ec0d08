"""What masks mean to a reconstruction: pixels that training leaves out, and whose Gaussians are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from core.capture.photos import Capture
from core.capture.reconstruction import PlacedPhoto
from core.gaussians.table import Gaussians
from core.pipeline.prepare import Flat
from core.progress import Progress
from core.segment.labels import IGNORE, PhotoMask
from core.segment.mask_import import Imported, import_masks
from core.segment.masks import Masks
from core.segment.propagate import lift_masks
from core.segment.warp import Flattening


def masks_from(path: Path, capture: Capture) -> Iterator[Progress | Masks]:
    """The masks in the files at `path`, see `import_masks`; they come last. Raises `UserError`."""
    for step in import_masks(path, capture, Masks()):
        if isinstance(step, Imported):
            objects = (*Masks().objects, *step.objects)
            following = max([Masks().next_id, *(each.id + 1 for each in step.objects)])
            yield replace(Masks(), objects=objects, next_id=following).with_photos(step.masks)
        else:
            yield step


def ignored_in(
    pictures: Sequence[Flat], photos: Sequence[PlacedPhoto], masks: Mapping[str, PhotoMask]
) -> list[Tensor]:
    """For each picture the pixels [H, W] bool to leave out; nothing at all where no mask has any.

    `photos` tell the lenses that the masks were drawn through.
    """
    lenses = {photo.name: photo.lens for photo in photos}
    found = []
    for picture in pictures:
        camera, mask = picture.view.camera, masks.get(picture.name)
        if mask is None or IGNORE not in mask.ids():
            found.append(torch.zeros(camera.height, camera.width, dtype=torch.bool))
            continue
        flat = Flattening(lenses[picture.name], camera)
        labels = flat.to_flat(mask.labels(), nearest=True)
        found.append(torch.from_numpy(labels == IGNORE))
    return found if any(bool(each.any()) for each in found) else []


def with_objects(
    gaussians: Gaussians, photos: Sequence[PlacedPhoto], masks: Mapping[str, PhotoMask]
) -> Gaussians:
    """`gaussians`, each of the object that the masks of placed `photos` say."""
    if not any(photo.name in masks for photo in photos):
        return gaussians
    votes = lift_masks(gaussians, photos, masks).votes
    return replace(gaussians, object_id=votes.object_ids())
