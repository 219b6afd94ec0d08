"""What is known about where the photos were taken, by the pose solver or from a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.capture.lens import Lens


@dataclass(frozen=True, eq=False)
class PlacedPhoto:
    """A photo with its lens and place. `camera_from_scene` [4, 4] float64, rigid."""

    name: str
    lens: Lens
    camera_from_scene: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SparsePoints:
    """Points triangulated from matches, scene frame.

    `positions` [P, 3] float64, `colors` [P, 3] uint8, `errors` [P] mean
    reprojection error in pixels. The k-th observation says that photo
    `track_photos[k]` (index into `Reconstruction.photos`) saw point
    `track_points[k]`; both [T] int64.
    """

    positions: NDArray[np.float64]
    colors: NDArray[np.uint8]
    errors: NDArray[np.float64]
    track_photos: NDArray[np.int64]
    track_points: NDArray[np.int64]

    def seen_by(self, photos: int) -> list[NDArray[np.int64]]:
        """For each of so many photos the points that it saw, ascending, each once."""
        order = np.argsort(self.track_photos, kind="stable")
        ends = np.searchsorted(self.track_photos[order], np.arange(1, max(photos, 1)))
        return [np.unique(rows) for rows in np.split(self.track_points[order], ends)][:photos]

    @staticmethod
    def none() -> "SparsePoints":
        return SparsePoints(
            np.zeros((0, 3)),
            np.zeros((0, 3), np.uint8),
            np.zeros(0),
            np.zeros(0, np.int64),
            np.zeros(0, np.int64),
        )


@dataclass(frozen=True)
class Verdict:
    """What became of one photo, in words: `words` tells the user why, and what would help."""

    name: str
    placed: bool
    words: str


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """Placed photos (sorted by name), sparse points and what the user should know.

    `warnings` are sentences. `floor_found` says whether y = 0 is a measured floor.
    `details` are facts for metrics.json (which settings won, how many tracks).
    """

    photos: tuple[PlacedPhoto, ...]
    points: SparsePoints
    verdicts: tuple[Verdict, ...]
    warnings: tuple[str, ...] = ()
    floor_found: bool = False
    details: Mapping[str, object] = field(default_factory=dict)
