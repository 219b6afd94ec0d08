"""A COLMAP model with undistorted photos, as other trainers take it, in the scene's frame."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

import numpy as np
from PIL import Image

from core.capture.colmap import read_colmap, write_colmap_text
from core.capture.photos import Photo
from core.capture.reconstruction import PlacedPhoto, Reconstruction
from core.errors import UserError
from core.geometry.pose import Pose
from core.pipeline.prepare import flat_photo
from core.progress import Progress
from core.project.files import new_folder, told

STAGE = "Undistorting photos"
IMAGES, MODEL = "images", "sparse/0"
QUALITY = 95  # of JPEG
KEPT = (".jpg", ".jpeg", ".png")  # suffixes that say what is written
CLOSE = 1e-6  # by which numbers may differ that were written and read


@dataclass(frozen=True)
class Modelled:
    """So many `photos` are in the model, in `size` bytes; `remarks`: sentences for the user."""

    photos: int
    size: int
    remarks: tuple[str, ...] = ()


def modelled(
    folder: Path, reconstruction: Reconstruction, photos: Mapping[str, Photo], pose: Pose
) -> Generator[Progress, None, Modelled]:
    """Write images/ and sparse/0/ into the new `folder`, and read the model back.

    `photos` by name: the files of placed photos; those that are gone are left out and told.
    `pose`: scene from capture. Raises `UserError`.
    """
    gone = []
    flats: dict[int, PlacedPhoto] = {}
    with new_folder(folder) as new:
        with told(new):
            (new / IMAGES).mkdir()
            (new / MODEL).mkdir(parents=True)
        taken: set[str] = set()
        for number, place in enumerate(reconstruction.photos):
            yield Progress(STAGE, number, len(reconstruction.photos), place.name)
            photo = photos.get(place.name)
            try:
                flat = flat_photo(photo, place, max(photo.width, photo.height)) if photo else None
            except UserError:
                flat = None
            if flat is None:
                gone.append(place.name)
                continue
            name = _file_name(place.name, taken)
            matrix = pose.moved_camera(place.camera_from_scene)
            flats[number] = PlacedPhoto(name, flat.place.lens, matrix)
            path = new / IMAGES / name
            with told(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(flat.pixels.numpy()).save(path, quality=QUALITY, subsampling=0)
        if not flats:
            raise UserError(
                "No photo of the project can be read, so there is nothing to export.",
                hint="Put the photos back where they were.",
            )
        model = _model(reconstruction, flats, pose)
        write_colmap_text(new / MODEL, model)
        _check(new, model)
        written = sum(path.stat().st_size for path in new.rglob("*") if path.is_file())
    yield Progress(STAGE, len(reconstruction.photos), len(reconstruction.photos))
    remarks = (f"{len(gone)} photos are gone and left out: {', '.join(gone[:5])}.",) if gone else ()
    return Modelled(len(flats), written, remarks)


def _file_name(name: str, taken: set[str]) -> str:
    """As the photo's, where that says JPEG or PNG: HEIC and others are written as JPEG.

    Without spaces, at which COLMAP's own reader takes names to end.
    """
    pure = PurePath(name.replace(" ", "_"))
    known = pure.suffix.lower() in KEPT
    base = pure.as_posix() if known else f"{pure.as_posix()}.jpg"
    chosen, number = base, 1
    while chosen.casefold() in taken:
        number += 1
        chosen = PurePath(base).with_stem(f"{PurePath(base).stem}-{number}").as_posix()
    taken.add(chosen.casefold())
    return chosen


def _model(
    reconstruction: Reconstruction, flats: Mapping[int, PlacedPhoto], pose: Pose
) -> Reconstruction:
    """What is left, in the scene's frame: photos by name, and points that one of them saw."""
    points = reconstruction.points
    order = sorted(flats, key=lambda number: flats[number].name)
    new_photo = np.full(len(reconstruction.photos), -1, np.int64)
    new_photo[order] = np.arange(len(order))
    kept = new_photo[points.track_photos] >= 0
    rows = np.unique(points.track_points[kept])
    new_row = np.full(len(points.positions), -1, np.int64)
    new_row[rows] = np.arange(len(rows))
    return replace(
        reconstruction,
        photos=tuple(flats[number] for number in order),
        points=replace(
            points,
            positions=pose.apply(points.positions[rows]),
            colors=points.colors[rows],
            errors=points.errors[rows],
            track_photos=new_photo[points.track_photos[kept]],
            track_points=new_row[points.track_points[kept]],
        ),
    )


def _check(folder: Path, written: Reconstruction) -> None:
    """Raises `UserError` unless the model in `folder` is what was `written`."""
    read = read_colmap(folder)
    same = [each.name for each in read.photos] == [each.name for each in written.photos]
    same = same and read.points.positions.shape == written.points.positions.shape
    if same:
        pairs = list(zip(read.photos, written.photos, strict=True))
        size = 1 + max(float(np.abs(each.camera_from_scene).max()) for each in written.photos)
        same = all(
            np.allclose(one.camera_from_scene, other.camera_from_scene, atol=CLOSE * size)
            and np.allclose(one.lens.params, other.lens.params)
            and (folder / IMAGES / one.name).is_file()
            for one, other in pairs
        )
    if not same:
        raise UserError(
            "What was written does not hold what it should: the model reads back differently.",
            hint="Nothing was kept of it. Please report this.",
        )
