"""Regions of a photo, small ones within larger ones: what a click may have meant.

Superpixels merged two by two as in Selective Search (Uijlings et al., 2013): those first that
are alike in colours, small, fill their common box, and have no edge between them.
"""

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.segment.protocol import Photo
from core.segment.superpixels import Ids, Superpixels, superpixels_of

SPACING = 11  # pixels between the places that superpixels grow from
WORDS = 8  # levels a colour channel that colours are counted in
STEEP = 10.0  # of Lab a pixel: an edge that parts regions as much as colours can
LEAST = 1e-9

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Regions:
    """A tree: the first L nodes are superpixels, every later one is made of two earlier ones.

    `leaf` [H, W]: each pixel's superpixel. `parent` [2L - 1]: the root is its own. `height`
    [2L - 1]: how unlike the two halves of a node are, never less than below. `area` in pixels.
    """

    leaf: Ids
    parent: Ids
    height: Array
    area: Array

    def chain(self, leaf: int) -> list[int]:
        """`leaf` and all that hold it, the root last."""
        nodes = [leaf]
        while self.parent[nodes[-1]] != nodes[-1]:
            nodes.append(int(self.parent[nodes[-1]]))
        return nodes

    def sums(self, values: NDArray[np.generic]) -> Array:
        """[2L - 1]: `values` [H, W] summed over the pixels of each node."""
        leaves = (len(self.parent) + 1) // 2
        flat = values.ravel().astype(np.float64)
        total = np.zeros(len(self.parent))
        total[:leaves] = np.bincount(self.leaf.ravel(), flat, leaves)
        for node in range(len(self.parent) - 1):
            total[self.parent[node]] += total[node]
        return total

    def mask(self, node: int) -> NDArray[np.bool_]:
        """The pixels [H, W] of `node`."""
        leaves = (len(self.parent) + 1) // 2
        inside = np.zeros(len(self.parent), bool)
        inside[node] = True
        for child in range(node - 1, -1, -1):
            inside[child] = inside[self.parent[child]]
        return np.asarray(inside[:leaves][self.leaf])


def regions_of(photo: Photo) -> Regions:
    """The regions of `photo`, which should be small: about 400 pixels wide."""
    found = superpixels_of(photo, SPACING)
    return Regions(found.leaf, *_Merging(found).run())


class _Merging:
    """Two regions become one until one is left."""

    def __init__(self, found: Superpixels) -> None:
        leaf = found.leaf
        self.leaves = len(found.area)
        self.pixels = float(leaf.size)
        nodes = 2 * self.leaves - 1
        self.area = np.zeros(nodes)
        self.area[: self.leaves] = found.area
        self.colors = np.zeros((nodes, 3 * WORDS))
        self.colors[: self.leaves] = _colors(leaf.ravel(), found.lab, self.leaves)
        self.box = np.zeros((nodes, 4))
        self.box[: self.leaves] = _boxes(leaf, self.leaves)
        self.parent = np.arange(nodes, dtype=np.int32)
        self.height = np.zeros(nodes)
        self.edges: list[dict[int, tuple[float, float]]] = [{} for _ in range(self.leaves)]
        for (a, b), length, steep in zip(
            found.pairs.tolist(), found.length.tolist(), found.steep.tolist(), strict=True
        ):
            self.edges[a][b] = self.edges[b][a] = (steep * length, length)

    def run(self) -> tuple[Ids, Array, Array]:
        alive = np.ones(len(self.parent), bool)
        queue = [
            (self._unlike(a, b), a, b) for a in range(self.leaves) for b in self.edges[a] if a < b
        ]
        heapq.heapify(queue)
        new = int(self.leaves)
        while queue:
            unlike, a, b = heapq.heappop(queue)
            if not (alive[a] and alive[b]):
                continue
            alive[a] = alive[b] = False
            self._join(a, b, new, unlike)
            for other in self.edges[new]:
                heapq.heappush(queue, (self._unlike(new, other), new, other))
            new += 1
        return self.parent[:new], self.height[:new], self.area[:new]

    def _unlike(self, a: int, b: int) -> float:
        area, both = self.area, self.area[a] + self.area[b]
        common = float(np.minimum(self.colors[a], self.colors[b]).sum()) / 3
        low = np.minimum(self.box[a, :2], self.box[b, :2])
        high = np.maximum(self.box[a, 2:], self.box[b, 2:])
        unfilled = float(np.prod(high - low)) - both
        steep, length = self.edges[a][b]
        edge = min(1.0, steep / length / STEEP)
        return (
            (1 - common)
            + edge
            + float(both + unfilled) / self.pixels
            + float(min(area[a], area[b])) / self.pixels
        )

    def _join(self, a: int, b: int, new: int, unlike: float) -> None:
        self.parent[a] = self.parent[b] = new
        self.height[new] = max(unlike, self.height[a], self.height[b])
        self.area[new] = self.area[a] + self.area[b]
        share = self.area[a] / self.area[new]
        self.colors[new] = share * self.colors[a] + (1 - share) * self.colors[b]
        self.box[new, :2] = np.minimum(self.box[a, :2], self.box[b, :2])
        self.box[new, 2:] = np.maximum(self.box[a, 2:], self.box[b, 2:])
        around: dict[int, tuple[float, float]] = {}
        for old in (a, b):
            for other, (steep, length) in self.edges[old].items():
                if other in (a, b):
                    continue
                before = around.get(other, (0.0, 0.0))
                around[other] = (before[0] + steep, before[1] + length)
                del self.edges[other][old]
        for other, border in around.items():
            self.edges[other][new] = border
        self.edges.append(around)


def _colors(flat: Ids, lab: NDArray[np.float32], count: int) -> Array:
    """[count, 3 * WORDS]: how the pixels of each region share out over levels of L, a and b."""
    rows = np.zeros((count, 3, WORDS))
    low, high = np.array([0.0, -60, -60]), np.array([100.0, 60, 60])
    scaled = (lab.reshape(-1, 3) - low) / (high - low) * WORDS - 0.5
    for channel in range(3):
        place = np.clip(scaled[:, channel], 0, WORDS - 1.001)
        left = place.astype(np.int64)
        # Shared between two levels, so that a shade makes no jump.
        for word, weight in ((left, 1 - (place - left)), (left + 1, place - left)):
            index = flat * WORDS + word
            rows[:, channel] += np.bincount(index, weight, count * WORDS).reshape(count, WORDS)
    total = rows.sum(axis=2, keepdims=True)
    return np.asarray((rows / np.maximum(total, LEAST)).reshape(count, -1))


def _boxes(leaf: Ids, count: int) -> Array:
    """[count, 4]: left, top, right, bottom of each region."""
    height, width = leaf.shape
    box = np.tile(np.array([width, height, 0, 0]), (count, 1))
    y, x = np.mgrid[:height, :width]
    for column, values in ((0, x), (1, y)):
        np.minimum.at(box[:, column], leaf.ravel(), values.ravel())
        np.maximum.at(box[:, column + 2], leaf.ravel(), values.ravel() + 1)
    return box.astype(np.float64)
