"""Who paints what is hidden on a face: a protocol, and the one that is always there."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.scene.fill.patches import patch_filled
from core.scene.fill.shifts import shifted

Floats = NDArray[np.float32]
Pixels = NDArray[np.bool_]


class Painter(Protocol):
    """Paints a part of a picture in the manner of the rest."""

    def __call__(self, picture: Floats, known: Pixels, wanted: Pixels) -> Floats:
        """`picture` [H, W, 3] in [0, 1], painted where it is `wanted` [H, W] and not `known`.

        What is neither known nor wanted takes no part, and may be anything.
        """
        ...


def by_patches(picture: Floats, known: Pixels, wanted: Pixels) -> Floats:
    """A `Painter`: whole pieces of the rest where they fit, small patches elsewhere."""
    pieces, done = shifted(picture, known, wanted)
    return patch_filled(pieces, known | done, wanted)
