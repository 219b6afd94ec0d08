"""Many pictures of different sizes in one array, read between their pixels all at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resources.room.noise import Floats

Ids = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Atlas:
    """`texels` [N, C]; picture k has `heights[k]` rows of `widths[k]` texels from `starts[k]`."""

    texels: Floats
    starts: Ids
    heights: Ids
    widths: Ids

    def smooth(self, which: Ids, u: Floats, v: Floats) -> Floats:
        """Values [M, C] of pictures `which` [M] at u, v in [0, 1], bilinear, edges held."""
        wide, tall = self.widths[which], self.heights[which]
        x = np.clip(u * wide - 0.5, 0, wide - 1)
        y = np.clip(v * tall - 0.5, 0, tall - 1)
        left, top = x.astype(np.int64), y.astype(np.int64)
        right, bottom = np.minimum(left + 1, wide - 1), np.minimum(top + 1, tall - 1)
        a, b = (x - left).astype(np.float32)[:, None], (y - top).astype(np.float32)[:, None]
        base = self.starts[which]
        upper, lower = base + top * wide, base + bottom * wide
        above = self.texels[upper + left] * (1 - a) + self.texels[upper + right] * a
        below = self.texels[lower + left] * (1 - a) + self.texels[lower + right] * a
        return np.asarray(above * (1 - b) + below * b, np.float32)

    def index(self, which: Ids, u: Floats, v: Floats) -> Ids:
        """Rows of `texels` nearest to u, v in [0, 1] of pictures `which`."""
        wide, tall = self.widths[which], self.heights[which]
        x = np.clip((u * wide).astype(np.int64), 0, wide - 1)
        y = np.clip((v * tall).astype(np.int64), 0, tall - 1)
        return np.asarray(self.starts[which] + y * wide + x, np.int64)


def packed(pictures: Sequence[Floats]) -> Atlas:
    """An atlas of `pictures`, each [H, W, C]."""
    heights = np.array([p.shape[0] for p in pictures], np.int64)
    widths = np.array([p.shape[1] for p in pictures], np.int64)
    starts = np.concatenate([[0], np.cumsum(heights * widths)[:-1]]).astype(np.int64)
    texels = np.concatenate([p.reshape(-1, p.shape[-1]) for p in pictures])
    return Atlas(np.ascontiguousarray(texels, np.float32), starts, heights, widths)
