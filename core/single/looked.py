"""What was found of how a lone photo was taken: for its user to see, and to put right."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.capture.photos import Photo
from core.single.stance import Horizon, Source, Stance

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Looked:
    """What was found in `photo` with what `stance` says of it.

    `edges` [L, 2, 2]: both ends of straight edges, in pixels of a picture of `width` x `height`;
    `along` [L]: which axis of the room each runs along (y is up), -1 for none; `meet` [3, 3]: where
    each axis vanishes, homogeneous pixels. `focal` and `horizon` as in a `Stance`; `source` told
    the former; `leveled`: whether anything told the latter.
    """

    photo: Photo
    stance: Stance
    width: int
    height: int
    edges: Array
    along: NDArray[np.int64]
    meet: Array
    focal: float
    horizon: Horizon
    source: Source
    leveled: bool
