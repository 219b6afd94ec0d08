"""What a user can do about single photos: where their files are, and how they were taken."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.scene.edits import counted
from core.scene.plan import Plan
from core.single.stance import UNTOLD, Stance


@dataclass(frozen=True)
class RelocatePhotos:
    """Photos lie in other `places` now, by their names."""

    places: Mapping[str, Path]

    @property
    def label(self) -> str:
        return f"Find {counted(sorted(self.places))}"

    def apply(self, plan: Plan) -> Plan:
        if plan.capture is None or not self.places:
            return plan
        photos = tuple(
            replace(photo, path=self.places.get(photo.name, photo.path))
            for photo in plan.capture.photos
        )
        return replace(plan, capture=replace(plan.capture, photos=photos))


@dataclass(frozen=True)
class SetStance:
    """The photo `name` was taken so; what `stance` leaves open is found from its edges."""

    name: str
    stance: Stance
    label: str = "Move the horizon"

    def apply(self, plan: Plan) -> Plan:
        if plan.stances.get(self.name, UNTOLD) == self.stance:
            return plan
        others = {name: each for name, each in plan.stances.items() if name != self.name}
        told = {} if self.stance == UNTOLD else {self.name: self.stance}
        return replace(plan, stances=others | told)
