"""Splat files in SuperSplat's compressed layout, written: the counterpart of `compressed_ply`."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.export.compressed_ply import (
    BOUNDS,
    COLOR_BOUNDS,
    IN_A_CHUNK,
    PACKED,
    SCALE_BOUNDS,
    Floats,
    Words,
)
from core.gaussians.arrays import SplatArrays
from core.gaussians.table import Gaussians, check_finite
from core.geometry.sh import SH_C0
from core.project.files import replaced, told

SCALE_LIMIT = 20  # natural logarithm: what is beyond would stretch its whole chunk's steps
LEVELS = 1 << 10  # a side of the grid that the order follows
AT_ONCE = 256  # chunks


def write_compressed_ply(path: Path, gaussians: Gaussians) -> None:
    """Write `gaussians` to `path`, rounded as the layout has it; whole or as it was.

    Neighbours come together, so that the bounds of a chunk are tight: rows change their order.
    Object ids, origin and confidence have no place in it. Raises `UserError` for values that are
    not numbers, and where nothing can be written.
    """
    if len(gaussians):
        check_finite(gaussians)
    splats = _sorted(SplatArrays.from_gaussians(gaussians))
    n, rest = len(splats), 3 * (splats.sh.shape[1] - 1)
    with replaced(path) as file, told(path):
        file.write(_header(n, rest))
        words = []
        for first in range(0, n, IN_A_CHUNK * AT_ONCE):
            rows = slice(first, min(n, first + IN_A_CHUNK * AT_ONCE))
            bounds, packed = _packed(splats, rows)
            file.write(bounds.astype("<f4").tobytes())
            words.append(packed)
        for part in words:
            file.write(part.astype("<u4").tobytes())
        for levels in _levels(splats) if rest else ():
            file.write(levels.tobytes())


def _sorted(splats: SplatArrays) -> SplatArrays:
    """Along a curve that fills space (Morton, 1966)."""
    if not len(splats):
        return splats
    low, high = splats.means.min(axis=0), splats.means.max(axis=0)
    cells = ((splats.means - low) / np.maximum(high - low, 1e-12) * (LEVELS - 1)).astype(np.uint64)
    code = np.zeros(len(splats), np.uint64)
    for bit in range(LEVELS.bit_length() - 1):
        for axis in range(3):
            one = cells[:, axis] >> np.uint64(bit) & np.uint64(1)
            code |= one << np.uint64(3 * bit + axis)
    order = np.argsort(code, kind="stable")
    columns = ("means", "quats", "log_scales", "logit_opacity", "sh", "object_id")
    return SplatArrays(**{name: getattr(splats, name)[order] for name in columns})


def _header(n: int, rest: int) -> bytes:
    chunks = -(-n // IN_A_CHUNK)
    lines = ["ply", "format binary_little_endian 1.0", f"element chunk {chunks}"]
    lines += [f"property float {name}" for name in (*BOUNDS, *SCALE_BOUNDS, *COLOR_BOUNDS)]
    lines += [f"element vertex {n}", *(f"property uint {name}" for name in PACKED)]
    if rest:
        lines += [f"element sh {n}", *(f"property uchar f_rest_{i}" for i in range(rest))]
    return "\n".join([*lines, "end_header", ""]).encode("ascii")


def _packed(splats: SplatArrays, rows: slice) -> tuple[Floats, Words]:
    """Of whole chunks their bounds [chunks, 18] and the four words of each Gaussian."""
    means = splats.means[rows]
    scales = splats.log_scales[rows].clip(-SCALE_LIMIT, SCALE_LIMIT)
    colors = splats.sh[rows, 0] * np.float32(SH_C0) + np.float32(0.5)
    alpha = 1 / (1 + np.exp(-splats.logit_opacity[rows].astype(np.float64)))
    ends, parts = zip(*(_within(column) for column in (means, scales, colors)), strict=True)
    words = np.empty((len(means), 4), np.uint32)
    words[:, 0] = _joined(parts[0], (11, 10, 11))
    words[:, 1] = _rotations(splats.quats[rows])
    words[:, 2] = _joined(parts[1], (11, 10, 11))
    words[:, 3] = _joined(np.column_stack([parts[2], alpha]), (8, 8, 8, 8))
    return np.concatenate(ends, axis=1), words


def _within(column: Floats) -> tuple[Floats, NDArray[np.float64]]:
    """The bounds [chunks, 6] of `column` [N, 3], and where between them each row is, in [0, 1]."""
    starts = np.arange(0, len(column), IN_A_CHUNK)
    low = np.minimum.reduceat(column, starts)
    high = np.maximum.reduceat(column, starts)
    each = np.arange(len(column)) // IN_A_CHUNK
    span = (high - low).astype(np.float64)
    part = (column - low[each]) / np.where(span > 0, span, 1)[each]
    return np.concatenate([low, high], axis=1), part


def _rotations(quats: Floats) -> Words:
    """Which of w, x, y, z is the largest, then the others in their order, ten bits each."""
    unit = quats / np.linalg.norm(quats, axis=1, keepdims=True).clip(1e-30)
    largest = np.abs(unit).argmax(axis=1)
    sign = np.where(unit[np.arange(len(unit)), largest] < 0, -1, 1)
    small = unit * sign[:, None] / np.sqrt(2) + 0.5
    others = np.array([[i for i in range(4) if i != which] for which in range(4)])
    parts = np.take_along_axis(small, others[largest], axis=1)
    words: Words = largest.astype(np.uint32) << np.uint32(30)
    return words | _joined(parts, (10, 10, 10))


def _joined(parts: NDArray[np.floating], bits: tuple[int, ...]) -> Words:
    """Numbers in [0, 1] side by side in a word, the first at the top."""
    words = np.zeros(len(parts), np.uint32)
    for column, count in zip(parts.T, bits, strict=True):
        steps = np.round(column.astype(np.float64).clip(0, 1) * ((1 << count) - 1))
        words = words << np.uint32(count) | steps.astype(np.uint32)
    return words


def _levels(splats: SplatArrays) -> Iterator[NDArray[np.uint8]]:
    """A byte for each higher coefficient: all of red, then of green, then of blue."""
    for first in range(0, len(splats), IN_A_CHUNK * AT_ONCE):
        rest = splats.sh[first : first + IN_A_CHUNK * AT_ONCE, 1:]
        steps = np.floor((rest / 8 + 0.5) * 256).clip(0, 255).astype(np.uint8)
        yield np.ascontiguousarray(steps.transpose(0, 2, 1)).reshape(len(rest), -1)
