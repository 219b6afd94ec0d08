"""Pinhole cameras and where they stand."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor


@dataclass(frozen=True)
class Pinhole:
    """A camera without distortion. Lengths in pixels; the first pixel's centre is (0.5, 0.5)."""

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float

    def resized(self, width: int, height: int) -> "Pinhole":
        """The same camera with its picture stretched to `width` x `height`."""
        sx, sy = width / self.width, height / self.height
        return Pinhole(width, height, self.fx * sx, self.fy * sy, self.cx * sx, self.cy * sy)

    def matrix(self) -> Tensor:
        """K [3, 3] float64."""
        rows = [[self.fx, 0.0, self.cx], [0.0, self.fy, self.cy], [0.0, 0.0, 1.0]]
        return torch.tensor(rows, dtype=torch.float64)


@dataclass(frozen=True, eq=False)
class View:
    """A pinhole camera in a place.

    `camera_from_scene` [4, 4]: rigid, x right, y down, z forward. Gradients reach
    it when it requires them.
    """

    camera: Pinhole
    camera_from_scene: Tensor

    def centre(self) -> Tensor:
        """Where the camera stands, [3], scene frame."""
        return -self.camera_from_scene[:3, :3].T @ self.camera_from_scene[:3, 3]

    def resized(self, width: int, height: int) -> "View":
        return replace(self, camera=self.camera.resized(width, height))


def project(points: Tensor, view: View) -> tuple[Tensor, Tensor]:
    """Pixels [..., 2] and z [...] in the camera frame of scene `points` [..., 3].

    Points behind the camera have z <= 0; their pixels mean nothing.
    """
    world = view.camera_from_scene.to(points)
    seen = points @ world[:3, :3].T + world[:3, 3]
    x, y, z = seen.unbind(-1)
    camera = view.camera
    return torch.stack([camera.fx * x / z + camera.cx, camera.fy * y / z + camera.cy], dim=-1), z


def unproject(depth: Tensor, view: View) -> Tensor:
    """Scene points [H, W, 3] at z = `depth` [H, W] behind the pixel centres of `view`."""
    camera = view.camera
    h, w = depth.shape
    x = (torch.arange(w).to(depth) + 0.5 - camera.cx) / camera.fx
    y = (torch.arange(h).to(depth) + 0.5 - camera.cy) / camera.fy
    rays = torch.stack([x.expand(h, w), y[:, None].expand(h, w), torch.ones_like(depth)], dim=-1)
    world = view.camera_from_scene.to(depth)
    return (rays * depth[..., None] - world[:3, 3]) @ world[:3, :3]
