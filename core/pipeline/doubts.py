"""Photos that may be in a wrong place, told in words."""

from collections.abc import Sequence

import numpy as np

from core.dense.confirm import confirmed
from core.dense.depth import DepthMap
from core.pipeline.prepare import Flat

# Of what a typical photo confirms: of six captures no photo in its place confirms less than 0.46,
# five of six that are turned about the scene by 12 degrees less than 0.12, the sixth 0.34.
UNCONFIRMED = 0.35


def doubts(flats: Sequence[Flat], depths: Sequence[DepthMap]) -> tuple[str, ...]:
    """One sentence for each photo that does not see things where the others have them.

    `depths`: one map a photo, or none at all.
    """
    shares = confirmed([flat.view for flat in flats], depths) if depths else []
    told = [share for share in shares if share is not None]
    if len(told) < 3:
        return ()
    least = UNCONFIRMED * float(np.median(told))
    return tuple(
        f"{flat.name} shows almost nothing where the other photos have it ({share:.0%} of the "
        "places): it may be placed wrongly. If the scene looks doubled, leave it out."
        for flat, share in zip(flats, shares, strict=False)
        if share is not None and share < least
    )
