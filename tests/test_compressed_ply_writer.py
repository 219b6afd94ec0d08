"""Compressed splat files that we write come back within a step, in another order."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.export.any_file import read_splats
from core.export.compressed_ply_writer import write_compressed_ply
from core.gaussians.table import Gaussians
from tests.test_compressed_ply import splats


def matched(read: Gaussians, written: Gaussians) -> Gaussians:
    """`written` in the order of `read`: each row's nearest in place."""
    nearest = torch.cdist(read.means.double(), written.means.double()).argmin(dim=1)
    assert len(nearest.unique()) == len(written)
    return written.rows(nearest)


@pytest.mark.parametrize("degree", range(4))
@pytest.mark.parametrize("n", [1, 256, 700])
def test_what_was_written_is_read(tmp_path: Path, n: int, degree: int) -> None:
    before = splats(n, degree)
    write_compressed_ply(tmp_path / "a.compressed.ply", before)
    read = read_splats(tmp_path / "a.compressed.ply")
    assert read.sh_degree == degree
    written = matched(read, before)
    span = written.means.max(0).values - written.means.min(0).values
    assert ((read.means - written.means).abs() <= 0.51 * span / 1023 + 1e-5).all()
    span = written.log_scales.max(0).values - written.log_scales.min(0).values
    assert ((read.log_scales - written.log_scales).abs() <= 0.51 * span / 1023 + 1e-5).all()
    assert ((read.quats * written.quats).sum(dim=1).abs() > 1 - 1e-5).all()
    off = (read.logit_opacity.sigmoid() - written.logit_opacity.sigmoid()).abs()
    assert (off <= 0.51 / 255).all()
    assert ((read.sh[:, 1:] - written.sh[:, 1:]).abs() <= 0.51 * 8 / 256).all()


def test_chunks_hold_neighbours(tmp_path: Path) -> None:
    """Sorted, the bounds of a chunk are far tighter than those of all."""
    before = splats(5000, 0)
    write_compressed_ply(tmp_path / "a.ply", before)
    read = read_splats(tmp_path / "a.ply")
    chunks = read.means[:4864].reshape(19, 256, 3)
    spans = chunks.max(dim=1).values - chunks.min(dim=1).values
    whole = before.means.max(0).values - before.means.min(0).values
    assert float((spans / whole).prod(dim=1).mean()) < 0.2


@given(st.floats(1e-5, 1e5), st.floats(-30, 30))
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_all_sizes_come_back_finite(tmp_path: Path, size: float, shift: float) -> None:
    base = splats(300, 1)
    written = replace(
        base, means=base.means * size, log_scales=base.log_scales + shift, sh=base.sh * size
    )
    write_compressed_ply(tmp_path / "a.ply", written)
    read = read_splats(tmp_path / "a.ply")
    assert bool(read.finite().all())
    low, high = written.means.min(0).values, written.means.max(0).values
    assert np.allclose(read.means.min(0).values, low, atol=1e-3 * float((high - low).max()))


def test_no_gaussians_at_all(tmp_path: Path) -> None:
    write_compressed_ply(tmp_path / "a.ply", splats(1, 1).rows(torch.zeros(0, dtype=torch.int64)))
    assert len(read_splats(tmp_path / "a.ply")) == 0


def test_values_that_are_not_numbers_are_not_written(tmp_path: Path) -> None:
    broken = splats(3, 0)
    broken.sh[1, 0, 0] = float("nan")
    with pytest.raises(UserError, match="1 of 3"):
        write_compressed_ply(tmp_path / "a.ply", broken)
    assert not list(tmp_path.iterdir())
