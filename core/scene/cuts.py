"""What of a scene is gone or belongs to another object, in the order in which the user said it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays
from core.gaussians.table import Gaussians
from core.scene.regions import Region, rows_in


@dataclass(frozen=True)
class Relabel:
    """From here on what is in `region` and of the objects `sources` belongs to `target`."""

    region: Region
    sources: frozenset[int]
    target: int


Cut = Region | Relabel  # what is in a region is gone


def applied(
    splats: SplatArrays, cuts: Sequence[Cut]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """[N] whose each of `splats` (capture frame) is after `cuts`, and [N] which are gone."""
    ids, gone = splats.object_id, np.zeros(len(splats), bool)
    for cut in cuts:
        if isinstance(cut, Relabel):
            ids = _after(cut, splats, ids)
        else:
            gone |= rows_in(cut, splats, ids)
    return ids, gone


def relabels(cuts: Sequence[Cut]) -> tuple[Relabel, ...]:
    """Those of `cuts` that let something belong to another object."""
    return tuple(cut for cut in cuts if isinstance(cut, Relabel))


def relabelled(splats: SplatArrays, cuts: Sequence[Cut]) -> SplatArrays:
    """`splats` with the objects they belong to after `cuts`; itself where none says so.

    The same answer for the same splats is made once.
    """
    wanted = relabels(cuts)
    if not wanted:
        return splats
    known = _MADE.get(splats)
    if known is None or known[0] != wanted:
        ids = splats.object_id
        for cut in wanted:
            ids = _after(cut, splats, ids)
        known = _MADE[splats] = wanted, replace(splats, object_id=ids)
    return known[1]


def cut(gaussians: Gaussians, cuts: Sequence[Cut]) -> Gaussians:
    """`gaussians` (capture frame) without what is gone, all with the objects they belong to."""
    if not cuts:
        return gaussians
    device = gaussians.means.device
    ids, gone = applied(SplatArrays.from_gaussians(gaussians), cuts)
    renamed = torch.from_numpy(ids.astype(np.int64)).to(device)
    return replace(gaussians, object_id=renamed).rows(torch.from_numpy(~gone).to(device))


_MADE: WeakKeyDictionary[SplatArrays, tuple[tuple[Relabel, ...], SplatArrays]] = WeakKeyDictionary()


def _after(cut: Relabel, splats: SplatArrays, ids: NDArray[np.int32]) -> NDArray[np.int32]:
    taken = np.isin(ids, list(cut.sources))
    taken &= rows_in(cut.region, splats, ids)
    return np.where(taken, np.int32(cut.target), ids)
