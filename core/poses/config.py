"""What the pose solver can be told."""

from dataclasses import dataclass
from pathlib import Path

from core.capture.lens import Lens

# Focal lengths to start from where nothing is known, as parts of the longer side of the photo,
# the likeliest first. A phone's main camera (24-28 mm equivalent) has 0.7-0.8; COLMAP assumes 1.2.
USUAL_FOCAL_LENGTHS = (0.75, 1.2)


@dataclass(frozen=True)
class PoseConfig:
    """Settings of `solve`.

    `max_side`: photos are searched for features at no more pixels than this.
    `few`: up to this many photos get the slow, careful features, and every pair
    is tried as the beginning. `all_pairs`: up to this many photos every pair is
    matched; above it each photo is matched with `neighbors` that look most like
    it. `lens`: a calibrated lens of all photos, which is then taken as it is.
    `cache`: a folder in which features and matches are kept for the next time; the
    answer is the same with it and without.
    """

    max_side: int = 1600
    few: int = 10
    all_pairs: int = 30
    neighbors: int = 20
    lens: Lens | None = None
    seed: int = 0
    cache: Path | None = None
