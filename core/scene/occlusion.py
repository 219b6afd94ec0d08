"""How much of the light a thing keeps from the level surface under it, as a picture from above."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CELLS = 48  # along a thing
NEAR = 0.6  # of a thing's size: what is farther away keeps nothing
RINGS, SPOKES = 8, 16  # directions that light comes from
ASIDE = 16  # directions in which a cell looks around itself
WITHIN = 0.55  # of them, where it meets the thing: it is inside, though no photo saw a bottom


@dataclass(frozen=True, eq=False)
class Shade:
    """`kept` [H, W] in [0, 1]: the share of light that does not arrive, rows along z.

    The middle of `kept[0, 0]` is at `corner` [2] (x, z); cells are `cell` wide.
    """

    kept: Array
    corner: Array
    cell: float

    def places(self) -> Array:
        """[H, W, 2] the middles of all cells."""
        rows, columns = np.indices(self.kept.shape)
        return np.asarray(self.corner + self.cell * np.stack([columns, rows], axis=-1))


def shade_under(points: Array, size: float) -> Shade:
    """Of a thing of this size whose surface is `points` [P, 3], y up, the surface at y = 0.

    Ambient occlusion (Zhukov et al., 1998): light comes from above alike from everywhere, weighed
    by the cosine, and what is hit at a distance d keeps 1 - d / reach of what comes from there.
    The points fill cubes, and what is inside of them in a layer does; rays go through the layers.
    """
    reach = NEAR * size
    low = points.min(axis=0)
    cell = size / CELLS
    rim = int(np.ceil(reach / cell)) + 1
    layers = _filled(_layers(points, low, cell, rim, int(np.ceil(reach / cell))))
    kept = np.zeros(layers.shape[1:])
    for along, across in _ways():
        free = np.ones(layers.shape[1:], bool)
        slant = float(np.hypot(np.hypot(along, across), 1.0))
        for k, layer in enumerate(layers):
            height = (k + 0.5) * cell
            if height * slant >= reach:
                break
            step = height / cell
            hit = _shifted(layer, round(along * step), round(across * step)) & free
            kept += hit * (1.0 - height * slant / reach)
            free &= ~hit
    return Shade(kept / len(_ways()), low[[0, 2]] + cell * (0.5 - rim), cell)


@cache
def _ways() -> tuple[tuple[float, float], ...]:
    """How far rays come along x and z a unit of height; each stands for as much light."""
    found = []
    for ring in range(RINGS):
        sine = (ring + 0.5) / RINGS  # squared: the cosine's weight is even in it
        for spoke in range(SPOKES):
            angle = 2.0 * np.pi * (spoke + 0.5 * (ring % 2)) / SPOKES
            tangent = np.sqrt(sine / (1.0 - sine))
            found.append((float(tangent * np.cos(angle)), float(tangent * np.sin(angle))))
    return tuple(found)


def _layers(points: Array, low: Array, cell: float, rim: int, count: int) -> NDArray[np.bool_]:
    """[count, H, W]: which cubes hold a point; those below the surface are in the lowest layer."""
    at = np.floor((points - [low[0], 0.0, low[2]]) / cell).astype(np.int64)
    across, along = at[:, 0].max() + 1, at[:, 2].max() + 1
    layers = np.zeros((count, along + 2 * rim, across + 2 * rim), bool)
    near = at[:, 1] < count
    layers[np.maximum(at[near, 1], 0), at[near, 2] + rim, at[near, 0] + rim] = True
    return layers


def _filled(layers: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The same, with what is inside of each layer. Looked for in blocks of 2 x 2 cells."""
    count, rows, columns = layers.shape
    even = np.pad(layers, ((0, 0), (0, rows % 2), (0, columns % 2)))
    _, high, wide = even.shape
    blocks = even.reshape(count, high // 2, 2, wide // 2, 2)
    rough: NDArray[np.bool_] = np.any(blocks, axis=(2, 4))
    seen = np.zeros(rough.shape, np.float64)
    for spoke in range(ASIDE):
        angle = 2.0 * np.pi * spoke / ASIDE
        met = np.zeros(rough.shape, bool)
        for step in range(1, max(rough.shape[1:])):
            x, z = round(step * np.cos(angle)), round(step * np.sin(angle))
            if abs(x) >= rough.shape[2] or abs(z) >= rough.shape[1]:
                break
            met |= _shifted(rough, x, z)
        seen += met
    inside = ((seen >= WITHIN * ASIDE) & ~rough).repeat(2, axis=1).repeat(2, axis=2)
    return np.asarray(layers | inside[:, :rows, :columns])


def _shifted(layers: NDArray[np.bool_], x: int, z: int) -> NDArray[np.bool_]:
    """[..., H, W] what is `x` columns and `z` rows on from each cell; nothing beyond the edges."""
    rows, columns = layers.shape[-2:]
    answer = np.zeros_like(layers)
    if abs(x) < columns and abs(z) < rows:
        taken = layers[..., max(z, 0) : rows + min(z, 0), max(x, 0) : columns + min(x, 0)]
        answer[..., max(-z, 0) : rows - max(z, 0), max(-x, 0) : columns - max(x, 0)] = taken
    return answer
