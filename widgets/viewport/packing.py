"""The table of splats as the shaders read it: rows of textures of 32-bit words."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays
from widgets.viewport.kernels import pack_colors, pack_shapes

Words = NDArray[np.uint32]

ACROSS = 1024  # splats in one row of each texture
SHAPE_TEXELS = 2  # a splat, of four words


@dataclass(frozen=True, eq=False)
class PackedSplats:
    """`count` splats, ACROSS to a row.

    `means` [N, 3] float32 is what they are sorted by. Of `shapes` [rows, ACROSS * 2, 4] a splat
    has two texels: mean x, y, z as floats, and its object's id, origin and confidence in a word;
    quaternion w, x, y, z and log scales as 16-bit integers, and the opacity as one (see
    `shaders/splat_project.frag`).
    Of `colors` [rows, ACROSS * texels, 4] it has `color_texels(sh_degree)`: its spherical
    harmonics as half floats, coefficient by coefficient, red, green, blue.
    """

    count: int
    sh_degree: int
    means: NDArray[np.float32]
    shapes: Words
    colors: Words

    def __len__(self) -> int:
        return self.count


def pack(splats: SplatArrays) -> PackedSplats:
    """`splats` for `Renderer.set_splats`. Lets other threads run, so it may run in one."""
    count, degree = len(splats), splats.sh_degree
    rows = max(1, -(-count // ACROSS))
    texels = color_texels(degree)
    shapes = np.empty((rows * ACROSS, SHAPE_TEXELS * 4), np.uint32)
    colors = np.empty((rows * ACROSS, texels * 4), np.uint32)
    means = np.array(splats.means, np.float32, order="C")
    pack_shapes(
        means.view(np.uint32),
        np.ascontiguousarray(splats.quats, np.float32),
        np.ascontiguousarray(splats.log_scales, np.float32),
        np.ascontiguousarray(splats.logit_opacity, np.float32),
        np.ascontiguousarray(splats.object_id, np.int32),
        np.ascontiguousarray(splats.origin, np.uint8),
        np.ascontiguousarray(splats.confidence, np.float32),
        shapes,
    )
    sh = np.ascontiguousarray(splats.sh, np.float32).reshape(count, 3 * (degree + 1) ** 2)
    pack_colors(sh.view(np.uint32), colors)
    return PackedSplats(
        count,
        degree,
        means,
        shapes.reshape(rows, ACROSS * SHAPE_TEXELS, 4),
        colors.reshape(rows, ACROSS * texels, 4),
    )


def color_texels(sh_degree: int) -> int:
    """Texels of eight half floats that hold the coefficients of one splat."""
    return -(-3 * (sh_degree + 1) ** 2 // 8)
