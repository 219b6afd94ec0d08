"""Cameras from a file and the photos at hand: which belongs to which."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np

from core.capture.lens import Lens
from core.capture.photos import Capture, Photo
from core.capture.reconstruction import PlacedPhoto, Reconstruction, SparsePoints, Verdict
from core.errors import UserError

# Proportions of a picture may differ by this much: sizes are rounded when pictures are resized.
ASPECT_WITHIN = 0.01


def match_names(reconstruction: Reconstruction, capture: Capture) -> Reconstruction:
    """`reconstruction` of the photos of `capture`, under their names and at their sizes.

    A camera belongs to the photo of the same name; else to the only one with the
    same path, the same file name, or the same name but for the suffix. Cameras
    without a photo fall away, with their observations; verdicts tell of them,
    and of photos without a camera. Raises `UserError` where nothing fits and
    where a photo cannot be what its lens took.
    """
    chosen = _chosen(reconstruction.photos, capture.photos)
    if not chosen:
        theirs = ", ".join(placed.name for placed in reconstruction.photos[:3]) or "none"
        ours = ", ".join(photo.name for photo in capture.photos[:3]) or "none"
        raise UserError(
            f"None of the cameras belongs to a photo: they are for {theirs}, the photos {ours}.",
            hint="Give the photos that the cameras were made for, under their names.",
        )
    order = sorted(chosen, key=lambda i: chosen[i].name)
    photos = tuple(
        replace(
            reconstruction.photos[i],
            name=chosen[i].name,
            lens=_fitting(reconstruction.photos[i].lens, chosen[i]),
        )
        for i in order
    )
    return replace(
        reconstruction,
        photos=photos,
        points=_of_photos(reconstruction.points, order),
        verdicts=_verdicts(reconstruction, capture, chosen),
    )


def _chosen(placed: Sequence[PlacedPhoto], photos: Sequence[Photo]) -> dict[int, Photo]:
    """Photo of each placed one that has one, by its index. Surer kinds of likeness go first."""
    likenesses: tuple[Callable[[str, Photo], bool], ...] = (
        lambda name, photo: name == photo.name,
        _same_path,
        lambda name, photo: (
            _file(name) == _file(photo.name) or _file(name) == _file(photo.path.name)
        ),
        lambda name, photo: (
            PurePosixPath(_file(name)).stem == PurePosixPath(_file(photo.name)).stem
        ),
    )
    chosen: dict[int, Photo] = {}
    for alike in likenesses:
        left = [i for i in range(len(placed)) if i not in chosen]
        taken = {photo.name for photo in chosen.values()}
        free = [photo for photo in photos if photo.name not in taken]
        pairs = [(i, photo) for i in left for photo in free if alike(placed[i].name, photo)]
        for i, photo in pairs:
            # Only where neither side has another choice: a wrong pair is worse than none.
            if sum(i == k or photo is other for k, other in pairs) == 1:
                chosen[i] = photo
    return chosen


def _same_path(name: str, photo: Photo) -> bool:
    parts = PurePosixPath(name.casefold()).parts
    return tuple(part.casefold() for part in photo.path.absolute().parts[-len(parts) :]) == parts


def _file(name: str) -> str:
    return PurePosixPath(name).name.casefold()


def _fitting(lens: Lens, photo: Photo) -> Lens:
    """`lens` at the size of `photo`."""
    ours, theirs = photo.width / photo.height, lens.width / lens.height
    if abs(ours / theirs - 1) <= ASPECT_WITHIN:
        return lens.resized(photo.width, photo.height)
    sizes = (
        f"{photo.name} has {photo.width} x {photo.height} pixels, its camera "
        f"{lens.width} x {lens.height}"
    )
    if abs(ours * theirs - 1) <= ASPECT_WITHIN:
        raise UserError(
            f"{sizes}: one is turned by a right angle.",
            hint="The cameras were made without the photos' EXIF orientation. "
            "Make them again from upright photos, or remove the orientation from the photos.",
        )
    raise UserError(
        f"{sizes}: the proportions differ, so one of them was cropped.",
        hint="Give the photos that the cameras were made for.",
    )


def _of_photos(points: SparsePoints, order: Sequence[int]) -> SparsePoints:
    """`points` with the observations of photos `order` only, which become 0, 1, 2 ..."""
    place = {old: new for new, old in enumerate(order)}
    kept = np.isin(points.track_photos, list(order))
    renamed = [place[int(old)] for old in points.track_photos[kept]]
    return replace(
        points,
        track_photos=np.array(renamed, np.int64),
        track_points=points.track_points[kept],
    )


def _verdicts(
    reconstruction: Reconstruction, capture: Capture, chosen: dict[int, Photo]
) -> tuple[Verdict, ...]:
    words = {verdict.name: verdict for verdict in reconstruction.verdicts}
    verdicts: list[Verdict] = []
    for i, placed in enumerate(reconstruction.photos):
        told = words.pop(placed.name, Verdict(placed.name, True, "Placed by the file."))
        if i in chosen:
            verdicts.append(Verdict(chosen[i].name, True, told.words))
        else:
            lacking = "It has a camera, but is not among the photos."
            verdicts.append(Verdict(placed.name, False, lacking))
    matched = {photo.name for photo in chosen.values()}
    verdicts += (verdict for verdict in words.values() if verdict.name not in matched)
    known = {verdict.name for verdict in verdicts}
    verdicts += (
        Verdict(photo.name, False, "The file with the cameras has none for it.")
        for photo in capture.photos
        if photo.name not in known
    )
    return tuple(sorted(verdicts, key=lambda verdict: verdict.name))
