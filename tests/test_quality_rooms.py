"""The other rooms differ from the sample and from each other, and keep out of the cameras' way."""

from functools import cache

import numpy as np
import pytest

from resources.room import others, shell
from resources.room.patches import Material, rectangle


@cache
def _objects(number: int) -> tuple[list[list[float]], list[np.ndarray]]:
    rng = np.random.default_rng(others.SEED + number)
    kind = others.KINDS[(number - 1) % len(others.KINDS)]
    objects, _ = kind.furnish(rng)
    boxes = []
    for parts in objects:
        points = np.concatenate([patch.points.reshape(-1, 3) for patch in parts])
        boxes.append([*points.min(0), *points.max(0)])
    return boxes, kind.walk(rng, others.PHOTOS)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_cameras_stand_in_the_room_and_not_in_its_things(number: int) -> None:
    boxes, poses = _objects(number)
    for pose in poses:
        eye = -pose[:3, :3].T @ pose[:3, 3]
        assert shell.WEST + 0.2 < eye[0] < shell.EAST - 0.2
        assert shell.NORTH + 0.2 < eye[2] < shell.SOUTH - 0.15
        # The first two are the floor and the walls, which surround it.
        assert not any(np.all(eye > box[:3]) and np.all(eye < box[3:]) for box in boxes[2:-1])


def test_walks_differ_in_kind() -> None:
    spans = []
    for number in (1, 2, 3):
        _, poses = _objects(number)
        axes = np.array([pose[2, :3] for pose in poses])
        eyes = np.array([-pose[:3, :3].T @ pose[:3, 3] for pose in poses])
        turned = np.degrees(np.arccos(np.clip(axes[0] @ axes[-1], -1, 1)))
        spans.append((turned, np.ptp(eyes[:, 2])))
    assert spans[0][0] > 60  # round the table
    assert spans[1][0] < 45  # past a wall
    assert spans[1][1] < 0.3
    assert spans[2][1] > 0.5  # into the room


def test_dyeing_keeps_what_is_shared_shared() -> None:
    picture = np.array([[[200, 40, 40], [90, 90, 90]]], np.uint8)
    wall = rectangle((0, 1, 0), (1, 0, 0), (0, -1, 0), Material(picture))
    first, second = others.dyed([wall, wall], 120.0, 1.0, 1.0)
    assert first.material.picture is second.material.picture
    # Red turns green, and grey stays what it was.
    np.testing.assert_array_equal(first.material.picture[0], [[40, 200, 40], [90, 90, 90]])
