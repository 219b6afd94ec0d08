"""What the viewport can be given to show, and how far it reaches."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays

MOST_SAMPLES = 50_000  # positions looked at: a few milliseconds, which the window has to spare
PERCENTILES = (1, 99)  # a few Gaussians or points always lie far off


@dataclass(frozen=True, eq=False)
class PointCloud:
    """Points in the scene frame."""

    positions: NDArray[np.float32]  # [P, 3]
    colors: NDArray[np.uint8]  # [P, 3] sRGB

    def __len__(self) -> int:
        return len(self.positions)


@dataclass(frozen=True, eq=False)
class TriangleMesh:
    """Triangles in the scene frame."""

    vertices: NDArray[np.float32]  # [V, 3]
    faces: NDArray[np.int32]  # [F, 3] rows of `vertices`
    colors: NDArray[np.uint8]  # [V, 3] sRGB

    def __len__(self) -> int:
        return len(self.faces)


Content = SplatArrays | PointCloud | TriangleMesh


def bounds(content: Content) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The lowest and highest corner [3] of a box to frame `content` by.

    Of splats and points a few strays are left aside. Both corners are 0 where there is nothing.
    """
    match content:
        case TriangleMesh(vertices=positions) if len(positions):
            return positions.min(axis=0).astype(np.float64), positions.max(axis=0).astype(
                np.float64
            )
        case SplatArrays(means=positions) | PointCloud(positions=positions) if len(positions):
            step = max(1, len(positions) // MOST_SAMPLES)
            low, high = np.percentile(positions[::step].astype(np.float64), PERCENTILES, axis=0)
            return low, high
    return np.zeros(3), np.zeros(3)
