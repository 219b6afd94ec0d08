"""Gaussians as numpy columns, and how far what is shown reaches."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.gaussians.arrays import SplatArrays
from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.scene.shown import PointCloud, TriangleMesh, bounds
from tests.scenes import cloud

ROWS = ("means", "quats", "log_scales", "logit_opacity", "sh", "object_id")
COLUMNS = (*ROWS, "origin", "confidence")


@pytest.mark.parametrize("degree", range(4))
@pytest.mark.parametrize("n", [0, 1, 50])
def test_there_and_back(n: int, degree: int) -> None:
    there = some(n, degree)
    arrays = SplatArrays.from_gaussians(there)
    back = arrays.to_gaussians()
    assert (len(arrays), arrays.sh_degree) == (n, degree)
    for name in COLUMNS:
        first, second = getattr(there, name), getattr(back, name)
        assert first.dtype == second.dtype
        assert torch.equal(first, second)
        wanted = {"object_id": np.int32, "origin": np.uint8}.get(name, np.float32)
        assert getattr(arrays, name).dtype == wanted


def test_large_columns_are_not_copied() -> None:
    there = some(50, 3)
    arrays = SplatArrays.from_gaussians(there)
    back = arrays.to_gaussians()
    for name in set(COLUMNS) - {"object_id"}:
        assert np.shares_memory(getattr(there, name).numpy(), getattr(arrays, name))
        assert np.shares_memory(getattr(back, name).numpy(), getattr(arrays, name))


def test_read_only_columns_are_copied_for_torch() -> None:
    arrays = SplatArrays.from_gaussians(some(5, 0))
    arrays.means.flags.writeable = False  # torch would warn, and then write through it
    back = arrays.to_gaussians()
    assert not np.shares_memory(back.means.numpy(), arrays.means)


def test_parameters_under_training_are_taken() -> None:
    there = some(5, 1).map(lambda c: c.requires_grad_() if c.is_floating_point() else c)
    assert np.array_equal(SplatArrays.from_gaussians(there).means, there.means.detach().numpy())


def test_unequal_columns_are_refused() -> None:
    arrays = SplatArrays.from_gaussians(some(5, 0))
    with pytest.raises(ValueError, match="unequal length"):
        SplatArrays(
            arrays.means,
            arrays.quats,
            arrays.log_scales,
            arrays.logit_opacity[:4],
            arrays.sh,
            arrays.object_id,
        )


def test_rows_are_observed_and_certain_unless_said() -> None:
    arrays = SplatArrays(
        **{name: vars(SplatArrays.from_gaussians(cloud(5)))[name] for name in ROWS}
    )
    for table in (cloud(5), arrays.to_gaussians()):
        assert table.origin.tolist() == [Origin.OBSERVED] * 5
        assert table.confidence.tolist() == [1.0] * 5
        assert (table.origin.dtype, table.confidence.dtype) == (torch.uint8, torch.float32)


def test_bounds_leave_strays_aside() -> None:
    positions = np.random.default_rng(0).uniform(-1, 1, (5000, 3)).astype(np.float32)
    positions[:10] = 1e6
    low, high = bounds(PointCloud(positions, np.zeros((5000, 3), np.uint8)))
    assert np.allclose(low, -1, atol=0.1)
    assert np.allclose(high, 1, atol=0.1)


def test_bounds_of_a_mesh_reach_every_vertex() -> None:
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0, 2, -3]], np.float32)
    mesh = TriangleMesh(vertices, np.array([[0, 1, 2]], np.int32), np.zeros((3, 3), np.uint8))
    low, high = bounds(mesh)
    assert np.array_equal(low, [0, 0, -3])
    assert np.array_equal(high, [1, 2, 0])


def test_bounds_of_nothing() -> None:
    low, high = bounds(SplatArrays.from_gaussians(some(0, 0)))
    assert not low.any()
    assert not high.any()


def some(n: int, degree: int) -> Gaussians:
    """`n` Gaussians of which each belongs to another object, and is of another origin."""
    return replace(
        cloud(n),
        origin=(torch.arange(n) % 3).to(torch.uint8),
        confidence=torch.linspace(0, 1, n),
        sh=torch.randn(n, (degree + 1) ** 2, 3, generator=torch.Generator().manual_seed(1)),
        object_id=torch.arange(n),
    )
