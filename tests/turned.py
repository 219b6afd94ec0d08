"""A camera somewhere on the x axis, turned about the vertical."""

import math

import torch

from core.geometry.camera import Pinhole, View


def turned(camera: Pinhole, x: float, degrees: float = 0.0) -> View:
    """At (x, 0, 0), looking along z for 0 `degrees`."""
    turn = math.radians(degrees)
    pose = torch.eye(4)
    pose[0, 0] = pose[2, 2] = math.cos(turn)
    pose[0, 2], pose[2, 0] = math.sin(turn), -math.sin(turn)
    pose[:3, 3] = -pose[:3, :3] @ torch.tensor([x, 0.0, 0.0])
    return View(camera, pose)
