"""Numbers in masks from elsewhere, and the names that they may have."""

from pathlib import Path

import numpy as np
from PIL import Image

from core.segment.labels import BACKGROUND, Role
from core.segment.mask_import import Imported, import_masks
from core.segment.masks import FIRST_OBJECTS, Masks
from tests.pictures import find, texture


def test_names_by_number_may_lie_above_the_masks(tmp_path: Path) -> None:
    photos, folder = tmp_path / "photos", tmp_path / "masks"
    photos.mkdir()
    folder.mkdir()
    texture(0).save(photos / "a.png")
    capture = find(photos)
    photo = capture.photos[0]
    numbers = np.zeros((photo.height, photo.width), np.uint8)
    numbers[:20], numbers[20:40] = 1, 7
    Image.fromarray(numbers).convert("P").save(folder / "a.png")
    (tmp_path / "objects.json").write_text('{"0": "background", "1": "floor", "7": "lamp"}')
    *_, found = import_masks(folder, capture, Masks())
    assert isinstance(found, Imported)
    (lamp,) = found.objects
    floor = next(each for each in FIRST_OBJECTS if each.role is Role.FLOOR)
    assert lamp.name == "lamp"
    labels = found.masks[photo.name].labels()
    assert np.array_equal(labels == floor.id, numbers == 1)
    assert np.array_equal(labels == lamp.id, numbers == 7)
    assert np.array_equal(labels == BACKGROUND, numbers == 0)
