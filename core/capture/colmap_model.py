"""What the files of a COLMAP model hold, before it becomes a `Reconstruction`."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.capture.colmap_library import pycolmap
from core.capture.lens import Lens
from core.errors import UserError
from core.geometry.rotation import matrix_from_quat

MODEL_NAMES = frozenset(pycolmap.CameraModelId.__members__) - {"INVALID"}
LARGEST_SIDE = 1_000_000  # pixels; more is a file that was misread


@dataclass(frozen=True)
class ImageRow:
    """One placed image: `quat` (w, x, y, z) and `translation` of camera_from_world."""

    image_id: int
    camera_id: int
    name: str
    quat: tuple[float, float, float, float]
    translation: tuple[float, float, float]

    def camera_from_world(self) -> NDArray[np.float64]:
        """Rigid, [4, 4]."""
        matrix = np.eye(4)
        matrix[:3, :3] = matrix_from_quat(torch.tensor(self.quat, dtype=torch.float64))
        matrix[:3, 3] = self.translation
        return matrix


@dataclass(frozen=True, eq=False)
class PointRows:
    """`positions` [P, 3] float64, `colors` [P, 3] uint8, `errors` [P] pixels; the k-th observation
    says that image `track_images[k]` (its id) saw point `track_points[k]` (its row), both [T]."""

    positions: NDArray[np.float64]
    colors: NDArray[np.uint8]
    errors: NDArray[np.float64]
    track_images: NDArray[np.int64]
    track_points: NDArray[np.int64]

    @staticmethod
    def collected(
        positions: Sequence[Sequence[float]],
        colors: Sequence[Sequence[int]],
        errors: Sequence[float],
        tracks: Sequence[NDArray[np.int64]],
    ) -> "PointRows":
        """Of one item a point; `tracks` are the ids of the images that saw it."""
        lengths = [len(track) for track in tracks]
        return PointRows(
            np.array(positions, np.float64).reshape(-1, 3),
            np.array(colors, np.uint8).reshape(-1, 3),
            np.array(errors, np.float64),
            np.concatenate([np.zeros(0, np.int64), *tracks]),
            np.repeat(np.arange(len(tracks)), lengths).astype(np.int64),
        )


@dataclass(frozen=True, eq=False)
class Model:
    """The three files of a model, checked to belong together."""

    lenses: Mapping[int, Lens]
    images: tuple[ImageRow, ...]
    points: PointRows


def broken(path: Path, what: str) -> UserError:
    """The error for a file of a model that cannot be right."""
    return UserError(
        f"{path} is not a COLMAP file that can be read: {what}.",
        hint="Export the model from COLMAP again, as text or binary.",
    )


def checked_lens(path: Path, model: str, width: int, height: int, params: Sequence[float]) -> Lens:
    """A `Lens` of what `path` says, or `UserError`: pycolmap ends the process on some nonsense."""
    if model not in MODEL_NAMES:
        raise broken(path, f'there is no camera model named "{model}"')
    if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
        raise broken(path, f"a picture of {width} x {height} pixels")
    plain = pycolmap.Camera.create_from_model_name(0, model, 1.0, width, height)
    if len(params) != len(plain.params):
        raise broken(path, f"{model} has {len(plain.params)} parameters, not {len(params)}")
    focals = [params[i] for i in plain.focal_length_idxs()]
    if not all(math.isfinite(value) for value in params) or not all(f > 0 for f in focals):
        raise broken(path, f"a {model} camera with the parameters {list(params)}")
    return Lens(model, width, height, tuple(params))


def checked_image(path: Path, row: ImageRow) -> ImageRow:
    """`row`, or `UserError` where it is no place a camera can be in."""
    values = (*row.quat, *row.translation)
    if not all(math.isfinite(value) for value in values) or math.hypot(*row.quat) < 1e-6:
        raise broken(path, f'the pose of "{row.name}" is {values}')
    return row


def checked_model(
    folder: Path, lenses: Mapping[int, Lens], images: Sequence[ImageRow], points: PointRows
) -> Model:
    """The whole, or `UserError` where the files do not belong together."""
    if not images:
        raise UserError(
            f"The COLMAP model in {folder} holds no image.",
            hint="Choose the folder of a model in which photos were placed.",
        )
    seen: set[str] = set()
    for row in images:
        if row.camera_id not in lenses:
            raise broken(folder, f'"{row.name}" was taken by camera {row.camera_id}, not listed')
        if row.name in seen:
            raise broken(folder, f'it lists "{row.name}" twice')
        seen.add(row.name)
    strangers = np.setdiff1d(points.track_images, [row.image_id for row in images])
    if len(strangers):
        raise broken(folder, f"points were seen by image {strangers[0]}, which is not listed")
    if not np.isfinite(points.positions).all():
        raise broken(folder, "some points are not at finite places")
    return Model(lenses, tuple(images), points)
