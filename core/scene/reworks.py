"""Objects that are other than photos have them: Gaussians that take an object's place."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays
from core.scene.shown import Content


@dataclass(frozen=True, eq=False)
class Rework:
    """What became of an object: `splats`, all with its id, as `words` asked for."""

    object_id: int
    words: str
    splats: SplatArrays

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(getattr(self.splats, column.name).nbytes for column in fields(SplatArrays))


def rework_of(changed: SplatArrays, object_id: int, words: str) -> Rework:
    """The object's rows of `changed`, a scene in which it is what it should be."""
    chosen = changed.object_id == object_id
    return Rework(object_id, words, _rows(changed, chosen))


def reworked(content: Content | None, reworks: Sequence[Rework]) -> Content | None:
    """`content` with objects as `reworks` have them; itself where there is nothing to change.

    Rows of other objects keep their values and their order. Objects are told by their ids and
    not by rows, so a rework holds for whatever training makes of the others. One whose object
    is not there waits: while training begins anew, no row has an object yet.
    """
    if not reworks or not isinstance(content, SplatArrays):
        return content
    there = set(np.unique(content.object_id).tolist())
    reworks = [each for each in reworks if each.object_id in there]
    if not reworks:
        return content
    gone = np.isin(content.object_id, [each.object_id for each in reworks])
    parts = [_rows(content, ~gone), *(each.splats for each in reworks)]
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
