"""A guessed depth map fitted to what is known, where a picture goes on beyond it.

Gen3d, section 4.2 of the methods (after LucidDreamer: Chung et al., 2023): one scale for all, then
each pixel of the known part's rim is moved along its ray to where the known surface is, and what
that changed fades over the unknown part. Points only ever move along their rays.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, diags
from scipy.sparse.linalg import spsolve

Array = NDArray[np.float64]
Pixels = NDArray[np.bool_]

STEP = 1.1  # times as far away: neighbours that differ more lie on two surfaces
MOST = np.log(1.5)  # of the logarithm of a depth: more is no correction any more
FAINT = 1e-6  # keeps parts that touch nothing at no correction


def scale_to(known: Array, guessed: Array, covered: Pixels) -> float:
    """By how much `guessed` [H, W] is to be multiplied: the median ratio to `known` [H, W].

    1 where nothing of `covered` [H, W] is known.
    """
    good = covered & (known > 0) & (guessed > 0)
    return float(np.median(known[good] / guessed[good])) if good.any() else 1.0


def aligned_to(known: Array, guessed: Array, covered: Pixels) -> Array:
    """`guessed` [H, W], z, so changed that it goes on from `known` [H, W] without a step.

    Where `covered` [H, W] the answer is `known`. The correction, in the logarithm of depth, is what
    the rim needs, fades to none at the picture's edge, and is not carried across steps in depth.
    """
    depth = scale_to(known, guessed, covered) * guessed
    hole = ~covered
    if not hole.any() or not covered.any():
        return np.where(covered, known, depth)
    needed = np.where(covered, np.log(np.maximum(known, 1e-9) / np.maximum(depth, 1e-9)), 0.0)
    change = _faded(np.clip(needed, -MOST, MOST), np.log(np.maximum(depth, 1e-9)), hole)
    return np.where(covered, known, depth * np.exp(change))


def _faded(needed: Array, log_depth: Array, hole: Pixels) -> Array:
    """The correction [H, W]: harmonic in `hole`, `needed` beside it, 0 at the picture's edge."""
    number = np.full(hole.shape, -1, np.int64)
    number[hole] = np.arange(int(hole.sum()))
    n = int(hole.sum())
    rows, columns, diagonal = [], [], np.full(n, FAINT)
    right = np.zeros(n)
    for axis, step in ((0, 1), (0, -1), (1, 1), (1, -1)):
        beside = np.roll(number, -step, axis)
        other_hole = np.roll(hole, -step, axis)
        joined = np.abs(np.roll(log_depth, -step, axis) - log_depth) < np.log(STEP)
        border = _border(hole.shape, axis, step)
        inside = hole & ~border & joined
        diagonal += np.bincount(number[inside], minlength=n)
        both = inside & other_hole
        rows.append(number[both])
        columns.append(beside[both])
        rim = inside & ~other_hole
        right += np.bincount(number[rim], np.roll(needed, -step, axis)[rim], minlength=n)
        # Beyond the picture's edge nothing is corrected.
        diagonal += np.bincount(number[hole & border], minlength=n)
    pairs = (np.concatenate(rows), np.concatenate(columns))
    beside_each = coo_matrix((np.ones(len(pairs[0])), pairs), (n, n))
    answer = np.zeros(hole.shape)
    answer[hole] = spsolve((diags(diagonal) - beside_each).tocsc(), right)
    return answer


def _border(shape: tuple[int, ...], axis: int, step: int) -> Pixels:
    """[H, W]: pixels without a neighbour in that direction."""
    found = np.zeros(shape, bool)
    last = -1 if step > 0 else 0
    if axis == 0:
        found[last] = True
    else:
        found[:, last] = True
    return found
