"""Splat files in SuperSplat's compressed layout, read.

An element "chunk" holds, for each 256 Gaussians, the bounds of their positions, log scales and
(in newer files) colours; an element "vertex" holds four words a Gaussian, parts of those
bounds; an optional element "sh" holds a byte for each higher coefficient of the colour.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from core.export.ply_header import Element, Header, broken, read_header
from core.export.ply_rows import Columns, columns, row_kind
from core.gaussians.arrays import SplatArrays
from core.geometry.sh import SH_C0

IN_A_CHUNK = 256  # Gaussians
PACKED = ("packed_position", "packed_rotation", "packed_scale", "packed_color")
BOUNDS = tuple(f"{end}_{axis}" for end in ("min", "max") for axis in "xyz")
SCALE_BOUNDS = tuple(f"{end}_scale_{axis}" for end in ("min", "max") for axis in "xyz")
COLOR_BOUNDS = tuple(f"{end}_{channel}" for end in ("min", "max") for channel in "rgb")
REST_COUNTS = {9: 3, 24: 8, 45: 15}  # bytes a Gaussian -> coefficients a channel
# Of each byte of the element "sh": the middle of its step, but the very ends for 0 and 255.
REST_VALUES = ((np.r_[0, np.arange(1.5, 255), 256] / 256 - 0.5) * 8).astype(np.float32)
# Half a step from 0 and from 1, where the logit would be infinite.
FAINTEST, DENSEST = 0.5 / 255, 254.5 / 255

Floats = NDArray[np.float32]
Words = NDArray[np.uint32]


def is_compressed(header: Header) -> bool:
    """Whether the vertices are Gaussians in this layout."""
    return header.has("chunk") and PACKED[0] in header.vertices.names


def read_compressed_ply(path: Path) -> SplatArrays:
    """The Gaussians in the compressed splat file at `path`. Raises `UserError`.

    The layout has no place for origin and confidence: all rows count as observed and certain.
    """
    header = read_header(path)
    if header.byte_order is None:
        raise broken(path, "a compressed PLY is not ASCII")
    chunks, vertices = header.element("chunk"), header.vertices
    _check(header, chunks, (*BOUNDS, *SCALE_BOUNDS), "f4")
    _check(header, vertices, PACKED, "u4")
    if chunks.rows * IN_A_CHUNK < vertices.rows:
        raise broken(path, f"{chunks.rows} chunks are too few for {vertices.rows} Gaussians")
    words = _whole(header, vertices, PACKED)
    colored = COLOR_BOUNDS[0] in chunks.names
    if colored:
        _check(header, chunks, COLOR_BOUNDS, "f4")
    names = (*BOUNDS, *SCALE_BOUNDS, *(COLOR_BOUNDS if colored else ()))
    ends = _bounds(header, chunks, names, vertices.rows)
    color, alpha = _color(words["packed_color"])
    means = _between(_parts(words["packed_position"]), ends[:, :6])
    log_scales = _between(_parts(words["packed_scale"]), ends[:, 6:12])
    color = _between(color, ends[:, 12:]) if colored else color
    dc = (color - np.float32(0.5)) / np.float32(SH_C0)
    return SplatArrays(
        means=means,
        quats=_quats(words["packed_rotation"]),
        log_scales=log_scales,
        logit_opacity=np.log(alpha / (1 - alpha)),
        sh=np.concatenate([dc[:, None], _rest(header, vertices.rows)], axis=1),
        object_id=np.zeros(vertices.rows, np.int32),
    )


def _check(header: Header, element: Element, names: tuple[str, ...], code: str) -> None:
    codes = {p.name: p.code for p in element.properties if not p.count}
    wrong = [name for name in names if codes.get(name) != code]
    if wrong:
        raise broken(header.path, f"in its compressed layout {', '.join(wrong)} is missing")


def _whole(header: Header, element: Element, names: tuple[str, ...]) -> Columns:
    """The columns `names` in full."""
    parts = list(columns(header, element))
    if not parts:
        return {name: np.zeros(0, row_kind(header, element)[name]) for name in names}
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def _bounds(header: Header, chunks: Element, names: tuple[str, ...], rows: int) -> Floats:
    """Of each Gaussian the `names` of its chunk, [rows, names]."""
    parts = _whole(header, chunks, names)
    table = np.stack([parts[name].astype(np.float32) for name in names], axis=1)
    used = table[: -(-rows // IN_A_CHUNK)]
    bad = int((~np.isfinite(used)).any(axis=1).sum())
    if bad:
        raise UserError(
            f"{bad} of {len(used)} chunks in {header.path} hold values that are not numbers.",
            hint="Export the file again from the program that made it.",
        )
    return np.repeat(used, IN_A_CHUNK, axis=0)[:rows]


def _parts(words: Words) -> Floats:
    """Three numbers in [0, 1] out of 11, 10 and 11 bits, from the top."""
    return np.stack([_bits(words, 21, 11), _bits(words, 11, 10), _bits(words, 0, 11)], axis=1)


def _color(words: Words) -> tuple[Floats, Floats]:
    """Red, green, blue [N, 3] and opacity [N], in [0, 1]; a byte each, red at the top."""
    color = np.stack([_bits(words, shift, 8) for shift in (24, 16, 8)], axis=1)
    return color, _bits(words, 0, 8).clip(FAINTEST, DENSEST)


def _quats(words: Words) -> Floats:
    """The 2 bits at the top say which of w, x, y, z is the largest; the others follow in order."""
    largest = words >> 30
    small = np.stack([_bits(words, shift, 10) for shift in (20, 10, 0)], axis=1)
    small = (small - np.float32(0.5)) * np.float32(np.sqrt(2))
    rest = np.sqrt((1 - (small**2).sum(axis=1)).clip(min=0))
    quats = np.empty((len(words), 4), np.float32)
    for which in range(4):
        rows = largest == which
        quats[rows, which] = rest[rows]
        others = [i for i in range(4) if i != which]
        quats[np.ix_(rows, others)] = small[rows]
    return quats


def _rest(header: Header, rows: int) -> Floats:
    """The higher coefficients [rows, K - 1, 3]: all of red, then of green, then of blue."""
    if not header.has("sh"):
        return np.zeros((rows, 0, 3), np.float32)
    element = header.element("sh")
    if any(other.has_lists() for other in header.before(element)):
        raise broken(header.path, "there are lists before the end of its colours")
    count = len(element.properties)
    if count not in REST_COUNTS:
        raise broken(header.path, f"it has {count} colour coefficients a Gaussian")
    names = tuple(f"f_rest_{i}" for i in range(count))
    _check(header, element, names, "u1")
    if element.rows != rows:
        raise broken(header.path, f"it has {element.rows} rows of colour for {rows} Gaussians")
    answer = np.empty((rows, REST_COUNTS[count], 3), np.float32)
    at = 0
    for part in columns(header, element):
        rest = REST_VALUES[np.stack([part[name] for name in names], axis=1)]
        answer[at : at + len(rest)] = rest.reshape(len(rest), 3, -1).transpose(0, 2, 1)
        at += len(rest)
    return answer


def _bits(words: Words, shift: int, count: int) -> Floats:
    """`count` bits of each word, counted from `shift`, as a number in [0, 1]."""
    most = (1 << count) - 1
    return ((words >> np.uint32(shift)) & np.uint32(most)).astype(np.float32) / np.float32(most)


def _between(parts: Floats, ends: Floats) -> Floats:
    """`parts` [N, 3] of the way between `ends` [N, 6], which are low x, y, z and high x, y, z."""
    return ends[:, :3] * (1 - parts) + ends[:, 3:] * parts
