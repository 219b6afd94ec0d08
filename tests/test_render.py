"""The reference against formulas, and the fast rasterizer against the reference."""

import math
from dataclasses import fields, replace

import pytest
import torch
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import Pinhole, View
from core.geometry.sh import sh_from_color
from core.render.rasterize import rasterize
from core.render.render import BLUR, Render
from tests.scenes import cloud, front_view

COLUMNS = ("means", "quats", "log_scales", "logit_opacity", "sh")


def as_double(gaussians: Gaussians) -> Gaussians:
    return gaussians.map(lambda c: c.double() if c.is_floating_point() else c)


def one_round_gaussian(sigma: float, depth: float, opacity: float) -> Gaussians:
    sh = torch.zeros(1, 1, 3, dtype=torch.float64)
    sh[:, 0] = sh_from_color(torch.tensor([[0.9, 0.5, 0.1]], dtype=torch.float64))
    return Gaussians(
        means=torch.tensor([[0.0, 0.0, depth]], dtype=torch.float64),
        quats=torch.tensor([[1.0, 0, 0, 0]], dtype=torch.float64),
        log_scales=torch.full((1, 3), math.log(sigma), dtype=torch.float64),
        logit_opacity=torch.logit(torch.tensor([opacity], dtype=torch.float64)),
        sh=sh,
        object_id=torch.zeros(1, dtype=torch.int64),
    )


def test_one_gaussian_is_its_closed_formula() -> None:
    camera = Pinhole(31, 31, 40.0, 40.0, 15.5, 15.5)
    view = View(camera, torch.eye(4, dtype=torch.float64))
    render = rasterize(one_round_gaussian(0.2, 2.0, 0.8), view)
    variance = (40.0 * 0.2 / 2.0) ** 2 + BLUR
    pixel = torch.arange(31, dtype=torch.float64) + 0.5 - 15.5
    alpha = 0.8 * torch.exp(-(pixel[:, None] ** 2 + pixel**2) / (2 * variance))
    alpha = torch.where(alpha >= 1 / 255, alpha, 0.0)
    torch.testing.assert_close(render.alpha, alpha)
    color = torch.tensor([0.9, 0.5, 0.1], dtype=torch.float64)
    torch.testing.assert_close(render.color, alpha[..., None] * color)
    torch.testing.assert_close(render.depth[15, 15], torch.tensor(2.0, dtype=torch.float64))


def test_the_order_of_rows_does_not_matter() -> None:
    gaussians, view = cloud(300), front_view(70, 50)
    shuffle = torch.randperm(300, generator=torch.Generator().manual_seed(3))
    for scene in (gaussians, as_double(gaussians)):
        mixed = scene.map(lambda column: column[shuffle])
        torch.testing.assert_close(
            rasterize(mixed, view).color, rasterize(scene, view).color, atol=1e-6, rtol=0
        )


def test_the_background_shows_where_nothing_is() -> None:
    background = torch.tensor([0.2, 0.4, 0.6])
    gaussians, view = cloud(30), front_view(40, 30)
    on_black, on_blue = (
        rasterize(gaussians, view),
        rasterize(gaussians, view, background=background),
    )
    expected = on_black.color + (1 - on_black.alpha)[..., None] * background
    torch.testing.assert_close(on_blue.color, expected, atol=1e-6, rtol=0)


def test_nothing_in_sight_is_a_picture_of_the_background() -> None:
    behind = cloud(20)
    behind = replace(behind, means=behind.means * torch.tensor([1.0, 1.0, -1.0]))
    for scene in (behind, as_double(behind)):
        render = rasterize(scene, front_view(20, 20, turn=0.0))
        assert render.alpha.abs().max() == 0
        assert render.radii.max() == 0


def test_rows_that_are_not_numbers_are_not_drawn() -> None:
    gaussians, view = cloud(50), front_view(40, 30)
    means, scales = gaussians.means.clone(), gaussians.log_scales.clone()
    means[3], scales[5], scales[7] = math.nan, math.inf, math.nan
    good = [k for k in range(50) if k not in (3, 5, 7)]
    expected = rasterize(gaussians.map(lambda column: column[good]), view).color
    broken = rasterize(replace(gaussians, means=means, log_scales=scales), view)
    torch.testing.assert_close(broken.color, expected, atol=1e-6, rtol=0)


def graded(scene: Gaussians, view: View, features: Tensor) -> tuple[Render, dict[str, Tensor]]:
    """A render, and the gradients of a loss that weighs all its planes at random."""
    kind = scene.means.dtype
    leaves = {name: getattr(scene, name).clone().requires_grad_() for name in COLUMNS}
    leaves["features"] = features.to(kind).requires_grad_()
    leaves["camera_from_scene"] = view.camera_from_scene.clone().requires_grad_()
    rows = Gaussians(**{name: leaves[name] for name in COLUMNS}, object_id=scene.object_id)
    render = rasterize(
        rows,
        View(view.camera, leaves["camera_from_scene"]),
        background=torch.tensor([0.3, 0.5, 0.1], dtype=kind),
        features=leaves["features"],
        probe=True,
    )
    assert render.features is not None
    assert render.means2d is not None
    generator = torch.Generator().manual_seed(9)
    loss = torch.zeros((), dtype=kind)
    for plane in (render.color, render.alpha, render.depth_sum, render.features):
        loss = loss + (plane * torch.randn(plane.shape, generator=generator).to(kind)).sum()
    loss.backward()
    leaves["means2d"] = render.means2d
    return render, {
        name: leaf.grad.double() for name, leaf in leaves.items() if leaf.grad is not None
    }


@pytest.mark.parametrize(
    ("count", "width", "height"), [(1, 40, 30), (50, 70, 90), (400, 70, 90), (2000, 100, 136)]
)
def test_the_fast_rasterizer_is_the_reference(count: int, width: int, height: int) -> None:
    gaussians, view = cloud(count, seed=count), front_view(width, height)
    features = torch.randn(count, 6, generator=torch.Generator().manual_seed(5))
    expected, slopes = graded(as_double(gaussians), view, features)
    found, found_slopes = graded(gaussians, view, features)
    for plane in fields(Render):
        if plane.name == "means2d":
            continue
        one, other = getattr(found, plane.name).double(), getattr(expected, plane.name)
        torch.testing.assert_close(one, other, atol=2e-5, rtol=1e-4, msg=plane.name)
    assert slopes.keys() == found_slopes.keys()
    for name, slope in slopes.items():
        error = (found_slopes[name] - slope).norm() / slope.norm()
        assert error < 1e-4, f"{name}: {error:.1e}"


def test_gradients_are_those_of_finite_differences() -> None:
    gaussians, view = as_double(cloud(6, seed=2)), front_view(24, 20)
    weights = torch.randn(
        20, 24, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(4)
    )
    # Without hard edges in reach: faint tails are cut off at 1/255, so keep to opaque, wide ones.
    gaussians = replace(
        gaussians,
        log_scales=gaussians.log_scales * 0 + 1.0,
        logit_opacity=gaussians.logit_opacity * 0,
    )

    def loss(*columns: Tensor) -> Tensor:
        rows = Gaussians(*columns[:-1], gaussians.object_id)
        return (rasterize(rows, View(view.camera, columns[-1])).color * weights).sum()

    leaves = [getattr(gaussians, name).requires_grad_() for name in COLUMNS]
    leaves.append(view.camera_from_scene.clone().requires_grad_())
    assert torch.autograd.gradcheck(loss, leaves, eps=1e-6, atol=1e-5, rtol=1e-4)


def test_two_renders_before_one_backward_do_not_disturb_each_other() -> None:
    gaussians, near, far = cloud(200), front_view(48, 40), front_view(48, 40, turn=-0.2)
    alone = cloud(200).means.requires_grad_()
    rasterize(replace(gaussians, means=alone), near).color.sum().backward()
    together = cloud(200).means.requires_grad_()
    rows = replace(gaussians, means=together)
    first, second = rasterize(rows, near), rasterize(rows, far)
    first.color.sum().backward()
    del second
    torch.testing.assert_close(together.grad, alone.grad)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_gsplat_is_the_reference() -> None:
    gaussians, view = cloud(2000), front_view(100, 136)
    expected = rasterize(as_double(gaussians), view)
    found = rasterize(gaussians.to("cuda"), view)
    # gsplat stops a ray at 1e-4 of the light, as we do, and sorts in float32.
    torch.testing.assert_close(found.color.cpu().double(), expected.color, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(found.alpha.cpu().double(), expected.alpha, atol=1e-3, rtol=1e-3)
