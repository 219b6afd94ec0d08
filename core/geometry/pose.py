"""Similarity transforms: rotate, scale, move."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pose:
    """The similarity x -> scale * rotation @ x + translation, named `target_from_source`.

    `rotation` [3, 3] float64, orthonormal with determinant 1; `translation` [3]
    in units of the target; `scale` target units per source unit.
    """

    rotation: Array
    translation: Array
    scale: float = 1.0

    @staticmethod
    def identity() -> "Pose":
        return Pose(np.eye(3), np.zeros(3))

    def __matmul__(self, other: "Pose") -> "Pose":
        """First `other`, then this one."""
        return Pose(
            self.rotation @ other.rotation,
            self.apply(other.translation),
            self.scale * other.scale,
        )

    def inverse(self) -> "Pose":
        back = self.rotation.T
        return Pose(back, -(back @ self.translation) / self.scale, 1.0 / self.scale)

    def apply(self, points: Array) -> Array:
        """`points` [..., 3] of the source, in the target frame."""
        return self.scale * (points @ self.rotation.T) + self.translation

    def moved_camera(self, camera_from_source: Array) -> Array:
        """`camera_from_source` [4, 4] as a rigid `camera_from_target` [4, 4].

        Distances in the camera frame grow by `scale` along with the scene.
        """
        rotation = camera_from_source[:3, :3] @ self.rotation.T
        moved = np.eye(4)
        moved[:3, :3] = rotation
        moved[:3, 3] = self.scale * camera_from_source[:3, 3] - rotation @ self.translation
        return moved
