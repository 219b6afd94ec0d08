"""Each regulariser does what it says, and nothing where it should not."""

import pytest
import torch

from core.dense.depth import DepthMap
from core.gaussians.table import Gaussians
from core.geometry.camera import Pinhole, View, unproject
from core.render.rasterize import rasterize
from core.render.render import Render
from core.train.regularize import depth_loss, fade, roughness, shorten, sized, thinned

HEIGHT, WIDTH = 24, 32
VIEW = View(Pinhole(WIDTH, HEIGHT, 40.0, 40.0, WIDTH / 2, HEIGHT / 2), torch.eye(4))


def some(rows: int) -> Gaussians:
    generator = torch.Generator().manual_seed(0)
    return Gaussians(
        means=torch.rand(rows, 3, generator=generator) + torch.tensor([-0.5, -0.5, 2.0]),
        quats=torch.tensor([1.0, 0, 0, 0]).repeat(rows, 1),
        log_scales=torch.full((rows, 3), -3.0),
        logit_opacity=torch.randn(rows, generator=generator),
        sh=torch.zeros(rows, 1, 3),
        object_id=torch.zeros(rows, dtype=torch.int64),
    )


def drawn(depth: torch.Tensor, alpha: float = 0.8) -> Render:
    """A render that shows `depth`."""
    cover = torch.full_like(depth, alpha)
    return Render(torch.zeros(*depth.shape, 3), cover, alpha * depth, None, torch.zeros(1), None)


def test_fading_takes_a_part_of_every_opacity() -> None:
    logits = torch.tensor([-4.0, 0.0, 5.0])
    before = torch.sigmoid(logits)
    fade(logits, 0.1)
    assert torch.allclose(torch.sigmoid(logits), 0.9 * before, atol=1e-6)


def test_fading_ends_at_something_that_can_come_back() -> None:
    logits = torch.tensor([-4.0, 30.0])
    for _ in range(2000):
        fade(logits, 0.1)
    assert torch.isfinite(logits).all()


def test_what_is_left_out_is_made_up_for_on_average() -> None:
    scene = some(4000)
    scene = Gaussians(**{**vars(scene), "logit_opacity": torch.full((4000,), -2.0)})
    left = torch.sigmoid(thinned(scene, 0.2, torch.Generator().manual_seed(1)).logit_opacity)
    assert float((left < 1e-4).float().mean()) == pytest.approx(0.2, abs=0.02)
    assert float(left.mean()) == pytest.approx(float(torch.sigmoid(torch.tensor(-2.0))), rel=0.03)


def test_gradients_reach_the_rows_that_are_drawn_and_no_others() -> None:
    scene = some(50)
    scene.logit_opacity.requires_grad_()
    less = thinned(scene, 0.5, torch.Generator().manual_seed(1))
    rasterize(less, VIEW).alpha.sum().backward()
    gone = torch.sigmoid(less.logit_opacity.detach()) < 1e-4
    assert 10 < int(gone.sum()) < 40
    assert (scene.logit_opacity.grad[gone] == 0).all()
    assert (scene.logit_opacity.grad[~gone] != 0).any()


def test_none_is_longer_than_its_way_to_the_nearest_camera_allows() -> None:
    scene = some(100)
    centres = torch.tensor([[0.0, 0, 0], [0.0, 0, 2.2]])
    wide = torch.zeros(100, 3)
    wide[:, 0] = -9.0
    shorten(wide, scene.means, centres, 0.1)
    near = torch.cdist(scene.means, centres).amin(dim=1)
    assert torch.allclose(wide[:, 1:].exp(), (0.1 * near)[:, None].expand(-1, 2), rtol=1e-4)
    assert (wide[:, 0] == -9.0).all()


def test_the_right_depth_costs_nothing_and_pulls_from_both_sides() -> None:
    truth, sure = torch.full((HEIGHT, WIDTH), 2.0), torch.ones(HEIGHT, WIDTH)
    assert float(depth_loss(drawn(truth), truth, sure)) == pytest.approx(0, abs=1e-6)
    for factor, sign in ((0.9, -1), (1.1, 1)):
        guess = (factor * truth).requires_grad_()
        depth_loss(drawn(guess), truth, sure).backward()
        assert (torch.sign(guess.grad) == sign).all()


def test_unknown_depth_says_nothing_even_where_nothing_is_drawn() -> None:
    unknown = torch.zeros(HEIGHT, WIDTH)
    guess = torch.zeros(HEIGHT, WIDTH, requires_grad=True)
    for alpha in (0.0, 0.5):
        loss = depth_loss(drawn(guess, alpha), unknown, unknown)
        loss.backward()
        assert float(loss.detach()) == 0
        assert (guess.grad == 0).all()


def test_a_plane_is_smooth_from_any_side() -> None:
    tilted = unproject(torch.ones(HEIGHT, WIDTH), VIEW)
    normal = torch.tensor([0.3, -0.2, 1.0])
    depth = 3.0 / (tilted @ normal)
    photo, everywhere = (
        torch.full((HEIGHT, WIDTH, 3), 90, dtype=torch.uint8),
        torch.ones(HEIGHT, WIDTH),
    )
    assert float(roughness(drawn(depth), photo, everywhere)) < 1e-5
    bumpy = depth + 0.1 * torch.rand(HEIGHT, WIDTH, generator=torch.Generator().manual_seed(0))
    assert float(roughness(drawn(bumpy), photo, everywhere)) > 1e-3
    assert float(roughness(drawn(bumpy), photo, 0 * everywhere)) == 0


def test_a_step_in_depth_costs_less_at_an_edge_of_the_photo() -> None:
    depth = torch.full((HEIGHT, WIDTH), 2.0)
    depth[:, WIDTH // 2 :] = 4.0
    grey = torch.full((HEIGHT, WIDTH, 3), 60, dtype=torch.uint8)
    edge = grey.clone()
    edge[:, WIDTH // 2 :] = 200
    everywhere = torch.ones(HEIGHT, WIDTH)
    at_edge = roughness(drawn(depth), edge, everywhere)
    assert float(at_edge) < 0.1 * float(roughness(drawn(depth), grey, everywhere))


def test_a_map_is_taken_at_the_size_that_is_drawn() -> None:
    depth = torch.zeros(2 * HEIGHT, 2 * WIDTH)
    depth[:HEIGHT] = 3.0
    found = DepthMap(depth, torch.zeros(2 * HEIGHT, 2 * WIDTH, 3), (depth > 0).float())
    small, sure = sized(found, torch.zeros(HEIGHT, WIDTH))
    assert small.shape == sure.shape == (HEIGHT, WIDTH)
    assert set(small.unique().tolist()) == {0.0, 3.0}  # none between known and unknown
