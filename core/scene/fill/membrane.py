"""Colours carried into a hole from its edge, smoothly: what shading does there, without texture."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Pixels = NDArray[np.bool_]

SIDES = ((0, 1), (0, -1), (1, 0), (-1, 0))


def membrane(picture: Floats, known: Pixels) -> Floats:
    """`picture` [H, W, C], in its hole the colours of a sheet stretched over it.

    Solves Laplace's equation where `known` [H, W] is False, with the known colours around as
    boundary and no slope across the picture's own border. Parts of the hole that touch nothing
    known take the mean of what is; where nothing is, the picture stays.
    """
    from scipy.sparse import coo_matrix  # a third of a second to load
    from scipy.sparse.linalg import spsolve

    y, x = np.nonzero(~known)
    n = len(y)
    answer = picture.astype(np.float32).copy()
    if not n or n == known.size:
        return answer
    number = np.full(known.shape, -1, np.int64)
    number[y, x] = np.arange(n)
    # A trace of the mean keeps the system solvable where a part is cut off.
    faint = 1e-6
    counts, right = np.full(n, faint), np.tile(faint * picture[known].mean(axis=0), (n, 1))
    pairs = []
    for down, across in SIDES:
        v, u = y + down, x + across
        inside = (v >= 0) & (u >= 0) & (v < known.shape[0]) & (u < known.shape[1])
        me, v, u = np.flatnonzero(inside), v[inside], u[inside]
        counts[me] += 1
        fixed = known[v, u]
        right[me[fixed]] += picture[v[fixed], u[fixed]]
        pairs.append(np.stack([me[~fixed], number[v[~fixed], u[~fixed]]]))
    links = np.concatenate(pairs, axis=1)
    every = np.arange(n)
    values = np.concatenate([np.full(links.shape[1], -1.0), counts])
    places = np.concatenate([links, np.stack([every, every])], axis=1)
    system = coo_matrix((values, (places[0], places[1])), shape=(n, n)).tocsc()
    answer[y, x] = np.asarray(spsolve(system, right)).reshape(n, -1)
    return answer
