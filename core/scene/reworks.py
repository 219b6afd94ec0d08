"""Objects that are other than photos have them: Gaussians that take an object's place."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays
from core.scene.additions import Addition, with_additions
from core.scene.cuts import Cut, Relabel, relabelled
from core.scene.shown import Content


@dataclass(frozen=True, eq=False)
class Rework:
    """What became of an object: `splats`, all with its id, as `words` asked for.

    `relabels`: those by which it was told whose each Gaussian was, for an object that was split
    off.
    """

    object_id: int
    words: str
    splats: SplatArrays
    relabels: tuple[Relabel, ...] = ()

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(getattr(self.splats, column.name).nbytes for column in fields(SplatArrays))


def rework_of(changed: SplatArrays, object_id: int, words: str) -> Rework:
    """The object's rows of `changed`, a scene in which it is what it should be."""
    chosen = changed.object_id == object_id
    return Rework(object_id, words, _rows(changed, chosen))


def as_shown(
    base: Content | None,
    additions: Sequence[Addition],
    reworks: Sequence[Rework],
    cuts: Sequence[Cut],
) -> Content | None:
    """`base`, as photos have it, with `additions` and with objects as `reworks` have them."""
    return reworked(with_additions(base, additions, cuts), reworks)


def reworked(content: Content | None, reworks: Sequence[Rework]) -> Content | None:
    """`content` with objects as `reworks` have them; itself where there is nothing to change.

    Rows of other objects keep their values and their order. Objects are told by their ids and
    not by rows, so a rework holds for whatever training makes of the others. One whose object
    is not there waits: while training begins anew, no row has an object yet.
    """
    if not reworks or not isinstance(content, SplatArrays):
        return content
    gone, made = np.zeros(len(content), bool), []
    for each in reworks:
        own = relabelled(content, each.relabels).object_id == each.object_id
        if own.any():
            gone |= own
            made.append(each.splats)
    if not made:
        return content
    parts = [_rows(content, ~gone), *made]
    bands = max(part.sh.shape[1] for part in parts)
    parts = [replace(part, sh=_with_bands(part.sh, bands)) for part in parts]
    columns = [field.name for field in fields(SplatArrays)]
    return SplatArrays(**{n: np.concatenate([getattr(p, n) for p in parts]) for n in columns})


class Sized(Protocol):
    """What takes `size` bytes."""

    @property
    def size(self) -> int: ...


def size_between(one: Sequence[Sized], two: Sequence[Sized]) -> int:
    """Bytes of what only one of both versions has."""
    if one is two:
        return 0
    either = {id(each): each for each in (*one, *two)}
    both = {id(each) for each in one} & {id(each) for each in two}
    return sum(each.size for key, each in either.items() if key not in both)


def _rows(splats: SplatArrays, chosen: NDArray[np.bool_]) -> SplatArrays:
    columns = {field.name: getattr(splats, field.name)[chosen] for field in fields(SplatArrays)}
    return SplatArrays(**columns)


def _with_bands(sh: NDArray[Any], bands: int) -> NDArray[Any]:
    missing = bands - sh.shape[1]
    return np.pad(sh, ((0, 0), (0, missing), (0, 0))) if missing else sh
