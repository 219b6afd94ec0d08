"""How far away what one photo shows is: from a file, or from a network in a folder.

Networks are the user's own; nothing is downloaded. In a file: metres in NPY, TIFF or EXR,
millimetres in a 16-bit PNG, 0 where nothing is known.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from core.single.exr import read_exr

Floats = NDArray[np.float32]

FEWEST = 0.2  # of the pixels: with fewer known, a map tells too little
FARTHEST = 500.0  # metres: what is farther is sky
UNTIL = "Without --depth, masks and edges tell where things are."


@dataclass(frozen=True, eq=False)
class Estimate:
    """`depth` [H, W], z in metres, 0 where unknown; `focal`: pixels at that size, or None.

    `normals` [H, W, 3] of what is seen, in the camera's frame, 0 where unknown; or None.
    """

    depth: Floats
    focal: float | None = None
    normals: Floats | None = None


class DepthModel(Protocol):
    """Tells the depth of one photo."""

    def __call__(self, photo: NDArray[np.uint8]) -> Estimate:
        """Of `photo` [H, W, 3], as large as it."""
        ...


def read_depth(path: Path) -> Floats:
    """z [H, W] in metres from a file. Raises `UserError`."""
    suffix = path.suffix.lower()
    if suffix == ".exr":
        return read_exr(path)
    try:
        if suffix == ".npy":
            values = np.load(path, allow_pickle=False)
        else:
            values = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    except (OSError, ValueError, EOFError, cv2.error):
        values = None
    if values is None or values.ndim != 2 or values.dtype == np.uint8:
        raise UserError(
            f"{path.name} holds no depth.",
            hint="Depth is one number a pixel: metres in NPY or TIFF, millimetres in 16-bit PNG.",
        )
    share = 0.001 if np.issubdtype(values.dtype, np.integer) else 1.0
    return np.asarray(values.astype(np.float32) * np.float32(share))


def checked(depth: Floats, shape: tuple[int, int], name: str) -> Floats:
    """`depth` at the size `shape`, 0 where it says nothing of use. Raises `UserError`."""
    good = np.isfinite(depth) & (depth > 0) & (depth < FARTHEST)
    if good.mean() < FEWEST:
        raise UserError(
            f"{name} tells the depth of {100 * float(good.mean()):.0f} % of the photo only.",
            hint=f"At least {100 * FEWEST:.0f} % are needed. {UNTIL}",
        )
    ratio = depth.shape[1] / depth.shape[0] * shape[0] / shape[1]
    if not 0.97 < ratio < 1.03:
        raise UserError(
            f"{name} has {depth.shape[1]} x {depth.shape[0]} values, which does not fit the shape "
            f"of a photo of {shape[1]} x {shape[0]} pixels.",
            hint="It has to show the whole photo, upright, and nothing else.",
        )
    # Means of near and far would lie in the air between.
    rows = ((np.arange(shape[0]) + 0.5) * depth.shape[0] / shape[0]).astype(np.int64)
    columns = ((np.arange(shape[1]) + 0.5) * depth.shape[1] / shape[1]).astype(np.int64)
    return np.asarray(np.where(good, depth, 0)[rows][:, columns], np.float32)
