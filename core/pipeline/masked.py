"""What masks mean to a reconstruction: pixels that training leaves out, and whose Gaussians are."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from core.capture.photos import Capture
from core.capture.reconstruction import PlacedPhoto
from core.gaussians.rows import RowEdit
from core.gaussians.table import Gaussians
from core.pipeline.prepare import Flat
from core.progress import Progress
from core.segment.follow import Following
from core.segment.labels import IGNORE, PhotoMask
from core.segment.mask_import import Imported, import_masks
from core.segment.masks import Masks
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


class ChangingMasks:
    """Masks of the photos trained on, which may be corrected meanwhile: see `Labels`.

    `photos`: all that have a place. `changed()`: those masks that are others than when it was
    asked last.
    """

    def __init__(
        self,
        pictures: Sequence[Flat],
        photos: Sequence[PlacedPhoto],
        masks: Mapping[str, PhotoMask],
        changed: Callable[[], Mapping[str, PhotoMask]],
    ) -> None:
        self.masks = dict(masks)
        self._pictures, self._photos, self._changed = pictures, photos, changed
        self._lenses = {photo.name: photo.lens for photo in photos}
        self._following = Following(photos)
        self._ignored = [self._without(picture) for picture in pictures]
        self._told = not masks

    def ignored(self, index: int) -> Tensor | None:
        """See `Labels`."""
        return self._ignored[index]

    def object_ids(self, gaussians: Gaussians, since: RowEdit | None) -> Tensor | None:
        """See `Labels`."""
        if not self.hear() and self._told:
            return None
        self._told = True
        return self._following.votes(gaussians, self.masks, since).object_ids()

    def hear(self) -> bool:
        """Take over what has changed; whether anything has."""
        changed = self._changed()
        self.masks.update(changed)
        for i, picture in enumerate(self._pictures):
            if picture.name in changed:
                self._ignored[i] = self._without(picture)
        return bool(changed)

    def left_out(self) -> list[Tensor]:
        """Of each picture the pixels [H, W] bool that do not count; none at all where all do."""
        cameras = [picture.view.camera for picture in self._pictures]
        blank = [torch.zeros(camera.height, camera.width, dtype=torch.bool) for camera in cameras]
        found = [
            all_ if own is None else own for own, all_ in zip(self._ignored, blank, strict=True)
        ]
        return found if any(own is not None for own in self._ignored) else []

    def applied(self, gaussians: Gaussians) -> Gaussians:
        """`gaussians`, each of the object that the newest masks say, counted from scratch."""
        self.hear()
        if not any(photo.name in self.masks for photo in self._photos):
            return gaussians
        votes = Following(self._photos).votes(gaussians, self.masks)
        return replace(gaussians, object_id=votes.object_ids())

    def _without(self, picture: Flat) -> Tensor | None:
        mask = self.masks.get(picture.name)
        if mask is None or IGNORE not in mask.ids():
            return None
        flat = Flattening(self._lenses[picture.name], picture.view.camera)
        labels = flat.to_flat(mask.labels(), nearest=True)
        return torch.from_numpy(labels == IGNORE)
