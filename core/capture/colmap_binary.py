"""COLMAP's binary files: cameras.bin, images.bin, points3D.bin.

Little-endian and packed, as in COLMAP's src/colmap/scene/reconstruction_io_binary.cc.
"""

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.capture.colmap_library import pycolmap
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

POINT2D_BYTES = 24  # x, y float64; point id int64
TRACK_ITEM = np.dtype("<u4")  # image id, index of the observation in it


def read_binary(folder: Path) -> Model:
    """The model in `folder`; points3D.bin may be absent. Raises `UserError`."""
    lenses = _lenses(folder / "cameras.bin")
    images = _images(folder / "images.bin")
    points = folder / "points3D.bin"
    rows = _points(points) if points.exists() else PointRows.collected((), (), (), ())
    return checked_model(folder, lenses, images, rows)


class _Bytes:
    """A file's bytes, taken from the front; a count larger than the file is caught at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._at = 0
        try:
            self._data = path.read_bytes()
        except OSError as error:
            raise broken(path, str(error)) from error

    def take(self, layout: str) -> tuple[int | float, ...]:
        layout = "<" + layout
        return struct.unpack_from(layout, self._data, self._claim(struct.calcsize(layout)))

    def skip(self, size: int) -> None:
        self._claim(size)

    def integers(self, count: int) -> NDArray[np.int64]:
        start = self._claim(count * TRACK_ITEM.itemsize)
        return np.frombuffer(self._data, TRACK_ITEM, count, start).astype(np.int64)

    def text(self) -> str:
        """Up to the next zero byte."""
        end = self._data.find(b"\0", self._at)
        if end < 0:
            raise broken(self.path, "it ends within a name")
        start = self._claim(end + 1 - self._at)
        try:
            return self._data[start:end].decode("utf-8")
        except UnicodeDecodeError as error:
            raise broken(self.path, "it holds a name that is not text") from error

    def count(self, least: int) -> int:
        """A number of items of at least `least` bytes each, which the file must have room for."""
        (number,) = self.take("Q")
        if number * least > len(self._data) - self._at:
            raise broken(self.path, f"it announces {number} items, more than it has room for")
        return int(number)

    def finish(self) -> None:
        if self._at != len(self._data):
            raise broken(self.path, f"{len(self._data) - self._at} bytes are left at its end")

    def _claim(self, size: int) -> int:
        start, self._at = self._at, self._at + size
        if self._at > len(self._data):
            raise broken(self.path, "it is cut off")
        return start


def _lenses(path: Path) -> dict[int, Lens]:
    data = _Bytes(path)
    lenses: dict[int, Lens] = {}
    for _ in range(data.count(least=24)):
        number, model_id, width, height = (int(value) for value in data.take("IiQQ"))
        model = _model_name(path, model_id)
        plain = pycolmap.Camera.create_from_model_name(0, model, 1.0, 1, 1)
        params = data.take(f"{len(plain.params)}d")
        lenses[number] = checked_lens(path, model, width, height, params)
    data.finish()
    return lenses


def _model_name(path: Path, model_id: int) -> str:
    for name, member in pycolmap.CameraModelId.__members__.items():
        if int(member) == model_id and name != "INVALID":
            return str(name)
    raise broken(path, f"there is no camera model number {model_id}")


def _images(path: Path) -> list[ImageRow]:
    data = _Bytes(path)
    rows: list[ImageRow] = []
    for _ in range(data.count(least=73)):
        number, qw, qx, qy, qz, tx, ty, tz, camera = data.take("I7dI")
        name = data.text()
        data.skip(POINT2D_BYTES * data.count(least=POINT2D_BYTES))
        row = ImageRow(int(number), int(camera), name, (qw, qx, qy, qz), (tx, ty, tz))
        rows.append(checked_image(path, row))
    data.finish()
    return rows


def _points(path: Path) -> PointRows:
    data = _Bytes(path)
    positions: list[tuple[float, ...]] = []
    colors: list[tuple[int, ...]] = []
    errors: list[float] = []
    tracks: list[NDArray[np.int64]] = []
    for _ in range(data.count(least=51)):
        _number, x, y, z, red, green, blue, error = data.take("Q3d3Bd")
        positions.append((x, y, z))
        colors.append((int(red), int(green), int(blue)))
        errors.append(error)
        tracks.append(data.integers(2 * data.count(least=2 * TRACK_ITEM.itemsize))[::2])
    data.finish()
    return PointRows.collected(positions, colors, errors, tracks)
