"""Cameras made up: turned to look at something, or on the way from one to another."""

import torch
from torch import Tensor

from core.geometry.camera import Pinhole, View
from core.geometry.rotation import matrix_from_quat, quat_from_matrix


def facing(camera: Pinhole, centre: Tensor, target: Tensor, up: Tensor) -> View:
    """`camera` at `centre`, looking at `target`, its picture's upper side towards `up`.

    All [3], scene frame. `up` may lie askew; where it lies along the way to the target, any
    other direction takes its place.
    """
    forward = torch.nn.functional.normalize(target - centre, dim=0)
    right = torch.linalg.cross(forward, up)
    if float(right.norm()) < 1e-6 * float(up.norm()):
        right = torch.linalg.cross(forward, torch.eye(3).to(up)[int(forward.abs().argmin())])
    right = torch.nn.functional.normalize(right, dim=0)
    down = torch.linalg.cross(forward, right)
    return _placed(camera, torch.stack([right, down, forward]), centre)


def between(one: View, other: View, part: float = 0.5) -> View:
    """The camera of `one`, `part` of the way to `other` and as far turned to look as it does."""
    first, second = (view.camera_from_scene.double() for view in (one, other))
    quats = quat_from_matrix(torch.stack([first[:3, :3], second[:3, :3]]))
    cosine = float((quats[0] * quats[1]).sum())
    from_one, to_other = quats[0], quats[1] if cosine >= 0 else -quats[1]
    # Shoemake (1985): evenly along the shorter arc.
    angle = torch.atan2((to_other - abs(cosine) * from_one).norm(), torch.tensor(abs(cosine)))
    if float(angle) < 1e-9:
        turned = from_one
    else:
        turned = torch.sin((1 - part) * angle) * from_one + torch.sin(part * angle) * to_other
    centre = (1 - part) * _centre(first) + part * _centre(second)
    view = _placed(one.camera, matrix_from_quat(turned), centre)
    return View(one.camera, view.camera_from_scene.to(one.camera_from_scene))


def _placed(camera: Pinhole, axes: Tensor, centre: Tensor) -> View:
    """A view with the rows of `axes` [3, 3] as its own."""
    camera_from_scene = torch.eye(4).to(axes)
    camera_from_scene[:3, :3], camera_from_scene[:3, 3] = axes, -axes @ centre
    return View(camera, camera_from_scene)


def _centre(camera_from_scene: Tensor) -> Tensor:
    return -camera_from_scene[:3, :3].T @ camera_from_scene[:3, 3]
