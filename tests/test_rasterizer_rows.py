"""The fast rasterizer takes eight rows and all bands at once: what is left over is right too."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from core.gaussians.table import Gaussians
from core.render.rasterize import rasterize
from tests.scenes import cloud, front_view

NAMES = ("means", "quats", "log_scales", "logit_opacity", "sh")


def graded(scene: Gaussians, degree: int) -> tuple[Tensor, dict[str, Tensor]]:
    """A picture, and the columns' gradients of a loss that weighs its pixels at random."""
    leaves = {name: getattr(scene, name).clone().requires_grad_() for name in NAMES}
    rows = Gaussians(**leaves, object_id=scene.object_id)
    color = rasterize(rows, front_view(37, 45), sh_degree=degree).color
    weight = torch.randn(color.shape, generator=torch.Generator().manual_seed(4))
    (color * weight.to(color)).sum().backward()
    return color.detach().double(), {name: leaf.grad.double() for name, leaf in leaves.items()}


def doubled(column: Tensor) -> Tensor:
    return column.double() if column.is_floating_point() else column


def compare(scene: Gaussians, degree: int) -> None:
    found, slopes = graded(scene, degree)
    expected, right = graded(scene.map(doubled), degree)
    torch.testing.assert_close(found, expected, atol=2e-5, rtol=1e-4)
    for name, slope in right.items():
        assert (slopes[name] - slope).norm() <= 1e-4 * slope.norm(), name


@pytest.mark.parametrize("count", [1, 7, 8, 9, 15, 17, 31])
def test_any_number_of_rows(count: int) -> None:
    compare(cloud(count, seed=count), 3)


@pytest.mark.parametrize(("stored", "used"), [(0, 0), (1, 0), (1, 1), (2, 1), (3, 0), (3, 2)])
def test_any_number_of_bands(stored: int, used: int) -> None:
    scene = cloud(23, seed=3)
    compare(replace(scene, sh=scene.sh[:, : (stored + 1) ** 2].contiguous()), used)


def test_rows_out_of_sight_have_no_gradient_whatever_was_there_before() -> None:
    scene = cloud(40, seed=6)
    graded(scene, 3)  # leaves its numbers in the arrays that the next picture borrows
    means = scene.means.clone()
    means[::3, 0] = 100.0
    means[1, 0] = torch.nan
    _, slopes = graded(replace(scene, means=means), 3)
    hidden = rasterize(replace(scene, means=means), front_view(37, 45)).radii == 0
    assert hidden[::3].any()
    for slope in slopes.values():
        assert (slope[hidden] == 0).all()
        assert torch.isfinite(slope).all()
