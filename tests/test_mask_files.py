"""Masks written for other programs and read from them: the same pixels, and errors that help."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.capture.photos import Capture
from core.capture.pixels import load_pixels
from core.errors import UserError
from core.segment.labels import (
    IGNORE,
    UNLABELLED,
    PhotoMask,
    SceneObject,
    Standing,
)
from core.segment.mask_export import MaskFormat, export_masks
from core.segment.mask_import import Imported, import_masks
from core.segment.masks import FIRST_OBJECTS, Masks
from core.segment.rle import compressed, counts_of
from tests.pictures import find, texture

CHAIR, CUP = SceneObject(2, "Chair", "#ff0000"), SceneObject(3, "Kanne „é“/2", "#00ff00")


@pytest.fixture
def capture(tmp_path: Path) -> Capture:
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(3):
        texture(i).save(folder / f"é {i}.png")
    return find(folder)


def masks_of(capture: Capture, objects: tuple[SceneObject, ...] = (CHAIR, CUP)) -> Masks:
    """Of the first two photos, with everything that a mask can hold."""
    dice = np.random.default_rng(0)
    ids = [0, 1, IGNORE, UNLABELLED, *(each.id for each in objects)]
    photos = {}
    for photo in capture.photos[:2]:
        labels = np.full((photo.height, photo.width), UNLABELLED, np.uint16)
        for k in range(40):
            y, x = dice.integers(0, photo.height - 9), dice.integers(0, photo.width - 9)
            labels[y : y + 25, x : x + 40] = ids[k % len(ids)]
        hand = labels != UNLABELLED
        photos[photo.name] = PhotoMask.from_arrays(labels, hand, Standing.USER)
    last = max(each.id for each in objects)
    return Masks((*FIRST_OBJECTS, *objects), photos, last + 1)


def written(path: Path, form: MaskFormat, capture: Capture, masks: Masks) -> Path:
    for _ in export_masks(path, form, capture, masks):
        pass
    return path


def read(path: Path, capture: Capture, masks: Masks | None = None) -> Imported:
    *_, last = import_masks(path, capture, masks or Masks())
    assert isinstance(last, Imported)
    return last


def assert_same(found: Imported, expected: Masks, names: dict[int, str]) -> None:
    """The same pixels, by the names of their objects."""
    assert found.masks.keys() == expected.photos.keys()
    known = {each.id: each.name for each in (*FIRST_OBJECTS, *found.objects)}
    for photo, mask in found.masks.items():
        labels = mask.labels()
        for id_, name in names.items():
            ids = [key for key, value in known.items() if value == name]
            assert len(ids) == 1
            assert np.array_equal(labels == ids[0], expected.photos[photo].where(id_))
        nothing = expected.photos[photo].where(UNLABELLED)
        assert np.array_equal(labels == UNLABELLED, nothing)
        assert np.array_equal(mask.by_hand(), ~nothing)


@pytest.mark.parametrize("form", [MaskFormat.OBJECTS, MaskFormat.LABELS, MaskFormat.COCO])
@pytest.mark.parametrize("last", [3, 253, 254, 700])
def test_masks_come_back(tmp_path: Path, capture: Capture, form: MaskFormat, last: int) -> None:
    cup = SceneObject(last, "Lamp" if form is MaskFormat.OBJECTS else CUP.name, "#00ff00")
    masks = masks_of(capture, (CHAIR, cup))
    path = written(tmp_path / ("m.json" if form is MaskFormat.COCO else "m"), form, capture, masks)
    names = {each.id: each.name for each in masks.objects}
    found = read(path, capture)
    assert_same(found, masks, names)
    assert found.unmatched == ()
    again = read(path, capture, masks)  # the objects are there already
    assert again.objects == ()
    for photo, mask in again.masks.items():
        assert np.array_equal(mask.labels(), masks.photos[photo].labels())


def test_objects_of_one_name_do_not_run_into_each_other(tmp_path: Path, capture: Capture) -> None:
    masks = masks_of(capture, (CHAIR, SceneObject(3, "chair", "#00ff00")))
    for form in (MaskFormat.OBJECTS, MaskFormat.COCO):
        path = written(tmp_path / f"{form.value}.json", form, capture, masks)
        assert {each.name for each in read(path, capture).objects} == {"Chair", "chair 2"}


def test_photos_with_alpha_show_the_visible_objects(tmp_path: Path, capture: Capture) -> None:
    masks = masks_of(capture)
    path = written(tmp_path / "m", MaskFormat.ALPHA, capture, masks)
    photo = capture.photos[0]
    with Image.open(path / f"{photo.name}.png") as image:
        pixels = np.asarray(image)
    things = np.isin(masks.photos[photo.name].labels(), (2, 3))
    assert np.array_equal(pixels[..., :3], load_pixels(photo))
    assert np.array_equal(pixels[..., 3] == 255, things)
    found = read(path, capture)
    assert [each.name for each in found.objects] == ["Object"]
    assert np.array_equal(found.masks[photo.name].labels(), np.where(things, 2, 0))


def coco(capture: Capture, segmentation: object, name: str | None = None) -> dict[str, object]:
    return {
        "images": [{"id": 7, "file_name": f"set/{name or capture.photos[0].name}"}],
        "categories": [{"id": 1, "name": "Chair"}],
        "annotations": [{"image_id": 7, "category_id": 1, "segmentation": segmentation}],
    }


def test_coco_files_of_others_are_read(tmp_path: Path, capture: Capture) -> None:
    photo = capture.photos[0]
    shape = (photo.height, photo.width)
    inside = np.zeros(shape, bool)
    inside[10:30, 20:60] = True
    counts = counts_of(inside)
    size = list(shape)
    kinds: list[object] = [
        {"size": size, "counts": counts},
        {"size": size, "counts": compressed(counts)},
        [[20, 10, 60, 10, 60, 30, 20, 30]],
    ]
    for kind in kinds:
        file = tmp_path / "theirs.json"
        file.write_text(json.dumps(coco(capture, kind)))
        found = read(file, capture)
        (chair,) = found.objects
        assert np.array_equal(found.masks[photo.name].where(chair.id), inside)


def save(path: Path, numbers: np.ndarray, mode: str | None = None) -> None:
    path.parent.mkdir(exist_ok=True, parents=True)
    image = Image.fromarray(numbers)
    if mode == "P":
        image.putpalette([0, 0, 0, 255, 0, 0] + [9] * 762)
    elif mode:
        image = image.convert(mode)
    image.save(path)


@pytest.mark.parametrize("mode", ["L", "1", "RGB", "RGBA", "I;16"])
def test_black_and_white_masks_are_of_one_thing(
    tmp_path: Path, capture: Capture, mode: str
) -> None:
    photo = capture.photos[1]
    inside = np.zeros((photo.height, photo.width), np.uint8)
    inside[5:50, 9:90] = 255
    picture = inside.astype(np.uint16) // 255 if mode == "I;16" else inside
    path = tmp_path / "masks" / f"{Path(photo.name).stem}_mask.png"
    if mode == "RGBA":
        save(path, np.dstack([inside * 0] * 3 + [inside]))
    else:
        save(path, picture, None if mode == "I;16" else mode)
    found = read(path.parent, capture)
    (thing,) = found.objects
    assert np.array_equal(found.masks[photo.name].where(thing.id), inside > 0)
    assert found.masks[photo.name].ids() == {0, thing.id}


def test_indexed_masks_without_names_are_numbered(tmp_path: Path, capture: Capture) -> None:
    photo = capture.photos[0]
    numbers = np.zeros((photo.height, photo.width), np.uint8)
    numbers[:20], numbers[30:60] = 255, 4
    save(tmp_path / "m" / f"{photo.name}.png", numbers, "P")
    found = read(tmp_path / "m", capture)
    assert [each.name for each in found.objects] == ["Object 4"]
    expected = np.where(numbers == 255, UNLABELLED, np.where(numbers == 4, found.objects[0].id, 0))
    assert np.array_equal(found.masks[photo.name].labels(), expected)


# What can be wrong with masks from elsewhere: made in a folder, and what is told


def small(folder: Path, capture: Capture) -> None:
    save(folder / f"{capture.photos[0].name}.png", np.zeros((50, 40), np.uint8))


def turned(folder: Path, capture: Capture) -> None:
    photo = capture.photos[0]
    save(folder / f"{photo.name}.png", np.zeros((photo.width, photo.height), np.uint8))


def strange_name(folder: Path, capture: Capture) -> None:
    save(folder / "other.png", np.zeros((50, 40), np.uint8))


def cut_off(folder: Path, capture: Capture) -> None:
    photo = capture.photos[0]
    noise = np.random.default_rng(0).integers(0, 2, (photo.height, photo.width)).astype(np.uint8)
    save(folder / f"{photo.name}.png", noise * 255)
    file = folder / f"{photo.name}.png"
    file.write_bytes(file.read_bytes()[:-200])


def no_picture(folder: Path, capture: Capture) -> None:
    (folder / f"{capture.photos[0].name}.png").write_text("hello")


def in_colour(folder: Path, capture: Capture) -> None:
    save(folder / f"{capture.photos[0].name}.png", load_pixels(capture.photos[0]))


def empty(folder: Path, capture: Capture) -> None:
    pass


def half_a_legend(folder: Path, capture: Capture) -> None:
    photo = capture.photos[0]
    save(folder / f"{photo.name}.png", np.full((photo.height, photo.width), 9, np.uint8), "P")
    (folder / "objects.json").write_text('{"unlabelled": 255, "objects": []}')


def torn_legend(folder: Path, capture: Capture) -> None:
    half_a_legend(folder, capture)
    (folder / "objects.json").write_text('{"unlabelled": 255, "obj')


def torn_coco(folder: Path, capture: Capture) -> None:
    (folder / "a.json").write_text(json.dumps(coco(capture, []))[:-9])


def other_json(folder: Path, capture: Capture) -> None:
    (folder / "a.json").write_text('{"shapes": []}')


def short_runs(folder: Path, capture: Capture) -> None:
    photo = capture.photos[0]
    told = {"size": [photo.height, photo.width], "counts": [9, 9]}
    (folder / "a.json").write_text(json.dumps(coco(capture, told)))


def coco_of_another_size(folder: Path, capture: Capture) -> None:
    (folder / "a.json").write_text(json.dumps(coco(capture, {"size": [2, 3], "counts": [6]})))


def coco_of_other_photos(folder: Path, capture: Capture) -> None:
    (folder / "a.json").write_text(json.dumps(coco(capture, [], "x.jpg")))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (small, "is 40 x 50 pixels; its photo"),
        (turned, "It is turned"),
        (strange_name, "other.png, the photos"),
        (cut_off, "cut off or damaged"),
        (no_picture, "not a PNG"),
        (in_colour, "in colour without an alpha"),
        (empty, "holds no masks"),
        (half_a_legend, "number 9"),
        (torn_legend, "does not say what the numbers"),
        (torn_coco, "cut off, or it is not JSON"),
        (other_json, "lacks one of images"),
        (short_runs, "18 pixels"),
        (coco_of_another_size, "is 3 x 2 pixels"),
        (coco_of_other_photos, "x.jpg, the photos"),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_what_is_wrong_is_told(
    tmp_path: Path, capture: Capture, make: Callable[[Path, Capture], None], words: str
) -> None:
    folder = tmp_path / "bad"
    folder.mkdir()
    make(folder, capture)
    with pytest.raises(UserError, match=words):
        read(folder, capture)


def test_a_name_that_may_be_two_photos_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    texture(0).save(folder / "a.png")
    texture(1).save(folder / "a.bmp")
    capture = find(folder)
    save(tmp_path / "m" / "a_mask.png", np.zeros((3, 3), np.uint8))
    with pytest.raises(UserError, match="may belong to"):
        read(tmp_path / "m", capture)


def test_nothing_to_export_is_told(tmp_path: Path, capture: Capture) -> None:
    with pytest.raises(UserError, match="no masks yet"):
        written(tmp_path / "m", MaskFormat.LABELS, capture, Masks())
