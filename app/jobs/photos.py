"""Jobs about photos: reading them, and showing them small or without their lens's distortion."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from app.jobs.values import FlatPicture, MissingPhotos, Moved, Thumbnail, WholePhoto
from core.capture.find import find_photos
from core.capture.photos import Capture, Photo
from core.capture.pixels import (
    Pixels,
    Unusable,
    fitted_size,
    load_pixels,
    read_picture,
    shrunk,
    upright_size,
)
from core.capture.reconstruction import PlacedPhoto
from core.errors import UserError
from core.pipeline.prepare import flat_photo
from core.progress import Progress
from core.single.looked import Looked
from core.single.looking import look_at
from core.single.stance import Stance

LOOKED_AT = 200  # files between two looks at whether to stop


def found(paths: Sequence[Path], work: Path, size: int) -> Iterator[Progress | Thumbnail | Capture]:
    """The photos among `paths`: thumbnails as they are read, the `Capture` last."""
    read: list[Thumbnail] = []

    def seen(name: str, pixels: Pixels) -> None:
        read.append(_small(name, pixels, size))

    # A folder of its own: frames of two videos may have the same names.
    for step in find_photos(paths, work / f"read-{token_hex(4)}", seen):
        yield from read
        read.clear()
        yield step


def small_pictures(capture: Capture, size: int) -> Iterator[Thumbnail | MissingPhotos]:
    """Thumbnails of all photos that can be read; last, the names of the others."""
    missing: list[str] = []
    for photo in capture.photos:
        try:
            picture = read_picture(photo.path, about=size)
        except Unusable:
            missing.append(photo.name)
        else:
            yield _small(photo.name, picture.pixels, size)
    if missing:
        yield MissingPhotos(tuple(missing))


def moved(capture: Capture, names: Sequence[str], folder: Path) -> Iterator[Progress | Moved]:
    """Where the photos `names` of `capture` lie below `folder`, told by file name and size."""
    wanted = {photo.name: photo for photo in capture.photos if photo.name in names}
    places: dict[str, Path] = {}
    for k, path in enumerate(_below(folder)):
        if k % LOOKED_AT == 0:
            yield Progress("Searching", 0, 0, folder.name)
        for name, photo in wanted.items():
            if photo.path.name.lower() == path.name.lower() and _has_size(path, photo):
                places.setdefault(name, path)
        if len(places) == len(wanted):
            break
    yield Moved(places, tuple(name for name in names if name not in places))


def _below(folder: Path) -> Iterator[Path]:
    """All files; folders that may not be read are passed by."""
    for place, _, files in os.walk(folder):
        yield from (Path(place) / name for name in files)


def _has_size(path: Path, photo: Photo) -> bool:
    try:
        return upright_size(path) == (photo.width, photo.height)
    except Unusable:
        return False


def flattened(photo: Photo, placed: PlacedPhoto, max_size: int) -> FlatPicture:
    """`photo` as a pinhole would have taken it. Raises `UserError` where it is gone."""
    flat = flat_photo(photo, placed, max_size)
    return FlatPicture(photo.name, flat.pixels.numpy(), flat.view.camera, placed.camera_from_scene)


def whole(photo: Photo) -> WholePhoto:
    """`photo` at full size. Raises `UserError` where it is gone."""
    return WholePhoto(photo.name, load_pixels(photo))


def looked(photo: Photo, stance: Stance, seed: int, before: Looked | None) -> Iterator[Looked]:
    """What is found in a lone `photo`; nothing where it is gone, which its thumbnail tells."""
    with suppress(UserError):
        yield look_at(photo, stance, seed, before)


def _small(name: str, pixels: Pixels, size: int) -> Thumbnail:
    height, width = pixels.shape[:2]
    return Thumbnail(name, shrunk(pixels, *fitted_size(width, height, size)))
