"""SPZ files: what is written comes back within a step, and nothing else is taken for one."""

import contextlib
import gzip
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.errors import UserError
from core.export.any_file import read_any_file, read_splats
from core.export.spz import FIRST_BITS, OTHER_BITS, fraction_bits, read_spz, write_spz
from core.export.spz_columns import pack_quats, pack_rest, unpack_quats, unpack_rest
from core.gaussians.arrays import SplatArrays
from core.gaussians.table import Gaussians
from tests.test_compressed_ply import splats

QUICK = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def small_colors(gaussians: Gaussians) -> Gaussians:
    """The same with colours that the format has room for."""
    sh = gaussians.sh.clone()
    sh[:, 0], sh[:, 1:] = sh[:, 0].clamp(-3, 3), sh[:, 1:].clamp(-0.9, 0.9)
    return replace(gaussians, sh=sh)


def content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


def squeezed(path: Path, data: bytes) -> Path:
    path.write_bytes(gzip.compress(data))
    return path


def check_near(read: SplatArrays, written: Gaussians) -> None:
    """Within half a step of what each number was rounded to."""
    bits = fraction_bits(SplatArrays.from_gaussians(written))
    assert np.abs(read.means - written.means.numpy()).max() <= 0.51 * 2.0**-bits + 1e-6
    scales = written.log_scales.numpy().clip(-10, 255 / 16 - 10)
    assert np.abs(read.log_scales - scales).max() <= 0.51 / 16
    unit = written.quats.numpy() / np.linalg.norm(written.quats.numpy(), axis=1, keepdims=True)
    assert np.abs((read.quats * unit).sum(axis=1)).min() > 1 - 2e-5
    alpha = 1 / (1 + np.exp(-read.logit_opacity))
    assert np.abs(alpha - written.logit_opacity.sigmoid().numpy()).max() <= 0.51 / 255
    assert np.abs(read.sh[:, 0] - written.sh[:, 0].numpy()).max() <= 0.51 / 255 / 0.15
    if written.sh.shape[1] > 1:
        steps = np.where(np.arange(written.sh.shape[1] - 1) < 3, FIRST_BITS, OTHER_BITS)
        off = np.abs(read.sh[:, 1:] - written.sh[:, 1:].numpy()).max(axis=(0, 2))
        assert (off <= 0.5 * 2.0 ** (1 - steps) + 0.51 / 128).all()


@pytest.mark.parametrize("degree", range(4))
@pytest.mark.parametrize("n", [1, 600])
def test_what_was_written_is_read(tmp_path: Path, n: int, degree: int) -> None:
    written = small_colors(splats(n, degree))
    write_spz(tmp_path / "a.spz", written)
    read = read_any_file(tmp_path / "a.spz")
    assert isinstance(read, SplatArrays)
    assert read.sh_degree == degree
    check_near(read, written)
    assert torch.equal(read_splats(tmp_path / "a.spz").means, torch.from_numpy(read.means))


def test_the_layout_is_that_of_version_3(tmp_path: Path) -> None:
    written = small_colors(splats(2, 1))
    write_spz(tmp_path / "a.spz", written)
    data = content(tmp_path / "a.spz")
    assert len(data) == 16 + 2 * (9 + 1 + 3 + 3 + 4 + 9)
    magic, version, rows, degree, bits, flags, reserved = struct.unpack("<IIIBBBB", data[:16])
    assert (magic, version, rows, degree, flags, reserved) == (0x5053474E, 3, 2, 1, 0, 0)
    x = int.from_bytes(data[16:19], "little", signed=True) / 2**bits
    assert x == pytest.approx(float(written.means[0, 0]), abs=2.0**-bits)
    assert data[34] == round(float(written.logit_opacity[0].sigmoid()) * 255)
    assert data[36] == round((float(written.sh[0, 0, 0]) * 0.15 + 0.5) * 255)
    assert data[42] == round((float(written.log_scales[0, 0]) + 10) * 16)


def test_a_rotation_is_packed_as_the_library_does() -> None:
    """By hand: w is the largest, y is negative; x, y, z follow, each a sign and nine bits."""
    quat = np.array([[0.9, 0.1, -0.2, 0.3]], np.float32)
    unit = quat[0] / np.linalg.norm(quat)
    sizes = [int(abs(v) / np.sqrt(0.5) * 511 + 0.5) for v in unit[1:]]
    word = 3 << 30 | sizes[0] << 20 | (1 << 9 | sizes[1]) << 10 | sizes[2]
    assert pack_quats(quat).tobytes() == struct.pack("<I", word)
    assert pack_quats(-quat).tobytes() == struct.pack("<I", word)


@given(st.lists(st.floats(-1, 1), min_size=4, max_size=4).filter(lambda q: sum(map(abs, q)) > 0.1))
@QUICK
def test_rotations_come_back(quat: list[float]) -> None:
    written = np.array([quat], np.float32)
    unit = written / np.linalg.norm(written)
    assert abs(float((unpack_quats(pack_quats(written)) * unit).sum())) > 1 - 2e-5


@given(st.lists(st.floats(-1, 0.9), min_size=9, max_size=9), st.integers(3, 8), st.integers(3, 8))
@QUICK
def test_packing_coefficients_twice_changes_nothing(
    rest: list[float], first: int, other: int
) -> None:
    once = pack_rest(np.array(rest, np.float32).reshape(1, 3, 3), first, other)
    assert np.array_equal(pack_rest(unpack_rest(once), first, other), once)


@given(st.floats(1e-4, 1e5), st.integers(0, 3), st.integers(0, 50))
@QUICK
def test_scenes_of_all_sizes_come_back(tmp_path: Path, size: float, degree: int, seed: int) -> None:
    base = small_colors(splats(20 + seed, degree))
    written = replace(
        base, means=base.means * size, log_scales=(base.log_scales + np.log(size)).clamp(-9.9, 5.9)
    )
    write_spz(tmp_path / "a.spz", written)
    check_near(read_spz(tmp_path / "a.spz"), written)


def test_the_places_of_small_scenes_keep_their_sizes_worth(tmp_path: Path) -> None:
    base = small_colors(splats(200, 0))
    written = replace(base, means=base.means * 1e-2, log_scales=base.log_scales - 4.6)
    write_spz(tmp_path / "a.spz", written)
    off = np.abs(read_spz(tmp_path / "a.spz").means - written.means.numpy()).max()
    assert off < float(written.log_scales.median().exp()) / 100


def test_no_gaussians_at_all(tmp_path: Path) -> None:
    write_spz(tmp_path / "a.spz", splats(1, 1).rows(torch.zeros(0, dtype=torch.int64)))
    assert len(read_splats(tmp_path / "a.spz")) == 0
    with pytest.raises(UserError, match="empty"):
        read_any_file(tmp_path / "a.spz")


def older(written: Gaussians, version: int) -> bytes:
    """As versions 1 and 2 had it: half floats for places, three bytes for rotations."""
    n = len(written)
    unit = (written.quats / written.quats.norm(dim=1, keepdim=True)).numpy()
    unit = np.where(unit[:, :1] < 0, -unit, unit)
    means: NDArray[np.generic] = written.means.numpy()
    if version == 1:
        places = means.astype("<f2").tobytes()
    else:
        steps = np.round(means * 4096).astype("<i4")
        places = np.ascontiguousarray(steps).view(np.uint8).reshape(n, 3, 4)[..., :3].tobytes()
    alpha = np.round(written.logit_opacity.sigmoid().numpy() * 255).astype(np.uint8)
    colors = np.round((written.sh[:, 0].numpy() * 0.15 + 0.5) * 255).astype(np.uint8)
    scales = np.round((written.log_scales.numpy() + 10) * 16).astype(np.uint8)
    turns = np.round(unit[:, 1:] * 127.5 + 127.5).clip(0, 255).astype(np.uint8)
    head = struct.pack("<IIIBBBB", 0x5053474E, version, n, 0, 12, 0, 0)
    return head + places + b"".join(a.tobytes() for a in (alpha, colors, scales, turns))


@pytest.mark.parametrize("version", [1, 2])
def test_older_versions_are_read(tmp_path: Path, version: int) -> None:
    written = small_colors(splats(50, 0))
    read = read_spz(squeezed(tmp_path / "a.spz", older(written, version)))
    assert np.allclose(read.means, written.means.numpy(), atol=0.01)
    unit = (written.quats / written.quats.norm(dim=1, keepdim=True)).numpy()
    assert np.abs((read.quats * unit).sum(axis=1)).min() > 0.99


def test_what_other_programs_add_behind_is_passed_over(tmp_path: Path) -> None:
    written = small_colors(splats(30, 2))
    write_spz(tmp_path / "a.spz", written)
    longer = squeezed(tmp_path / "b.spz", content(tmp_path / "a.spz") + b"extension" * 100)
    assert np.array_equal(read_spz(longer).sh, read_spz(tmp_path / "a.spz").sh)


def head(**changed: int) -> bytes:
    values = {"magic": 0x5053474E, "version": 3, "rows": 4, "degree": 0, "bits": 12} | changed
    return struct.pack("<IIIBBBB", *values.values(), 0, 0) + b"\0" * 80


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"", "not an SPZ", id="empty"),
        pytest.param(b"\x89PNG", "not an SPZ", id="picture"),
        pytest.param(b"NGSP\4\0\0\0", "version that cannot be read yet", id="version 4"),
        pytest.param(gzip.compress(b"abc"), "cut off", id="no header"),
        pytest.param(gzip.compress(head(magic=1)), "does not begin", id="magic"),
        pytest.param(gzip.compress(head(version=9)), "version 9", id="version"),
        pytest.param(gzip.compress(head(degree=7)), "degree 7", id="degree"),
        pytest.param(gzip.compress(head(bits=200)), "200 bits", id="bits"),
        pytest.param(gzip.compress(head(rows=5)), "fewer Gaussians", id="one too few"),
        pytest.param(gzip.compress(head(rows=2**32 - 1)), "promises 4294967295", id="lie"),
        pytest.param(gzip.compress(head())[:-9], "cut off", id="end"),
        pytest.param(gzip.compress(head())[:-8] + b"\1" * 8, "damaged", id="sum"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "a.spz").write_bytes(data)
    with pytest.raises(UserError, match=words):
        read_any_file(tmp_path / "a.spz")


@given(st.integers(0, 2**31), st.integers(1, 8), st.booleans())
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_damaged_files_give_a_sentence(
    tmp_path: Path, seed: int, changes: int, inside: bool
) -> None:
    """Bytes changed in the file, or below its compression, where every byte means something."""
    path = tmp_path / "whole.spz"
    if not path.exists():
        write_spz(path, small_colors(splats(40, 1)))
    rng = np.random.default_rng(seed)
    data = bytearray(content(path) if inside else path.read_bytes())
    for at in rng.integers(0, min(len(data), 200), changes):
        data[at] = rng.integers(256)
    if rng.random() < 0.3:
        del data[rng.integers(len(data)) :]
    other = tmp_path / "damaged.spz"
    other.write_bytes(gzip.compress(bytes(data), 1) if inside else bytes(data))
    with contextlib.suppress(UserError):
        read = read_spz(other)
        assert len(read) < 1e6
        assert np.isfinite(read.means).all()
        assert np.isfinite(read.quats).all()


def test_values_that_are_not_numbers_are_not_written(tmp_path: Path) -> None:
    broken = splats(3, 0)
    broken.means[1, 0] = float("nan")
    with pytest.raises(UserError, match="1 of 3"):
        write_spz(tmp_path / "a.spz", broken)
    assert not list(tmp_path.iterdir())
