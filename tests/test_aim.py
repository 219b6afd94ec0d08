"""Cameras made up look where they should, and lie between those they are made from."""

import pytest
import torch
from torch import Tensor

from core.geometry.aim import between, facing
from core.geometry.camera import Pinhole, View, project
from core.geometry.rotation import rotation_vector_matrix

CAMERA = Pinhole(32, 24, 40.0, 40.0, 16.0, 12.0)


def vector(*numbers: float) -> Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


def turned(axis: tuple[float, float, float], at: tuple[float, float, float]) -> View:
    world = torch.eye(4, dtype=torch.float64)
    world[:3, :3] = rotation_vector_matrix(vector(*axis))
    world[:3, 3] = -world[:3, :3] @ vector(*at)
    return View(CAMERA, world)


@pytest.mark.parametrize("up", [(0.0, 1.0, 0.0), (0.2, 0.9, -0.4), (1.0, -2.0, 4.0)])
def test_what_is_faced_is_in_the_middle_and_up_is_up(up: tuple[float, float, float]) -> None:
    centre, target = vector(1.0, 2.0, 3.0), vector(2.0, 0.0, 7.0)
    view = facing(CAMERA, centre, target, vector(*up))
    pixel, depth = project(torch.stack([target, target + 0.1 * vector(*up)]), view)
    torch.testing.assert_close(view.centre(), centre)
    torch.testing.assert_close(pixel[0], vector(16.0, 12.0))
    assert float(depth[0]) == pytest.approx(21**0.5)
    torch.testing.assert_close(pixel[1, 0], pixel[0, 0])
    if abs(float(torch.cosine_similarity(vector(*up), target - centre, dim=0))) < 0.99:
        assert pixel[1, 1] < pixel[0, 1]
    axes = view.camera_from_scene[:3, :3]
    torch.testing.assert_close(axes @ axes.T, torch.eye(3, dtype=torch.float64))
    assert float(torch.linalg.det(axes)) == pytest.approx(1)


def test_looking_straight_up_is_possible() -> None:
    view = facing(CAMERA, vector(0.0, 0.0, 0.0), vector(0.0, 5.0, 0.0), vector(0.0, 1.0, 0.0))
    assert torch.isfinite(view.camera_from_scene).all()
    torch.testing.assert_close(view.camera_from_scene[2, :3], vector(0.0, 1.0, 0.0))


def test_between_goes_evenly_from_one_to_the_other() -> None:
    one, other = turned((0.0, 0.2, 0.0), (0.0, 0.0, 0.0)), turned((0.0, 1.4, 0.0), (2.0, 0.0, 4.0))
    for part in (0.0, 0.25, 0.5, 1.0):
        view = between(one, other, part)
        expected = turned((0.0, 0.2 + 1.2 * part, 0.0), (2 * part, 0.0, 4 * part))
        torch.testing.assert_close(view.camera_from_scene, expected.camera_from_scene)


def test_between_is_the_same_from_both_ends() -> None:
    one, other = turned((0.3, -2.9, 0.1), (1.0, 0.0, 0.0)), turned((0.1, 2.8, 0.4), (0.0, 3.0, 1.0))
    there, back = between(one, other, 0.3), between(other, one, 0.7)
    torch.testing.assert_close(there.camera_from_scene, back.camera_from_scene)
    same = between(one, one, 0.5)
    torch.testing.assert_close(same.camera_from_scene, one.camera_from_scene)
