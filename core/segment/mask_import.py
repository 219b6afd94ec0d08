"""Masks from other programs, whichever of the ways of `mask_export` they are written in."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.capture.photos import Capture, Photo
from core.errors import UserError
from core.progress import Progress
from core.segment.casting import Cast, check_size, none_fits, photo_of
from core.segment.coco import READING, read_coco
from core.segment.labels import BACKGROUND, UNLABELLED, PhotoMask, Role, SceneObject, Standing
from core.segment.mask_export import NOTHING, OBJECTS_FILE
from core.segment.mask_pictures import SUFFIXES, MaskPicture, read_picture
from core.segment.masks import Masks

HALF = 128  # from this brightness or opacity on a pixel is inside
FEW = 64  # kinds of grey; more are a soft edge, not numbers of objects
ALONE = "Object"  # what masks of one thing are masks of
Legend = Mapping[int, int]  # labels by the numbers in pictures


@dataclass(frozen=True, eq=False)
class Imported:
    """Masks by photo, all by the user's hand, and the objects that are new to the project.

    `unmatched`: files, or images named in a file, for which there is no photo.
    """

    objects: tuple[SceneObject, ...]
    masks: Mapping[str, PhotoMask]
    unmatched: tuple[str, ...] = ()


def import_masks(path: Path, capture: Capture, masks: Masks) -> Iterator[Progress | Imported]:
    """Read a COCO file, one picture, or a folder: of pictures by photo, or of folders by object.

    Pictures with alpha and black and white ones by photo are masks of one thing, the rest being
    background; others hold numbers of objects, which the folder's `OBJECTS_FILE` may name.
    Objects of the same name as in `masks` are the same. Raises `UserError`.
    """
    cast = Cast(masks)
    file = _coco_file(path)
    if file is not None:
        unmatched: tuple[str, ...] = ()
        for step in read_coco(file, capture, cast):
            if isinstance(step, Progress):
                yield step
            elif isinstance(step, tuple):
                unmatched = step
            else:
                yield Imported(cast.new, step, unmatched)
        return
    by_photo = [path] if path.is_file() else _pictures(path)
    if by_photo:
        legend = _legend(path, cast)
        yield from _by_photo(by_photo, capture, cast, legend)
    else:
        yield from _by_object(path, capture, cast)


def _by_photo(
    files: list[Path], capture: Capture, cast: Cast, legend: Legend | None
) -> Iterator[Progress | Imported]:
    photos = {file: photo_of(file.name, capture) for file in files}
    if not any(photos.values()):
        raise none_fits([file.name for file in files], capture)
    answer: dict[str, PhotoMask] = {}
    for i, (file, photo) in enumerate(photos.items()):
        yield Progress(READING, i, len(photos), file.name)
        if photo is not None:
            picture = _fitting(file, photo)
            labels = _labels(file, picture, cast, legend)
            answer[photo.name] = PhotoMask.from_arrays(labels, labels != UNLABELLED, Standing.USER)
    unmatched = tuple(file.name for file, photo in photos.items() if photo is None)
    yield Imported(cast.new, answer, unmatched)


def _by_object(path: Path, capture: Capture, cast: Cast) -> Iterator[Progress | Imported]:
    folders = sorted(child for child in _children(path) if child.is_dir())
    files = [(folder.name, file) for folder in folders for file in _pictures(folder)]
    if not files:
        raise UserError(
            f"{path.name} holds no masks.",
            hint="Choose a folder of PNG files, one of such folders by object, or a COCO file.",
        )
    photos = {file: photo_of(file.name, capture) for _, file in files}
    if not any(photos.values()):
        raise none_fits([file.name for file in photos], capture)
    labels: dict[str, NDArray[np.uint16]] = {}
    for i, (name, file) in enumerate(files):
        yield Progress(READING, i, len(files), f"{name}/{file.name}")
        photo = photos[file]
        if photo is not None:
            inside = _inside(_fitting(file, photo))
            blank = np.full(inside.shape, UNLABELLED, np.uint16)
            labels.setdefault(photo.name, blank)[inside] = cast.id_of(name, _role(name))
    masks = {
        name: PhotoMask.from_arrays(found, found != UNLABELLED, Standing.USER)
        for name, found in labels.items()
    }
    unmatched = tuple(f"{name}/{file.name}" for name, file in files if photos[file] is None)
    yield Imported(cast.new, masks, unmatched)


def _labels(
    file: Path, picture: MaskPicture, cast: Cast, legend: Legend | None
) -> NDArray[np.uint16]:
    numbers = picture.numbers
    if numbers is None or (legend is None and not picture.indexed and _is_one_thing(numbers)):
        return np.where(_inside(picture), cast.id_of(ALONE), BACKGROUND).astype(np.uint16)
    table = legend if legend is not None else _numbered(numbers, cast)
    labels = np.empty(numbers.shape, np.uint16)
    for number in np.unique(numbers).tolist():
        if number not in table:
            raise UserError(
                f"The mask {file.name} has pixels of number {number}, which no object has.",
                hint=f"{OBJECTS_FILE} beside it has to name all objects.",
            )
        labels[numbers == number] = table[number]
    return labels


def _is_one_thing(numbers: NDArray[np.integer]) -> bool:
    """Whether grey pixels say inside or outside: black and white, 0 and 1, or a soft edge."""
    kinds = set(np.unique(numbers).tolist())
    return kinds <= {0, 255} or kinds <= {0, 1} or len(kinds) > FEW


def _inside(picture: MaskPicture) -> NDArray[np.bool_]:
    values = picture.numbers if picture.numbers is not None else picture.alpha
    assert values is not None
    return np.asarray(values >= (1 if values.max() <= 1 else HALF))


def _numbered(numbers: NDArray[np.integer], cast: Cast) -> Legend:
    """0 is the background, and 255 nothing said, as is the habit; others are named by number."""
    special = {0: BACKGROUND, NOTHING: UNLABELLED}
    kinds = (int(number) for number in np.unique(numbers))
    return {n: special[n] if n in special else cast.id_of(f"{ALONE} {n}") for n in kinds}


def _legend(path: Path, cast: Cast) -> Legend | None:
    """What the folder's own file says of the numbers, or plain names in the folder above;
    None where there is neither.
    """
    folder = path if path.is_dir() else path.parent
    file = folder / OBJECTS_FILE
    if not file.is_file():
        return _named(folder.parent / OBJECTS_FILE, cast)
    if (plain := _named(file, cast)) is not None:
        return plain
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        rows = {
            int(row["index"]): cast.id_of(str(row["name"]), Role(row["role"]), str(row["color"]))
            for row in content["objects"]
        }
        return rows | {int(content["unlabelled"]): UNLABELLED}
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"{file.name} does not say what the numbers in the masks mean ({error}).",
            hint="Export the masks anew, or take the file away.",
        ) from error


def _named(file: Path, cast: Cast) -> Legend | None:
    """What a file of names by number says, as {"1": "floor"}; None where it is not one."""
    try:
        names = json.loads(file.read_text(encoding="utf-8"))
        numbers = {int(number): str(name) for number, name in names.items()}
    except (OSError, AttributeError, ValueError):
        return None
    legend = {n: cast.id_of(name, _role(name)) for n, name in numbers.items() if n != NOTHING}
    return {0: BACKGROUND, NOTHING: UNLABELLED} | legend


def _fitting(file: Path, photo: Photo) -> MaskPicture:
    picture = read_picture(file)
    check_size(file.name, picture.size, photo)
    return picture


def _role(name: str) -> Role:
    """What a folder's name says, as this program writes it."""
    known = {"background": Role.BACKGROUND, "floor": Role.FLOOR, "left out": Role.IGNORE}
    return known.get(name.casefold(), Role.OBJECT)


def _coco_file(path: Path) -> Path | None:
    if path.is_file():
        return path if path.suffix.lower() == ".json" else None
    files = [child for child in _children(path) if child.suffix.lower() == ".json"]
    found = [file for file in files if file.name != OBJECTS_FILE]
    return found[0] if len(found) == 1 and not _pictures(path) else None


def _pictures(folder: Path) -> list[Path]:
    return sorted(child for child in _children(folder) if child.suffix.lower() in SUFFIXES)


def _children(folder: Path) -> list[Path]:
    try:
        return [child for child in folder.iterdir() if not child.name.startswith(".")]
    except OSError as error:
        raise UserError(
            f"{folder} cannot be read: {error.strerror}.", hint="Check that it is there."
        ) from error
