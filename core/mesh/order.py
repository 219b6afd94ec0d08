"""Surfaces of several parts brought into line with what the photos show of them.

Each part has a surface of its own. Two that lie nearer to each other than they are off (a rug and
its floor, a picture and its wall) come out in turns before one another; which of them is seen,
the photos say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.geometry.camera import View
from core.mesh.looking import Front, first_hits, fronts, rays
from core.mesh.looks import NOBODY, Look
from core.mesh.values import Surface

Array = NDArray[np.float64]

ROUNDS = 4  # of pushing back: what moves is then judged anew
MARGIN = 1.0  # pixels' widths by which what is not seen comes to lie behind what is
FARTHEST = 0.01  # of the depth by which a surface is pushed at most, in each round


def ordered(surfaces: Mapping[int, Surface], looks: Sequence[Look]) -> dict[int, Surface]:
    """`surfaces` of parts by id, those pushed back that cover what `looks` show before them.

    Each just so far that it lies behind; by min-norm steps for single rays (Kaczmarz, 1937).
    """
    found = dict(surfaces)
    ids = np.array(sorted(found))
    for _ in range(ROUNDS):
        seen = fronts([found[i] for i in ids.tolist()], [look.view for look in looks])
        moves = {i: np.zeros((len(found[i].vertices), 3)) for i in found}
        for look, front in zip(looks, seen, strict=True):
            before = ids[front.part]
            wrong = (front.part >= 0) & (look.owner != NOBODY) & (before != look.owner)
            for id_ in np.unique(look.owner[wrong]).tolist():
                if id_ in found:
                    _push(moves, ids, found, look.view, front, wrong & (look.owner == id_), id_)
        if not any(move.any() for move in moves.values()):
            break
        for i, move in moves.items():
            vertices = (found[i].vertices + move).astype(np.float32)
            found[i] = replace(found[i], vertices=vertices)
    return found


def _push(
    moves: dict[int, Array],
    ids: NDArray[np.int64],
    surfaces: Mapping[int, Surface],
    view: View,
    front: Front,
    wrong: NDArray[np.bool_],
    id_: int,
) -> None:
    """Lengthen `moves` of what lies in the pixels `wrong` before the surface of object `id_`."""
    start, ways = rays(view)
    ways = ways[wrong]
    hidden = first_hits(surfaces[id_], start, ways)
    depth, part = front.depth[wrong], front.part[wrong]
    near = hidden - depth < FARTHEST * depth
    wanted = hidden * (1 + MARGIN / view.camera.fx)
    for number in np.unique(part[near]).tolist():
        other = int(ids[number])
        mine = near & (part == number)
        shares = front.shares[wrong][mine]
        corners = surfaces[other].faces[front.triangle[wrong][mine]]
        need = (wanted - depth)[mine][:, None]
        steps = shares / (shares**2).sum(axis=1, keepdims=True) * need
        steps = ways[mine][:, None] * np.minimum(steps, 1.5 * need)[..., None]
        _longest(moves[other], corners.reshape(-1), steps.reshape(-1, 3))


def _longest(moves: Array, rows: NDArray[np.int32], steps: Array) -> None:
    """Put into `moves` [V, 3] of all `steps` [K, 3] of a row the longest, if it is longer."""
    length = np.linalg.norm(steps, axis=1)
    order = np.argsort(length)  # of those written to one row the last counts
    rows, steps, length = rows[order], steps[order], length[order]
    longer = length > np.linalg.norm(moves[rows], axis=1)
    moves[rows[longer]] = steps[longer]
