"""Masks for other programs: PNG by object, a label PNG by photo, COCO, photos with alpha."""

import json
import re
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path

import numpy as np
from PIL import Image

from core.capture.photos import Capture, Photo
from core.capture.pixels import load_pixels
from core.errors import UserError
from core.progress import Progress
from core.project.files import new_folder, told
from core.segment.casting import objects_in_order
from core.segment.coco import WRITING, write_coco
from core.segment.labels import IGNORE, UNLABELLED, PhotoMask, Role, SceneObject
from core.segment.mask_pictures import write_image, write_indexed
from core.segment.masks import Masks

OBJECTS_FILE = "objects.json"  # beside label pictures: what their numbers mean
LEFT_OUT, NOTHING = 254, 255  # in label pictures of 8 bits
UNLABELLED_COLOR = "#ffffff"


class MaskFormat(Enum):
    """Ways to write masks."""

    OBJECTS = "objects"  # a folder for each object, in it a black and white PNG for each photo
    LABELS = "labels"  # an indexed PNG for each photo, and `OBJECTS_FILE`
    COCO = "coco"  # one JSON file
    ALPHA = "alpha"  # the photos as PNG, transparent where no visible object is


def export_masks(
    path: Path, form: MaskFormat, capture: Capture, masks: Masks
) -> Iterator[Progress]:
    """Write all masks to the file or the new folder `path`. Raises `UserError`."""
    photos = [photo for photo in capture.photos if photo.name in masks.photos]
    if not photos:
        raise UserError("There are no masks yet.", hint="Mark an object in a photo first.")
    if form is MaskFormat.COCO:
        yield from write_coco(path, capture, masks)
        return
    write = {
        MaskFormat.OBJECTS: _write_objects,
        MaskFormat.LABELS: _write_labels,
        MaskFormat.ALPHA: _write_alpha,
    }[form]
    with new_folder(path) as folder:
        objects = objects_in_order(masks)
        if form is MaskFormat.LABELS:
            _write_legend(folder, objects)
        for i, photo in enumerate(photos):
            yield Progress(WRITING, i, len(photos), photo.name)
            write(folder, photo, masks.photos[photo.name], objects)
    yield Progress(WRITING, len(photos), len(photos))


def index_of(id_: int, objects: Sequence[SceneObject]) -> int:
    """The number of a label in label pictures: 8 bits where the ids leave room for them."""
    if _fits_8_bits(objects):
        return {IGNORE: LEFT_OUT, UNLABELLED: NOTHING}.get(id_, id_)
    return id_


def _write_objects(
    folder: Path, photo: Photo, mask: PhotoMask, objects: Sequence[SceneObject]
) -> None:
    there = mask.ids()
    for each in objects:
        if each.id not in there:
            continue
        place = folder / _file_name(each.name)
        with told(place):
            place.mkdir(exist_ok=True)
        pixels = mask.where(each.id).astype(np.uint8) * np.uint8(255)
        write_image(place / f"{photo.name}.png", Image.fromarray(pixels))


def _write_labels(
    folder: Path, photo: Photo, mask: PhotoMask, objects: Sequence[SceneObject]
) -> None:
    path = folder / f"{photo.name}.png"
    labels = mask.labels()
    if not _fits_8_bits(objects):
        write_image(path, Image.fromarray(labels))
        return
    table = np.zeros(UNLABELLED + 1, np.uint8)
    colors = [UNLABELLED_COLOR] * 256
    for each in objects:
        table[each.id] = index_of(each.id, objects)
        colors[table[each.id]] = each.color
    table[UNLABELLED] = NOTHING
    write_indexed(path, table[labels], colors)


def _write_legend(folder: Path, objects: Sequence[SceneObject]) -> None:
    rows = [
        {
            "index": index_of(each.id, objects),
            "name": each.name,
            "role": each.role.value,
            "color": each.color,
        }
        for each in objects
    ]
    content = {"unlabelled": index_of(UNLABELLED, objects), "objects": rows}
    text = json.dumps(content, indent=1, ensure_ascii=False)
    with told(folder):
        (folder / OBJECTS_FILE).write_text(text + "\n", encoding="utf-8")


def _write_alpha(
    folder: Path, photo: Photo, mask: PhotoMask, objects: Sequence[SceneObject]
) -> None:
    shown = [each.id for each in objects if each.role is Role.OBJECT and each.visible]
    alpha = np.isin(mask.labels(), shown).astype(np.uint8) * np.uint8(255)
    image = Image.fromarray(np.dstack([load_pixels(photo), alpha]))
    write_image(folder / f"{photo.name}.png", image)


def _fits_8_bits(objects: Sequence[SceneObject]) -> bool:
    return all(each.id < LEFT_OUT or each.id == IGNORE for each in objects)


def _file_name(name: str) -> str:
    """`name` without what no file system takes."""
    return re.sub(r'[<>:"/\\|?*\x00-\x1f]', "_", name).strip(" .") or "object"
