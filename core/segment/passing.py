"""The loops of `tidied` and `backed`: words passed on to neighbours and to parts. Compiled."""
# mypy: ignore-errors
# Numba compiles it: it checks types itself, against what it is called with.

import numpy as np
from numba import njit, prange

from core.render.cpu.layout import JIT


@njit(parallel=True, **JIT)
def pass_on(own, rest, rows, weights, before, after, changes):
    """Write own + rest * (mean of the neighbours' `before`) to `after`, all [N, K].

    `rest` [N]; neighbours `rows` [N, M] count by `weights`. The sum of all changes; worker w
    notes its own in `changes[w]`.
    """
    count, labels, workers = before.shape[0], before.shape[1], len(changes)
    for w in prange(workers):
        change = 0.0
        for i in range(w * count // workers, (w + 1) * count // workers):
            for k in range(labels):
                after[i, k] = own[i, k]
            for m in range(rows.shape[1]):
                row, share = rows[i, m], rest[i] * weights[i, m]
                for k in range(labels):
                    after[i, k] += share * before[row, k]
            for k in range(labels):
                change += abs(after[i, k] - before[i, k])
        changes[w] = change
    return changes.sum()


@njit(**JIT)
def hand_down(known, parent, say, start):
    """Shares [N, K] of a tree's nodes, each (its `known` + `say` * its parent's) scaled to one.

    The root, whose parent is itself, is the last and has `start` [K] for a parent's.
    """
    count, labels = known.shape
    shares = np.empty((count, labels))
    for node in range(count - 1, -1, -1):
        above = parent[node]
        total = say[node]
        for k in range(labels):
            total += known[node, k]
        for k in range(labels):
            told = start[k] if above == node else shares[above, k]
            shares[node, k] = (known[node, k] + say[node] * told) / total
    return shares
