"""The phone: a lens with its distortion, and the twelve places it is held at."""

from dataclasses import dataclass

import numpy as np

from resources.room.patches import Array, rotation_about


@dataclass(frozen=True)
class Lens:
    """COLMAP's OPENCV model, pixels; the first pixel's centre is (0.5, 0.5)."""

    width: int = 640
    height: int = 480
    fx: float = 481.0
    fy: float = 481.0
    cx: float = 321.4
    cy: float = 238.8
    k1: float = 0.040
    k2: float = -0.025
    p1: float = 0.0004
    p2: float = -0.0003

    @property
    def params(self) -> tuple[float, ...]:
        return (self.fx, self.fy, self.cx, self.cy, self.k1, self.k2, self.p1, self.p2)

    def pixels(self, rays: Array) -> Array:
        """Pixels [..., 2] where directions `rays` [..., 2] (x / z, y / z) land."""
        bent = rays + self._bend(rays)
        return bent * np.array([self.fx, self.fy]) + np.array([self.cx, self.cy])

    def rays(self, pixels: Array) -> Array:
        """Directions [..., 2] (x / z, y / z) that land at `pixels` [..., 2]."""
        bent = (pixels - np.array([self.cx, self.cy])) / np.array([self.fx, self.fy])
        rays = bent
        for _ in range(30):
            rays = bent - self._bend(rays)
        return rays

    def resized(self, width: int, height: int) -> "Lens":
        """The same lens with its picture stretched."""
        x, y = width / self.width, height / self.height
        lengths = (self.fx * x, self.fy * y, self.cx * x, self.cy * y)
        return Lens(width, height, *lengths, self.k1, self.k2, self.p1, self.p2)

    def _bend(self, rays: Array) -> Array:
        x, y = rays[..., 0], rays[..., 1]
        square = x * x + y * y
        radial = self.k1 * square + self.k2 * square**2
        dx = x * radial + 2 * self.p1 * x * y + self.p2 * (square + 2 * x * x)
        dy = y * radial + 2 * self.p2 * x * y + self.p1 * (square + 2 * y * y)
        return np.stack([dx, dy], axis=-1)


def looking(eye: Array, target: Array, roll_degrees: float) -> Array:
    """`camera_from_scene` [4, 4] of a camera at `eye` that looks at `target`, then rolls."""
    forward = (target - eye) / np.linalg.norm(target - eye)
    right = np.cross(forward, np.array([0.0, 1.0, 0.0]))
    right /= np.linalg.norm(right)
    rotation = rotation_about(2, roll_degrees) @ np.stack(
        [right, np.cross(forward, right), forward]
    )
    pose = np.eye(4)
    pose[:3, :3] = rotation
    pose[:3, 3] = -rotation @ eye
    return pose


def walk(count: int, seed: int) -> list[Array]:
    """`count` poses `camera_from_scene` along an arc round the table, held by a walking person.

    Neighbours see the table from about 9 degrees apart; the phone rises, sinks,
    nears and rolls a little on the way.
    """
    rng = np.random.default_rng(seed)
    poses = []
    for k in range(count):
        part = k / (count - 1)
        azimuth = np.radians(-49 + 98 * part + rng.uniform(-1.0, 1.0))
        radius = 2.42 + 0.16 * np.sin(5.1 * part + 0.6) + rng.uniform(-0.05, 0.05)
        height = 1.36 + 0.17 * np.sin(8.3 * part) + rng.uniform(-0.04, 0.04)
        middle = np.array([0.05, 0.58, -0.45])
        eye = middle + radius * np.array([np.sin(azimuth), 0.0, np.cos(azimuth)])
        eye[1] = height
        target = middle + rng.uniform(-0.07, 0.07, 3)
        poses.append(looking(eye, target, float(rng.uniform(-1.8, 1.8))))
    return poses
