"""GLB as a container: JSON and one buffer, written in parts and read with every claim checked."""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from core.project.files import replaced, told

MAGIC = b"glTF"
VERSION = 2
JSON_CHUNK, BIN_CHUNK = 0x4E4F534A, 0x004E4942
LONGEST = 2**32 - 1  # bytes of a GLB file: its length is a word
VERTICES, INDICES = 34962, 34963  # what a part of the buffer is for
KINDS = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4"}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
CODES = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
COMPONENTS = {np.dtype(code): number for number, code in CODES.items()}

Json = dict[str, Any]


class Buffer:
    """The parts of one file's buffer as they come, and what the JSON says of them."""

    def __init__(self) -> None:
        self.views: list[Json] = []
        self.accessors: list[Json] = []
        self.images: list[Json] = []
        self._parts: list[bytes] = []
        self.size = 0

    def array(
        self, values: NDArray[Any], *, target: int = VERTICES, normalized: bool = False,
        bounded: bool = False,
    ) -> int:  # fmt: skip
        """The accessor of `values` [N] or [N, 2 to 4]; `bounded` tells their lowest and highest."""
        values = np.ascontiguousarray(values)
        values = values.astype(values.dtype.newbyteorder("<"), copy=False)
        accessor: Json = {
            "bufferView": self._view(values.tobytes(), target),
            "componentType": COMPONENTS[values.dtype],
            "count": len(values),
            "type": KINDS[1 if values.ndim == 1 else values.shape[1]],
        }
        if normalized:
            accessor["normalized"] = True
        if bounded:
            flat = values.reshape(len(values), -1)
            accessor |= {"min": flat.min(axis=0).tolist(), "max": flat.max(axis=0).tolist()}
        self.accessors.append(accessor)
        return len(self.accessors) - 1

    def image(self, data: bytes, kind: str, name: str) -> int:
        """The image with the file `data` of MIME type `kind`."""
        self.images.append({"bufferView": self._view(data, None), "mimeType": kind, "name": name})
        return len(self.images) - 1

    def write(self, path: Path, content: Mapping[str, Any]) -> None:
        """Write all to `path` under `content`'s JSON; whole or as it was. Raises `UserError`."""
        lists = {
            "accessors": self.accessors,
            "bufferViews": self.views,
            "images": self.images,
            "buffers": [{"byteLength": self.size}] if self.size else [],
        }
        whole = {**content, **{name: items for name, items in lists.items() if items}}
        text = json.dumps(whole, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        head = text.encode("utf-8")
        head += b" " * (-len(head) % 4)
        length = 12 + 8 + len(head) + (8 + self.size if self.size else 0)
        if length > LONGEST:
            raise UserError(
                f"{path.name} would take {length / 1e9:.1f} GB; a GLB file ends at 4.3.",
                hint="Export fewer objects at a time, or a PLY or SPZ file.",
            )
        with replaced(path) as file, told(path):
            file.write(MAGIC + struct.pack("<II", VERSION, length))
            file.write(struct.pack("<II", len(head), JSON_CHUNK) + head)
            if self.size:
                file.write(struct.pack("<II", self.size, BIN_CHUNK))
                for part in self._parts:
                    file.write(part)

    def _view(self, data: bytes, target: int | None) -> int:
        view: Json = {"buffer": 0, "byteOffset": self.size, "byteLength": len(data)}
        if target is not None:
            view["target"] = target
        self.views.append(view)
        padded = data + b"\0" * (-len(data) % 4)
        self._parts.append(padded)
        self.size += len(padded)
        return len(self.views) - 1


@dataclass(frozen=True, eq=False)
class Glb:
    """The JSON and the buffer of the GLB file at `path`."""

    path: Path
    content: Json
    data: NDArray[np.uint8]

    def items(self, name: str) -> list[Json]:
        """The list `name` of the JSON, every member of which is an object."""
        found = self.content.get(name, [])
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise self.broken(f"its {name} make no sense")
        return found

    def item(self, name: str, number: object) -> Json:
        """Member `number` of the list `name`."""
        found = self.items(name)
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < len(found):
            raise self.broken(f"it names {name} that are not there")
        return found[number]

    def array(self, number: object, width: int) -> NDArray[Any]:
        """The values [N] or [N, width] of an accessor, as they are stored, not to be written to.

        Whole numbers that stand for parts of 1 come as float32.
        """
        accessor = self.item("accessors", number)
        code = CODES.get(self.whole(accessor, "componentType"))
        if code is None or WIDTHS.get(str(accessor.get("type"))) != width:
            raise self.broken("its accessors are of another kind than they should be")
        if "sparse" in accessor or "bufferView" not in accessor:
            raise self.broken("it has sparse accessors")
        data, stride = self._part(self.item("bufferViews", accessor["bufferView"]))
        item, count = np.dtype(code).itemsize * width, self.whole(accessor, "count")
        offset, stride = self.whole(accessor, "byteOffset", 0), stride or item
        if stride < item or (count and offset + (count - 1) * stride + item > len(data)):
            raise self.broken("its accessors reach beyond its buffer")
        values: NDArray[Any] = np.ndarray(
            (count, width) if width > 1 else (count,), code, data[offset:] if count else b"",
            strides=(stride, np.dtype(code).itemsize)[: 2 if width > 1 else 1],
        )  # fmt: skip
        if accessor.get("normalized") and code != "<f4":
            most = np.float32(np.iinfo(values.dtype).max)
            return np.asarray(np.maximum(values.astype(np.float32) / most, -1))
        return values

    def bytes_of(self, number: object) -> bytes:
        """The part of the buffer that a buffer view is."""
        return self._part(self.item("bufferViews", number))[0].tobytes()

    def whole(self, item: Mapping[str, Any], name: str, default: int | None = None) -> int:
        """The whole number, 0 or above, that `item` has as `name`."""
        value = item.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LONGEST:
            raise self.broken(f"its {name} makes no sense")
        return value

    def broken(self, what: str) -> UserError:
        """The error for a file that makes no sense."""
        return UserError(
            f"{self.path} is not a GLB file that can be read: {what}.", hint="Export it again."
        )

    def _part(self, view: Json) -> tuple[NDArray[np.uint8], int]:
        """The bytes of a buffer view, and its stride, 0 where they lie close together."""
        start, length = self.whole(view, "byteOffset", 0), self.whole(view, "byteLength")
        if self.whole(view, "buffer") != 0 or start + length > len(self.data):
            raise self.broken("its buffer views reach beyond its buffer")
        return self.data[start : start + length], self.whole(view, "byteStride", 0)


def read_glb(path: Path) -> Glb:
    """The JSON and the buffer of the GLB file at `path`. Raises `UserError`."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(20)
            if head[:4] != MAGIC:
                raise UserError(f"{path} is not a GLB file.", hint="Give a .glb file.")
            chunk, kind = struct.unpack("<II", head[12:20]) if len(head) == 20 else (0, 0)
            if 20 + chunk > size:
                raise _cut_off(path)
            text = file.read(chunk)
            second = file.read(8)
            length, tag = struct.unpack("<II", second) if len(second) == 8 else (0, BIN_CHUNK)
            if 28 + chunk + length > size + (0 if length else 8):
                raise _cut_off(path)
            data = np.frombuffer(file.read(length), np.uint8)
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror}.", hint="Check the path."
        ) from error
    glb = Glb(path, _json(text), data)
    if struct.unpack("<I", head[4:8])[0] != VERSION or kind != JSON_CHUNK or tag != BIN_CHUNK:
        raise glb.broken("it is of another version, or its parts are out of order")
    if not glb.content:
        raise glb.broken("it does not hold JSON as glTF has it")
    return glb


def _json(text: bytes) -> Json:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _cut_off(path: Path) -> UserError:
    return UserError(
        f"{path} is cut off: it holds less than it says.", hint="Copy or export the file again."
    )


def numbers(values: object, count: int) -> Sequence[float] | None:
    """`values` of JSON as so many finite numbers; None where they are anything else."""
    if not isinstance(values, list) or len(values) != count:
        return None
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        return None
    try:
        found = [float(value) for value in values]
    except OverflowError:
        return None
    return found if np.isfinite(found).all() else None
