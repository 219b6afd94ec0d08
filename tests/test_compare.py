"""The laws of comparing cameras: what changes nothing, and what one error costs."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.geometry.pose import Pose
from core.poses.compare import area_under_recall, auc, pair_errors

Array = NDArray[np.float64]


def cameras(count: int, seed: int = 0) -> dict[str, Array]:
    random = np.random.default_rng(seed)
    made = {}
    for i in range(count):
        made[f"{i}.jpg"] = np.eye(4)
        made[f"{i}.jpg"][:3, :3] = Rotation.random(random_state=seed * 100 + i).as_matrix()
        made[f"{i}.jpg"][:3, 3] = random.normal(size=3)
    return made


def test_a_set_agrees_with_itself_wholly() -> None:
    same = auc(cameras(6), cameras(6))
    assert (same.rotation, same.translation, same.pairs) == (1.0, 1.0, 15)


def test_another_frame_and_unit_change_nothing() -> None:
    reference = cameras(7)
    turn = Rotation.from_euler("xyz", [1.0, 2.0, 3.0]).as_matrix()
    move = Pose(turn, np.array([5.0, -2.0, 1.0]), 3.7)
    moved = {name: move.moved_camera(camera) for name, camera in reference.items()}
    rotation, translation = pair_errors(moved, reference)
    assert rotation.max() < 1e-5
    assert translation.max() < 1e-5


def test_a_missing_photo_costs_its_pairs() -> None:
    reference = cameras(5)
    partial = {name: camera for name, camera in reference.items() if name != "2.jpg"}
    assert auc(partial, reference).rotation == pytest.approx(6 / 10)
    assert auc({}, reference).translation == 0.0


def test_extra_photos_do_not_count() -> None:
    assert auc(cameras(8), {k: v for k, v in cameras(8).items() if k < "4"}).pairs == 6


@pytest.mark.parametrize("degrees", [0.5, 2.0, 4.5, 20.0, 180.0])
def test_a_turn_of_one_camera_is_measured_exactly(degrees: float) -> None:
    reference = cameras(2)
    turned = dict(reference)
    turn = np.eye(4)
    turn[:3, :3] = Rotation.from_rotvec([0.0, 0.0, np.radians(degrees)]).as_matrix()
    turned["1.jpg"] = turn @ reference["1.jpg"]
    rotation, _ = pair_errors(turned, reference)
    assert rotation[0] == pytest.approx(degrees, abs=1e-5)


def test_a_camera_on_the_wrong_side_is_wholly_wrong() -> None:
    reference = {"a": np.eye(4), "b": np.eye(4)}
    reference["b"] = np.eye(4)
    reference["b"][0, 3] = 1.0
    mirrored = {"a": np.eye(4), "b": np.eye(4)}
    mirrored["b"][0, 3] = -1.0
    assert pair_errors(mirrored, reference)[1][0] == pytest.approx(180.0)


def test_no_step_where_there_should_be_one_is_wrong_and_the_converse_is_not() -> None:
    still = {"a": np.eye(4), "b": np.eye(4)}
    moved = {"a": np.eye(4), "b": np.eye(4)}
    moved["b"] = np.eye(4)
    moved["b"][0, 3] = 1.0
    assert pair_errors(still, moved)[1][0] == 180.0
    assert pair_errors(moved, still)[1][0] == 0.0


def test_the_area_of_one_error_is_what_the_formula_says() -> None:
    # Recall rises in a line to 1 at 2 degrees and stays: 1 - 2 / (2 * 5).
    assert area_under_recall(np.array([2.0]), 5.0) == pytest.approx(0.8)
    assert area_under_recall(np.array([2.0, np.inf]), 5.0) == pytest.approx(0.4)
    assert area_under_recall(np.array([]), 5.0) == 0.0
