"""COLMAP's text files: cameras.txt, images.txt, points3D.txt.

Format: https://colmap.github.io/format.html (cameras, images and points; rigs and frames, which
COLMAP 4 writes as well, repeat the poses).
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from core.capture.colmap_model import (
    ImageRow,
    Model,
    PointRows,
    broken,
    checked_image,
    checked_lens,
    checked_model,
)
from core.capture.lens import Lens
from core.capture.reconstruction import PlacedPhoto, Reconstruction, SparsePoints
from core.geometry.rotation import quat_from_matrix

T = TypeVar("T")

# One point as a photo saw it: x, y in pixels and the point's row.
Sighting = tuple[float, float, int]


def read_text(folder: Path) -> Model:
    """The model in `folder`; points3D.txt may be absent. Raises `UserError`."""
    lenses = dict(_rows(folder / "cameras.txt", _lens))
    images = _images(folder / "images.txt")
    points_file = folder / "points3D.txt"
    points = list(_rows(points_file, _point)) if points_file.exists() else []
    positions, colors, errors, tracks = zip(*points, strict=True) if points else ((), (), (), ())
    rows = PointRows.collected(positions, colors, errors, tracks)
    return checked_model(folder, lenses, images, rows)


def write_text(
    folder: Path, reconstruction: Reconstruction, sightings: Sequence[Sequence[Sighting]]
) -> None:
    """Write the three files; `sightings` has a sequence for each photo, in their order."""
    folder.mkdir(parents=True, exist_ok=True)
    photos = reconstruction.photos
    lenses = list(dict.fromkeys(photo.lens for photo in photos))
    _write(folder / "cameras.txt", ["CAMERA_ID MODEL WIDTH HEIGHT PARAMS[]"], _cameras(lenses))
    header = [
        "IMAGE_ID QW QX QY QZ TX TY TZ CAMERA_ID NAME",
        "POINTS2D[] as (X Y POINT3D_ID)",
    ]
    _write(folder / "images.txt", header, _placed(photos, lenses, sightings))
    header = ["POINT3D_ID X Y Z R G B ERROR TRACK[] as (IMAGE_ID POINT2D_IDX)"]
    _write(folder / "points3D.txt", header, _tracks(reconstruction.points, sightings))


def _rows(path: Path, parse: Callable[[Path, str], T]) -> Iterator[T]:
    """`parse` of each line that is neither empty nor a comment."""
    for number, line in enumerate(_lines(path), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield _parsed(path, number, line, parse)


def _parsed(path: Path, number: int, line: str, parse: Callable[[Path, str], T]) -> T:
    try:
        return parse(path, line)
    except (ValueError, IndexError, OverflowError) as error:
        raise broken(path, f"line {number} ({line.strip()[:60]})") from error


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split("\n")  # names may hold rarer line ends
    except (OSError, UnicodeDecodeError) as error:
        raise broken(path, str(error)) from error


def _lens(path: Path, line: str) -> tuple[int, Lens]:
    number, model, width, height, *params = line.split()
    lens = checked_lens(path, model, int(width), int(height), [float(value) for value in params])
    return int(number), lens


def _images(path: Path) -> list[ImageRow]:
    """Two lines an image; the second, its points, may be empty, and says nothing we need."""
    rows: list[ImageRow] = []
    points_next = False
    for number, line in enumerate(_lines(path), 1):
        if points_next:
            points_next = False
        elif line.strip() and not line.lstrip().startswith("#"):
            rows.append(_parsed(path, number, line, _image))
            points_next = True
    return rows


def _image(path: Path, line: str) -> ImageRow:
    *numbers, name = line.strip().split(maxsplit=9)  # names may hold spaces
    number, qw, qx, qy, qz, tx, ty, tz, camera = numbers
    row = ImageRow(
        image_id=int(number),
        camera_id=int(camera),
        name=name,
        quat=(float(qw), float(qx), float(qy), float(qz)),
        translation=(float(tx), float(ty), float(tz)),
    )
    return checked_image(path, row)


def _point(_: Path, line: str) -> tuple[list[float], list[int], float, NDArray[np.int64]]:
    _number, x, y, z, red, green, blue, error, *track = line.split()
    if len(track) % 2:
        raise ValueError("half an observation at the end of the track")
    colors = [int(red), int(green), int(blue)]
    if not all(0 <= value <= 255 for value in colors):
        raise ValueError(f"the colour {colors}")
    images = np.array([int(value) for value in track[::2]], np.int64)
    return [float(x), float(y), float(z)], colors, float(error), images


def _cameras(lenses: Sequence[Lens]) -> Iterator[str]:
    for number, lens in enumerate(lenses, 1):
        yield f"{number} {lens.model} {lens.width} {lens.height} {_numbers(lens.params)}"


def _placed(
    photos: Sequence[PlacedPhoto], lenses: Sequence[Lens], sightings: Sequence[Sequence[Sighting]]
) -> Iterator[str]:
    for number, (photo, seen) in enumerate(zip(photos, sightings, strict=True), 1):
        quat = quat_from_matrix(torch.from_numpy(photo.camera_from_scene[:3, :3])).tolist()
        pose = _numbers((*quat, *photo.camera_from_scene[:3, 3]))
        yield f"{number} {pose} {lenses.index(photo.lens) + 1} {photo.name}"
        yield " ".join(f"{u!r} {v!r} {point + 1}" for u, v, point in seen)


def _tracks(points: SparsePoints, sightings: Sequence[Sequence[Sighting]]) -> Iterator[str]:
    tracks: list[list[str]] = [[] for _ in points.positions]
    for image, seen in enumerate(sightings, 1):
        for index, (_, _, point) in enumerate(seen):
            tracks[point].append(f"{image} {index}")
    for i, track in enumerate(tracks):
        place, colour = _numbers(points.positions[i]), " ".join(map(str, points.colors[i]))
        yield " ".join([str(i + 1), place, colour, repr(float(points.errors[i])), *track])


def _numbers(values: Sequence[float] | NDArray[np.float64]) -> str:
    """With all digits, so that reading gives the same numbers back."""
    return " ".join(repr(float(value)) for value in values)


def _write(path: Path, header: Sequence[str], lines: Iterator[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"# {line}\n" for line in header)
        file.writelines(f"{line}\n" for line in lines)
