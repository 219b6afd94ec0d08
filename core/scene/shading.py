"""What a shadow does to what it falls on: Gaussians near a surface, each darker as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.gaussians.table import Gaussians
from core.geometry.pose import Pose
from core.geometry.sh import sh_from_color
from core.scene.layout import FIRST_INSERTED, HERE, Placement, same_pose
from core.scene.occlusion import Shade

Array = NDArray[np.float64]

LIGHT = 0.95  # of what arrives comes from all around, and is kept where a thing is near
GAMMA = 1.5  # from light to the photos' values, as cameras draw it
BLURS = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0)  # cells: how large the Gaussians are that a picture is for
ABOVE = 0.25  # of a thing's size: so far above the surface its shadow ends ...
FULL = 0.05  # ... from so far on it fades
BELOW = 0.15  # of a thing's size: what lies deeper belongs to something else


@dataclass(frozen=True, eq=False)
class Darkness:
    """How dark a surface is, seen from above, in a frame whose y = 0 it is.

    `pictures` [B, H, W]: the part of its colour that goes, for Gaussians of the sizes `BLURS`;
    the middle of the first cell is at `corner` [2] (x, z). `size`: of the thing.
    """

    pictures: NDArray[np.float32]
    corner: Array
    cell: float
    size: float


@dataclass(frozen=True, eq=False)
class Shadow:
    """That of a placement, as dark as `darkness`, where `scene_from_level` has it."""

    placement: Placement
    darkness: Darkness
    scene_from_level: Pose

    def spares(self, object_id: int, pose: Pose) -> bool:
        """Whether it does not fall on an object that stands at `pose` (capture frame).

        What was moved along with a thing has its shadow from the photos.
        """
        mine = self.placement
        captured = mine.object_id < FIRST_INSERTED
        return same_pose(pose, mine.pose) and (captured or object_id == mine.object_id)


def darkness_of(shade: Shade, share: float, size: float) -> Darkness:
    """Of a thing of this size. What is kept of the light darkens what photos have by its power
    1 / GAMMA; of that, a `share`."""
    dark = share * (1.0 - (1.0 - LIGHT * shade.kept) ** (1.0 / GAMMA))
    plain = dark.astype(np.float32)
    border = cv2.BORDER_CONSTANT
    blurred = [cv2.GaussianBlur(plain, (0, 0), b, borderType=border) for b in BLURS if b]
    return Darkness(np.stack([plain, *blurred]), shade.corner, shade.cell, size)


def darkened(
    shadow: Shadow, scene_from_rows: Pose, means: NDArray[np.float32], sizes: NDArray[np.float32]
) -> tuple[NDArray[np.int64], Array]:
    """Which of the Gaussians at `means` [N, 3] the shadow falls on, and how much [K] it takes.

    `sizes` [N]: standard deviation of each, in units of the means. A Gaussian is as dark as the
    surface that it covers is on the whole.
    """
    level_from_rows = shadow.scene_from_level.inverse() @ scene_from_rows
    size, scale = shadow.darkness.size, level_from_rows.scale
    turned = (scale * level_from_rows.rotation).astype(np.float32)
    shift = level_from_rows.translation
    height = means @ turned[1] + np.float32(shift[1])
    rows = np.flatnonzero((height > -BELOW * size) & (height < ABOVE * size))
    corner, cell = shadow.darkness.corner, shadow.darkness.cell
    near = means[rows]
    x = (near @ turned[0] + (shift[0] - corner[0])) / cell
    z = (near @ turned[2] + (shift[2] - corner[1])) / cell
    _, high, wide = shadow.darkness.pictures.shape
    inside = (x > 0) & (x < wide - 1) & (z > 0) & (z < high - 1)
    rows, x, z = rows[inside], x[inside].astype(np.float64), z[inside].astype(np.float64)
    blur = np.log2(np.maximum(scale * sizes[rows] / cell, 1e-3)) + 1.0
    level = np.clip(np.rint(blur), 0, len(BLURS) - 1).astype(np.int64)
    taken = _between(shadow.darkness.pictures, level, z, x)
    fade = (ABOVE - height[rows] / size) / (ABOVE - FULL)
    return rows, taken * np.clip(fade, 0.0, 1.0)


def sizes_of(log_scales: NDArray[np.float32]) -> NDArray[np.float32]:
    """[N] how far Gaussians reach along a surface: of their three axes the two longer ones."""
    ordered = np.sort(log_scales, axis=1)
    return np.asarray(np.exp(0.5 * (ordered[:, 1] + ordered[:, 2])), np.float32)


def shaded(there: Gaussians, pose: Pose, shadows: Sequence[Shadow]) -> Gaussians:
    """`there`, in the scene frame, where `pose` of the capture frame has put them, in `shadows`.

    So much of what they look like is made up, and their confidence falls by as much.
    """
    left = np.ones(len(there))
    means = there.means.detach().cpu().numpy()
    sizes = sizes_of(there.log_scales.detach().cpu().numpy())
    ids = there.object_id.cpu().numpy()
    for shadow in shadows:
        rows, taken = darkened(shadow, HERE, means, sizes)
        spared = [id_ for id_ in np.unique(ids[rows]).tolist() if shadow.spares(id_, pose)]
        left[rows] *= np.where(np.isin(ids[rows], spared), 1.0, 1.0 - taken)
    if (left == 1.0).all():
        return there
    part = torch.from_numpy(left).to(there.sh)
    sh = there.sh * part[:, None, None]
    sh[:, 0] += (1.0 - part)[:, None] * sh_from_color(torch.zeros(3)).to(sh)
    return replace(there, sh=sh, confidence=there.confidence * part)


def _between(pictures: NDArray[np.float32], level: NDArray[np.int64], z: Array, x: Array) -> Array:
    """[K] the picture `level` at row `z` and column `x`, between its cells."""
    row, column = np.floor(z).astype(np.int64), np.floor(x).astype(np.int64)
    down, right = z - row, x - column
    upper = (1 - right) * pictures[level, row, column] + right * pictures[level, row, column + 1]
    row = row + 1
    lower = (1 - right) * pictures[level, row, column] + right * pictures[level, row, column + 1]
    return np.asarray((1 - down) * upper + down * lower)
