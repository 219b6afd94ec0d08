"""The masks of a project as PNG files, two a photo: labels in 16 bits, and the user's pixels."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.capture.photos import Capture
from core.errors import UserError
from core.project.files import told
from core.segment.labels import UNLABELLED, PhotoMask, Role, SceneObject, Standing
from core.segment.mask_pictures import read_picture
from core.segment.masks import Masks

FOLDER = "masks"
FAST = (cv2.IMWRITE_PNG_COMPRESSION, 1)  # masks shrink well whatever the effort


def masks_to_json(masks: Masks) -> dict[str, object]:
    """All but the pixels; `write_masks` puts those where this says."""
    return {
        "objects": [
            {
                "id": each.id,
                "name": each.name,
                "color": each.color,
                "role": each.role.value,
                "visible": each.visible,
                "locked": each.locked,
                "words": each.words,
            }
            for each in masks.objects
        ],
        "next_id": masks.next_id,
        "photos": [
            {
                "name": name,
                "standing": mask.standing.value,
                "labels": f"{FOLDER}/{name}.labels.png",
                "by_hand": f"{FOLDER}/{name}.hand.png",
            }
            for name, mask in sorted(masks.photos.items())
        ],
    }


def write_masks(folder: Path, masks: Masks) -> None:
    """Write the PNG files below the project's `folder`. Raises `UserError`."""
    if not masks.photos:
        return
    with told(folder):
        (folder / FOLDER).mkdir()
    for name, mask in masks.photos.items():
        _write(folder / FOLDER / f"{name}.labels.png", mask.labels())
        _write(folder / FOLDER / f"{name}.hand.png", mask.by_hand().astype(np.uint8) * 255, bits=1)


def read_masks(content: Any, folder: Path, capture: Capture) -> Masks:
    """The masks that `masks_to_json` and `write_masks` wrote.

    Raises KeyError, TypeError or ValueError where they are not what was written.
    """
    objects = tuple(
        SceneObject(
            int(row["id"]), str(row["name"]), str(row["color"]), Role(row["role"]),
            bool(row["visible"]), bool(row["locked"]), str(row.get("words", "")),
        )
        for row in content["objects"]
    )  # fmt: skip
    sizes = {photo.name: (photo.height, photo.width) for photo in capture.photos}
    photos = {row["name"]: _mask(row, folder, sizes[row["name"]]) for row in content["photos"]}
    masks = Masks(objects, photos, int(content["next_id"]))
    known = {each.id for each in objects}
    for name, mask in photos.items():
        if unknown := mask.ids() - known:
            raise ValueError(f"the mask of {name} shows {sorted(unknown)}, which are no objects")
    return masks


def _mask(row: Mapping[str, str], folder: Path, size: tuple[int, int]) -> PhotoMask:
    labels = _read(folder / row["labels"], size)
    if labels.max() > UNLABELLED:
        raise ValueError(f"{row['labels']} holds numbers that are no labels")
    by_hand = _read(folder / row["by_hand"], size) > 0
    return PhotoMask.from_arrays(labels, by_hand, Standing(row["standing"]))


def _write(path: Path, picture: NDArray[Any], bits: int = 0) -> None:
    flags = (*FAST, cv2.IMWRITE_PNG_BILEVEL, 1) if bits == 1 else FAST
    done, data = cv2.imencode(".png", picture, flags)
    assert done
    with told(path):
        path.write_bytes(data.tobytes())


def _read(path: Path, size: tuple[int, int]) -> NDArray[Any]:
    try:
        numbers = read_picture(path).numbers
    except UserError as error:
        raise ValueError(error.problem) from error
    if numbers is None or numbers.shape != size:
        raise ValueError(f"{path.name} is no mask of its photo's size")
    return numbers
