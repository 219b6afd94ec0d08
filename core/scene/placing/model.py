"""Where an object may stand: turned about the ground's normal, scaled and shifted.

After 3D-RE-GEN (Sautter et al., 2025): with 4 degrees of freedom on the ground, with 5 anywhere.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.geometry.pose import Pose

Array = NDArray[np.float64]

ACROSS, UPWARD, ALONG, YAW, LOG_SCALE = range(5)  # the five numbers of a stance


@dataclass(frozen=True, eq=False)
class Stance:
    """An object on or above the ground by five numbers x, y, z, yaw and log scale.

    x_ground = s R_y(yaw) U (x_object - pivot) + (x, y, z), in the ground's own frame
    (`scene_from_ground`: y up). U = `upright` [3, 3] turns the object's up into y. On the ground
    (`grounded`) the pivot [3] is the middle of the object's bottom and y stays 0, so that the
    bottom is on the ground by construction; else the pivot is its middle.
    """

    scene_from_ground: Pose
    upright: Array
    pivot: Array
    grounded: bool

    def scene_from_object(self, numbers: Array) -> Pose:
        """The similarity that five `numbers` stand for."""
        yaw, scale = float(numbers[YAW]), float(np.exp(numbers[LOG_SCALE]))
        turn = _about_y(torch.tensor(yaw, dtype=torch.float64)).numpy() @ self.upright
        shift = np.asarray(numbers[:3], np.float64) - scale * (turn @ self.pivot)
        return self.scene_from_ground @ Pose(turn, shift, scale)

    def numbers_of(self, scene_from_object: Pose) -> Array:
        """The five numbers [5] nearest to a pose: its tilt is left out, and its height if grounded.

        The yaw is that of the rotation nearest to the pose's own.
        """
        pose = self.scene_from_ground.inverse() @ scene_from_object
        turn = pose.rotation @ self.upright.T
        yaw = np.arctan2(turn[0, 2] - turn[2, 0], turn[0, 0] + turn[2, 2])
        place = pose.apply(self.pivot)
        height = 0.0 if self.grounded else place[1]
        return np.array([place[0], height, place[2], yaw, np.log(pose.scale)])

    def camera_from_object(self, numbers: Tensor, camera_from_scene: Tensor) -> Tensor:
        """[4, 4] float64, rigid: the camera as an object at rest sees it; gradients reach both.

        A camera's picture does not change when it and its distance to everything are scaled, so
        the scale moves the camera instead of the object. Depths are in the object's units.
        """
        camera = camera_from_scene.double()
        ground = torch.from_numpy(self.scene_from_ground.rotation.copy())
        origin = torch.from_numpy(self.scene_from_ground.translation.copy())
        place = numbers[:3] * numbers.new_tensor([1.0, 0.0 if self.grounded else 1.0, 1.0])
        turn = camera[:3, :3] @ ground @ _about_y(numbers[YAW]) @ torch.from_numpy(self.upright)
        ahead = camera[:3, :3] @ (self.scene_from_ground.scale * (ground @ place) + origin)
        scale = torch.exp(numbers[LOG_SCALE]) * self.scene_from_ground.scale
        shift = (ahead + camera[:3, 3]) / scale - turn @ torch.from_numpy(self.pivot)
        bottom = torch.tensor([[0.0, 0.0, 0.0, 1.0]], dtype=torch.float64)
        return torch.cat([torch.cat([turn, shift[:, None]], dim=1), bottom])

    def on_ground(self, numbers: Tensor, points: Tensor) -> Tensor:
        """`points` [P, 3] of the object, in the ground's frame; gradients reach the numbers."""
        turn = _about_y(numbers[YAW]) @ torch.from_numpy(self.upright)
        around = (points - torch.from_numpy(self.pivot)) @ turn.T
        place = numbers[:3] * numbers.new_tensor([1.0, 0.0 if self.grounded else 1.0, 1.0])
        return torch.exp(numbers[LOG_SCALE]) * around + place


def stance_of(
    points: Array, scene_from_ground: Pose, *, grounded: bool, up: Array | None = None
) -> Stance:
    """How an object of `points` [P, 3] stands; `up` [3] in its own frame, y unless told.

    Its bottom is the lowest of the points: give those that belong to it, not floaters about it.
    """
    upright = np.eye(3) if up is None else _turn_to_y(up / np.linalg.norm(up))
    turned = points @ upright.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    middle = 0.5 * (low + high)
    if grounded:
        middle[1] = low[1]
    return Stance(scene_from_ground, upright, upright.T @ middle, grounded)


def _about_y(yaw: Tensor) -> Tensor:
    c, s, zero, one = yaw.cos(), yaw.sin(), torch.zeros_like(yaw), torch.ones_like(yaw)
    rows = [[c, zero, s], [zero, one, zero], [-s, zero, c]]
    return torch.stack([torch.stack(row) for row in rows])


def _turn_to_y(up: Array) -> Array:
    """The smallest rotation [3, 3] that takes the unit vector `up` to y."""
    y = np.array([0.0, 1.0, 0.0])
    axis, cosine = np.cross(up, y), float(up @ y)
    if cosine < -1.0 + 1e-12:
        return np.diag([1.0, -1.0, -1.0])
    cross = np.array([[0.0, -axis[2], axis[1]], [axis[2], 0.0, -axis[0]], [-axis[1], axis[0], 0.0]])
    return np.asarray(np.eye(3) + cross + cross @ cross / (1.0 + cosine))
