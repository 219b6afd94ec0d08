"""The ground: on a floor that was found or clicked on, in metres once a length is known."""

import random

import numpy as np
import pytest

from core.errors import UserError
from core.gaussians.arrays import SplatArrays
from core.geometry.pose import Pose
from core.scene.document import State
from core.scene.grounding import found_floor, with_clicks, with_floor, with_length
from core.scene.layout import Ground
from core.scene.layout_edits import SetGround
from core.scene.plan import Plan
from tests.layouts import some_pose
from tests.viewport_scenes import around, many
from widgets.viewport.eye import Eye
from widgets.viewport.grounding import Grounding, carried, moved_box
from widgets.viewport.navigation import Camera, to_eye


def test_three_clicks_become_the_floor_whatever_the_ground_was() -> None:
    for before in (Ground(), Ground(Pose(np.eye(3), np.array([0.3, 0.1, 0]), 2.0))):
        clicks = np.array([[0.0, 0.2, 0], [1, 0.25, 0.1], [0.1, 0.3, 1]])
        after = with_clicks(before, clicks)
        motion = after.scene_from_capture @ before.scene_from_capture.inverse()
        np.testing.assert_allclose(motion.apply(clicks)[:, 1], 0, atol=1e-12)
        assert motion.rotation[1, 1] > 0.9
        assert after.scene_from_capture.scale == pytest.approx(before.scene_from_capture.scale)
        assert after.confirmed
    with pytest.raises(UserError):
        with_clicks(Ground(), np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]]))


def test_a_known_length_makes_metres_and_leaves_the_floor() -> None:
    before = with_clicks(Ground(), np.array([[0.0, 0.2, 0], [1, 0.25, 0.1], [0.1, 0.3, 1]]))
    ends = np.array([[0.0, 0, 0], [0.3, 0.4, 0]])
    after = with_length(before, ends, 2.0)
    assert after.metric
    motion = after.scene_from_capture @ before.scene_from_capture.inverse()
    moved = motion.apply(ends)
    assert np.linalg.norm(moved[1] - moved[0]) == pytest.approx(2.0)
    np.testing.assert_allclose(motion.apply(np.zeros(3)), 0, atol=1e-12)
    with pytest.raises(UserError):
        with_length(before, ends, 0.0)


def test_a_floor_is_found_under_things() -> None:
    random_ = np.random.default_rng(0)
    above = many(600)
    flat = np.stack(
        [random_.uniform(-2, 2, 900), np.full(900, -1.5), random_.uniform(-2, 2, 900)], 1
    )
    means = np.concatenate([np.abs(above.means) * (1, 1, 1) - (0, 1.4, 0), flat]).astype(np.float32)
    rows = np.resize(np.arange(600), len(means))
    splats = SplatArrays(
        means, above.quats[rows], above.log_scales[rows], np.full(len(means), 3, np.float32),
        above.sh[rows], np.zeros(len(means), np.int32),
    )  # fmt: skip
    ground = with_floor(Ground(), found_floor(splats, frozenset(), 2.0))
    np.testing.assert_allclose(ground.scene_from_capture.apply(flat)[:, 1], 0, atol=0.02)


def test_photos_stand_on_the_ground_too_and_are_moved_once() -> None:
    pose = some_pose(random.Random(2))
    plan = SetGround(Ground(pose, True)).apply(Plan())
    state, grounded = State(plan=plan, reconstruction=around()), Grounding()
    moved, again = grounded(state), grounded(state)
    assert moved.reconstruction is again.reconstruction
    assert state.reconstruction is not None
    assert moved.reconstruction is not None
    ground = plan.layout.ground.scene_from_capture
    point = np.array([0.1, 0.2, 0.3])
    for before, after in zip(state.reconstruction.photos, moved.reconstruction.photos, strict=True):
        seen = before.camera_from_scene[:3, :3] @ point + before.camera_from_scene[:3, 3]
        there = (
            after.camera_from_scene[:3, :3] @ ground.apply(point) + after.camera_from_scene[:3, 3]
        )
        np.testing.assert_allclose(there, seen * ground.scale, atol=1e-9)


def test_the_camera_sees_the_same_on_a_longer_ground() -> None:
    camera = Camera(pivot=np.array([0.1, 0.2, 0.3]), yaw=0.4, pitch=-0.2)
    before = Ground()
    turned = Pose(np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]]), np.array([1.0, 2, 3]), 2.5)
    after = carried(camera, before, Ground(turned))

    def pixel(eye: Eye, point: np.ndarray) -> np.ndarray:
        return eye.project(point)[0]

    point = np.array([0.3, -0.1, 0.2])
    np.testing.assert_allclose(
        pixel(to_eye(after, 400, 300), turned.apply(point)), pixel(to_eye(camera, 400, 300), point),
        atol=1e-6,
    )  # fmt: skip


def test_a_box_is_around_what_it_held() -> None:
    pose = some_pose(random.Random(1))
    points = np.random.default_rng(0).normal(size=(100, 3))
    low, high = moved_box((points.min(axis=0), points.max(axis=0)), pose)
    moved = pose.apply(points)
    assert (moved >= low - 1e-12).all()
    assert (moved <= high + 1e-12).all()
