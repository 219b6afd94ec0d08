"""What a user can do about photos whose files have moved."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.scene.edits import counted
from core.scene.plan import Plan


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
