"""Splat files in Niantic's SPZ layout: version 3 written, versions 1 to 3 read.

All is one gzip stream: a header, then column after column. Its frame is that of our scenes:
x right, y up, z to the back.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, log2
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from core.export.spz_columns import (
    FARTHEST,
    pack_alphas,
    pack_colors,
    pack_positions,
    pack_quats,
    pack_rest,
    pack_scales,
    unpack_alphas,
    unpack_colors,
    unpack_first_quats,
    unpack_half_positions,
    unpack_positions,
    unpack_quats,
    unpack_rest,
    unpack_scales,
)
from core.gaussians.arrays import SplatArrays
from core.gaussians.table import Gaussians, check_finite
from core.project.files import replaced, told

GZIP = b"\x1f\x8b"
LATER = b"NGSP"  # version 4 begins with it, and is another layout
MAGIC, VERSION = 0x5053474E, 3
HEADER = struct.Struct("<IIIBBBB")
REST = (0, 9, 24, 45, 72)  # bytes a Gaussian of the higher coefficients, by degree
DEGREES = 3  # the highest that we draw; what a file has above it is left out
STEPS_A_GAUSSIAN = 100  # of the fixed point, in a standard deviation in the middle of all
FRACTION = range(0, 24)  # bits behind the point that a file of ours may have
FIRST_BITS, OTHER_BITS = 6, 5  # of coefficients of degree 1 and above; the library's own are 5, 4
TIGHTEST = 1032  # deflate makes nothing smaller by more than this
COLUMN_BYTES = {1: (6, 1, 3, 3, 3), 2: (9, 1, 3, 3, 3), 3: (9, 1, 3, 3, 4)}

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class _Header:
    """`degree`: of the file, which may be above ours; `bits`: behind the positions' point."""

    version: int
    rows: int
    degree: int
    bits: int

    @property
    def widths(self) -> tuple[int, ...]:
        return (*COLUMN_BYTES[self.version], REST[self.degree])


def write_spz(path: Path, gaussians: Gaussians) -> None:
    """Write `gaussians` to `path`, rounded as the format has it; whole or as it was.

    Object ids, origin and confidence have no place in it. Scales below e^-10 and above e^5.9,
    and higher coefficients beyond 1, are cut off there. Raises `UserError` for values that are
    not numbers, and where nothing can be written.
    """
    if len(gaussians):
        check_finite(gaussians)
    splats = SplatArrays.from_gaussians(gaussians)
    bits = fraction_bits(splats)
    header = HEADER.pack(MAGIC, VERSION, len(splats), splats.sh_degree, bits, 0, 0)
    squeeze = zlib.compressobj(6, zlib.DEFLATED, 31)
    with replaced(path) as file, told(path):
        file.write(squeeze.compress(header))
        for column in _columns(splats, bits):
            file.write(squeeze.compress(column.tobytes()))
        file.write(squeeze.flush())


def _columns(splats: SplatArrays, bits: int) -> Iterator[Bytes]:
    yield pack_positions(splats.means, bits)
    yield pack_alphas(splats.logit_opacity)
    yield pack_colors(splats.sh[:, 0])
    yield pack_scales(splats.log_scales)
    yield pack_quats(splats.quats)
    yield pack_rest(splats.sh[:, 1:], FIRST_BITS, OTHER_BITS)


def fraction_bits(splats: SplatArrays) -> int:
    """As many as the middle Gaussian's size asks for, and the farthest one's place allows."""
    if not len(splats):
        return 12
    farthest = max(float(np.abs(splats.means).max()), 1e-6)
    fit = int(np.floor(log2(FARTHEST / farthest)))
    size = float(np.exp(np.median(splats.log_scales).clip(-20, 20)))
    return min(max(min(fit, ceil(log2(STEPS_A_GAUSSIAN / size))), FRACTION[0]), FRACTION[-1])


def read_spz(path: Path) -> SplatArrays:
    """The Gaussians in the SPZ file at `path`; all count as observed and certain.

    Raises `UserError` where it is none, damaged, cut off, or of a version that we do not know.
    """
    try:
        with path.open("rb") as file:
            header, data = _unzipped(path, file, path.stat().st_size)
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror}.", hint="Check the path."
        ) from error
    columns, at = [], HEADER.size
    for width in header.widths:
        size = header.rows * width
        columns.append(data[at : at + size].reshape(header.rows, width))
        at += size
    places, alphas, colors, scales, turns, rest = columns
    used = rest[:, : REST[min(header.degree, DEGREES)]]
    first = header.version == 1
    means = unpack_half_positions(places) if first else unpack_positions(places, header.bits)
    bad = int((~np.isfinite(means)).any(axis=1).sum())
    if bad:
        raise _broken(path, f"{bad} of {header.rows} Gaussians have places that are not numbers")
    return SplatArrays(
        means=means,
        quats=(unpack_quats if header.version == VERSION else unpack_first_quats)(turns),
        log_scales=unpack_scales(scales),
        logit_opacity=unpack_alphas(alphas),
        sh=np.concatenate([unpack_colors(colors)[:, None], unpack_rest(used)], axis=1),
        object_id=np.zeros(header.rows, np.int32),
    )


def _unzipped(path: Path, file: BinaryIO, size: int) -> tuple[_Header, Bytes]:
    """Header and all bytes up to the end of the last column, in one array with the header.

    What follows is passed over: extensions of other programs.
    """
    start = file.read(len(LATER))
    if start == LATER:
        raise UserError(
            f"{path} is an SPZ file of a version that cannot be read yet.",
            hint="Export it as SPZ version 3, or as PLY.",
        )
    if start[: len(GZIP)] != GZIP:
        raise UserError(f"{path} is not an SPZ file.", hint="Give a splat file (SPZ or PLY).")
    file.seek(0)
    stream = _Stream(path, file)
    header = _parsed(path, stream.read(HEADER.size))
    needed = header.rows * sum(header.widths)
    if needed > size * TIGHTEST:
        raise UserError(
            f"{path} is cut off: it promises {header.rows} Gaussians, more than its {size} bytes "
            "can hold.",
            hint="Copy or export the file again.",
        )
    data = np.zeros(HEADER.size + needed, np.uint8)
    at = HEADER.size
    while at < len(data):
        piece = stream.read(min(len(data) - at, 1 << 20))
        data[at : at + len(piece)] = np.frombuffer(piece, np.uint8)
        at += len(piece)
    stream.finish()
    return header, data


def _parsed(path: Path, data: bytes) -> _Header:
    magic, version, rows, degree, bits, _, _ = HEADER.unpack(data)
    if magic != MAGIC:
        raise _broken(path, "what is in it does not begin as one")
    if version not in COLUMN_BYTES:
        raise UserError(
            f"{path} is an SPZ file of version {version}; known are 1 to {VERSION}.",
            hint="Export it as SPZ version 3, or as PLY.",
        )
    if degree >= len(REST):
        raise _broken(path, f"its colours are of degree {degree}")
    if bits > 30:
        raise _broken(path, f"its positions have {bits} bits behind the point")
    return _Header(version, rows, degree, bits)


def _broken(path: Path, what: str) -> UserError:
    return UserError(
        f"{path} is not an SPZ file that can be read: {what}.", hint="Export it again."
    )


class _Stream:
    """A gzip stream read piece by piece, so that a lie about its size costs no memory."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file = path, file
        self._unzip = zlib.decompressobj(31)

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes. Raises `UserError` where there are fewer."""
        parts = []
        while size:
            part = self._some(size)
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def finish(self) -> None:
        """Check the stream's own sum where its end is near; extensions may lie before it."""
        for _ in range(64):
            if self._unzip.eof or not self._some(1 << 16, may_end=True):
                break
        if not self._unzip.eof and not self._unzip.unconsumed_tail and not self._file.read(1):
            raise self._cut_off()

    def _some(self, size: int, *, may_end: bool = False) -> bytes:
        while not self._unzip.eof:
            waiting = self._unzip.unconsumed_tail or self._file.read(1 << 16)
            if not waiting:
                break
            try:
                part = self._unzip.decompress(waiting, size)
            except zlib.error as error:
                raise _broken(self._path, "it is damaged") from error
            if part:
                return part
        if may_end:
            return b""
        raise self._cut_off()

    def _cut_off(self) -> UserError:
        return UserError(
            f"{self._path} is cut off: it holds fewer Gaussians than it says.",
            hint="Copy or export the file again.",
        )
