"""The straight edges of a photo."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LONGEST = 1000  # pixels: longer side of the picture that edges are looked for in
SHORTEST = 0.02  # of its diagonal
MOST = 500  # the longest ones
CONTRAST = 3.0  # faint edges between walls and floor count as well


@dataclass(frozen=True, eq=False)
class Edges:
    """Straight edges. `ends` [L, 2, 2] float64: x and y of both ends, in pixels of the photo."""

    ends: Array

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def lengths(self) -> Array:
        """[L] pixels."""
        return np.asarray(np.linalg.norm(self.ends[:, 1] - self.ends[:, 0], axis=1))

    @property
    def middles(self) -> Array:
        """[L, 2] pixels."""
        return np.asarray(self.ends.mean(axis=1))

    def normals(self, focal: float, center: Array) -> Array:
        """Unit normals [L, 3] of the planes through the camera and each edge, camera frame."""
        rays = np.ones((len(self), 2, 3))
        rays[..., :2] = (self.ends - center) / focal
        found = np.cross(rays[:, 0], rays[:, 1])
        return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12))


def straight_edges(photo: NDArray[np.uint8]) -> Edges:
    """Of `photo` [H, W, 3], by LSD (von Gioi et al., 2010); at most `MOST`, longest first."""
    height, width = photo.shape[:2]
    share = min(1.0, LONGEST / max(height, width))
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    if share < 1:
        size = (max(1, round(share * width)), max(1, round(share * height)))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    grey = cv2.createCLAHE(CONTRAST, (8, 8)).apply(grey)
    found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(grey)[0]
    if found is None:
        return Edges(np.zeros((0, 2, 2)))
    ends = found.reshape(-1, 2, 2).astype(np.float64) / share
    edges = Edges(ends)
    lengths = edges.lengths
    order = np.argsort(-lengths, kind="stable")[:MOST]
    return Edges(ends[order[lengths[order] > SHORTEST * np.hypot(height, width)]])
