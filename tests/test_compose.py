"""What the layout makes of the Gaussians."""

import random
from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from core.gaussians.moved import moved
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.geometry.pose import Pose
from core.geometry.sh import sh_basis, sh_rotated
from core.render.rasterize import rasterize
from core.scene.compose import compose
from core.scene.layout import Ground, Layout
from core.scene.layout_edits import Delete, Duplicate, Erase, Move, Rename, SetGround, SetVisible
from core.scene.regions import Balls, Box
from tests.layouts import replayed, some_pose
from tests.scenes import cloud, front_view

LEAST = 50.0  # dB


def scene(count: int = 200) -> Gaussians:
    plain = cloud(count, seed=4)
    return replace(plain, object_id=torch.arange(count) % 4, sh=plain.sh * 3)


def psnr(one: torch.Tensor, other: torch.Tensor) -> float:
    return float(-10 * torch.log10(((one - other) ** 2).mean().clamp_min(1e-12)))


def seen_along(view: View, pose: Pose) -> View:
    """`view` from a camera that was moved by `pose`."""
    there = pose.moved_camera(view.camera_from_scene.numpy())
    return View(view.camera, torch.from_numpy(there))


def same(one: Gaussians, other: Gaussians) -> bool:
    return all(
        torch.equal(getattr(one, field.name), getattr(other, field.name))
        for field in fields(Gaussians)
    )


def test_turned_harmonics_look_the_same_along_turned_directions() -> None:
    generator = torch.Generator().manual_seed(0)
    for degree in range(4):
        sh = torch.randn(5, (degree + 1) ** 2, 3, generator=generator, dtype=torch.float64)
        turn = torch.from_numpy(some_pose(random.Random(degree)).rotation)
        ways = torch.nn.functional.normalize(
            torch.randn(9, 3, generator=generator, dtype=torch.float64), dim=1
        )
        before = torch.einsum("dk,nkc->ndc", sh_basis(ways, degree), sh)
        after = torch.einsum("dk,nkc->ndc", sh_basis(ways @ turn.T, degree), sh_rotated(sh, turn))
        torch.testing.assert_close(after, before, atol=1e-12, rtol=0)


def test_a_layout_that_changes_nothing_gives_the_same_arrays() -> None:
    gaussians = scene()
    assert compose(gaussians, Layout()) is gaussians
    assert compose(gaussians, replayed([Rename(2, "Chair")])) is gaussians


@pytest.mark.parametrize("seed", range(4))
def test_a_moved_scene_is_the_untouched_one_from_a_moved_camera(seed: int) -> None:
    gaussians, view = scene(), front_view(80, 60)
    pose = some_pose(random.Random(seed))
    before = rasterize(gaussians, view).color
    after = rasterize(moved(gaussians, pose), seen_along(view, pose)).color
    assert before.max() > 0.5
    assert psnr(after, before) > LEAST
    grounded = compose(gaussians, replayed([SetGround(Ground(pose))]))
    assert psnr(rasterize(grounded, seen_along(view, pose)).color, before) > LEAST


def test_a_moved_object_is_the_untouched_one_from_a_moved_camera() -> None:
    gaussians, view = scene(), front_view(80, 60)
    pose = replace(some_pose(random.Random(5)), scale=1.0)
    composed = compose(gaussians, replayed([Move({2: pose})]))
    alone = rasterize(gaussians.rows(gaussians.object_id == 2), view).color
    there = rasterize(composed.rows(composed.object_id == 2), seen_along(view, pose)).color
    assert psnr(there, alone) > LEAST
    others = gaussians.rows(gaussians.object_id != 2)
    assert same(composed.rows(composed.object_id != 2), others)
    assert len(composed) == len(gaussians)


def test_copies_add_rows_and_what_is_hidden_or_gone_has_none() -> None:
    gaussians = scene()
    pose = Pose(np.eye(3), np.array([1.0, 0, 0]))
    doubled = compose(gaussians, replayed([Duplicate((2,), pose)]))
    assert len(doubled) == 250
    torch.testing.assert_close(
        doubled.means[200:] - torch.tensor([1.0, 0, 0]), gaussians.means[gaussians.object_id == 2]
    )
    hidden = compose(gaussians, replayed([SetVisible((2,), False)]))
    assert same(hidden, gaussians.rows(gaussians.object_id != 2))
    gone = compose(gaussians, replayed([Duplicate((2,), pose), Delete((2,))]))
    assert len(gone) == 200


def test_the_ground_moves_everything_and_things_keep_their_places_on_it() -> None:
    gaussians = scene()
    chance = random.Random(1)
    ground, pose = some_pose(chance), some_pose(chance)
    plain = compose(gaussians, replayed([Move({2: pose}), Duplicate((3,), pose)]))
    grounded = compose(
        gaussians, replayed([SetGround(Ground(ground)), Move({2: pose}), Duplicate((3,), pose)])
    )
    means = ground.apply(plain.means.double().numpy())
    torch.testing.assert_close(
        grounded.means.double(), torch.from_numpy(means), atol=1e-4, rtol=1e-5
    )


def test_what_is_erased_stays_so_whatever_stands_there_later() -> None:
    gaussians = scene()
    middle = tuple(gaussians.means[gaussians.object_id == 2].mean(dim=0).tolist())
    ball = Balls((middle,), (0.8,), frozenset({2}))
    layout = replayed([Erase(ball), Move({3: some_pose(random.Random(2))})])
    composed = compose(gaussians, layout)
    near = (gaussians.means - torch.tensor(middle)).norm(dim=1) < 0.8
    left = int((near & (gaussians.object_id == 2)).sum())
    assert left > 0
    assert len(composed) == len(gaussians) - left
    cropped = compose(gaussians, replayed([Erase(Box(middle, (0.5, 0.5, 0.5), outside=True))]))
    assert ((cropped.means - torch.tensor(middle)).abs() <= 0.5).all()
    assert 0 < len(cropped) < len(gaussians)
