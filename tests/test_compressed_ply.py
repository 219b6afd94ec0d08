"""Compressed splat files: packed here number by number, and by the program they come from."""

import itertools
import math
import shutil
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import UserError
from core.export.any_ply import read_any_ply, read_splats
from core.export.ply import read_ply, write_ply
from core.gaussians.arrays import SplatArrays
from core.gaussians.table import Gaussians
from tests.test_readers import SPLAT_TRANSFORM

BOUNDS = [
    f"{end}_{part}{axis}" for part in ("", "scale_") for end in ("min", "max") for axis in "xyz"
]
COLORS = [f"{end}_{channel}" for end in ("min", "max") for channel in "rgb"]


def splats(n: int, degree: int) -> Gaussians:
    g = torch.Generator().manual_seed(n + degree)
    quats = torch.randn(n, 4, generator=g)
    return Gaussians(
        means=torch.randn(n, 3, generator=g) * torch.tensor([5.0, 1.0, 0.1]),
        quats=quats / quats.norm(dim=1, keepdim=True),
        log_scales=torch.randn(n, 3, generator=g) - 3,
        logit_opacity=torch.randn(n, generator=g) * 2,
        sh=torch.randn(n, (degree + 1) ** 2, 3, generator=g).clamp(-3.9, 3.9),
        object_id=torch.zeros(n, dtype=torch.int64),
    )


def packed(parts: list[float], bits: list[int]) -> int:
    """Numbers in [0, 1] side by side in a word, the first at the top."""
    word = 0
    for part, count in zip(parts, bits, strict=True):
        word = word << count | round(part * (2**count - 1))
    return word


def packed_rotation(quat: list[float]) -> int:
    largest = max(range(4), key=lambda i: abs(quat[i]))
    sign = math.copysign(1, quat[largest])
    small = [sign * quat[i] / math.sqrt(2) + 0.5 for i in range(4) if i != largest]
    return largest << 30 | packed(small, [10, 10, 10])


def share(value: float, low: float, high: float) -> float:
    return (value - low) / (high - low) if high > low else 0.0


def write(path: Path, gaussians: Gaussians, *, colored: bool = True) -> None:
    """As the layout is described: chunks of 256, then four words a Gaussian, then bytes."""
    n, rest = len(gaussians), 3 * (gaussians.sh.shape[1] - 1)
    chunks, words, levels = b"", b"", b""
    color = gaussians.sh[:, 0] * 0.28209479177387814 + 0.5
    alpha = gaussians.logit_opacity.sigmoid()
    for start in range(0, n, 256):
        rows = slice(start, min(start + 256, n))
        tables = [gaussians.means[rows], gaussians.log_scales[rows], color[rows]]
        ends = [(t.min(0).values.tolist(), t.max(0).values.tolist()) for t in tables]
        if not colored:
            ends[2] = ([0.0] * 3, [1.0] * 3)
        for low, high in ends[: 3 if colored else 2]:
            chunks += struct.pack("<6f", *low, *high)
        for i in range(rows.start, rows.stop):
            values = [gaussians.means[i], gaussians.log_scales[i], color[i]]
            parts = [
                [
                    min(max(share(v, a, b), 0), 1)
                    for v, a, b in zip(t.tolist(), *ends[k], strict=True)
                ]
                for k, t in enumerate(values)
            ]
            words += struct.pack(
                "<4I",
                packed(parts[0], [11, 10, 11]),
                packed_rotation(gaussians.quats[i].tolist()),
                packed(parts[1], [11, 10, 11]),
                packed([*parts[2], float(alpha[i])], [8, 8, 8, 8]),
            )
            for channel in range(3):
                for value in gaussians.sh[i, 1:, channel].tolist():
                    levels += bytes([min(max(int((value / 8 + 0.5) * 256), 0), 255)])
    names = BOUNDS + (COLORS if colored else [])
    lines = ["ply", "format binary_little_endian 1.0", f"element chunk {-(-n // 256)}"]
    lines += [f"property float {name}" for name in names] + [f"element vertex {n}"]
    lines += [f"property uint packed_{name}" for name in ("position", "rotation", "scale", "color")]
    if rest:
        lines += [f"element sh {n}", *(f"property uchar f_rest_{i}" for i in range(rest))]
    path.write_bytes("\n".join([*lines, "end_header", ""]).encode() + chunks + words + levels)


def check_near(read: SplatArrays, written: Gaussians) -> None:
    """Within half a step of what each number was rounded to."""
    span = (written.means.max(0).values - written.means.min(0).values).numpy()
    assert (np.abs(read.means - written.means.numpy()) <= 0.51 * span / 1023 + 1e-5).all()
    span = (written.log_scales.max(0).values - written.log_scales.min(0).values).numpy()
    assert (np.abs(read.log_scales - written.log_scales.numpy()) <= 0.51 * span / 1023 + 1e-5).all()
    alike = np.abs((read.quats * written.quats.numpy()).sum(axis=1))
    assert (alike > 1 - 1e-5).all()
    assert np.allclose((read.quats**2).sum(axis=1), 1, atol=1e-3)
    alpha = 1 / (1 + np.exp(-read.logit_opacity))
    assert (np.abs(alpha - written.logit_opacity.sigmoid().numpy()) <= 0.51 / 255).all()
    span = (written.sh[:, 0].max(0).values - written.sh[:, 0].min(0).values).numpy()
    assert (np.abs(read.sh[:, 0] - written.sh[:, 0].numpy()) <= 0.51 * span / 255 + 1e-5).all()
    assert (np.abs(read.sh[:, 1:] - written.sh[:, 1:].numpy()) <= 0.51 * 8 / 256).all()


@pytest.mark.parametrize("degree", range(4))
@pytest.mark.parametrize("n", [1, 256, 600])
def test_what_was_packed_is_read(tmp_path: Path, n: int, degree: int) -> None:
    written = splats(n, degree)
    write(tmp_path / "a.ply", written)
    read = read_any_ply(tmp_path / "a.ply")
    assert isinstance(read, SplatArrays)
    check_near(read, written)
    assert torch.equal(read_splats(tmp_path / "a.ply").means, torch.from_numpy(read.means))


def test_older_files_have_no_bounds_of_colour(tmp_path: Path) -> None:
    written = splats(300, 0)
    written = Gaussians(**{**vars(written), "sh": written.sh.clamp(-1.7, 1.7)})  # seen colours
    write(tmp_path / "a.ply", written, colored=False)
    read = read_any_ply(tmp_path / "a.ply")
    assert isinstance(read, SplatArrays)
    step = 1 / 255 / 0.28209479177387814
    assert (np.abs(read.sh[:, 0] - written.sh[:, 0].numpy()) <= 0.51 * step).all()


def test_the_ends_of_opacity_are_finite(tmp_path: Path) -> None:
    written = splats(2, 0)
    opacity = torch.tensor([-100.0, 100.0])
    write(tmp_path / "a.ply", Gaussians(**{**vars(written), "logit_opacity": opacity}))
    read = read_splats(tmp_path / "a.ply")
    assert read.logit_opacity.isfinite().all()
    assert torch.allclose(read.logit_opacity.sigmoid(), torch.tensor([0.0, 1.0]), atol=1 / 255)


def spoilt(content: bytes, how: str) -> bytes:
    match how:
        case "cut off":
            return content[:-1]
        case "few chunks":
            return content.replace(b"element chunk 3", b"element chunk 2")
        case "few colours":
            return content.replace(b"element sh 600", b"element sh 599")
        case "other type":
            return content.replace(b"uint packed_scale", b"int packed_scale")
        case "lie":
            return content.replace(b"element vertex 600", b"element vertex 9999999999")
        case "lists":
            return content.replace(b"uchar f_rest_8", b"list uchar uchar f_rest_8")
        case "missing":
            return content.replace(b"f_rest_8", b"f_rest_9")
        case "infinite":
            start = content.index(b"end_header\n") + 11
            return content[:start] + struct.pack("<f", math.inf) + content[start + 4 :]
    raise AssertionError(how)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("cut off", "promises 600 rows"),
        ("few chunks", "2 chunks are too few for 600 Gaussians"),
        ("few colours", "599 rows of colour"),
        ("other type", "packed_scale is missing"),
        ("lie", "promises 9999999999 points"),
        ("lists", "f_rest_8 is missing"),
        ("missing", "f_rest_8 is missing"),
        ("infinite", "1 of 3 chunks"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, how: str, words: str) -> None:
    path = tmp_path / "a.ply"
    write(path, splats(600, 1))
    path.write_bytes(spoilt(path.read_bytes(), how))
    with pytest.raises(UserError, match=words):
        read_any_ply(path)


@pytest.mark.external
@pytest.mark.skipif(shutil.which("npx") is None, reason="needs npx, which comes with Node.js")
@pytest.mark.parametrize("degree", range(4))
def test_splat_transforms_files_are_read_as_it_reads_them(tmp_path: Path, degree: int) -> None:
    paths = [tmp_path / name for name in ("a.ply", "b.compressed.ply", "c.ply")]
    write_ply(paths[0], splats(700, degree))
    for source, target in itertools.pairwise(paths):
        command = ["npx", "--yes", SPLAT_TRANSFORM, str(source), str(target)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
    ours, theirs = read_splats(paths[1]), read_ply(paths[2])
    for name in ("means", "quats", "log_scales", "sh"):
        torch.testing.assert_close(getattr(ours, name), getattr(theirs, name), rtol=1e-5, atol=1e-5)
    # Theirs are infinite where the byte is 0 or 255.
    opacities = [each.logit_opacity.sigmoid() for each in (ours, theirs)]
    torch.testing.assert_close(*opacities, rtol=0, atol=0.51 / 255)
