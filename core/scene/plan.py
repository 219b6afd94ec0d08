"""What the user decided: the part of the state that can be undone."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.capture.photos import Capture, Photo
from core.pipeline.settings import PRESETS, Preset, Settings
from core.pipeline.split import Choice
from core.scene.additions import Addition
from core.scene.camera_path import CameraPath
from core.scene.layout import Layout
from core.scene.reworks import Rework
from core.segment.labels import PhotoMask
from core.segment.masks import Masks
from core.single.stance import Stance


@dataclass(frozen=True)
class Plan:
    """Which photos there are, what each is for and shows, and how much work they are given.

    `capture` is None before any photo came. `excluded` photos take no part at
    all; those `held_out` are placed but not trained on, to test the scene with.
    `reworks`: at most one an object. `additions`: what no photo shows. `layout`: where the objects
    stand. `path`: of the camera in films. `stances`: how photos were taken, by name, where the user
    says so.
    """

    capture: Capture | None = None
    excluded: frozenset[str] = frozenset()
    held_out: frozenset[str] = frozenset()
    settings: Settings = PRESETS[Preset.STANDARD]
    masks: Masks = field(default_factory=Masks)
    reworks: tuple[Rework, ...] = ()
    additions: tuple[Addition, ...] = ()
    layout: Layout = field(default_factory=Layout)
    path: CameraPath = field(default_factory=CameraPath)
    stances: Mapping[str, Stance] = field(default_factory=dict)

    def __post_init__(self) -> None:
        told = self.excluded | self.held_out | self.masks.photos.keys() | self.stances.keys()
        unknown = told - set(names(self))
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


def lone(plan: Plan) -> Photo | None:
    """The photo that a scene is made of, where it is a single one."""
    photos = used(plan).photos
    return photos[0] if len(photos) == 1 else None


def choice(plan: Plan) -> Choice:
    """Which of the photos `used` are kept out of training."""
    return Choice(test=tuple(sorted(plan.held_out - plan.excluded)))


def mask_of(plan: Plan, name: str) -> PhotoMask:
    """What is said of the photo `name`, at its full size. Raises KeyError where there is none."""
    if name in plan.masks.photos:
        return plan.masks.photos[name]
    for photo in plan.capture.photos if plan.capture is not None else ():
        if photo.name == name:
            return PhotoMask.blank(photo.height, photo.width)
    raise KeyError(name)
