"""Photos as the kernels take them: grey, at two sizes, and those of the sources in one stack."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from core.dense.cameras import Eye, Kernel, fitted, landings
from core.dense.sampling import packed


@dataclass(frozen=True, eq=False)
class Sources:
    """Photos for the kernels: `packed` words, `shape` h, w of each, `sizes` [S, 2] w, h in use.

    `maps` [S, 3, 4]: `landings` of the reference.
    """

    words: NDArray[np.uint32]
    shape: NDArray[np.int64]
    sizes: NDArray[np.int64]
    maps: Kernel


@dataclass(frozen=True, eq=False)
class Grey:
    """A photo in grey [H, W] float32, [0, 255], and the camera of that size."""

    pixels: Kernel
    eye: Eye

    def smaller(self, longest: int) -> "Grey":
        """The same photo with its long side at most `longest`."""
        width, height = fitted(self.eye.camera, longest)
        if (height, width) == self.pixels.shape:
            return self
        pixels = cv2.resize(self.pixels, (width, height), interpolation=cv2.INTER_AREA)
        return Grey(np.asarray(pixels, np.float32), self.eye.resized(width, height))


def grey_of(photo: Tensor, eye: Eye, longest: int) -> Grey:
    """A photo uint8 [H, W, 3] in grey, its long side at most `longest`."""
    grey = np.asarray(cv2.cvtColor(photo.cpu().numpy(), cv2.COLOR_RGB2GRAY), np.float32)
    full = eye.resized(grey.shape[1], grey.shape[0])
    return Grey(grey, full).smaller(longest)


def stacked(of: Eye, sources: Sequence[Grey]) -> Sources:
    """The `sources` of a reference that is seen by `of`."""
    height = max(2, *(grey.pixels.shape[0] for grey in sources))
    width = max(2, *(grey.pixels.shape[1] for grey in sources))
    stack = np.zeros((len(sources), height, width), np.float32)
    for place, grey in zip(stack, sources, strict=True):
        tall, wide = grey.pixels.shape
        place[:tall, :wide] = grey.pixels
    sizes = np.array([grey.pixels.shape[::-1] for grey in sources], np.int64)
    maps = landings(of, [grey.eye for grey in sources])
    return Sources(packed(stack), np.array([height, width]), sizes, maps)
