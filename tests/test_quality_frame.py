"""Cameras are brought from one frame into another, whatever lies between the frames."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from app.bench.quality_frame import Similarity, pose_errors, similarity

CAMERAS = 7


def _cameras(count: int, *, in_a_row: bool = False) -> dict[str, np.ndarray]:
    random = np.random.default_rng(4)
    cameras = {}
    for i in range(count):
        camera = np.eye(4)
        camera[:3, :3] = Rotation.random(random_state=i).as_matrix()
        centre = np.array([i, 0.0, 0.0]) if in_a_row else random.uniform(-2, 2, 3)
        camera[:3, 3] = -camera[:3, :3] @ centre
        cameras[str(i)] = camera
    return cameras


def _between() -> Similarity:
    turn = Rotation.from_euler("xyz", (0.3, -1.2, 2.0)).as_matrix()
    return Similarity(3.7, turn, np.array([4.0, -1.0, 0.5]))


@pytest.mark.parametrize(("count", "in_a_row"), [(2, False), (3, True), (CAMERAS, False)])
def test_the_similarity_between_two_frames_is_found(count: int, in_a_row: bool) -> None:
    source = _cameras(count, in_a_row=in_a_row)
    target = {name: _between().camera(camera) for name, camera in source.items()}
    found = similarity(source, target)
    assert found is not None
    assert found.scale == pytest.approx(3.7)
    for name, camera in source.items():
        np.testing.assert_allclose(found.camera(camera), target[name], atol=1e-9)


def test_points_seen_by_a_camera_keep_their_directions() -> None:
    camera = _cameras(1)["0"]
    between = _between()
    point = np.array([0.3, 0.9, -2.0])
    there = between.scale * between.rotation @ point + between.shift
    moved = between.camera(camera)
    before = camera[:3, :3] @ point + camera[:3, 3]
    after = moved[:3, :3] @ there + moved[:3, 3]
    np.testing.assert_allclose(after, before * between.scale, atol=1e-9)


def test_a_wrong_camera_hardly_counts() -> None:
    source = _cameras(CAMERAS)
    target = {name: _between().camera(camera) for name, camera in source.items()}
    target["3"] = _cameras(CAMERAS)["5"]
    found = similarity(source, target)
    assert found is not None
    assert found.scale == pytest.approx(3.7, rel=0.02)
    errors = pose_errors(
        {name: found.camera(camera) for name, camera in source.items()},
        {name: _between().camera(camera) for name, camera in source.items()},
    )
    assert errors["rotation_worst"] == pytest.approx(0, abs=1e-5)


def test_too_little_in_common_gives_no_frame() -> None:
    cameras = _cameras(2)
    assert similarity(cameras, {"0": np.eye(4), "9": np.eye(4)}) is None
    assert similarity({"0": np.eye(4), "1": np.eye(4)}, cameras) is None


def test_pose_errors_count_what_was_placed() -> None:
    reference = _cameras(4)
    estimated = {name: reference[name] for name in ("0", "1", "2")}
    told = pose_errors(estimated, reference)
    assert (told["of"], told["placed"]) == (4, 3)
    assert told["rotation_worst"] == pytest.approx(0, abs=1e-5)
    assert pose_errors({}, reference)["rotation_mean"] is None


def test_a_turn_that_all_cameras_share_is_told_from_that_of_the_scene() -> None:
    """Where two lenses differ in their middle, all cameras of one look past those of the other."""
    source = _cameras(CAMERAS)
    turn = Rotation.from_euler("xyz", (0.4, -0.3, 0.1), degrees=True).as_matrix()
    past = np.eye(4)
    past[:3, :3] = turn
    target = {name: past @ _between().camera(camera) for name, camera in source.items()}
    left_out = target.pop("6")
    found = similarity(source, target)
    assert found is not None
    np.testing.assert_allclose(found.turn, turn, atol=1e-6)
    np.testing.assert_allclose(found.camera(source["6"]), left_out, atol=1e-5)
