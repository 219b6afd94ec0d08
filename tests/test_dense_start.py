"""Gaussians that begin on surfaces lie along them and reach their neighbours."""

import pytest
import torch

from core.dense.fuse import DensePoints
from core.dense.start import surfels
from core.geometry.rotation import matrix_from_quat

GRID = torch.cartesian_prod(torch.arange(6.0), torch.arange(6.0), torch.tensor([5.0]))


def points(positions: torch.Tensor, radius: float = 0.01) -> DensePoints:
    n = len(positions)
    normals = torch.nn.functional.normalize(torch.tensor([1.0, 2.0, -2.0]), dim=0).expand(n, 3)
    colors, ones = torch.full((n, 3), 77, dtype=torch.uint8), torch.ones(n)
    return DensePoints(positions, normals, colors, radius * ones, ones, ones.long())


def test_the_thin_axis_is_the_normal() -> None:
    made = surfels(points(GRID), torch.zeros(0, 3))
    thin = matrix_from_quat(made.quats)[:, :, 2]
    assert torch.allclose(thin, points(GRID).normals, atol=1e-5)
    scales = made.log_scales.exp()
    assert (scales[:, 2] < 0.5 * scales[:, :2].amin(dim=1)).all()


def test_wide_as_the_way_to_the_neighbours_or_as_the_pixels_are() -> None:
    far = surfels(points(GRID, radius=0.5), torch.zeros(0, 3)).log_scales.exp()
    assert float(far[14, 0]) == pytest.approx(1.0, rel=0.01)
    coarse = surfels(points(GRID, radius=5.0), torch.zeros(0, 3)).log_scales.exp()
    assert float(coarse[14, 0]) == pytest.approx(3.0, rel=0.01)


def test_what_else_begins_there_counts_as_a_neighbour() -> None:
    alone = surfels(points(GRID, radius=0.2), torch.zeros(0, 3))
    among = surfels(points(GRID, radius=0.2), GRID + 0.3)
    assert float(among.log_scales.mean()) < float(alone.log_scales.mean())


def test_none_of_none() -> None:
    assert len(surfels(points(GRID[:0]), GRID)) == 0
    assert len(surfels(points(GRID[:1]), GRID[:0])) == 1
