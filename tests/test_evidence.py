"""What photos tell about Gaussians: laws of sight, of triangulation, and of origins."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from core.gaussians.provenance import Origin, provenance_summary
from core.gaussians.table import Gaussians
from core.geometry.camera import Pinhole, View
from core.geometry.rotation import matrix_from_quat, quat_multiply
from core.train.evidence import judged, shares_seen
from tests.scenes import around, cloud, front_view

CENTRE = (0.0, 0.0, 4.0)
AHEAD = View(Pinhole(120, 90, 110.0, 110.0, 60.0, 45.0), torch.eye(4))


def ball(
    at: tuple[float, float, float] = CENTRE, radius: float = 0.1, opacity: float = 0.9
) -> Gaussians:
    """One round Gaussian."""
    return Gaussians(
        means=torch.tensor([at]),
        quats=torch.tensor([[1.0, 0.0, 0.0, 0.0]]),
        log_scales=torch.full((1, 3), math.log(radius)),
        logit_opacity=torch.logit(torch.tensor([opacity])),
        sh=torch.full((1, 4, 3), -3.0),  # black: its colour must not matter
        object_id=torch.zeros(1, dtype=torch.int64),
    )


def together(*parts: Gaussians) -> Gaussians:
    names = vars(parts[0])
    return Gaussians(**{name: torch.cat([getattr(part, name) for part in parts]) for name in names})


def apart(degrees: float) -> list[View]:
    """Two photos of CENTRE whose rays are so far apart."""
    half = math.radians(degrees) / 2
    return [front_view(120, 90, turn=half), front_view(120, 90, turn=-half)]


def confidence(gaussians: Gaussians, views: list[View]) -> float:
    return float(judged(gaussians, views).confidence[0])


@pytest.mark.parametrize("opacity", [0.1, 0.5, 0.99])
@pytest.mark.parametrize("radius", [0.01, 0.1, 0.5])
def test_what_stands_alone_in_the_picture_is_seen_in_full(radius: float, opacity: float) -> None:
    # A faint one below a pixel's size falls between the pixels' centres in part.
    least = 0.9 if opacity * radius < 0.005 else 0.96
    assert float(shares_seen(ball(radius=radius, opacity=opacity), AHEAD)) > least


def test_long_ones_at_any_angle_are_seen_in_full() -> None:
    generator = torch.Generator().manual_seed(3)
    for quat in torch.randn(6, 4, generator=generator):
        long = replace(ball(), quats=quat[None], log_scales=torch.tensor([[0.3, 0.03, 0.1]]).log())
        assert float(shares_seen(long, AHEAD)) > 0.98


def test_a_border_through_the_middle_leaves_half() -> None:
    at_the_border = ball((4 * 60 / 110, 0.0, 4.0))
    assert float(shares_seen(at_the_border, AHEAD)) == pytest.approx(0.5, abs=0.02)


def test_what_lies_before_takes_its_part() -> None:
    veil = ball((0.0, 0.0, 2.0), radius=20.0, opacity=0.7)
    behind = together(ball(radius=0.05), veil)
    assert float(shares_seen(behind, AHEAD)[0]) == pytest.approx(0.3, abs=0.01)


def test_out_of_sight_is_not_seen() -> None:
    for at in ((0.0, 0.0, -4.0), (40.0, 0.0, 4.0), (0.0, 0.0, 0.0)):
        assert float(shares_seen(ball(at), AHEAD)) == 0


def test_a_wall_hides_what_is_behind_it() -> None:
    wall = ball((0.0, 0.0, 3.0), radius=20.0, opacity=0.9999)
    wall = replace(wall, log_scales=torch.tensor([[3.0, 3.0, -5.0]]))
    found = judged(together(ball(), wall), apart(40))
    assert found.confidence[0] == 0
    assert found.origin[0] == Origin.REGULARISED
    assert confidence(ball(), apart(40)) > 0.9


@pytest.mark.parametrize("views", [[], [AHEAD], [AHEAD] * 5])
def test_from_one_place_nothing_is_measured(views: list[View]) -> None:
    found = judged(ball(), views)
    assert float(found.confidence) == pytest.approx(0, abs=1e-4)
    assert found.origin.tolist() == [Origin.REGULARISED]


def test_the_wider_the_angle_the_surer() -> None:
    sure = [confidence(ball(), apart(degrees)) for degrees in (0.5, 2, 5, 10, 30, 90)]
    assert sure == sorted(sure)
    assert sure[3] == pytest.approx(0.5, abs=0.02)
    assert sure[-1] > 0.98


def test_a_degree_parts_observed_from_regularised() -> None:
    origins = [int(judged(ball(), apart(degrees)).origin) for degrees in (0.8, 1.2)]
    assert origins == [Origin.REGULARISED, Origin.OBSERVED]


def test_more_photos_never_take_confidence_away() -> None:
    scene, views = cloud(200), around(6, 64, 48)
    steps = [judged(scene, views[:count]).confidence for count in range(7)]
    for fewer, more in pairwise(steps):
        assert (more >= fewer - 1e-5).all()
    assert (steps[-1] > 0.5).any()


def test_the_order_of_the_photos_does_not_matter() -> None:
    scene, views = cloud(200), around(6, 64, 48)
    same(judged(scene, views), judged(scene, [views[k] for k in (3, 0, 5, 1, 4, 2)]), 1e-6)


def test_where_the_scene_lies_and_how_large_it_is_do_not_matter() -> None:
    scene, views = cloud(200), around(6, 64, 48)
    moved, turn = similar(scene)
    found = judged(moved, [View(view.camera, seen_from(view, turn)) for view in views])
    same(judged(scene, views), found, 2e-3)


def test_the_reference_says_the_same() -> None:
    scene, views = cloud(100), around(4, 48, 40)
    exact = judged(scene.map(lambda c: c.double() if c.is_floating_point() else c), views)
    torch.testing.assert_close(judged(scene, views).confidence, exact.confidence, atol=2e-3, rtol=0)


def test_what_was_filled_in_stays_so_and_the_rest_is_judged_anew() -> None:
    scene = together(ball(), ball((0.5, 0.0, 4.0)), ball((-0.5, 0.0, 4.0)))
    kinds = torch.tensor([Origin.OBSERVED, Origin.FILLED, Origin.REGULARISED], dtype=torch.uint8)
    scene = replace(scene, origin=kinds)
    found = judged(scene, apart(20))
    assert found.origin.tolist() == [Origin.OBSERVED, Origin.FILLED, Origin.OBSERVED]
    assert found.origin.dtype == torch.uint8
    assert found.confidence.dtype == torch.float32
    assert all(getattr(found, name) is getattr(scene, name) for name in ("means", "sh"))
    assert judged(found, [AHEAD]).origin.tolist() == [1, 2, 1]


def test_nothing_is_judged_where_nothing_is() -> None:
    none = ball().map(lambda column: column[:0])
    found = judged(none, [AHEAD])
    assert len(found) == 0
    assert provenance_summary(found.origin, found.confidence)["mean_confidence"] == 0


def test_the_summary_counts() -> None:
    told = provenance_summary(torch.tensor([0, 0, 2, 1], dtype=torch.uint8), torch.tensor([1, 0.5]))
    assert told == {
        "observed": 2,
        "regularised": 1,
        "filled": 1,
        "imagined": 0,
        "mean_confidence": 0.75,
    }


SCALE, SHIFT = 7.0, torch.tensor([3.0, -20.0, 11.0])


def similar(scene: Gaussians) -> tuple[Gaussians, Tensor]:
    """`scene` turned, scaled by SCALE and shifted by SHIFT, and the turn [3, 3]."""
    quat = torch.nn.functional.normalize(torch.tensor([0.3, -0.7, 0.5, 0.2]), dim=0)
    turn = matrix_from_quat(quat)
    moved = replace(
        scene,
        means=SCALE * scene.means @ turn.T + SHIFT,
        quats=quat_multiply(quat.expand(len(scene), 4), scene.quats),
        log_scales=scene.log_scales + math.log(SCALE),
    )
    return moved, turn


def seen_from(view: View, turn: Tensor) -> Tensor:
    """`view.camera_from_scene` for the scene of `similar`, in its units."""
    world = view.camera_from_scene.float()
    there = torch.eye(4)
    there[:3, :3] = world[:3, :3] @ turn.T
    there[:3, 3] = SCALE * world[:3, 3] - there[:3, :3] @ SHIFT
    return there


def same(first: Gaussians, second: Gaussians, tolerance: float) -> None:
    torch.testing.assert_close(first.confidence, second.confidence, atol=tolerance, rtol=0)
    # Where the law is a threshold, hairs may be split.
    assert float((first.origin != second.origin).float().mean()) < 0.01
