"""The faces of a PLY mesh as triangles."""

from collections import defaultdict
from typing import BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from core.export.ply_header import Element, Header, Property, broken
from core.export.ply_rows import cut_off, line, no_numbers, start_of

INDICES = ("vertex_indices", "vertex_index")
BEYOND = 2**62  # larger numbers would not fit, and are no vertices either
LONGEST_LIST = 4096  # numbers of one face; more are taken for damage

Polygons = NDArray[np.int64]  # [F, k]


def read_triangles(header: Header) -> NDArray[np.int32]:
    """The triangles [F, 3] of the element "face", each polygon cut as a fan from its first corner.

    In no order. Raises `UserError` where the file is cut off, and for corners that are no vertices.
    """
    element = header.element("face")
    if any(other.has_lists() for other in header.before(element)):
        raise broken(header.path, "there are lists before the beginning of its faces")
    named = _indices(element)
    if named is None or not named.count or named.code[0] == "f":
        raise broken(header.path, "its faces name no vertices")
    with start_of(header, element) as file:
        if header.byte_order is None:
            polygons = _from_lines(header, element, file)
        else:
            data = file.read()
            alike = _alike(header, element, data)
            polygons = [alike] if alike is not None else _one_by_one(header, element, data)
    triangles = np.concatenate([np.zeros((0, 3), np.int64), *map(_fan, polygons)])
    count = header.vertices.rows
    bad = int(((triangles < 0) | (triangles >= count)).any(axis=1).sum())
    if bad:
        raise UserError(
            f"{bad} of {len(triangles)} triangles in {header.path} have corners beyond its "
            f"{count} vertices.",
            hint="Export the file again from the program that made it.",
        )
    return triangles.astype(np.int32)


def _indices(element: Element) -> Property | None:
    return next((p for p in element.properties if p.name in INDICES), None)


def _fan(polygons: Polygons) -> Polygons:
    """Triangles [F * (k - 2), 3]; polygons of fewer than three corners give none."""
    fan = [polygons[:, [0, i, i + 1]] for i in range(1, polygons.shape[1] - 1)]
    return np.concatenate(fan) if fan else np.zeros((0, 3), np.int64)


def _alike(header: Header, element: Element, data: bytes) -> Polygons | None:
    """The polygons where all have as many corners as the first, as most files do; else None."""
    lengths = [length for _, length in _row(header, element, data, 0)[0]]
    fields: list[tuple[str, str] | tuple[str, str, tuple[int]]] = []
    for i, (p, length) in enumerate(zip(element.properties, lengths, strict=True)):
        if p.count:
            fields.append((f"count {i}", f"{header.byte_order}{p.count}"))
        fields.append((p.name, f"{header.byte_order}{p.code}", (length,)))
    kind = np.dtype(fields)
    if element.rows * kind.itemsize > len(data):
        return None
    rows = np.frombuffer(data, kind, element.rows)
    for i, (p, length) in enumerate(zip(element.properties, lengths, strict=True)):
        if p.count and (rows[f"count {i}"] != length).any():
            return None
    named = _indices(element)
    assert named is not None
    return rows[named.name].astype(np.int64)


def _one_by_one(header: Header, element: Element, data: bytes) -> list[Polygons]:
    """The polygons by their number of corners."""
    places: dict[int, list[int]] = defaultdict(list)
    which = [p.name in INDICES for p in element.properties].index(True)
    at = 0
    for _ in range(element.rows):
        lists, at = _row(header, element, data, at)
        start, length = lists[which]
        places[length].append(start)
    kind = np.dtype(f"{header.byte_order}{element.properties[which].code}")
    whole = np.frombuffer(data, np.uint8)
    return [
        whole[np.array(starts)[:, None] + np.arange(length * kind.itemsize)]
        .view(kind)
        .astype(np.int64)
        for length, starts in places.items()
        if length
    ]


def _row(
    header: Header, element: Element, data: bytes, at: int
) -> tuple[list[tuple[int, int]], int]:
    """Of the row at byte `at`: where each property's numbers begin, how many; and the row's end."""
    order: Literal["little", "big"] = "little" if header.byte_order == "<" else "big"
    places = []
    for p in element.properties:
        length = 1
        if p.count:
            size = int(p.count[1])
            if p.count[0] == "f":
                raise broken(header.path, "a list has a length that is no whole number")
            length = int.from_bytes(data[at : at + size], order, signed=p.count[0] == "i")
            _check_length(header, length)
            at += size
        places.append((at, length))
        at += length * int(p.code[1])
    if at > len(data):
        raise cut_off(header.path)
    return places, at


def _from_lines(header: Header, element: Element, file: BinaryIO) -> list[Polygons]:
    """The polygons by their number of corners."""
    found: dict[int, list[list[int]]] = defaultdict(list)
    for _ in range(element.rows):
        corners = _from_line(header, element, line(file))
        found[len(corners)].append(corners)
    return [np.array(rows, np.int64) for length, rows in found.items() if length]


def _from_line(header: Header, element: Element, words: list[bytes]) -> list[int]:
    at = 0
    try:
        for p in element.properties:
            length = int(words[at]) if p.count else 1
            _check_length(header, length)
            at += bool(p.count)
            if at + length > len(words):
                raise cut_off(header.path)
            if p.name in INDICES:
                return [min(int(word), BEYOND) for word in words[at : at + length]]
            at += length
    except IndexError as error:
        raise cut_off(header.path) from error
    except ValueError as error:
        raise no_numbers(header.path) from error
    raise AssertionError("checked before: faces name their vertices")


def _check_length(header: Header, length: int) -> None:
    if not 0 <= length <= LONGEST_LIST:
        raise broken(header.path, f"a face has a list of {length} numbers")
