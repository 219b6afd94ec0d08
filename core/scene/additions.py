"""What was put into a scene that its photos do not show: a filled hole, a back, another thing."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays
from core.gaussians.table import Gaussians
from core.scene.cells import NOWHERE, Cells
from core.scene.cuts import Cut, relabelled
from core.scene.layout import FIRST_COPY, FIRST_INSERTED, Layout
from core.scene.shown import Content


class Kind(Enum):
    """Why it was put there; the value is what projects are written with."""

    BEHIND = "behind"  # what things that are away hid from the photos
    BACK = "back"  # a side of an object that no photo shows
    THING = "thing"  # another object
    BEYOND = "beyond"  # what cameras beside the photos would see


@dataclass(frozen=True, eq=False)
class Addition:
    """`splats`, capture frame, beside what photos gave.

    `objects`: what it is about: things behind which it lies, whose back it is, or its own id;
    nothing where it is the room that goes on.
    `hides`: where the room's own Gaussians are not shown along with it, for they are no more than
    guesses; cells and no rows, so that it means the same however training goes on. `name`: of a
    thing, or a step.
    """

    kind: Kind
    objects: tuple[int, ...]
    splats: SplatArrays
    hides: Cells = NOWHERE
    name: str = ""

    @property
    def size(self) -> int:
        """Bytes."""
        columns = sum(getattr(self.splats, column.name).nbytes for column in fields(SplatArrays))
        return int(columns + self.hides.at.nbytes)


def shown_additions(additions: Sequence[Addition], layout: Layout) -> tuple[Addition, ...]:
    """Those that there is reason for: a hole is filled while what was before it is away."""
    return tuple(
        each
        for each in additions
        if each.kind is not Kind.BEHIND or any(away(layout, id_) for id_ in each.objects)
    )


def away(layout: Layout, object_id: int) -> bool:
    """Whether an object is not to be seen where it was captured."""
    if object_id in layout.removed:
        return True
    placement = layout.placement(object_id)
    return not (placement.in_place and placement.visible)


def with_additions(
    content: Content | None, additions: Sequence[Addition], cuts: Sequence[Cut] = ()
) -> Content | None:
    """`content` and `additions`; itself where there are none, or nothing to add them to.

    Rows of `content` keep their values and their order, and come first. `cuts`: what says whose
    they are besides themselves.
    """
    if not additions or not isinstance(content, SplatArrays):
        return content
    hidden, ids = np.zeros(len(content), bool), relabelled(content, cuts).object_id
    for each in additions:
        if len(each.hides.at):
            others = ~np.isin(ids, each.objects)
            hidden |= others & each.hides.holds(content.means)
    parts = [content.rows(~hidden), *(each.splats for each in additions)]
    bands = max(part.sh.shape[1] for part in parts)
    parts = [replace(part, sh=_with_bands(part.sh, bands)) for part in parts]
    columns = [column.name for column in fields(SplatArrays)]
    return SplatArrays(**{n: np.concatenate([getattr(p, n) for p in parts]) for n in columns})


def completed_scene(
    gaussians: Gaussians, additions: Sequence[Addition], layout: Layout
) -> Gaussians:
    """`gaussians` with those of `additions` that are shown."""
    shown = shown_additions(additions, layout)
    if not shown:
        return gaussians
    whole = with_additions(SplatArrays.from_gaussians(gaussians), shown, layout.cuts)
    assert isinstance(whole, SplatArrays)
    return whole.to_gaussians()


def free_id(additions: Sequence[Addition]) -> int:
    """An id that no object has. Raises ValueError where there is none left."""
    things = [id_ for each in additions if each.kind is Kind.THING for id_ in each.objects]
    found = max([FIRST_INSERTED - 1, *things]) + 1
    if found >= FIRST_COPY:
        raise ValueError("no id is left for another thing")
    return found


def name_of_thing(additions: Sequence[Addition], object_id: int) -> str:
    """What an inserted object is called; "" of others."""
    if object_id < FIRST_INSERTED:
        return ""
    named = [e.name for e in additions if e.kind is Kind.THING and object_id in e.objects]
    return named[0] if named else ""


def _with_bands(sh: NDArray[Any], bands: int) -> NDArray[Any]:
    missing = bands - sh.shape[1]
    return np.pad(sh, ((0, 0), (0, missing), (0, 0))) if missing else sh
