"""Where the viewport looks from: a pinhole or a parallel projection, and its matrices."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.geometry.camera import Pinhole
from core.render.render import NEAR

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Eye:
    """A camera of the viewport; the picture's first pixel has its centre at (0.5, 0.5), y down.

    `camera_from_scene` [4, 4]: rigid, x right, y down, z forward. Lengths in physical pixels;
    of a parallel projection `fx` and `fy` are pixels a scene unit. Nothing nearer than `near`
    or further than `far` (scene units along z) is drawn.
    """

    camera_from_scene: Array
    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    orthographic: bool = False
    near: float = NEAR
    far: float = 1000.0

    @staticmethod
    def of_photo(pinhole: Pinhole, camera_from_scene: Array) -> "Eye":
        """The eye that sees exactly what the camera of a photo saw."""
        p = pinhole
        return Eye(camera_from_scene, p.width, p.height, p.fx, p.fy, p.cx, p.cy)

    def resized(self, width: int, height: int) -> "Eye":
        """The same eye with its picture stretched to `width` x `height`."""
        sx, sy = width / self.width, height / self.height
        return replace(
            self, width=width, height=height,
            fx=self.fx * sx, fy=self.fy * sy, cx=self.cx * sx, cy=self.cy * sy,
        )  # fmt: skip

    @property
    def centre(self) -> Array:
        """Where the eye stands, [3], scene frame."""
        turn: Array = self.camera_from_scene[:3, :3]
        return -turn.T @ self.camera_from_scene[:3, 3]

    @property
    def forward(self) -> Array:
        """Unit vector [3] along which it looks, scene frame."""
        row: Array = self.camera_from_scene[2, :3]
        return row

    @property
    def depth_row(self) -> Array:
        """[4]: z in the camera frame of a scene point p is depth_row[:3] @ p + depth_row[3]."""
        row: Array = self.camera_from_scene[2]
        return row

    def ray(self, x: float, y: float) -> tuple[Array, Array]:
        """Origin and direction [3] in the scene of what pixel (x, y) sees.

        The direction is as long as one unit of z: origin + z * direction lies z before the eye.
        """
        across, down = (x - self.cx) / self.fx, (y - self.cy) / self.fy
        turn = self.camera_from_scene[:3, :3]
        if self.orthographic:
            return self.centre + turn.T @ np.array([across, down, 0.0]), self.forward.copy()
        return self.centre, turn.T @ np.array([across, down, 1.0])

    def project(self, points: Array) -> tuple[Array, Array]:
        """Pixels [..., 2] and z [...] of scene `points` [..., 3]; behind the eye z <= 0."""
        seen = points @ self.camera_from_scene[:3, :3].T + self.camera_from_scene[:3, 3]
        z = seen[..., 2]
        over = np.ones_like(z) if self.orthographic else np.where(z == 0, np.inf, z)
        pixels = seen[..., :2] / over[..., None] * (self.fx, self.fy) + (self.cx, self.cy)
        return pixels, z

    def clip_from_camera(self) -> Array:
        """[4, 4]: OpenGL's clip space, y up and depth -1..1 from `near` to `far`."""
        sx, sy = 2 / self.width, 2 / self.height
        x0, y0 = self.cx * sx - 1, 1 - self.cy * sy
        near, far = self.near, self.far
        if self.orthographic:
            rows = [
                [self.fx * sx, 0, 0, x0],
                [0, -self.fy * sy, 0, y0],
                [0, 0, 2 / (far - near), -(far + near) / (far - near)],
                [0, 0, 0, 1],
            ]
        else:
            rows = [
                [self.fx * sx, 0, x0, 0],
                [0, -self.fy * sy, y0, 0],
                [0, 0, (far + near) / (far - near), -2 * far * near / (far - near)],
                [0, 0, 1, 0],
            ]
        return np.array(rows, np.float64)

    def clip_from_scene(self) -> Array:
        """[4, 4] from the scene to OpenGL's clip space."""
        return self.clip_from_camera() @ self.camera_from_scene
