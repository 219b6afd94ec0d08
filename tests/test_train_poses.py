"""Refining cameras while training: gradients, what is found again, and what stays as it is."""

import math

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from core.capture.lens import Lens
from core.capture.reconstruction import PlacedPhoto, Reconstruction, SparsePoints
from core.gaussians.table import Gaussians
from core.geometry.camera import Pinhole, View
from core.geometry.pose import Pose
from core.geometry.rotation import rotation_vector_matrix
from core.pipeline.poses import misfit, refined, refined_pictures
from core.pipeline.prepare import Flat, Pictures
from core.poses.compare import pair_errors
from core.render.rasterize import rasterize
from core.train.poses import Poses, common_motions, corrected
from core.train.schedule import TrainConfig
from core.train.steps import Snapshot
from core.train.trainer import train
from tests.scenes import cloud

CAMERA = Pinhole(48, 36, 43.0, 43.0, 24.0, 18.0)
MIDDLE = torch.tensor([0.0, 0.0, 4.0], dtype=torch.float64)
UNIT = 4.0


def ring(count: int) -> list[View]:
    """Cameras all round the cloud, looking at it."""
    views = []
    for k in range(count):
        pose = torch.eye(4, dtype=torch.float64)
        turn = torch.tensor([0.1 * math.sin(3 * k), 2 * math.pi * k / count, 0.0]).double()
        pose[:3, :3] = rotation_vector_matrix(turn)
        pose[:3, 3] = MIDDLE - pose[:3, :3] @ MIDDLE
        views.append(View(CAMERA, pose))
    return views


def shots(scene: Gaussians, views: list[View]) -> list[torch.Tensor]:
    return [(rasterize(scene, view).color.clamp(0, 1) * 255).round().byte() for view in views]


def disturbed(views: list[View], degrees: float, part: float) -> list[View]:
    """Each camera turned by `degrees` and shifted by `part` of its distance, some way or other.

    What all share of it is taken out, so it is a little less.
    """
    generator, common = torch.Generator().manual_seed(5), common_motions(views, UNIT)
    ways = torch.randn(len(views), 2, 3, generator=generator, dtype=torch.float64)
    ways = torch.nn.functional.normalize(ways, dim=2)
    values = torch.cat([math.radians(degrees) * ways[:, 0], part * ways[:, 1]], dim=1).reshape(-1)
    values = (values - common @ (common.T @ values)).reshape(-1, 6)
    return [corrected(view, value, UNIT) for view, value in zip(views, values, strict=True)]


def errors(found: list[View], truth: list[View]) -> tuple[float, float]:
    """Mean degrees between relative rotations and directions, whatever the frame."""
    first, second = (
        {str(i): view.camera_from_scene.double().numpy() for i, view in enumerate(views)}
        for views in (found, truth)
    )
    rotation, direction = pair_errors(first, second)
    return float(rotation.mean()), float(direction.mean())


def trained(views: list[View], iterations: int, rate: float = 1e-3, seed: int = 0) -> Snapshot:
    """The true scene, trained on its photos with `views` taken for their cameras."""
    scene = cloud(60, seed=4)
    config = TrainConfig(
        iterations=iterations, max_gaussians=60, grow_until=-1.0, rate_pose=rate, seed=seed,
        settle_from=2.0, coarse=(),
    )  # fmt: skip
    last = list(train(scene, views, shots(scene, ring(len(views))), config))[-1]
    assert isinstance(last, Snapshot)
    return last


def test_gradients_are_those_of_finite_differences() -> None:
    scene, view = cloud(12, dtype=torch.float64), ring(6)[1]
    wanted = torch.rand(36, 48, 3, generator=torch.Generator().manual_seed(1)).double()

    def loss(values: torch.Tensor) -> torch.Tensor:
        return (rasterize(scene, corrected(view, values, UNIT)).color * wanted).sum()

    values = torch.tensor([0.01, -0.02, 0.005, 0.01, 0.02, -0.01]).double().requires_grad_()
    assert torch.autograd.gradcheck(loss, [values], eps=1e-6, atol=1e-4, rtol=1e-3)


def test_what_all_cameras_share_is_nothing_else() -> None:
    views, common, near = ring(5), common_motions(ring(5), UNIT), 1e-4
    turns = [Rotation.from_rotvec(near * np.array(axis)) for axis in ([1, 2, -1], [-2, 1, 1])]
    motion = Pose(turns[0].as_matrix(), np.array([near, 0, -near]), 1 + near)
    values = []
    for view in views:
        moved = motion.moved_camera(view.camera_from_scene.numpy())
        moved[:3] = turns[1].as_matrix() @ moved[:3]
        turn = Rotation.from_matrix(view.camera_from_scene[:3, :3].numpy().T @ moved[:3, :3])
        shift = View(CAMERA, torch.from_numpy(moved)).centre() - view.centre()
        values.append(torch.cat([torch.from_numpy(turn.as_rotvec()), shift / UNIT]))
    flat = torch.cat(values)
    assert common.shape == (30, 10)
    assert flat.norm() > near
    assert (flat - common @ (common.T @ flat)).norm() < 100 * near**2


def test_disturbed_cameras_are_found_again() -> None:
    truth = ring(8)
    start = disturbed(truth, degrees=0.5, part=0.01)
    before, after = errors(start, truth), errors(list(trained(start, 550, rate=2e-3).views), truth)
    assert after[0] < before[0] / 5
    assert after[1] < before[1] / 5


def test_exact_cameras_stay() -> None:
    truth = ring(8)
    assert max(errors(list(trained(truth, 200, rate=3e-4).views), truth)) < 0.1


def test_the_cameras_never_move_together() -> None:
    poses = Poses(ring(6), UNIT)
    generator = torch.Generator().manual_seed(0)
    for step in range(20):
        poses.step(step % 6, torch.randn(6, generator=generator).double() + 0.5, 1e-3)
    assert poses.values.abs().max() > 1e-4
    assert (common_motions(ring(6), UNIT).T @ poses.values.reshape(-1)).abs().max() < 1e-12


def test_a_single_camera_stays() -> None:
    poses = Poses(ring(1), UNIT)
    poses.step(0, torch.ones(6).double(), 1e-2)
    assert poses.values.abs().max() < 1e-12


def test_the_same_seed_gives_the_same_cameras() -> None:
    start = disturbed(ring(4), degrees=0.5, part=0.01)
    first, second = trained(start, 30).views, trained(start, 30).views
    for one, other in zip(first, second, strict=True):
        assert torch.equal(one.camera_from_scene, other.camera_from_scene)
    assert not torch.equal(first[0].camera_from_scene, start[0].camera_from_scene)


def test_without_a_rate_the_views_are_the_very_same() -> None:
    start = ring(4)
    assert all(a is b for a, b in zip(trained(start, 5, rate=0.0).views, start, strict=True))


def points_of(errors: list[float], side: int = 2000) -> Reconstruction:
    """Points off by so many pixels, in photos of `side` pixels."""
    lens = Lens("PINHOLE", side, side // 2, (side, side, side / 2, side / 4))
    photos = tuple(PlacedPhoto(f"{k}.jpg", lens, np.eye(4)) for k in range(4))
    rows, none = len(errors), np.zeros(0, np.int64)
    points = SparsePoints(
        np.zeros((rows, 3)), np.zeros((rows, 3), np.uint8), np.array(errors), none, none
    )
    return Reconstruction(photos, points, ())


def test_the_misfit_is_in_parts_of_a_photo_but_not_finer_than_pixels() -> None:
    errors = [0.5] * 40 + [2.0] * 41 + [50.0] * 40
    assert misfit(points_of(errors)) == pytest.approx(0.001)
    assert misfit(points_of(errors, side=200)) == pytest.approx(0.002)
    assert misfit(points_of([5.0] * 10)) == 0


def test_what_is_written_has_the_refined_cameras_and_the_test_photos_stay() -> None:
    places = points_of([])
    view = View(CAMERA, torch.eye(4))
    flats = [Flat(p.name, torch.zeros(36, 48, 3), view, p) for p in places.photos]
    pictures = Pictures(tuple(flats[:3]), tuple(flats[3:]), places.photos)
    moved = [corrected(view, torch.full((6,), 0.01 * k).double(), UNIT) for k in (1, 2, 3)]
    found = refined(places, [flat.name for flat in flats[:3]], moved)
    seen = refined_pictures(pictures, moved)
    for k in range(3):
        expected = moved[k].camera_from_scene.double().numpy()
        for pose in (
            found.photos[k].camera_from_scene,
            seen.places[k].camera_from_scene,
            seen.train[k].place.camera_from_scene,
            seen.train[k].view.camera_from_scene.double().numpy(),
        ):
            np.testing.assert_allclose(pose, expected, atol=1e-6)
    assert seen.test == pictures.test
    np.testing.assert_array_equal(found.photos[3].camera_from_scene, np.eye(4))
    turn = np.degrees(0.02 * np.sqrt(3))
    assert found.details["turned_in_training_degrees"] == pytest.approx(turn, abs=1e-3)
