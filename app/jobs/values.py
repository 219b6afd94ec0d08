"""What jobs are given and what they answer, besides the values of core."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.capture.photos import Capture, Photo
from core.capture.reconstruction import Reconstruction
from core.geometry.camera import Pinhole
from core.pipeline.settings import Settings
from core.pipeline.split import Choice, Split
from core.scene.plan import Plan
from core.scene.shown import Content
from core.scene.upright import Upright
from core.segment.labels import PhotoMask, SceneObject
from core.segment.protocol import Prompt
from core.segment.tiles import Tiled
from core.single.stance import Stance
from core.train.steps import Kept, Step


@dataclass(frozen=True, eq=False)
class BuildJob:
    """A scene to make of `capture`, which holds only the photos that take part.

    `work`: a folder for files of the pose solver. With `reconstruction` the photos are
    not placed again; it may know more photos. With `step`, training goes on from the
    Gaussians that are sent along, and `exposures` where they are those of the same
    photos. `cameras`: where the places come from a file, its kind ("colmap" or
    "transforms") and path. `device` as for `choose_device`. `masks` by the names of photos, with
    the `objects` in them. `training`: the file that says where training stood, to go on from to
    the last bit. `stances` as for `Task`.
    """

    capture: Capture
    settings: Settings
    work: Path
    choice: Choice = field(default_factory=Choice)
    reconstruction: Reconstruction | None = None
    step: Step | None = None
    exposures: NDArray[np.float32] | None = None
    cameras: tuple[str, Path] | None = None
    device: str = "auto"
    masks: Mapping[str, PhotoMask] = field(default_factory=dict)
    objects: tuple[SceneObject, ...] = ()
    training: Path | None = None
    stances: Mapping[str, Stance] = field(default_factory=dict)


@dataclass(frozen=True)
class KeepTraining:
    """What a job is told while it trains: to write down where it stands, and to answer `Kept`."""


@dataclass(frozen=True)
class NotKept:
    """The answer to `KeepTraining` where nothing trains, or nothing can be written."""


@dataclass(frozen=True, eq=False)
class CorrectedMasks:
    """What a job is told while it builds: masks that have changed, by the names of their photos."""

    photos: Mapping[str, PhotoMask]


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """A small picture [h, w, 3] of the photo `name`."""

    name: str
    pixels: NDArray[np.uint8]


@dataclass(frozen=True)
class MissingPhotos:
    """Photos of a project whose files are not where they were, or can no longer be read."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Moved:
    """Where photos were found, by their names; `others`: those that were not."""

    places: Mapping[str, Path]
    others: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class FlatPicture:
    """An undistorted photo [H, W, 3], as the pinhole `camera` in its place would take it."""

    name: str
    pixels: NDArray[np.uint8]
    camera: Pinhole
    camera_from_scene: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class WholePhoto:
    """A photo [H, W, 3] at full size, upright."""

    name: str
    pixels: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class DrawnView:
    """A picture [h, w, 3] of a scene."""

    pixels: NDArray[np.uint8]


@dataclass(frozen=True)
class WordsWish:
    """An object that is to be what `words` say, by the network at `place`.

    `shape`: other words for its shape, "" for the same. `keep_shape`: only its look is changed.
    """

    object_id: int
    words: str
    place: str
    shape: str = ""
    keep_shape: bool = False
    iterations: int = 1500
    seed: int = 0
    device: str = "auto"


@dataclass(frozen=True, eq=False)
class Question:
    """What the user has shown of the object `id`, for the segmenter.

    `mask`: what is said of the photo so far; the segmenter keeps to what is by hand. `place`:
    where its network is, "" for the one that is always there.
    """

    photo: Photo
    mask: PhotoMask
    id: int
    prompt: Prompt
    place: str = ""


@dataclass(frozen=True, eq=False)
class Found:
    """The segmenter's answers, best first: regions of the photo, and how sure each is."""

    regions: tuple[Tiled, ...]
    scores: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Proposed:
    """Regions of the photo `name` that may be objects."""

    name: str
    regions: tuple[Tiled, ...]


@dataclass(frozen=True, eq=False)
class FoundByWords:
    """Regions of the photo `name` that `words` mean, the likeliest first, and how surely."""

    name: str
    words: str
    regions: tuple[Tiled, ...]
    scores: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class ObjectIds:
    """Which object each Gaussian belongs to [N]."""

    ids: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Carried:
    """The mask that a photo has from others; its standing says whether it is doubtful."""

    name: str
    mask: PhotoMask


@dataclass(frozen=True, eq=False)
class ProjectFacts:
    """What a project is saved from, besides the Gaussians; they are parts of a `State`."""

    plan: Plan
    reconstruction: Reconstruction | None = None
    split: Split | None = None
    step: Step | None = None
    exposures: NDArray[np.float32] | None = None
    metrics: Mapping[str, object] = field(default_factory=dict)
    training: Kept | None = None


@dataclass(frozen=True)
class Saved:
    """A project is written; `training`: the file in it that says where training stands."""

    training: Kept | None = None


@dataclass(frozen=True, eq=False)
class Opened:
    """What was in a file or project.

    `facts` are None for a file that holds only `content`. `path`: the project's own
    folder, which may lie in the folder that was asked for; else the file. `upright`: how the
    content stands where its file does not say which way is up.
    """

    path: Path
    content: Content | None
    facts: ProjectFacts | None = None
    upright: Upright = Upright.RIGHT


@dataclass(frozen=True)
class Exported:
    """What is in the file at `path`, which was read back; `size` in bytes.

    `remarks`: sentences for the user.
    """

    path: Path
    gaussians: int
    triangles: int
    size: int
    remarks: tuple[str, ...] = ()
    pictures: int = 0
