"""The pictures of splats against the rasterizer that defines correct, in a real context."""

import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from app.bench.scenes import scene_view, trained_scene
from core.gaussians.arrays import SplatArrays
from core.gaussians.table import Gaussians
from core.geometry.camera import Pinhole, View
from core.render.rasterize import rasterize
from tests.canvas import BARE, draw, eye_of, psnr
from widgets.viewport.options import Shading
from widgets.viewport.packing import pack
from widgets.viewport.quality import Quality
from widgets.viewport.renderer import Renderer
from widgets.viewport.sorting import Sorter

SIZE = (320, 200)


def show(renderer: Renderer, scene: Gaussians, view: View) -> np.ndarray:
    """Give the renderer `scene`, sorted for `view`; its order."""
    packed = pack(SplatArrays.from_gaussians(scene))
    order = Sorter().order(packed.means, eye_of(view))
    renderer.set_splats(packed)
    renderer.set_order(order)
    return order


def turned_view() -> View:
    """Not along an axis, not from the origin, the principal point not in the middle."""
    turn = torch.linalg.matrix_exp(
        torch.tensor([[0, -0.15, 0.3], [0.15, 0, -0.1], [-0.3, 0.1, 0]], dtype=torch.float64)
    )
    pose = torch.eye(4, dtype=torch.float64)
    pose[:3, :3], pose[:3, 3] = turn, torch.tensor([0.4, -0.3, 0.8])
    return View(Pinhole(*SIZE, 210.0, 230.0, 140.0, 110.0), pose)


def degrees(scene: Gaussians, degree: int) -> Gaussians:
    return replace(scene, sh=4 * scene.sh[:, : (degree + 1) ** 2])


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
@pytest.mark.parametrize("view", [scene_view(*SIZE), turned_view()], ids=["straight", "turned"])
def test_the_picture_is_the_rasterizer_s(renderer: Renderer, view: View, degree: int) -> None:
    scene = degrees(trained_scene(8000), degree)
    show(renderer, scene, view)
    drawn = draw(renderer, eye_of(view))[..., :3]
    assert psnr(drawn, rasterize(scene, view).color.numpy()) > 45


def test_drawn_in_a_wrong_order_it_is_not(renderer: Renderer) -> None:
    scene, view = trained_scene(8000), scene_view(*SIZE)
    order = show(renderer, scene, view)
    expected = rasterize(scene, view).color.numpy()
    for wrong in (order[::-1].copy(), np.random.default_rng(0).permutation(order)):
        renderer.set_order(wrong)
        assert psnr(draw(renderer, eye_of(view))[..., :3], expected) < 32
    renderer.set_order(order)
    assert psnr(draw(renderer, eye_of(view))[..., :3], expected) > 45


@pytest.mark.parametrize("unit", [1e-4, 1e4], ids=["tiny", "huge"])
def test_any_unit_of_length_will_do(renderer: Renderer, unit: float) -> None:
    scene, view = trained_scene(3000), scene_view(*SIZE)
    expected = rasterize(scene, view).color.numpy()
    scaled = replace(
        scene, means=scene.means * unit, log_scales=scene.log_scales + float(np.log(unit))
    )
    packed = pack(SplatArrays.from_gaussians(scaled))
    eye = replace(eye_of(view), near=0.01 * unit, far=1000 * unit)
    renderer.set_splats(packed)
    renderer.set_order(Sorter().order(packed.means, eye))
    assert psnr(draw(renderer, eye)[..., :3], expected) > 45


def test_alpha_and_depth_are_the_rasterizer_s(renderer: Renderer) -> None:
    scene, view = trained_scene(8000), scene_view(*SIZE)
    show(renderer, scene, view)
    expected = rasterize(scene, view)
    alpha = draw(renderer, eye_of(view), replace(BARE, shading=Shading.ALPHA))[..., 0] / 255
    assert np.abs(alpha - expected.alpha.numpy()).mean() < 0.01
    draw(renderer, eye_of(view))
    transparent = renderer.pixels(transparent=True)
    assert np.abs(transparent[..., 3] / 255 - expected.alpha.numpy()).mean() < 0.01


def test_slices_add_up_to_the_same_picture(renderer: Renderer) -> None:
    scene, view = trained_scene(20_000), scene_view(*SIZE)
    show(renderer, scene, view)
    whole = draw(renderer, eye_of(view))
    drawing, calls = renderer.begin(eye_of(view), BARE), 1
    while not drawing.advance(0.002):
        calls += 1
    assert calls > 2
    assert (renderer.pixels() == whole).all()


def test_no_call_takes_much_longer_than_it_was_given(renderer: Renderer) -> None:
    scene, view = trained_scene(60_000), scene_view(640, 360)
    show(renderer, scene, view)
    draw(renderer, eye_of(view))  # compiles, and learns how fast this machine is
    took = []
    drawing = renderer.begin(eye_of(view), BARE)
    while not drawing.finished:
        begun = time.perf_counter()
        drawing.advance(0.01)
        took.append(time.perf_counter() - begun)
    assert len(took) == 1 or np.percentile(took, 80) < 0.03


def test_the_last_picture_stays_until_the_next_is_complete(renderer: Renderer) -> None:
    scene, view = trained_scene(20_000), scene_view(*SIZE)
    show(renderer, scene, view)
    before = draw(renderer, eye_of(view))
    show(renderer, trained_scene(20_000, seed=5), view)
    drawing = renderer.begin(eye_of(view), BARE)
    drawing.advance(0.0)
    assert not drawing.finished
    assert (renderer.pixels() == before).all()
    again = renderer.begin(eye_of(view), BARE)
    assert drawing.advance(1.0)  # given up: says so, and draws nothing
    assert (renderer.pixels() == before).all()
    while not again.advance(1.0):
        pass
    assert not (renderer.pixels() == before).all()


@pytest.mark.parametrize("quality", [Quality(2, 1), Quality(1, 4), Quality(4, 16)])
def test_a_coarser_picture_is_as_bright_and_covers_as_much(
    renderer: Renderer, quality: Quality
) -> None:
    scene, view = trained_scene(40_000), scene_view(640, 400)
    show(renderer, scene, view)
    fine = draw(renderer, eye_of(view)).mean(axis=(0, 1))
    fine_alpha = renderer.pixels(transparent=True)[..., 3].mean()
    coarse = draw(renderer, eye_of(view), BARE, quality)
    assert coarse.shape == (400, 640, 4)
    np.testing.assert_allclose(coarse.mean(axis=(0, 1)), fine, rtol=0.12)
    assert renderer.pixels(transparent=True)[..., 3].mean() == pytest.approx(fine_alpha, rel=0.06)


def test_the_depth_at_a_pixel_is_near_the_expected(renderer: Renderer) -> None:
    view = scene_view(*SIZE)
    wall = trained_scene(6000)
    means = wall.means * (3.0 / wall.means[:, 2:])  # all at z = 3
    scene = replace(wall, means=means, logit_opacity=wall.logit_opacity + 5)
    show(renderer, scene, view)
    assert renderer.depth_at(160, 100) is None  # nothing drawn yet
    draw(renderer, eye_of(view))
    for x, y in ((160, 100), (130, 40), (190, 170)):
        assert renderer.depth_at(x, y) == pytest.approx(3.0, rel=0.02)
    assert renderer.depth_at(-3, 5) is None


def test_splats_beside_or_behind_draw_nothing(renderer: Renderer) -> None:
    scene, view = trained_scene(2000), scene_view(*SIZE)
    behind = replace(scene, means=-scene.means)
    show(renderer, behind, view)
    assert draw(renderer, eye_of(view))[..., :3].max() == 0
    assert renderer.depth_at(100, 100) is None


def test_rows_that_are_no_numbers_do_no_harm(renderer: Renderer) -> None:
    scene, view = trained_scene(3000), scene_view(*SIZE)
    means, sh, scales = scene.means.clone(), scene.sh.clone(), scene.log_scales.clone()
    means[:5], sh[5:10], scales[10:15] = torch.nan, torch.nan, torch.nan
    scales[15:20] = 80.0
    show(renderer, replace(scene, means=means, sh=sh, log_scales=scales), view)
    drawn = draw(renderer, eye_of(view))[..., :3]
    assert psnr(drawn, rasterize(scene, view).color.numpy()) > 20
