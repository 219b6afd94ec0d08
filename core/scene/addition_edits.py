"""What a user can put into a scene and take out again, as values like those of `edits`."""

from dataclasses import dataclass, replace

from core.scene.additions import Addition, Kind
from core.scene.plan import Plan

LABELS = {Kind.BEHIND: "Fill", Kind.BACK: "Complete", Kind.THING: "Insert", Kind.BEYOND: "Grow:"}
MANY = (Kind.THING, Kind.BEYOND)  # of which one more takes no other's place


@dataclass(frozen=True, eq=False)
class Add:
    """Put something in; a hole's filling and an object's back take the place of former ones."""

    addition: Addition

    @property
    def label(self) -> str:
        return f"{LABELS[self.addition.kind]} {self.addition.name}".rstrip()

    def apply(self, plan: Plan) -> Plan:
        new = self.addition
        if new in plan.additions:
            return plan
        same = set(new.objects)
        kept = tuple(
            each
            for each in plan.additions
            if each.kind in MANY or each.kind is not new.kind or not same >= set(each.objects)
        )
        return replace(plan, additions=(*kept, new))


@dataclass(frozen=True, eq=False)
class TakeOut:
    """Take additions out again."""

    additions: tuple[Addition, ...]
    label: str = "Remove what was made up"

    def apply(self, plan: Plan) -> Plan:
        kept = tuple(each for each in plan.additions if each not in self.additions)
        return plan if len(kept) == len(plan.additions) else replace(plan, additions=kept)
