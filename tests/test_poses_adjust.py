"""Known cameras that do not fit their photos: they are found again, in the frame they came in."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.capture.colmap_library import pycolmap
from core.geometry.pose import Pose
from core.poses.adjust import adjust, nearest_motion

Array = NDArray[np.float64]


def cameras(native: pycolmap.Reconstruction) -> Array:
    poses = np.tile(np.eye(4), (native.num_reg_images(), 1, 1))
    for pose, image_id in zip(poses, sorted(native.reg_image_ids()), strict=True):
        pose[:3] = native.image(image_id).cam_from_world().matrix()
    return poses


def ring(count: int) -> Array:
    poses = np.tile(np.eye(4), (count, 1, 1))
    for k, pose in enumerate(poses):
        pose[:3, :3] = Rotation.from_euler("yx", [0.4 * k, 0.1 * np.sin(k)]).as_matrix()
        pose[:3, 3] = [0.1 * k, 0.05 * k * k, 4.0]
    return poses


def test_the_motion_of_all_cameras_is_found() -> None:
    motion = Pose(Rotation.from_rotvec([0.2, -0.4, 0.1]).as_matrix(), np.array([1.0, 2, 3]), 1.7)
    source = ring(5)
    target = np.stack([motion.moved_camera(camera) for camera in source])
    found = nearest_motion(source, target)
    np.testing.assert_allclose(found.rotation, motion.rotation, atol=1e-9)
    np.testing.assert_allclose(found.translation, motion.translation, atol=1e-9)
    assert abs(found.scale - motion.scale) < 1e-9


def test_disturbed_cameras_are_found_again_where_they_were_on_the_whole() -> None:
    options = pycolmap.SyntheticDatasetOptions()
    options.num_cameras_per_rig, options.num_frames_per_rig, options.num_points3D = 1, 8, 300
    options.num_rigs = 1
    pycolmap.set_random_seed(0)
    native = pycolmap.synthesize_dataset(options)
    truth = cameras(native)
    random = np.random.default_rng(1)
    for image_id in sorted(native.reg_image_ids()):
        turn = pycolmap.Rigid3d(
            pycolmap.Rotation3d(Rotation.from_rotvec(random.normal(size=3) * 0.005).as_matrix()),
            random.normal(size=3) * 0.02,
        )
        frame = native.image(image_id).frame
        frame.rig_from_world = turn * frame.rig_from_world
    given = cameras(native)
    found = cameras(adjust(native, lambda model: model))
    back = nearest_motion(found, truth)
    exact = np.stack([back.moved_camera(camera) for camera in found])
    assert np.abs(given - truth).max() > 1e-2
    np.testing.assert_allclose(exact, truth, atol=1e-4)
    whole = nearest_motion(found, given)
    np.testing.assert_allclose(whole.rotation, np.eye(3), atol=1e-9)
    np.testing.assert_allclose(whole.translation, 0, atol=1e-9)
    assert abs(whole.scale - 1) < 1e-3
