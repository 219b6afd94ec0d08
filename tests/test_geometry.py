"""Laws of rotations, poses, cameras and spherical harmonics."""

import numpy as np
import pytest
import torch

from core.geometry.camera import Pinhole, View, project, unproject
from core.geometry.pose import Pose
from core.geometry.rotation import (
    matrix_from_quat,
    quat_from_matrix,
    quat_multiply,
    quat_normalized,
    rotation_vector_matrix,
)
from core.geometry.sh import sh_basis, sh_colors, sh_from_color
from tests.scenes import front_view


def quats(count: int = 200) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    some = quat_normalized(torch.randn(count, 4, generator=generator, dtype=torch.float64))
    # Near the identity, and the half turns, where naive formulas divide by zero.
    special = torch.tensor(
        [[1, 0, 0, 0], [1, 1e-9, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1e-9, 0, 0, 1]],
        dtype=torch.float64,
    )
    return torch.cat([some, quat_normalized(special)])


def some_pose(seed: int) -> Pose:
    random = np.random.default_rng(seed)
    turn = matrix_from_quat(torch.from_numpy(random.normal(size=4))).numpy()
    return Pose(turn, random.normal(size=3), float(np.exp(random.normal())))


def test_a_quaternion_and_its_matrix_are_the_same_rotation() -> None:
    matrices = matrix_from_quat(quats())
    back = quat_from_matrix(matrices)
    torch.testing.assert_close(matrix_from_quat(back), matrices, atol=1e-12, rtol=0)
    assert (back[:, 0] >= 0).all()


def test_matrices_are_rotations() -> None:
    matrices = matrix_from_quat(3 * quats())
    eye = torch.eye(3, dtype=torch.float64).expand_as(matrices)
    torch.testing.assert_close(matrices @ matrices.transpose(-1, -2), eye, atol=1e-12, rtol=0)
    torch.testing.assert_close(torch.linalg.det(matrices), torch.ones(len(matrices)).double())


def test_products_of_quaternions_are_products_of_matrices() -> None:
    a, b = quats(), quats().flip(0)
    product = matrix_from_quat(quat_multiply(a, b))
    torch.testing.assert_close(product, matrix_from_quat(a) @ matrix_from_quat(b))


def test_a_rotation_vector_turns_by_its_length_and_is_smooth_at_zero() -> None:
    vector = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    slope = torch.autograd.functional.jacobian(rotation_vector_matrix, vector)
    assert torch.isfinite(slope).all()
    quarter = rotation_vector_matrix(torch.tensor([0.0, 0.0, np.pi / 2], dtype=torch.float64))
    expected = torch.tensor([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]], dtype=torch.float64)
    torch.testing.assert_close(quarter, expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize("seed", range(5))
def test_poses_are_a_group_that_acts_on_points(seed: int) -> None:
    a, b = some_pose(seed), some_pose(seed + 100)
    points = np.random.default_rng(seed).normal(size=(20, 3))
    np.testing.assert_allclose((a @ b).apply(points), a.apply(b.apply(points)), atol=1e-9)
    np.testing.assert_allclose(a.inverse().apply(a.apply(points)), points, atol=1e-9)
    np.testing.assert_allclose((a @ a.inverse()).apply(points), points, atol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_moving_scene_and_camera_together_leaves_the_picture(seed: int) -> None:
    pose, view = some_pose(seed), front_view(80, 60)
    points = np.random.default_rng(seed).normal(size=(50, 3)) + np.array([0, 0, 5])
    moved = pose.moved_camera(view.camera_from_scene.numpy())
    before, z = project(torch.from_numpy(points), view)
    after, moved_z = project(
        torch.from_numpy(pose.apply(points)), View(view.camera, torch.from_numpy(moved))
    )
    torch.testing.assert_close(after, before, atol=1e-8, rtol=1e-9)
    torch.testing.assert_close(moved_z, z * pose.scale)


def test_unprojected_pixels_land_on_their_centres() -> None:
    view = front_view(13, 7)
    depth = torch.rand(7, 13, dtype=torch.float64) + 1
    pixels, z = project(unproject(depth, view), view)
    torch.testing.assert_close(z, depth)
    across = torch.arange(13, dtype=torch.float64) + 0.5
    torch.testing.assert_close(pixels[..., 0], across.expand(7, 13))


def test_resizing_a_camera_scales_its_pixels() -> None:
    camera = Pinhole(100, 50, 90.0, 95.0, 48.0, 27.0)
    view, half = (
        View(c, torch.eye(4, dtype=torch.float64)) for c in (camera, camera.resized(50, 25))
    )
    points = torch.tensor([[0.3, -0.2, 2.0]], dtype=torch.float64)
    torch.testing.assert_close(project(points, half)[0] * 2, project(points, view)[0])


def test_the_harmonics_are_orthonormal() -> None:
    # Fibonacci sphere: near uniform directions, so means are integrals over the sphere.
    k = torch.arange(200_000, dtype=torch.float64) + 0.5
    z = 1 - 2 * k / len(k)
    angle = k * (np.pi * (3 - 5**0.5))
    radius = torch.sqrt(1 - z * z)
    basis = sh_basis(torch.stack([radius * angle.cos(), radius * angle.sin(), z], dim=1), 3)
    gram = 4 * np.pi * basis.T @ basis / len(k)
    torch.testing.assert_close(gram, torch.eye(16, dtype=torch.float64), atol=1e-4, rtol=0)


def test_a_constant_colour_looks_the_same_from_everywhere() -> None:
    colors = torch.rand(5, 3)
    directions = torch.nn.functional.normalize(torch.randn(5, 3), dim=1)
    sh = torch.zeros(5, 16, 3)
    sh[:, 0] = sh_from_color(colors)
    torch.testing.assert_close(sh_colors(directions, sh, 3), colors)
