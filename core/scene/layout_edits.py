"""What a user can do to the layout, as values like those of `edits`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.geometry.pose import Pose
from core.scene.edits import Edit
from core.scene.layout import HERE, Ground, Layout, Placement, same_pose, tidied
from core.scene.plan import Plan
from core.scene.regions import Region

Ids = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Move:
    """Let placements stand at these poses; also to turn, scale, align and drop them."""

    poses: Mapping[int, Pose]
    label: str = "Move"

    def apply(self, plan: Plan) -> Plan:
        layout = plan.layout
        changed = [
            replace(layout.placement(id_), pose=tidied(pose))
            for id_, pose in self.poses.items()
            if layout.has(id_) and not same_pose(layout.placement(id_).pose, pose)
        ]
        return _with(plan, changed)


@dataclass(frozen=True)
class Reset:
    """Let placements stand where they were captured."""

    ids: Ids
    label: str = "Put back"

    def apply(self, plan: Plan) -> Plan:
        return Move(dict.fromkeys(self.ids, HERE)).apply(plan)


@dataclass(frozen=True)
class SetVisible:
    """Hide placements, or show them again."""

    ids: Ids
    visible: bool

    @property
    def label(self) -> str:
        return "Show" if self.visible else "Hide"

    def apply(self, plan: Plan) -> Plan:
        return _each(plan, self.ids, visible=self.visible)


@dataclass(frozen=True, eq=False)
class Duplicate:
    """Copy placements; each copy stands where `shift` (capture frame) takes what it copies.

    Copies of a group are a group of their own.
    """

    ids: Ids
    shift: Pose = field(default=HERE)
    label: str = "Duplicate"

    def apply(self, plan: Plan) -> Plan:
        layout = plan.layout
        copied = [layout.placement(id_) for id_ in self.ids if layout.has(id_)]
        groups = sorted({each.group for each in copied if each.group})
        first = layout.next_id + len(copied)
        renamed = {group: first + i for i, group in enumerate(groups)}
        copies = [
            Placement(
                layout.next_id + i,
                each.object_id,
                tidied(self.shift @ each.pose),
                each.visible,
                "",
                renamed.get(each.group, 0),
            )
            for i, each in enumerate(copied)
        ]
        return _with(plan, copies, first + len(groups)) if copies else plan


@dataclass(frozen=True)
class Delete:
    """Take placements away; an object whose every copy went is still there to be brought back."""

    ids: Ids
    label: str = "Delete"

    def apply(self, plan: Plan) -> Plan:
        there = [id_ for id_ in self.ids if plan.layout.has(id_)]
        return replace(plan, layout=plan.layout.without(there)) if there else plan


@dataclass(frozen=True)
class BringBack:
    """Let objects that were deleted stand again where they were captured."""

    object_ids: Ids
    label: str = "Bring back"

    def apply(self, plan: Plan) -> Plan:
        kept = plan.layout.removed - set(self.object_ids)
        if kept == plan.layout.removed:
            return plan
        return replace(plan, layout=replace(plan.layout, removed=kept))


@dataclass(frozen=True)
class Rename:
    """Call a placement something else; "" is the name of its object."""

    id: int
    name: str

    @property
    def label(self) -> str:
        return f"Rename to “{self.name}”"

    def apply(self, plan: Plan) -> Plan:
        return _each(plan, (self.id,), name=self.name)


@dataclass(frozen=True)
class Group:
    """Let placements be chosen and moved as one."""

    ids: Ids
    label: str = "Group"

    def apply(self, plan: Plan) -> Plan:
        layout = plan.layout
        there = [layout.placement(id_) for id_ in self.ids if layout.has(id_)]
        if len(there) < 2 or (there[0].group and len({each.group for each in there}) == 1):
            return plan
        grouped = [replace(each, group=layout.next_id) for each in there]
        return _with(plan, grouped, layout.next_id + 1)


@dataclass(frozen=True)
class Ungroup:
    """Let placements be in no group."""

    ids: Ids
    label: str = "Ungroup"

    def apply(self, plan: Plan) -> Plan:
        return _each(plan, self.ids, group=0)


@dataclass(frozen=True, eq=False)
class SetGround:
    """Say where the floor is, and how long a unit."""

    ground: Ground
    label: str = "Set the floor"

    def apply(self, plan: Plan) -> Plan:
        pose = tidied(self.ground.scene_from_capture)
        before = plan.layout.ground
        if same_pose(pose, before.scene_from_capture):
            pose = before.scene_from_capture
        ground = replace(self.ground, scene_from_capture=pose)
        if ground == before:
            return plan
        return replace(plan, layout=replace(plan.layout, ground=ground))


@dataclass(frozen=True)
class SetShadows:
    """Let things cast shadows where no photo saw them, or not."""

    shadows: bool

    @property
    def label(self) -> str:
        return "Contact shadows" if self.shadows else "No contact shadows"

    def apply(self, plan: Plan) -> Plan:
        if plan.layout.shadows is self.shadows:
            return plan
        return replace(plan, layout=replace(plan.layout, shadows=self.shadows))


@dataclass(frozen=True)
class Erase:
    """Let nothing be in a region, however training goes on."""

    region: Region
    label: str = "Erase"

    def apply(self, plan: Plan) -> Plan:
        layout = plan.layout
        return replace(plan, layout=replace(layout, cuts=(*layout.cuts, self.region)))


@dataclass(frozen=True)
class Restore:
    """Let what was erased be there again."""

    regions: tuple[Region, ...]
    label: str = "Bring back what was erased"

    def apply(self, plan: Plan) -> Plan:
        kept = tuple(each for each in plan.layout.cuts if each not in self.regions)
        if len(kept) == len(plan.layout.cuts):
            return plan
        return replace(plan, layout=replace(plan.layout, cuts=kept))


@dataclass(frozen=True, eq=False)
class Together:
    """Several edits as one step."""

    label: str
    edits: tuple[Edit, ...]

    def apply(self, plan: Plan) -> Plan:
        for edit in self.edits:
            plan = edit.apply(plan)
        return plan


def created(before: Layout, after: Layout) -> Ids:
    """Ids of the copies that an edit made."""
    return tuple(sorted(id_ for id_ in after.placements if id_ >= before.next_id))


def _each(plan: Plan, ids: Ids, **changes: object) -> Plan:
    """`plan` with `changes` to these placements, as far as they are there."""
    there = [plan.layout.placement(id_) for id_ in ids if plan.layout.has(id_)]
    pairs = [(each, replace(each, **changes)) for each in there]  # type: ignore[arg-type]
    return _with(plan, [after for before, after in pairs if after != before])


def _with(plan: Plan, changed: list[Placement], next_id: int | None = None) -> Plan:
    if not changed:
        return plan
    layout = plan.layout
    if next_id is not None:
        layout = replace(layout, next_id=next_id)
    return replace(plan, layout=layout.with_placements(changed))
