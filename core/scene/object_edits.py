"""What a user can do to an object's Gaussians, as values like those of `edits`."""

from dataclasses import dataclass, replace

from core.scene.plan import Plan
from core.scene.reworks import Rework


@dataclass(frozen=True, eq=False)
class ReworkObject:
    """Let the Gaussians of a rework be an object, also when training shows it anew."""

    rework: Rework

    @property
    def label(self) -> str:
        return f"Change to “{self.rework.words}”"

    def apply(self, plan: Plan) -> Plan:
        if self.rework in plan.reworks:
            return plan
        others = RestoreObject(self.rework.object_id).apply(plan).reworks
        return replace(plan, reworks=(*others, self.rework))


@dataclass(frozen=True)
class RestoreObject:
    """Let an object be as photos have it again; as a preview, show what it was before."""

    object_id: int
    label: str = "Restore object"

    def apply(self, plan: Plan) -> Plan:
        kept = tuple(each for each in plan.reworks if each.object_id != self.object_id)
        return plan if len(kept) == len(plan.reworks) else replace(plan, reworks=kept)
