"""What networks of the user's do for objects: they edit pictures, and make bodies of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays
from core.mesh.painted import Painted
from core.progress import Progress

Picture = NDArray[np.uint8]

UNTIL = "Until then an object's back is its mirror image (Complete by symmetry)."


class Editor(Protocol):
    """Changes a picture as words say."""

    def edit(self, picture: Picture, words: str, seed: int) -> Iterator[Progress | Picture]:
        """Of `picture` [H, W, 3] the changed one, as large as it; it comes last."""
        ...


@dataclass(frozen=True, eq=False)
class Body:
    """A made object in a frame of its own whose y is up: triangles, or Gaussians, never both."""

    parts: tuple[Painted, ...] = ()
    splats: SplatArrays | None = None


class Maker(Protocol):
    """Makes a body of an object's picture."""

    def make(self, picture: Picture, seed: int) -> Iterator[Progress | Body]:
        """Of a square `picture` [S, S, 4], RGBA; the `Body` comes last."""
        ...
