"""COLMAP models on disk: read as a `Reconstruction`, and write one."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.capture.colmap_binary import read_binary
from core.capture.colmap_model import Model
from core.capture.colmap_text import Sighting, read_text, write_text
from core.capture.reconstruction import PlacedPhoto, Reconstruction, SparsePoints, Verdict
from core.errors import UserError

# Where programs put the model below the folder that a user names, in the order of trying.
PLACES = ("", "sparse/0", "sparse", "0", "colmap/sparse/0", "dense/sparse")


def read_colmap(folder: Path) -> Reconstruction:
    """The COLMAP model in `folder` or in one of the usual places below it, text or binary.

    The scene frame is the model's own. Read by our own parsers because pycolmap
    ends the process on damaged files. Raises `UserError` where there is no model
    and where it is damaged.
    """
    place = find_model(folder)
    # As COLMAP does: binary first where there are both.
    model = read_binary(place) if (place / "images.bin").exists() else read_text(place)
    rows = sorted(model.images, key=lambda row: row.name)
    photos = tuple(
        PlacedPhoto(row.name, model.lenses[row.camera_id], row.camera_from_world()) for row in rows
    )
    return Reconstruction(
        photos=photos,
        points=_points(model, {row.image_id: i for i, row in enumerate(rows)}),
        verdicts=tuple(Verdict(row.name, True, "Placed by the COLMAP model.") for row in rows),
        warnings=_other_models(place),
        details={"poses": "colmap", "model": str(place)},
    )


def write_colmap_text(folder: Path, reconstruction: Reconstruction) -> None:
    """Write `reconstruction` as cameras.txt, images.txt and points3D.txt in `folder`.

    Where a photo saw a point is where the point projects to: the matches
    themselves are not kept. Observations of points behind the camera are dropped.
    Names are written as they are, but COLMAP's own text reader, unlike ours,
    takes them to end at their first space.
    """
    photos, points = reconstruction.photos, reconstruction.points
    rows = points.seen_by(len(photos))
    sightings = [_seen(photo, points, seen) for photo, seen in zip(photos, rows, strict=True)]
    write_text(folder, reconstruction, sightings)


def find_model(folder: Path) -> Path:
    """The folder with images.bin or images.txt, and cameras beside. Raises `UserError`."""
    for place in (folder / place for place in PLACES):
        if any(
            (place / f"images{kind}").is_file() and (place / f"cameras{kind}").is_file()
            for kind in (".bin", ".txt")
        ):
            return place
    known = ", ".join(place or "the folder itself" for place in PLACES)
    raise UserError(
        f"There is no COLMAP model in {folder}"
        + ("." if folder.is_dir() else ", which is not a folder."),
        hint=f"It needs cameras and images (.bin or .txt); looked in {known}.",
    )


def _points(model: Model, photo_of_image: dict[int, int]) -> SparsePoints:
    rows = model.points
    photos = np.array([photo_of_image[int(i)] for i in rows.track_images], np.int64)
    # A photo may hold two features of one point; it saw the point once all the same.
    pairs = np.unique(np.stack([rows.track_points, photos], axis=1), axis=0)
    return SparsePoints(rows.positions, rows.colors, rows.errors, pairs[:, 1], pairs[:, 0])


def _other_models(place: Path) -> tuple[str, ...]:
    """A warning where COLMAP left several models: the photos fell apart into groups."""
    if not place.name.isdigit():
        return ()
    others = [
        other.name for other in place.parent.iterdir() if other.name.isdigit() and other != place
    ]
    if not others:
        return ()
    return (
        f"COLMAP made {len(others) + 1} models that do not hang together; "
        f"only model {place.name} is used.",
    )


def _seen(photo: PlacedPhoto, points: SparsePoints, rows: NDArray[np.int64]) -> list[Sighting]:
    matrix = photo.camera_from_scene
    places = points.positions[rows] @ matrix[:3, :3].T + matrix[:3, 3]
    ahead = places[:, 2] > 0
    rays: NDArray[np.float64] = places[ahead, :2] / places[ahead, 2:]
    pixels = photo.lens.pixels(rays)
    known = np.isfinite(pixels).all(axis=1)
    return [
        (float(u), float(v), int(row))
        for (u, v), row in zip(pixels[known], rows[ahead][known], strict=True)
    ]
