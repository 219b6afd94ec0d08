"""What the header of a PLY file promises, held against what the file can hold."""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from core.errors import UserError

LONGEST_HEADER = 256 * 1024  # bytes; a thousand properties take 30 KB
TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1",
    "short": "i2", "int16": "i2", "ushort": "u2", "uint16": "u2",
    "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4",
    "float": "f4", "float32": "f4", "double": "f8", "float64": "f8",
}  # fmt: skip
BYTE_ORDERS = {"ascii": None, "binary_little_endian": "<", "binary_big_endian": ">"}


@dataclass(frozen=True)
class Element:
    """`properties`: (name, numpy's code of the type without byte order); lists are "list"."""

    name: str
    rows: int
    properties: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Header:
    """Of the element "vertex": its `rows`, `properties`, and the byte they start at.

    `byte_order` is None for ASCII. `faces` says whether the file has any.
    """

    rows: int
    properties: tuple[tuple[str, str], ...]
    offset: int
    byte_order: str | None
    faces: bool

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.properties)

    def row_kind(self) -> np.dtype[np.void]:
        return np.dtype([(name, f"{self.byte_order}{code}") for name, code in self.properties])


def read_header(path: Path) -> Header:
    """Parse and check the header of the PLY file at `path`.

    The file is long enough for what it promises, so rows can be allocated. Raises `UserError`.
    """
    try:
        with path.open("rb") as file:
            lines = _lines(path, file)
            offset = file.tell()
        size = path.stat().st_size
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror}.", hint="Check the path."
        ) from error
    byte_order, elements = _elements(path, lines)
    return _checked(path, size, offset, byte_order, elements)


def _lines(path: Path, file: BinaryIO) -> list[str]:
    if file.read(4).rstrip(b"\r\n ") != b"ply":
        raise UserError(f"{path} is not a PLY file.", hint="Give a splat file (3DGS PLY).")
    file.seek(0)
    lines: list[str] = []
    while file.tell() < LONGEST_HEADER:
        line = file.readline(4096)
        if not line:
            break
        lines.append(line.decode("latin-1").strip())
        if lines[-1] == "end_header":
            return lines
    raise _broken(path, "its header has no end")


def _elements(path: Path, lines: list[str]) -> tuple[str | None, list[Element]]:
    byte_order: str | None = None
    known = False
    elements: list[Element] = []
    for line in lines[1:-1]:
        words = line.split()
        if not words or words[0] in ("comment", "obj_info"):
            continue
        match words:
            case ["format", name, "1.0"] if name in BYTE_ORDERS and not known:
                byte_order, known = BYTE_ORDERS[name], True
            case ["element", name, count] if count.isascii() and count.isdigit():
                if len(count) > 15:
                    raise _broken(path, f"it promises {count} rows")
                elements.append(Element(name, int(count), ()))
            case ["property", "list", count, item, name] if elements:
                _type(path, count), _type(path, item)
                elements[-1] = _with(path, elements[-1], name, "list")
            case ["property", kind, name] if elements:
                elements[-1] = _with(path, elements[-1], name, _type(path, kind))
            case _:
                raise _broken(path, f'the header line "{line[:60]}"')
    if not known:
        raise _broken(path, "its header names no format")
    return byte_order, elements


def _type(path: Path, name: str) -> str:
    if name not in TYPES:
        raise _broken(path, f'there is no type "{name[:20]}"')
    return TYPES[name]


def _with(path: Path, element: Element, name: str, code: str) -> Element:
    if any(name == other for other, _ in element.properties):
        raise _broken(path, f'it has the property "{name[:40]}" twice')
    return Element(element.name, element.rows, (*element.properties, (name, code)))


def _checked(
    path: Path, size: int, offset: int, byte_order: str | None, elements: list[Element]
) -> Header:
    places = [i for i, element in enumerate(elements) if element.name == "vertex"]
    if not places:
        raise _broken(path, "it has no vertices")
    before, vertices = elements[: places[0]], elements[places[0]]
    if any(code == "list" for e in (*before, vertices) for _, code in e.properties):
        raise _broken(path, "there are lists before the end of its vertices")
    if byte_order is None and any(element.rows for element in before):
        raise _broken(path, "its vertices are not the first of its elements")
    offset += sum(element.rows * _row_size(element, byte_order) for element in before)
    if offset + vertices.rows * _row_size(vertices, byte_order) > size + (byte_order is None):
        raise UserError(
            f"{path} is cut off: its header promises {vertices.rows} points, "
            f"more than its {size} bytes can hold.",
            hint="Copy or export the file again.",
        )
    faces = any(element.name == "face" and element.rows for element in elements)
    return Header(vertices.rows, vertices.properties, offset, byte_order, faces)


def _row_size(element: Element, byte_order: str | None) -> int:
    """Bytes of a row; of ASCII the fewest it can have, a digit and a blank a number."""
    if byte_order is None:
        return 2 * len(element.properties)
    return sum(np.dtype(code).itemsize for _, code in element.properties)


def _broken(path: Path, what: str) -> UserError:
    return UserError(f"{path} is not a PLY file that can be read: {what}.", hint="Export it again.")
