"""Jobs about masks: photos at full size, the segmenter's answers, files in and out."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.jobs.values import Carried, Found, ObjectIds, Proposed, Question
from core.capture.photos import Capture, Photo
from core.capture.pixels import load_pixels
from core.capture.reconstruction import PlacedPhoto, Reconstruction
from core.gaussians.arrays import SplatArrays
from core.progress import Progress
from core.segment.counting import Said
from core.segment.follow import Following
from core.segment.labels import PhotoMask
from core.segment.mask_export import MaskFormat, export_masks
from core.segment.mask_import import Imported, import_masks
from core.segment.masks import Masks
from core.segment.picker import RegionPicker
from core.segment.protocol import Embedded, Segmenter
from core.segment.regions import of_pixels
from core.segment.relief import Relief

EMBEDDED_AT_ONCE = 3  # photos


class Followed:
    """Whose masks the Gaussians of this process followed last."""

    def __init__(self) -> None:
        self._photos: tuple[PlacedPhoto, ...] = ()
        self._following = Following(())

    def ids(
        self,
        photos: tuple[PlacedPhoto, ...],
        masks: Mapping[str, PhotoMask],
        splats: SplatArrays,
    ) -> NDArray[np.int32]:
        """[N]; faster where only a mask is new since the last time."""
        votes = self._of(photos).votes(splats.to_gaussians(), masks)
        return votes.object_ids().numpy().astype(np.int32)

    def hear(self, photos: tuple[PlacedPhoto, ...], splats: SplatArrays, said: Said) -> None:
        """What carrying tells of `splats` holds until masks are corrected."""
        self._of(photos).hear(splats.to_gaussians(), said)

    def _of(self, photos: tuple[PlacedPhoto, ...]) -> Following:
        if not _alike(photos, self._photos):
            self._photos, self._following = photos, Following(photos)
        return self._following


class Memory:
    """The segmenter of this process, and the photos that it has looked at last."""

    def __init__(self) -> None:
        self._place: str | None = None
        self._segmenter: Segmenter | None = None
        self._embedded: dict[Photo, Embedded] = {}

    def segmenter(self, place: str) -> Segmenter:
        """The one at `place`; opening another forgets the photos. Raises `UserError`."""
        if self._segmenter is None or place != self._place:
            self._segmenter, self._place = _opened(place), place
            self._embedded.clear()
        return self._segmenter

    def embedded(
        self,
        photo: Photo,
        place: str,
        placed: PlacedPhoto | None = None,
        splats: SplatArrays | None = None,
    ) -> Embedded:
        """What the segmenter makes of `photo`; found anew where that was long ago, and where a
        scene is there of which the default knew nothing.
        """
        segmenter = self.segmenter(place)
        found = self._embedded.pop(photo, None)
        deep = found is not None and bool(found.features.get("deep", True))
        if isinstance(segmenter, RegionPicker) and placed and splats and not deep:
            found = segmenter.embed(load_pixels(photo), relief_at(placed, splats))
        found = found or segmenter.embed(load_pixels(photo))
        self._embedded[photo] = found
        while len(self._embedded) > EMBEDDED_AT_ONCE:
            del self._embedded[next(iter(self._embedded))]
        return found


MEMORY = Memory()
FOLLOWED = Followed()


def opened(place: str) -> None:
    """Have the segmenter at `place` ready. Raises `UserError`."""
    MEMORY.segmenter(place)


def embedded(
    photo: Photo, place: str, placed: PlacedPhoto | None = None, splats: SplatArrays | None = None
) -> None:
    """Look at `photo`, so that the first answer about it comes as fast as the others."""
    MEMORY.embedded(photo, place, placed, splats)


def relief_at(placed: PlacedPhoto, splats: SplatArrays) -> Relief:
    """The shape of the scene behind a photo."""
    from core.segment.counting import FLAT
    from core.segment.relief import relief_of
    from core.segment.warp import flattening

    flat, view = flattening(placed, FLAT)
    return relief_of(splats.to_gaussians(), view, flat)


def answered(question: Question) -> Found:
    """What the segmenter finds, best first, without what is empty. Raises `UserError`."""
    seen = MEMORY.embedded(question.photo, question.place)
    mask, prompt = question.mask, question.prompt
    there = mask.where(question.id)
    prompt = replace(
        prompt, known=mask.signs(question.id), mask=there if there.any() else prompt.mask
    )
    answer = MEMORY.segmenter(question.place).segment(seen, prompt)
    candidates = [each for each in answer.candidates if each.mask.any()]
    return Found(
        tuple(of_pixels(each.mask) for each in candidates),
        tuple(each.score for each in candidates),
    )


def proposed(photo: Photo, place: str) -> Proposed:
    """What may be objects in `photo`. Raises `UserError`."""
    answers = MEMORY.segmenter(place).propose(MEMORY.embedded(photo, place))
    return Proposed(photo.name, tuple(of_pixels(each.mask) for each in answers))


def carried(
    capture: Capture, reconstruction: Reconstruction, masks: Masks, splats: SplatArrays
) -> Iterator[Progress | ObjectIds | Carried]:
    """Masks of the placed photos, through the Gaussians, and whose those are.

    Raises `UserError`.
    """
    from core.segment.propagate import Lifted, Propagated, through_scene

    photos = {photo.name: photo for photo in capture.photos}
    placed = [photo for photo in reconstruction.photos if photo.name in photos]
    steps = through_scene(
        splats.to_gaussians(),
        placed,
        masks.photos,
        lambda name: load_pixels(photos[name]),
        locked=masks.locked,
    )
    for step in steps:
        if isinstance(step, Progress):
            yield step
        elif isinstance(step, Lifted):
            FOLLOWED.hear(reconstruction.photos, splats, step.said)
            yield ObjectIds(step.votes.object_ids().numpy().astype(np.int32))
        elif isinstance(step, Propagated):
            yield Carried(step.name, step.mask)


def followed(
    photos: tuple[PlacedPhoto, ...], masks: Mapping[str, PhotoMask], splats: SplatArrays
) -> ObjectIds:
    """Whose `splats` are by the user's masks."""
    return ObjectIds(FOLLOWED.ids(photos, masks, splats))


def imported(path: Path, capture: Capture, masks: Masks) -> Iterator[Progress | Imported]:
    """Masks from files. Raises `UserError`."""
    yield from import_masks(path, capture, masks)


def exported(path: Path, form: MaskFormat, capture: Capture, masks: Masks) -> Iterator[Progress]:
    """Masks for other programs. Raises `UserError`."""
    yield from export_masks(path, form, capture, masks)


def _alike(one: tuple[PlacedPhoto, ...], other: tuple[PlacedPhoto, ...]) -> bool:
    return len(one) == len(other) and all(
        (mine.name, mine.lens) == (theirs.name, theirs.lens)
        and np.array_equal(mine.camera_from_scene, theirs.camera_from_scene)
        for mine, theirs in zip(one, other, strict=True)
    )


def _opened(place: str) -> Segmenter:
    """The segmenter whose network is at `place`, or the one that is always there."""
    if not place:
        return RegionPicker()
    from core.segment.sam import Sam  # heavy: only when asked for

    return Sam.open(place)
