"""A graph cut of regions: which of them are the object, by what they look like and where they are.

As GrabCut (Rother et al., 2004), on superpixels instead of pixels and with densities by kernels
instead of mixtures, because a superpixel's feature may be more than a colour: where depth is
known, its place and its normal in the scene count too.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.segment.protocol import Mask, Photo, Signs
from core.segment.relief import Relief
from core.segment.superpixels import Superpixels, superpixels_of

COLOR = 9.0  # of Lab: colours this far apart are rather different
NORMAL = 0.35  # likewise of unit normals
REACH = 0.3  # of the object's size: likewise of places in the picture
DEEP_REACH = 0.15  # of the object's size: likewise of places in the scene
FAINTEST = 1e-7  # of a density: what no kernel reaches is this likely
SURE = 4.0  # what a pixel of the wrong kind costs at most, a log of how likely it is
TURNS = 4
ACROSS = 36  # superpixels along the longer side
SMOOTHNESS = 1.5  # what a border without an edge costs a pixel of length, in the same units
EDGE = 4.0  # of Lab a pixel: an edge this steep halves what a border along it costs
SCALE = 1000  # units of a capacity: the flow counts in whole numbers

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Patches:
    """Superpixels and what tells them apart. `places` [L, 2] in the picture or [L, 3] in the scene,
    where `normals` [L, 3] are known too.
    """

    found: Superpixels
    colors: Array  # [L, 3] Lab
    places: Array
    normals: Array  # [L, 3], or [L, 0]

    @property
    def area(self) -> Array:
        return self.found.area


def consistent(photo: Photo, start: Mask, hard: Signs, relief: Relief | None) -> Mask:
    """`start` [H, W] after a cut of the superpixels of `photo`, which `hard` signs hold to."""
    height, width = start.shape
    found = superpixels_of(photo, max(3, round(max(height, width) / ACROSS)))
    y, x = np.mgrid[:height, :width].astype(np.float64)
    places = np.dstack([x, y]) if relief is None else relief.points
    normals = np.zeros((height, width, 0)) if relief is None else relief.normals
    patches = Patches(found, found.means(found.lab), found.means(places), found.means(normals))
    ours, theirs = found.means(hard > 0), found.means(hard < 0)
    inside = (ours > 0) & (ours >= theirs)
    outside = ~inside & (theirs > 0.5)
    return np.asarray(cut(patches, found.means(start) > 0.5, inside, outside)[found.leaf])


def cut(patches: Patches, start: Mask, inside: Mask, outside: Mask) -> Mask:
    """[L] the object: `start` [L] made consistent, `inside` always, `outside` [L] never."""
    chosen = (start | inside) & ~outside
    if not chosen.any():
        return chosen
    kernel = _kernel(patches, chosen)
    for _ in range(TURNS):
        ours, theirs = patches.area * chosen, patches.area * ~chosen
        if not ours.any() or not theirs.any():
            return chosen
        # Without its own say: each would otherwise be most like what it is held to be.
        own = kernel.diagonal() * patches.area
        like = (kernel @ ours - own * chosen) / ours.sum()
        unlike = (kernel @ theirs - own * ~chosen) / theirs.sum()
        gain = np.clip(np.log(like + FAINTEST) - np.log(unlike + FAINTEST), -SURE, SURE)
        after = _minimum(patches, gain * patches.area, inside, outside)
        if np.array_equal(after, chosen):
            break
        chosen = after
    return chosen


def _kernel(patches: Patches, object_: Mask) -> Array:
    """[L, L]: how alike any two patches are; sizes are by the object's."""
    share = patches.area * object_
    middle = (share[:, None] * patches.places).sum(0) / share.sum()
    spread = np.sqrt((share * ((patches.places - middle) ** 2).sum(1)).sum() / share.sum())
    size = 2 * max(float(spread), 1e-9)
    deep = patches.places.shape[1] == 3
    columns = [
        patches.colors / COLOR,
        patches.places / ((DEEP_REACH if deep else REACH) * size),
        patches.normals / NORMAL,
    ]
    features = np.hstack(columns)
    squares = (features**2).sum(1)
    apart = squares[:, None] + squares - 2 * features @ features.T
    return np.asarray(np.exp(-0.5 * np.maximum(apart, 0)))


def _minimum(patches: Patches, gain: Array, inside: Mask, outside: Mask) -> Mask:
    """The cheapest labelling, where being the object gains `gain` [L]: a minimum cut."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import breadth_first_order, maximum_flow

    count = len(gain)
    source, sink = count, count + 1
    gain = np.where(inside, 1e6, np.where(outside, -1e6, gain))
    found = patches.found
    weight = SMOOTHNESS * found.length / (1 + (found.steep / EDGE) ** 2)
    a, b = found.pairs.T
    node = np.arange(count)
    rows = np.concatenate([a, b, np.full(count, source), node])
    columns = np.concatenate([b, a, node, np.full(count, sink)])
    values = np.concatenate([weight, weight, np.maximum(gain, 0), np.maximum(-gain, 0)])
    capacity = np.minimum(np.round(values * SCALE), 2**30).astype(np.int32)
    graph = csr_matrix((capacity, (rows, columns)), shape=(count + 2, count + 2))
    flow = maximum_flow(graph, source, sink).flow
    left = graph - flow
    left.data[left.data < 0] = 0
    left.eliminate_zeros()
    reached = breadth_first_order(left, source, return_predecessors=False)
    chosen = np.zeros(count + 2, bool)
    chosen[reached] = True
    return chosen[:count]
