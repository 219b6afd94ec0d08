"""Edits that make one thing of several, or several of one: by regions, as training may go on."""

from dataclasses import dataclass, replace

from core.scene.cuts import Relabel
from core.scene.layout import FIRST_COPY, Layout, Placement
from core.scene.plan import Plan
from core.scene.regions import Region, everything
from core.segment.labels import LAST_ID, SceneObject
from core.segment.masks import color_of


@dataclass(frozen=True)
class Split:
    """Let what is in `region` and of the objects `sources` be an object of its own.

    It stands where the first of them stands, and in as many copies. `free`: no object of the scene
    has this id or one above it; files of splats have objects that no list knows.
    """

    region: Region
    sources: tuple[int, ...]
    name: str
    free: int = 0
    label: str = "Split off"

    def apply(self, plan: Plan) -> Plan:
        masks = plan.masks
        id_ = max(masks.next_id, self.free)
        if not self.sources or id_ > LAST_ID:
            return plan
        new = SceneObject(id_, self.name, color_of(id_))
        masks = replace(masks, objects=(*masks.objects, new), next_id=id_ + 1)
        cut = Relabel(self.region, frozenset(self.sources), new.id)
        layout = _with_cuts(plan.layout, cut)
        return replace(plan, masks=masks, layout=_standing_as(layout, self.sources[0], new.id))


@dataclass(frozen=True)
class Give:
    """Let what is in `region` and of the objects `sources` belong to `target`."""

    region: Region
    sources: tuple[int, ...]
    target: int
    label: str = "Move to another object"

    def apply(self, plan: Plan) -> Plan:
        sources = frozenset(self.sources) - {self.target}
        if not sources:
            return plan
        cut = Relabel(self.region, sources, self.target)
        return replace(plan, layout=_with_cuts(plan.layout, cut))


@dataclass(frozen=True)
class Merge:
    """Let all that is of the objects `sources` belong to `target`."""

    sources: tuple[int, ...]
    target: int
    label: str = "Merge"

    def apply(self, plan: Plan) -> Plan:
        return Give(everything(), self.sources, self.target).apply(plan)


def stand_alike(layout: Layout, object_ids: tuple[int, ...]) -> bool:
    """Whether what changes over from one of these objects to another stays where it is seen.

    So it does where none of them was moved or copied; or it is one object alone.
    """
    if len(set(object_ids)) < 2:
        return True
    there = layout.of_objects(dict.fromkeys(object_ids))
    return all(each.id < FIRST_COPY and each.in_place and each.visible for each in there)


def _with_cuts(layout: Layout, cut: Relabel) -> Layout:
    return replace(layout, cuts=(*layout.cuts, cut))


def _standing_as(layout: Layout, source: int, new: int) -> Layout:
    """`layout` with every placement of the object `source` for the object `new` too."""
    added: list[Placement] = []
    next_id = layout.next_id
    for each in layout.of_objects((source,)):
        id_ = new
        if each.id >= FIRST_COPY:
            id_, next_id = next_id, next_id + 1
        added.append(replace(each, id=id_, object_id=new, name="", group=0))
    removed = layout.removed | {new} if source in layout.removed else layout.removed
    return replace(layout, removed=removed, next_id=next_id).with_placements(added)
