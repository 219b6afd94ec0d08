"""Where a project's photos lie: in its folder, or where they were, linked by their path."""

import os
import secrets
import shutil
from pathlib import Path

from core.capture.photos import Photo
from core.project.files import UNFINISHED, told

SUFFIX = ".maquette"
PHOTOS = "photos"


def placed(photo: Photo, folder: Path, final: Path, copy_below: Path | None) -> str:
    """What is written for where `photo` lies; it is copied to `folder`, if it is to be."""
    path = photo.path.absolute()
    if path.is_relative_to(final):
        return f"{PHOTOS}/{path.relative_to(final).as_posix()}"
    borrowed = path.parent.name == PHOTOS and path.parent.parent.suffix == SUFFIX
    goes = copy_below is not None and path.is_relative_to(copy_below.absolute())
    if not (borrowed or goes) or not path.is_file():
        return path.as_posix()  # what is not there can be put back: no reason not to save
    name = photo.name if photo.name.endswith(path.suffix) else path.name
    place = folder / Path(name).name
    with told(folder):
        folder.mkdir(exist_ok=True)
        while place.exists() and not _alike(place, path):
            place = place.with_name(f"{secrets.token_hex(2)}-{place.name}"[:200])
        if not place.exists():
            unfinished = place.with_name(f"{UNFINISHED}{secrets.token_hex(4)}")
            shutil.copy2(path, unfinished)
            os.replace(unfinished, place)
    return f"{PHOTOS}/{place.name}"


def _alike(one: Path, other: Path) -> bool:
    """Whether one is a copy of the other, by size and time."""
    first, second = one.stat(), other.stat()
    return (first.st_size, int(first.st_mtime)) == (second.st_size, int(second.st_mtime))


def linked(source: Path, target: Path) -> None:
    """The same file in another place, without a copy where the disk can do that."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
