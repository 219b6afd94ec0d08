"""Kernels that join pixels into superpixels (Felzenszwalb and Huttenlocher, 2004), none large."""

# mypy: ignore-errors
# Numba compiles these: it checks their types itself, against what they are called with.

import numpy as np
from numba import njit

from core.segment.merging import JIT


@njit(**JIT)
def _root(parent, i):
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@njit(**JIT)
def joined(order, a, b, apart, count, ease, largest, smallest):
    """[count]: which region each pixel is in, from 0 on in the order of their first pixels.

    Edges between pixels `a` and `b` are looked at in `order`, the least `apart` first. Two
    regions join where an edge is no more than within either, and `ease` over its size; not
    beyond `largest` pixels, and below `smallest` always.
    """
    parent, size = np.arange(count).astype(np.int32), np.ones(count, np.int32)
    limit = np.full(count, ease, np.float32)
    for e in order:
        one, two = _root(parent, a[e]), _root(parent, b[e])
        if one == two or size[one] + size[two] > largest:
            continue
        if apart[e] <= limit[one] and apart[e] <= limit[two]:
            parent[two] = one
            size[one] += size[two]
            limit[one] = apart[e] + ease / size[one]
    for e in order:
        one, two = _root(parent, a[e]), _root(parent, b[e])
        if one != two and (size[one] < smallest or size[two] < smallest):
            parent[two] = one
            size[one] += size[two]
    name, found, next_ = np.full(count, -1, np.int32), np.empty(count, np.int32), 0
    for i in range(count):
        root = _root(parent, i)
        if name[root] < 0:
            name[root] = next_
            next_ += 1
        found[i] = name[root]
    return found
