"""Captures to measure on: a folder of photos, and the cameras that are known for them, if any."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.capture.colmap import find_model, read_colmap
from core.capture.find import find_photos
from core.capture.lens import Lens
from core.capture.names import match_names
from core.capture.photos import Capture
from core.capture.reconstruction import PlacedPhoto, Reconstruction, SparsePoints
from core.capture.transforms import read_transforms
from core.errors import UserError

PHOTO_FOLDERS = ("photos", "images")
STRECHA = "gt_dense_cameras"  # the folder's name in the captures of Strecha et al., CVPR 2008


@dataclass(frozen=True, eq=False)
class Subject:
    """A capture to measure on. `reference`: its known cameras, without points; None if unknown."""

    name: str
    capture: Capture
    reference: Reconstruction | None

    @property
    def names(self) -> list[str]:
        """Of the photos that can take part, sorted: where cameras are known, those with one."""
        if self.reference is not None:
            return sorted(photo.name for photo in self.reference.photos)
        return sorted(photo.name for photo in self.capture.photos)


def read_subject(folder: Path, work: Path) -> Subject:
    """The capture in `folder`, its photos there or in a folder "photos" or "images".

    `work` is for frames of videos. Raises `UserError` where there is no photo.
    """
    inner = [folder / name for name in PHOTO_FOLDERS if (folder / name).is_dir()]
    *_, capture = find_photos([inner[0] if inner else folder], work)
    assert isinstance(capture, Capture)
    known = _reference(folder)
    return Subject(
        folder.resolve().name, capture, None if known is None else match_names(known, capture)
    )


def read_subjects(folders: Sequence[Path], work: Path) -> list[Subject]:
    """The captures in `folders`. Raises `UserError` where two have one name."""
    subjects = [read_subject(folder, work) for folder in folders]
    names = [subject.name for subject in subjects]
    for name in names:
        if names.count(name) > 1:
            raise UserError(f'Two captures are named "{name}".', hint="Rename one of the folders.")
    return subjects


def _reference(folder: Path) -> Reconstruction | None:
    readers: tuple[tuple[str, Callable[[Path], Reconstruction]], ...] = (
        ("transforms.json", read_transforms),
        ("cameras.json", _read_sample),
        (STRECHA, _read_strecha),
    )
    for name, read in readers:
        if (folder / name).exists():
            return read(folder / name)
    try:
        find_model(folder)
    except UserError:
        return None
    return read_colmap(folder)


def _read_sample(file: Path) -> Reconstruction:
    """The cameras.json of the sample capture and of the generated rooms."""
    facts = json.loads(file.read_text(encoding="utf-8"))
    told = facts["lens"]
    lens = Lens(told["model"], told["width"], told["height"], tuple(map(float, told["params"])))
    return _known(
        [
            PlacedPhoto(photo["name"], lens, np.array(photo["camera_from_scene"], np.float64))
            for photo in facts["photos"]
        ]
    )


def _read_strecha(folder: Path) -> Reconstruction:
    """NAME.camera each: K (three rows), distortion, rotation to the scene, centre, size."""
    placed = []
    for file in sorted(folder.glob("*.camera")):
        rows = [[float(word) for word in line.split()] for line in file.read_text().splitlines()]
        rows = [row for row in rows if row]
        matrix, turn, centre = np.array(rows[:3]), np.array(rows[4:7]), np.array(rows[7])
        width, height = (int(side) for side in rows[8])
        params = (matrix[0, 0], matrix[1, 1], matrix[0, 2], matrix[1, 2])
        camera_from_scene = np.eye(4)
        camera_from_scene[:3, :3] = turn.T
        camera_from_scene[:3, 3] = -turn.T @ centre
        lens = Lens("PINHOLE", width, height, tuple(map(float, params)))
        placed.append(PlacedPhoto(file.name.removesuffix(".camera"), lens, camera_from_scene))
    return _known(placed)


def _known(placed: Sequence[PlacedPhoto]) -> Reconstruction:
    ordered = tuple(sorted(placed, key=lambda photo: photo.name))
    return Reconstruction(ordered, SparsePoints.none(), ())
