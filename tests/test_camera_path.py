"""The camera's way: it passes through its keys, smoothly, wherever the scene stands."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from core.geometry.pose import Pose
from core.scene.camera_path import (
    CameraPath,
    Key,
    along,
    in_scene,
    path_from_json,
    path_to_json,
    times,
)
from core.scene.document import Document
from core.scene.path_edits import AddKey, ChangePath, MoveKey, RemoveKey, ReplaceKey


def key(seed: int, spread: float = 1.0) -> Key:
    random = np.random.default_rng(seed)
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_rotvec(random.normal(size=3) * spread).as_matrix()
    matrix[:3, 3] = random.normal(size=3)
    return Key.of(matrix, random.uniform(0.4, 1.4))


def path(n: int, seed: int = 0, *, closed: bool = False) -> CameraPath:
    return CameraPath(tuple(key(100 * seed + k) for k in range(n)), 6.0, closed)


def centre(each: Key) -> np.ndarray:
    return -each.matrix[:3, :3].T @ each.matrix[:3, 3]


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 6), st.integers(0, 1000), st.booleans())
def test_it_passes_through_its_keys(n: int, seed: int, closed: bool) -> None:
    way = path(n, seed, closed=closed)
    at = times(way)
    assert at[0] == 0
    assert at[-1] == pytest.approx(1)
    assert (np.diff(at) > 0).all()
    keys = [*way.keys, way.keys[0]] if closed else list(way.keys)
    for found, wanted in zip(along(way, at), keys, strict=True):
        np.testing.assert_allclose(found.matrix, wanted.matrix, atol=1e-8)
        assert found.fov_y == pytest.approx(wanted.fov_y)


@pytest.mark.parametrize("closed", [False, True])
def test_it_is_rigid_and_smooth(closed: bool) -> None:
    when = np.linspace(0, 1, 2001)
    keys = along(path(5, closed=closed), when)
    for each in keys[::100]:
        turn = each.matrix[:3, :3]
        np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-9)
        assert np.linalg.det(turn) > 0
    centres = np.stack([centre(each) for each in keys])
    speed = np.linalg.norm(np.diff(centres, axis=0), axis=1)
    assert np.abs(np.diff(speed)).max() < 0.05 * speed.max()
    if closed:
        ahead, behind = centres[1] - centres[0], centres[-1] - centres[-2]
        np.testing.assert_allclose(ahead, behind, atol=0.05 * speed.max())


def test_two_keys_are_joined_by_a_straight_line() -> None:
    one, other = key(1), key(2)
    start, end = centre(one), centre(other)
    for each in along(CameraPath((one, other)), np.linspace(0, 1, 7)):
        way = np.cross(centre(each) - start, end - start)
        np.testing.assert_allclose(way, 0, atol=1e-9)


def test_one_key_is_a_view_that_stays_and_none_is_no_way() -> None:
    only = key(3)
    assert along(CameraPath((only,)), np.array([0.0, 0.4])) == [only, only]
    with pytest.raises(ValueError, match="nowhere"):
        along(CameraPath(), np.array([0.0]))


def test_two_keys_at_one_place_are_a_rest() -> None:
    way = CameraPath((key(1), key(1), key(2)))
    assert 0 < times(way)[1] < 0.2
    same = CameraPath((key(1), key(1)))
    assert along(same, np.array([0.5]))[0].matrix == pytest.approx(key(1).matrix)


def test_it_moves_along_with_the_scene() -> None:
    turned = Rotation.from_rotvec([0.2, -1.0, 0.4]).as_matrix()
    pose = Pose(turned, np.array([1.0, 2.0, 3.0]), 2.5)
    way, when = path(4), np.linspace(0, 1, 9)
    moved = replace(way, keys=tuple(Key.of(in_scene(k, pose), k.fov_y) for k in way.keys))
    for one, other in zip(along(way, when), along(moved, when), strict=True):
        np.testing.assert_allclose(in_scene(one, pose), other.matrix, atol=1e-8)


def test_json_brings_it_back() -> None:
    way = path(3, closed=True)
    assert path_from_json(path_to_json(way)) == way
    for wrong in ({"seconds": 0.0}, {"keys": [{"camera": [1] * 16, "fov_y": 1}]}):
        with pytest.raises(ValueError, match=r"way|rotation"):
            path_from_json({**path_to_json(way), **wrong})


def test_edits_and_their_undoing() -> None:
    document, keys = Document(), [key(k) for k in range(4)]
    for each in keys[:3]:
        document.commit(AddKey(each))
    document.commit(AddKey(keys[3], after=0))
    document.commit(MoveKey(3, 0))
    assert document.state.plan.path.keys == (keys[2], keys[0], keys[3], keys[1])
    document.commit(RemoveKey(2))
    document.commit(ReplaceKey(0, keys[3]))
    document.commit(ChangePath(4.0, closed=True))
    assert document.state.plan.path == CameraPath((keys[3], keys[0], keys[1]), 4.0, True)
    document.commit(MoveKey(0, 9))
    document.commit(RemoveKey(9))
    labels = []
    while document.undo_label is not None:
        labels.append(document.undo_label)
        document.undo()
    assert document.state.plan.path == CameraPath()
    assert labels[:3] == ["Change camera path", "Change key frame", "Remove key frame"]
    assert len(labels) == 8
