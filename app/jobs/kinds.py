"""What engines are asked to do: one generator function for each kind of job.

The window names these functions, and only the engine's process runs them; so what they need is
imported when they run, and the window starts without it. `control` is given by the engine.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.engine.control import Control
from app.engine.warm import warm_builder, warm_desk, warm_masks
from app.jobs.values import (
    BuildJob,
    Carried,
    CorrectedMasks,
    Exported,
    FlatPicture,
    Found,
    FoundByWords,
    MissingPhotos,
    ObjectIds,
    Opened,
    ProjectFacts,
    Proposed,
    Question,
    Saved,
    Thumbnail,
    WholePhoto,
)
from core.capture.photos import Capture, Photo
from core.capture.reconstruction import PlacedPhoto, Reconstruction
from core.gaussians.arrays import SplatArrays
from core.pipeline.events import Remark
from core.progress import Progress
from core.segment.labels import PhotoMask
from core.segment.masks import Masks

if TYPE_CHECKING:
    from core.export.pictures import Taking
    from core.export.wish import Wish
    from core.scene.floor import Floor
    from core.segment.mask_export import MaskFormat
    from core.segment.mask_import import Imported
    from core.single.looked import Looked
    from core.single.stance import Stance

__all__ = [
    "BuildJob", "Carried", "CorrectedMasks", "Exported", "FlatPicture", "Found", "FoundByWords",
    "MissingPhotos", "ObjectIds",
    "Opened", "ProjectFacts", "Proposed", "Question", "Remark", "Saved", "Thumbnail", "WholePhoto",
    "answer_question", "build_scene", "carry_masks", "embed_photo", "export_mask_files",
    "export_scene", "find_floor_under", "flat_photo", "follow_masks", "import_mask_files",
    "look_at_photo",
    "open_file", "open_segmenter", "propose_objects", "read_photos", "save_project_to",
    "take_pictures", "thumbnails", "warm_builder", "warm_desk", "warm_masks", "whole_photo",
]  # fmt: skip

THUMBNAIL = 160  # pixels, the longer side


def build_scene(
    control: Control, job: BuildJob, splats: SplatArrays | None = None
) -> Iterator[object]:
    """Place the photos and train; `Remark`s and the events of `core.pipeline.build`."""
    from app.jobs.build import built

    yield from built(control, job, splats)


def read_photos(
    control: Control, paths: Sequence[Path], work: Path
) -> Iterator[Progress | Thumbnail | Capture]:
    """Read and judge photos, folders of them and videos; the `Capture` comes last.

    Frames of videos are written below the folder `work`, and stay there.
    """
    from app.jobs.photos import found

    yield from found(paths, work, THUMBNAIL)


def thumbnails(
    control: Control, capture: Capture, size: int = THUMBNAIL
) -> Iterator[Thumbnail | MissingPhotos]:
    """One for each photo that can be read; the others are named last, if there are any."""
    from app.jobs.photos import small_pictures

    yield from small_pictures(capture, size)


def flat_photo(
    control: Control, photo: Photo, placed: PlacedPhoto, max_size: int
) -> Iterator[FlatPicture]:
    """The photo without the distortion of its lens, its longer side at most `max_size` pixels."""
    from app.jobs.photos import flattened

    yield flattened(photo, placed, max_size)


def whole_photo(control: Control, photo: Photo) -> Iterator[WholePhoto]:
    """The photo at full size."""
    from app.jobs.photos import whole

    yield whole(photo)


def open_segmenter(control: Control, place: str) -> Iterator[object]:
    """Have the segmenter ready whose network is at `place`; "" for the one always there."""
    from app.jobs.masks import opened

    opened(place)
    yield from ()


def embed_photo(
    control: Control,
    photo: Photo,
    place: str = "",
    placed: PlacedPhoto | None = None,
    splats: SplatArrays | None = None,
) -> Iterator[object]:
    """Let the segmenter look at a photo, before anything is asked of it.

    Where the photo is `placed` in a scene of `splats`, their shape helps.
    """
    from app.jobs.masks import embedded

    embedded(photo, place, placed, splats)
    yield from ()


def answer_question(control: Control, question: Question) -> Iterator[Found]:
    """What the segmenter finds."""
    from app.jobs.masks import answered

    yield answered(question)


def propose_objects(control: Control, photo: Photo, place: str = "") -> Iterator[Proposed]:
    """What the segmenter thinks may be objects."""
    from app.jobs.masks import proposed

    yield proposed(photo, place)


def open_finder(control: Control, place: str) -> Iterator[object]:
    """Have the network ready that understands words; `place` is its folder."""
    from app.jobs.words import opened

    opened(place)
    yield from ()


def find_words(
    control: Control, photo: Photo, words: str, finder: str, segmenter: str = ""
) -> Iterator[FoundByWords]:
    """What `words` mean in a photo, by the networks at two places."""
    from app.jobs.words import found

    yield found(photo, words, finder, segmenter)


def carry_masks(
    control: Control,
    capture: Capture,
    reconstruction: Reconstruction,
    masks: Masks,
    splats: SplatArrays,
) -> Iterator[Progress | ObjectIds | Carried]:
    """Whose the Gaussians are by the user's masks, and the masks that placed photos have of it."""
    from app.jobs.masks import carried

    yield from carried(capture, reconstruction, masks, splats)


def follow_masks(
    control: Control,
    photos: tuple[PlacedPhoto, ...],
    masks: Mapping[str, PhotoMask],
    splats: SplatArrays,
) -> Iterator[ObjectIds]:
    """Whose the Gaussians are by the user's `masks` of placed `photos`, by name."""
    from app.jobs.masks import followed

    yield followed(photos, masks, splats)


def find_floor_under(
    control: Control, floor_ids: frozenset[int], up: NDArray[np.float64], splats: SplatArrays
) -> "Iterator[Floor]":
    """The floor that things stand on; `floor_ids`: of objects that are one; `up` [3]: roughly."""
    from app.jobs.layout import floor_under

    yield floor_under(floor_ids, up, splats)


def import_mask_files(
    control: Control, path: Path, capture: Capture, masks: Masks
) -> "Iterator[Progress | Imported]":
    """Read masks from files of other programs; the `Imported` comes last."""
    from app.jobs.masks import imported

    yield from imported(path, capture, masks)


def export_mask_files(
    control: Control, path: Path, form: "MaskFormat", capture: Capture, masks: Masks
) -> Iterator[Progress]:
    """Write masks for other programs; `path` must not exist, but for a COCO file."""
    from app.jobs.masks import exported

    yield from exported(path, form, capture, masks)


def open_file(control: Control, path: Path) -> Iterator[Progress | Opened]:
    """What is in a project, in the folder that `maquette reconstruct` wrote, or in a PLY file."""
    from app.jobs.files import opened

    yield from opened(path)


def export_scene(
    control: Control, path: Path, facts: ProjectFacts, wish: "Wish", splats: SplatArrays
) -> Iterator[Progress | Exported]:
    """Write `splats` as other programs read them; `path` is whole, and checked, or as it was."""
    from app.jobs.export import export

    yield from export(path, facts, wish, splats)


def find_moved_photos(
    control: Control, capture: Capture, names: Sequence[str], folder: Path
) -> Iterator[object]:
    """Where the photos `names` lie now, if below `folder`: a `Moved`, last."""
    from app.jobs.photos import moved

    yield from moved(capture, names, folder)


def look_at_photo(
    control: Control, photo: Photo, stance: "Stance", seed: int, before: "Looked | None" = None
) -> "Iterator[Looked]":
    """How a lone photo was taken, with what its user says; edges known `before` are kept."""
    from app.jobs.photos import looked

    yield from looked(photo, stance, seed, before)


def take_pictures(
    control: Control, path: Path, facts: ProjectFacts, wish: "Taking", splats: SplatArrays
) -> Iterator[Progress | Exported]:
    """Write a film, or a folder of pictures, depth maps or cameras; whole, or nothing."""
    from app.jobs.export import take

    yield from take(path, facts, wish, splats)


def save_project_to(
    control: Control,
    folder: Path,
    facts: ProjectFacts,
    work: Path,
    splats: SplatArrays | None = None,
) -> "Iterator[Progress | Saved]":
    """Write a project, which takes the place of what `folder` holds all at once.

    Photos below `work`, the frames of videos, are copied into it.
    """
    from app.jobs.files import saved

    yield from saved(folder, facts, work, splats)
