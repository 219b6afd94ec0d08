"""What a user can do to a plan, as values: each says what, none how to undo."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from core.capture.photos import Capture, LeftOut, Photo
from core.capture.sources import unique_names
from core.pipeline.settings import Settings
from core.scene.plan import Plan


class Edit(Protocol):
    """One step of the history. Its inputs are finished values, read when it was made."""

    @property
    def label(self) -> str:
        """As the Edit menu shows it after "Undo"."""
        ...

    def apply(self, plan: Plan) -> Plan:
        """`plan` after the edit; `plan` itself where there is nothing to change."""
        ...


@dataclass(frozen=True)
class AddPhotos:
    """Add the photos of `capture`; files that are there already stay as they are."""

    capture: Capture

    @property
    def label(self) -> str:
        return f"Add {counted([photo.name for photo in self.capture.photos])}"

    def apply(self, plan: Plan) -> Plan:
        return replace(plan, capture=merged(plan.capture or Capture(()), self.capture))


@dataclass(frozen=True)
class RemovePhotos:
    """Forget photos; their files stay where they are."""

    names: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"Remove {counted(self.names)}"

    def apply(self, plan: Plan) -> Plan:
        if plan.capture is None:
            return plan
        gone = set(self.names)
        kept = tuple(photo for photo in plan.capture.photos if photo.name not in gone)
        return replace(
            plan,
            capture=Capture(tuple(_freed(photo, gone) for photo in kept), plan.capture.left_out),
            excluded=plan.excluded - gone,
            held_out=plan.held_out - gone,
            masks=plan.masks.without_photos(gone),
            stances={name: each for name, each in plan.stances.items() if name not in gone},
        )


@dataclass(frozen=True)
class SetIncluded:
    """Let photos take part, or not."""

    names: tuple[str, ...]
    included: bool

    @property
    def label(self) -> str:
        return f"{'Include' if self.included else 'Exclude'} {counted(self.names)}"

    def apply(self, plan: Plan) -> Plan:
        return replace(plan, excluded=_with(plan.excluded, self.names, not self.included))


@dataclass(frozen=True)
class SetHeldOut:
    """Keep photos out of training to test the scene with, or train on them."""

    names: tuple[str, ...]
    held_out: bool

    @property
    def label(self) -> str:
        return f"{'Hold out' if self.held_out else 'Train on'} {counted(self.names)}"

    def apply(self, plan: Plan) -> Plan:
        return replace(plan, held_out=_with(plan.held_out, self.names, self.held_out))


@dataclass(frozen=True)
class ChangeSettings:
    """Ask for another amount of work."""

    settings: Settings
    label: str = "Change settings"

    def apply(self, plan: Plan) -> Plan:
        return replace(plan, settings=self.settings)


def counted(names: Sequence[str]) -> str:
    """ "IMG_1.jpg" for one name, "3 photos" for more."""
    return names[0] if len(names) == 1 else f"{len(names)} photos"


def merged(present: Capture, added: Capture) -> Capture:
    """Both captures in one; `present` names stay, others change where they clash with them."""
    named = {_place(photo.path): photo.name for photo in present.photos}
    new = [photo for photo in added.photos if _place(photo.path) not in named]
    chosen = _names(new, [photo.name for photo in present.photos])
    renamed = {
        photo.name: chosen.get(photo.path) or named[_place(photo.path)] for photo in added.photos
    }
    photos = [*present.photos, *(_renamed(photo, renamed) for photo in new)]
    left_out: dict[LeftOut, None] = dict.fromkeys((*present.left_out, *added.left_out))
    return Capture(tuple(sorted(photos, key=lambda photo: photo.name)), tuple(left_out))


def _place(path: Path) -> str:
    return os.path.normcase(path.absolute())


def _names(new: Iterable[Photo], taken: Sequence[str]) -> dict[Path, str]:
    """The name of each new photo: its own where that is free, else led by its folders'."""
    folded = {name.casefold() for name in taken}
    free = {photo.path: photo.name for photo in new if photo.name.casefold() not in folded}
    clashing = [photo.path for photo in new if photo.path not in free]
    return free | unique_names(clashing, [*taken, *free.values()])


def _renamed(photo: Photo, names: dict[str, str]) -> Photo:
    other = photo.quality.duplicate_of
    quality = replace(photo.quality, duplicate_of=None if other is None else names.get(other))
    return replace(photo, name=names[photo.name], quality=quality)


def _freed(photo: Photo, gone: set[str]) -> Photo:
    """`photo`, which is no duplicate any more if what it repeats has gone."""
    if photo.quality.duplicate_of not in gone:
        return photo
    return replace(photo, quality=replace(photo.quality, duplicate_of=None))


def _with(present: frozenset[str], names: Iterable[str], there: bool) -> frozenset[str]:
    return present | set(names) if there else present - set(names)
