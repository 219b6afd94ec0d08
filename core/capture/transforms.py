"""Cameras from a transforms.json, as instant-ngp and nerfstudio write it."""

import json
import math
from collections import Counter
from collections.abc import Mapping
from enum import Enum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.capture.lens import Lens
from core.capture.pixels import Unusable, upright_size
from core.capture.reconstruction import PlacedPhoto, Reconstruction, SparsePoints, Verdict
from core.capture.sources import PHOTO_SUFFIXES
from core.errors import UserError

Array = NDArray[np.float64]

# How far a rotation's rows may be from orthonormal: files hold as few as four digits.
RIGID_WITHIN = 1e-2

# Keys by which files say in which axes their cameras are; the format itself has none.
AXES_KEYS = ("camera_convention", "camera_axes", "axes", "convention", "coordinate_system")


class Axes(Enum):
    """Which way a camera's own axes point."""

    OPENGL = "x right, y up, z back"
    OPENCV = "x right, y down, z forward"


AXES_NAMES = {
    "opengl": Axes.OPENGL,
    "blender": Axes.OPENGL,
    "nerfstudio": Axes.OPENGL,
    "opencv": Axes.OPENCV,
    "colmap": Axes.OPENCV,
}


def read_transforms(file: Path, axes: Axes | None = None) -> Reconstruction:
    """The cameras in `file` (or the folder that holds it); its world becomes the scene frame.

    `axes` overrides what the file says under one of `AXES_KEYS`; without either
    the cameras are in OpenGL axes, which is what the format means. The two
    cannot be told apart by the poses alone: turning every camera about its x axis
    makes a ring that looks inward one that looks outward, and both exist.

    Names are the frames' paths as written. A frame whose picture is not beside
    the file stays, its verdict says so; where its size is then not known, it is
    left out. Raises `UserError` for files that are damaged or incomplete.
    """
    file = file / "transforms.json" if file.is_dir() else file
    content = _content(file)
    frames = content.get("frames")
    if not isinstance(frames, list) or not frames:
        raise _broken(file, 'it has no list of "frames"')
    if axes is None:
        axes = _told_axes(file, content)
    placed: list[PlacedPhoto] = []
    verdicts: list[Verdict] = []
    for i, frame in enumerate(frames):
        if not isinstance(frame, dict) or not isinstance(frame.get("file_path"), str):
            raise _broken(file, f'frame {i} has no "file_path"')
        name, picture = _picture(file.parent, frame["file_path"])
        known = {**content, **frame}
        size = _size(file, known, picture)
        camera_from_scene = _camera_from_scene(file, name, frame.get("transform_matrix"), axes)
        if size is None:
            words = f"{file.name} does not give its size, and the picture is not beside that file."
            verdicts.append(Verdict(name, False, words))
            continue
        words = f"Placed by {file.name}" + ("." if picture else "; its picture is not beside it.")
        verdicts.append(Verdict(name, True, words))
        placed.append(PlacedPhoto(name, _lens(file, known, *size), camera_from_scene))
    name, times = Counter(verdict.name for verdict in verdicts).most_common(1)[0]
    if times > 1:
        raise _broken(file, f'it lists "{name}" {times} times')
    return Reconstruction(
        photos=tuple(sorted(placed, key=lambda photo: photo.name)),
        points=SparsePoints.none(),
        verdicts=tuple(sorted(verdicts, key=lambda verdict: verdict.name)),
        details={"poses": "transforms", "axes": axes.name.lower()},
    )


def _content(file: Path) -> Mapping[str, object]:
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UserError(
            f"{file} cannot be read: {error.strerror}.", hint="Check the path."
        ) from error
    except (ValueError, RecursionError) as error:
        raise _broken(file, f"it is not JSON ({error})") from error
    if not isinstance(content, dict):
        raise _broken(file, "it is not a JSON object")
    return content


def _broken(file: Path, what: str) -> UserError:
    return UserError(
        f"The cameras in {file} cannot be used: {what}.",
        hint="Write it again with the program it comes from (instant-ngp or nerfstudio).",
    )


def _told_axes(file: Path, content: Mapping[str, object]) -> Axes:
    for key in AXES_KEYS:
        told = content.get(key)
        if told is None:
            continue
        if not isinstance(told, str) or told.lower() not in AXES_NAMES:
            raise _broken(file, f'"{key}" is {told!r}; known are {", ".join(AXES_NAMES)}')
        return AXES_NAMES[told.lower()]
    return Axes.OPENGL


def _picture(folder: Path, written: str) -> tuple[str, Path | None]:
    """The frame's name, and its picture where that lies beside the file.

    Blender's and older files leave the suffix out; it is found by looking.
    """
    name = written.replace("\\", "/").removeprefix("./")
    path = folder / name
    if path.is_file():
        return name, path
    if path.parent.is_dir() and path.suffix.lower() not in PHOTO_SUFFIXES:
        for candidate in sorted(path.parent.glob(f"{path.name}.*")):
            if candidate.suffix.lower() in PHOTO_SUFFIXES:
                return f"{name}{candidate.suffix}", candidate
    return name, None


def _size(file: Path, known: Mapping[str, object], picture: Path | None) -> tuple[int, int] | None:
    width, height = _number(file, known, "w"), _number(file, known, "h")
    if width is not None and height is not None:
        if width < 1 or height < 1:
            raise _broken(file, f"a picture of {width:g} x {height:g} pixels")
        return round(width), round(height)
    if picture is None:
        return None
    try:
        return upright_size(picture)
    except Unusable as error:
        raise _broken(file, f"{picture.name}, of which it gives no size: {error}") from error


def _lens(file: Path, known: Mapping[str, object], width: int, height: int) -> Lens:
    """The lens of a frame; `known` holds the file's values under the frame's own."""
    fx, fy = _focal_lengths(file, known, width, height)
    cx, cy = _number(file, known, "cx"), _number(file, known, "cy")
    middle = (width / 2 if cx is None else cx, height / 2 if cy is None else cy)
    k1, k2, k3, k4, p1, p2 = (
        _number(file, known, key) or 0.0 for key in ("k1", "k2", "k3", "k4", "p1", "p2")
    )
    model = str(known.get("camera_model", "OPENCV")).upper()
    start = (fx, fy, *middle)
    if model == "OPENCV_FISHEYE" or known.get("is_fisheye") is True:
        return Lens("OPENCV_FISHEYE", width, height, (*start, k1, k2, k3, k4))
    if model not in ("PINHOLE", "SIMPLE_PINHOLE", "SIMPLE_RADIAL", "RADIAL", "OPENCV"):
        raise _broken(file, f'cameras of the kind "{model}" are not known')
    if k4:
        raise _broken(file, f"k4 = {k4} has no meaning for a lens of the kind {model}")
    if k3:
        return Lens("FULL_OPENCV", width, height, (*start, k1, k2, p1, p2, k3, 0.0, 0.0, 0.0))
    if any((k1, k2, p1, p2)):
        return Lens("OPENCV", width, height, (*start, k1, k2, p1, p2))
    return Lens("PINHOLE", width, height, start)


def _focal_lengths(
    file: Path, known: Mapping[str, object], width: int, height: int
) -> tuple[float, float]:
    """In pixels, from fl_x and fl_y or from the angles of view; one serves for both."""
    fx = _number(file, known, "fl_x") or _from_angle(_number(file, known, "camera_angle_x"), width)
    fy = _number(file, known, "fl_y") or _from_angle(_number(file, known, "camera_angle_y"), height)
    fx, fy = fx or fy, fy or fx
    if fx is None or fy is None:
        raise _broken(file, 'it gives no focal length ("fl_x" or "camera_angle_x")')
    if fx <= 0 or fy <= 0:
        raise _broken(file, f"the focal lengths are {fx:g} and {fy:g} pixels")
    return fx, fy


def _from_angle(angle: float | None, side: int) -> float | None:
    """`angle` of view in radians."""
    return side / 2 / math.tan(angle / 2) if angle is not None and 0 < angle < math.pi else None


def _number(file: Path, known: Mapping[str, object], key: str) -> float | None:
    value = known.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _broken(file, f'"{key}" is {value!r}, not a number')
    return float(value)


def _camera_from_scene(file: Path, name: str, written: object, axes: Axes) -> Array:
    """[4, 4] rigid, from the `written` scene-from-camera matrix."""
    try:
        matrix = np.array(written, np.float64)
    except (ValueError, TypeError) as error:
        raise _broken(file, f'the "transform_matrix" of {name} is not a matrix') from error
    if matrix.shape not in ((4, 4), (3, 4)):
        raise _broken(file, f'the "transform_matrix" of {name} is not 4 x 4')
    rotation, centre = matrix[:3, :3], matrix[:3, 3]
    rigid = (
        np.isfinite(matrix).all()
        and np.allclose(rotation.T @ rotation, np.eye(3), atol=RIGID_WITHIN)
        and np.linalg.det(rotation) > 0
        and np.array_equal(matrix[3:].ravel(), (0, 0, 0, 1)[: 4 * (len(matrix) - 3)])
    )
    if not rigid:
        raise _broken(file, f'the "transform_matrix" of {name} is not a rotation and a translation')
    u, _, vt = np.linalg.svd(rotation)
    scene_from_camera = u @ vt
    if axes is Axes.OPENGL:
        scene_from_camera = scene_from_camera * (1.0, -1.0, -1.0)
    answer = np.eye(4)
    answer[:3, :3] = scene_from_camera.T
    answer[:3, 3] = -scene_from_camera.T @ centre
    return answer
