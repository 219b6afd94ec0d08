"""Captures and reconstructions as JSON holds them, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from core.capture.lens import Lens
from core.capture.photos import Capture, LeftOut, Photo, Quality
from core.capture.reconstruction import PlacedPhoto, Reconstruction, SparsePoints, Verdict
from core.errors import UserError

LONGEST = 1_000_000  # pixels


def capture_to_json(capture: Capture, paths: Mapping[str, str]) -> dict[str, object]:
    """`paths`: what is written for each photo's, absolute or below the project's folder."""
    return {
        "photos": [
            {**asdict(photo), "path": paths[photo.name]}  # Quality becomes a dictionary too
            for photo in capture.photos
        ],
        "left_out": [asdict(file) for file in capture.left_out],
    }


def capture_from_json(content: Any, folder: Path) -> Capture:
    """Raises KeyError, TypeError or ValueError where `content` is not what was written."""
    photos = tuple(_photo(row, folder) for row in content["photos"])
    names = [photo.name for photo in photos]
    if len(set(names)) < len(names):
        raise ValueError("two photos have one name")
    return Capture(photos, tuple(LeftOut(**row) for row in content["left_out"]))


def _photo(row: Any, folder: Path) -> Photo:
    quality = Quality(**row["quality"])
    photo = Photo(**{**row, "path": folder / row["path"], "quality": quality})
    sides = (photo.width, photo.height)
    if not all(type(side) is int and 0 < side <= LONGEST for side in sides):
        raise ValueError(f"a photo of {photo.width} x {photo.height} pixels")
    numbers = (quality.sharpness, quality.exposure, quality.clipped, photo.focal_px or 0.0)
    words = (photo.name, photo.camera, quality.duplicate_of or "", str(photo.path))
    if not all(isinstance(number, int | float) for number in numbers):
        raise TypeError("a photo's qualities are numbers")
    if not all(isinstance(word, str) and "\0" not in word for word in words) or not photo.name:
        raise TypeError("a photo's name is a word")
    return photo


def reconstruction_to_json(reconstruction: Reconstruction) -> dict[str, object]:
    """All but the points, which are arrays."""
    return {
        "cameras": [
            {
                "name": photo.name,
                "lens": asdict(photo.lens),
                "camera_from_scene": photo.camera_from_scene.tolist(),
            }
            for photo in reconstruction.photos
        ],
        "verdicts": [asdict(verdict) for verdict in reconstruction.verdicts],
        "warnings": list(reconstruction.warnings),
        "floor_found": reconstruction.floor_found,
        "details": dict(reconstruction.details),
    }


def reconstruction_from_json(content: Any) -> Reconstruction:
    """Without points. Raises as `capture_from_json`."""
    photos = []
    for row in content["cameras"]:
        matrix = np.array(row["camera_from_scene"], np.float64)
        if matrix.shape != (4, 4) or not np.isfinite(matrix).all():
            raise ValueError(f"the camera of {row['name']} is not 4 x 4 numbers")
        lens = _lens(row["lens"])
        photos.append(PlacedPhoto(row["name"], lens, matrix))
    return Reconstruction(
        photos=tuple(photos),
        points=SparsePoints.none(),
        verdicts=tuple(Verdict(**row) for row in content["verdicts"]),
        warnings=tuple(content["warnings"]),
        floor_found=bool(content["floor_found"]),
        details=dict(content["details"]),
    )


def _lens(row: Any) -> Lens:
    lens = Lens(**{**row, "params": tuple(float(number) for number in row["params"])})
    sides = (lens.width, lens.height)
    if not all(type(side) is int and 0 < side <= LONGEST for side in sides):
        raise ValueError(f"a lens of {lens.width} x {lens.height} pixels")
    if not isinstance(lens.model, str) or not np.isfinite(lens.params).all():
        raise ValueError("a lens is told by a name and numbers")
    return lens


def damaged(file: Path, what: str) -> UserError:
    """The error for a file of a project that is not what was written."""
    return UserError(
        f"The project file {file} is damaged: {what}.",
        hint="Open an earlier copy, or reconstruct again from the photos.",
    )
