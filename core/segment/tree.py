"""Regions of a photo, small ones within larger ones: what a click may have meant.

Superpixels merged two by two, those first that look least like two objects: by their colours, by
the edge between them and, where a scene is known, by their planes, creases and steps.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.segment import merging
from core.segment.likeness import DEEP, FLAT
from core.segment.protocol import Mask
from core.segment.superpixels import Array, Ids, Superpixels

LOWEST, HIGHEST = -20.0, 20.0  # heights of leaves, and above the root


@dataclass(frozen=True, eq=False)
class Regions:
    """A tree: the first L nodes are superpixels, every later one is made of two earlier ones.

    `leaf` [H, W]: each pixel's superpixel. `parent` [N]: the root is its own. `height` [N]: how
    unlike the two halves of a node are, never less than below; above 0 they are rather two
    objects. `known` [N, COLUMNS] as in `merging`. `pairs` [E, 2] of neighbouring superpixels,
    what is known of their `borders` [E, SIDES], and how `unlike` [E] the two are.
    `order` [L], `begin` [N], `end` [N]: the superpixels of a node n are order[begin[n]:end[n]].
    """

    leaf: Ids
    parent: Ids
    height: Array
    known: Array
    pairs: NDArray[np.int64]
    borders: Array
    unlike: Array
    order: NDArray[np.int64]
    begin: NDArray[np.int64]
    end: NDArray[np.int64]

    @property
    def count(self) -> int:
        """How many superpixels there are."""
        return len(self.order)

    @property
    def area(self) -> Array:
        """[N] pixels."""
        return self.known[:, merging.AREA]

    @property
    def above(self) -> Array:
        """[N]: the height of each node's parent."""
        above = self.height[self.parent]
        above[self.parent == np.arange(len(self.parent))] = HIGHEST
        return above

    def chain(self, leaf: int) -> list[int]:
        """`leaf` and all that hold it, the root last."""
        nodes = [leaf]
        while self.parent[nodes[-1]] != nodes[-1]:
            nodes.append(int(self.parent[nodes[-1]]))
        return nodes

    def of_leaves(self, marks: Mask) -> Array:
        """[L]: how many pixels of `marks` [H, W] each superpixel has."""
        return np.bincount(self.leaf[marks], minlength=self.count).astype(np.float64)

    def sums(self, values: Array) -> Array:
        """[N]: `values` [L] summed over the superpixels of each node."""
        total = np.concatenate([[0.0], np.cumsum(values[self.order])])
        return np.asarray(total[self.end] - total[self.begin])

    def first(self, marked: Mask) -> Array:
        """[L]: how high the first of the `marked` nodes [N] is that hold a superpixel; or inf."""
        height = np.full(len(marked), np.inf)
        for node in range(len(marked) - 1, -1, -1):
            if marked[node]:
                height[node] = self.height[node]
            elif self.parent[node] != node:
                height[node] = height[self.parent[node]]
        return height[: self.count]

    def leaves(self, node: int) -> Mask:
        """[L]: the superpixels of `node`."""
        chosen = np.zeros(self.count, bool)
        chosen[self.order[self.begin[node] : self.end[node]]] = True
        return chosen


def regions_of(found: Superpixels) -> Regions:
    """The regions of the picture that was cut up into `found`."""
    weights = DEEP if found.deep else FLAT
    pixels = float(found.leaf.size)
    args = (found.known, found.pairs, found.borders)
    parent, height, known = merging.merged(*args, weights, pixels, found.deep, LOWEST)
    unlike = merging.all_cues(*args, pixels, found.deep) @ weights
    order, first, last = _laid_out(parent, len(found.known))
    return Regions(
        found.leaf, parent, height, known, found.pairs, found.borders, unlike, order, first, last
    )


def _laid_out(
    parent: Ids, leaves: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The leaves in an order in which every node's are together, and where those begin and end."""
    size = np.zeros(len(parent), np.int64)
    size[:leaves] = 1
    roots = parent == np.arange(len(parent))
    for node in np.flatnonzero(~roots).tolist():
        size[parent[node]] += size[node]
    first, filled = np.zeros(len(parent), np.int64), np.zeros(len(parent), np.int64)
    start = 0
    for node in range(len(parent) - 1, -1, -1):
        if roots[node]:
            first[node], start = start, start + int(size[node])
        else:
            above = parent[node]
            first[node] = first[above] + filled[above]
            filled[above] += size[node]
    order = np.empty(leaves, np.int64)
    order[first[:leaves]] = np.arange(leaves)
    return order, first, first + size
