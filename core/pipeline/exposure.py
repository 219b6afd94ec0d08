"""How differently a capture's photos were exposed, measured where they show the same points."""

from collections.abc import Sequence

import numpy as np

from core.capture.reconstruction import SparsePoints
from core.pipeline.begin import looked_up
from core.pipeline.prepare import Flat

# Exposure compensation costs a little where it is not needed: the test photos, which have
# none, lost 0.6 dB in a capture of even exposure. From this spread on it is worth it.
UNEVEN = 0.05
RATE_EXPOSURE = 1e-3
SHARED_POINTS = 20  # fewest points that say something about a photo


def exposure_spread(
    points: SparsePoints, photo_names: Sequence[str], pictures: Sequence[Flat]
) -> float:
    """Standard deviation over `pictures` of the log of their brightness; 0 where it is unknown.

    A picture's brightness is its median ratio, over the points that it shares with
    others, to what all of them show there. 0.05 is about five per cent from photo to
    photo. `photo_names` are those that `points.track_photos` counts.
    """
    of = dict(zip(photo_names, points.seen_by(len(photo_names)), strict=True))
    sums, counts = np.zeros(len(points.positions)), np.zeros(len(points.positions))
    seen = []
    for picture in pictures:
        rows, colors = looked_up(points.positions, of[picture.name], picture)
        logs = np.log(colors.astype(np.float64).mean(axis=1) + 8)  # + 8: black is all noise
        sums[rows] += logs
        counts[rows] += 1
        seen.append((rows, logs))
    brightness = []
    for rows, logs in seen:
        shared = counts[rows] > 1
        if shared.sum() >= SHARED_POINTS:
            mean = sums[rows[shared]] / counts[rows[shared]]
            brightness.append(float(np.median(logs[shared] - mean)))
    return float(np.std(brightness)) if brightness else 0.0
