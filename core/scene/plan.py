"""What the user decided: the part of the state that can be undone."""

from dataclasses import dataclass

from core.capture.photos import Capture
from core.pipeline.settings import PRESETS, Preset, Settings
from core.pipeline.split import Choice


@dataclass(frozen=True)
class Plan:
    """Which photos there are, what each is for, and how much work they are given.

    `capture` is None before any photo came. `excluded` photos take no part at
    all; those `held_out` are placed but not trained on, to test the scene with.
    """

    capture: Capture | None = None
    excluded: frozenset[str] = frozenset()
    held_out: frozenset[str] = frozenset()
    settings: Settings = PRESETS[Preset.STANDARD]

    def __post_init__(self) -> None:
        unknown = (self.excluded | self.held_out) - set(names(self))
        if unknown:
            raise ValueError(f"the capture has no photos named {sorted(unknown)}")


def names(plan: Plan) -> tuple[str, ...]:
    """The names of all photos, excluded ones too, sorted."""
    return () if plan.capture is None else tuple(photo.name for photo in plan.capture.photos)


def used(plan: Plan) -> Capture:
    """The capture without the excluded photos."""
    if plan.capture is None:
        return Capture(())
    kept = tuple(photo for photo in plan.capture.photos if photo.name not in plan.excluded)
    return Capture(kept, plan.capture.left_out)


def choice(plan: Plan) -> Choice:
    """Which of the photos `used` are kept out of training."""
    return Choice(test=tuple(sorted(plan.held_out - plan.excluded)))
