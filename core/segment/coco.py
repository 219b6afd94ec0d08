"""Masks as COCO JSON: run lengths when written; those and polygons when read."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.capture.photos import Capture, Photo
from core.errors import UserError
from core.progress import Progress
from core.project.files import replaced
from core.segment import regions
from core.segment.casting import Cast, check_size, none_fits, objects_in_order, photo_of
from core.segment.labels import UNLABELLED, PhotoMask, Role, Standing
from core.segment.masks import Masks
from core.segment.rle import compressed, counts_of, mask_of_counts, uncompressed

Content = Mapping[str, Any]
READING, WRITING = "Reading masks", "Writing masks"


def write_coco(path: Path, capture: Capture, masks: Masks) -> Iterator[Progress]:
    """Write all masks to one JSON file that pycocotools reads. Raises `UserError`."""
    photos = [photo for photo in capture.photos if photo.name in masks.photos]
    images: list[Content] = []
    annotations: list[Content] = []
    for i, photo in enumerate(photos):
        yield Progress(WRITING, i, len(photos), photo.name)
        size = {"width": photo.width, "height": photo.height}
        images.append({"id": i + 1, "file_name": photo.name, **size})
        mask = masks.photos[photo.name]
        for id_ in sorted(mask.ids()):
            annotation = {"id": len(annotations) + 1, "image_id": i + 1, "category_id": id_}
            annotations.append({**annotation, **_annotation(mask, id_)})
    categories = [
        {"id": each.id, "name": each.name, "supercategory": each.role.value, "color": each.color}
        for each in objects_in_order(masks)
    ]
    content = {"images": images, "categories": categories, "annotations": annotations}
    with replaced(path) as file:
        file.write(json.dumps(content, ensure_ascii=False).encode())
    yield Progress(WRITING, len(photos), len(photos))


def read_coco(
    path: Path, capture: Capture, cast: Cast
) -> Iterator[Progress | dict[str, PhotoMask] | tuple[str, ...]]:
    """Masks by photo, and before them the images for which there is no photo.

    Where annotations overlap the later one holds. Raises `UserError`.
    """
    content = _content(path)
    try:
        names = {int(image["id"]): str(image["file_name"]) for image in content["images"]}
        ids = {
            int(row["id"]): cast.id_of(str(row["name"]), _role(row), str(row.get("color", "")))
            for row in content["categories"]
        }
        by_image: dict[int, list[Content]] = {id_: [] for id_ in names}
        for row in content["annotations"]:
            by_image[int(row["image_id"])].append(row)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise _wrong(path, f"{type(error).__name__}: {error}") from error
    found = {id_: photo_of(name, capture) for id_, name in names.items()}
    if names and not any(found.values()):
        raise none_fits(list(names.values()), capture)
    answer: dict[str, PhotoMask] = {}
    for i, (id_, photo) in enumerate(found.items()):
        yield Progress(READING, i, len(found), names[id_])
        if photo is not None and by_image[id_]:
            answer[photo.name] = _mask(path, photo, by_image[id_], ids)
    yield tuple(names[id_] for id_, photo in found.items() if photo is None)
    yield answer


def _annotation(mask: PhotoMask, id_: int) -> Content:
    region = mask.region(id_)
    area = region.bounds()
    counts = compressed(counts_of(region.whole() > 0))
    return {
        "segmentation": {"size": [mask.height, mask.width], "counts": counts},
        "area": region.count(),
        "bbox": [area.left, area.top, area.right - area.left, area.bottom - area.top],
        "iscrowd": 0,
    }


def _mask(path: Path, photo: Photo, rows: Sequence[Content], ids: Mapping[int, int]) -> PhotoMask:
    labels = np.full((photo.height, photo.width), UNLABELLED, np.uint16)
    for row in rows:
        try:
            inside = _segmentation(row["segmentation"], photo, path.name)
            labels[inside] = ids[int(row["category_id"])]
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise _wrong(path, f"an annotation of {photo.name}: {error}") from error
    return PhotoMask.from_arrays(labels, labels != UNLABELLED, Standing.USER)


def _segmentation(told: Any, photo: Photo, file: str) -> NDArray[np.bool_]:
    """[H, W]. Raises KeyError, TypeError or ValueError."""
    if isinstance(told, list):
        drawn = regions.nothing(photo.height, photo.width)
        for corners in told:
            places = np.array(corners, np.float64).reshape(-1, 2)
            drawn = regions.united(drawn, regions.polygon(places, photo.height, photo.width))
        return np.asarray(drawn.whole() > 0)
    height, width = map(int, told["size"])
    check_size(f"of {file}", (height, width), photo)
    counts = told["counts"]
    if isinstance(counts, str):
        counts = uncompressed(counts)
    return mask_of_counts([int(count) for count in counts], height, width)


def _role(category: Content) -> Role:
    """As this program writes it; objects, in files of others."""
    told = category.get("supercategory")
    return Role(told) if told in [role.value for role in Role] else Role.OBJECT


def _content(path: Path) -> Content:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UserError(
            f"{path.name} cannot be read: {error.strerror}.", hint="Check its permissions."
        ) from error
    except (ValueError, RecursionError) as error:
        raise _wrong(path, "it is cut off, or it is not JSON") from error
    parts = ("images", "categories", "annotations")
    if not isinstance(content, dict) or any(not isinstance(content.get(p), list) for p in parts):
        raise _wrong(path, f"it lacks one of {', '.join(parts)}")
    return content


def _wrong(path: Path, what: str) -> UserError:
    return UserError(
        f"{path.name} is no COCO file of masks: {what}.",
        hint="Export it anew as COCO instance segmentation, with run lengths or polygons.",
    )
