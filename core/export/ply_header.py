"""What the header of a PLY file promises, held against what the file can hold."""

from dataclasses import dataclass, replace
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
class Property:
    """`code`: numpy's for the type, without byte order; of a list that of its items.

    `count`: of a list the code of its length, "" of a single value.
    """

    name: str
    code: str
    count: str = ""


@dataclass(frozen=True)
class Element:
    """A table of the file. `names`: those of its properties, in order."""

    name: str
    rows: int
    properties: tuple[Property, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(property.name for property in self.properties)

    def has_lists(self) -> bool:
        return any(property.count for property in self.properties)

    def row_size(self, byte_order: str | None) -> int:
        """The fewest bytes of a row; of ASCII a digit and a blank a number."""
        if byte_order is None:
            return 2 * len(self.properties)
        codes = [property.count or property.code for property in self.properties]
        return sum(np.dtype(code).itemsize for code in codes)


@dataclass(frozen=True)
class Header:
    """The tables of the PLY file at `path`, of `size` bytes, whose data start at byte `offset`.

    `byte_order` is None for ASCII.
    """

    path: Path
    size: int
    offset: int
    byte_order: str | None
    elements: tuple[Element, ...]

    @property
    def vertices(self) -> Element:
        return self.element("vertex")

    @property
    def has_faces(self) -> bool:
        return any(element.name == "face" and element.rows for element in self.elements)

    def has(self, name: str) -> bool:
        return any(element.name == name for element in self.elements)

    def element(self, name: str) -> Element:
        """The table `name`, for which the file is long enough, so that its rows can be allocated.

        Raises `UserError`.
        """
        for i, element in enumerate(self.elements):
            if element.name == name:
                self._check_room(self.elements[:i], element)
                return element
        kind = {"vertex": "vertices"}.get(name, name)
        raise broken(self.path, f"it has no {kind}")

    def before(self, element: Element) -> tuple[Element, ...]:
        """The tables that lie before `element`."""
        return self.elements[: self.elements.index(element)]

    def _check_room(self, before: tuple[Element, ...], element: Element) -> None:
        needed = sum(e.rows * e.row_size(self.byte_order) for e in (*before, element))
        # The last number of an ASCII file may end without a blank.
        if self.offset + needed > self.size + (self.byte_order is None):
            rows = {"vertex": "points", "face": "faces"}.get(element.name, "rows")
            raise UserError(
                f"{self.path} is cut off: its header promises {element.rows} {rows}, "
                f"more than its {self.size} bytes can hold.",
                hint="Copy or export the file again.",
            )


def read_header(path: Path) -> Header:
    """Parse and check the header of the PLY file at `path`, which has vertices.

    Raises `UserError`.
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
    header = Header(path, size, offset, byte_order, tuple(elements))
    vertices = header.vertices
    if any(element.has_lists() for element in (*header.before(vertices), vertices)):
        raise broken(path, "there are lists before the end of its vertices")
    return header


def broken(path: Path, what: str) -> UserError:
    """The error for a file whose header or layout makes no sense."""
    return UserError(f"{path} is not a PLY file that can be read: {what}.", hint="Export it again.")


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
    raise broken(path, "its header has no end")


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
                    raise broken(path, f"it promises {count} rows")
                elements.append(Element(name, int(count)))
            case ["property", "list", count, item, name] if elements:
                new = Property(name, _type(path, item), _type(path, count))
                elements[-1] = _with(path, elements[-1], new)
            case ["property", kind, name] if elements:
                elements[-1] = _with(path, elements[-1], Property(name, _type(path, kind)))
            case _:
                raise broken(path, f'the header line "{line[:60]}"')
    if not known:
        raise broken(path, "its header names no format")
    return byte_order, elements


def _type(path: Path, name: str) -> str:
    if name not in TYPES:
        raise broken(path, f'there is no type "{name[:20]}"')
    return TYPES[name]


def _with(path: Path, element: Element, new: Property) -> Element:
    if new.name in element.names:
        raise broken(path, f'it has the property "{new.name[:40]}" twice')
    return replace(element, properties=(*element.properties, new))
