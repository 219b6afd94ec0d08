"""From photos to a folder with the finished scene, as one generator."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.capture.find import find_photos
from core.capture.photos import Capture
from core.errors import UserError
from core.pipeline.build import Event as BuildEvent
from core.pipeline.build import Host, PlacePhotos, Task, answer
from core.pipeline.described import with_words
from core.pipeline.drawn import drawn_photo
from core.pipeline.masked import masks_from
from core.pipeline.outputs import Outcome, Seconds, write_outputs
from core.pipeline.scene import make_scene
from core.pipeline.settings import Settings
from core.pipeline.split import Choice
from core.project.files import check_room, new_folder, removed
from core.render.devices import Device
from core.segment.masks import Masks
from core.single.stance import Said, Stance

ROOM = 300_000_000  # bytes of disk for copies of the photos and pictures
BYTES_A_GAUSSIAN = 600  # in the PLY and in the project


@dataclass(frozen=True)
class Job:
    """A reconstruction to do. `told`: further settings to be noted in metrics.json.

    `masks`: files with masks of the photos, of any kind that `import_masks` reads. `words`: what
    things are, by the names of their masks. `drawn_words`: what the network at `drawer` is to draw,
    in place of photos at `paths`. `said`: how a single photo was taken.
    """

    paths: tuple[Path, ...]
    out: Path
    settings: Settings
    choice: Choice
    place_photos: PlacePhotos
    device: Device
    told: Mapping[str, object] = field(default_factory=dict)
    masks: Path | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    drawn_words: str = ""
    drawer: str = ""
    said: Said | None = None


@dataclass(frozen=True)
class Finished:
    """The last event: `out` holds all files. `metrics` as in metrics.json."""

    out: Path
    metrics: Mapping[str, object]


Event = BuildEvent | Finished


def reconstruct(job: Job, host: Host) -> Iterator[Event]:
    """Do `job`. Its folder `out` comes to exist whole at the end, or not at all.

    Raises `UserError` for what people can mend; whatever is raised, and where the
    iterator is closed early, no trace stays on the disk.
    """
    began = time.monotonic()
    with new_folder(job.out) as folder:
        check_room(folder, ROOM + BYTES_A_GAUSSIAN * job.settings.max_gaussians)
        work = folder / "work"
        work.mkdir()
        paths = job.paths
        if job.drawn_words:
            drawing = drawn_photo(
                job.drawn_words, job.drawer, work, seed=job.settings.seed, device=job.device.name
            )
            paths = ((yield from answer(drawing, Path)),)
        capture = yield from answer(find_photos(paths, work), Capture)
        masks = Masks()
        if job.masks is not None:
            masks = yield from answer(masks_from(job.masks, capture), Masks)
        masks = with_words(masks, job.words)
        stances = {} if job.said is None else _stances(job.said, capture)
        task = Task(
            job.settings, job.choice, job.device, masks=masks.photos, objects=masks.objects,
            stances=stances,
        )  # fmt: skip
        built = yield from make_scene(capture, job.place_photos, work / "places", task, host)
        times = built.times
        poses = times.placed - times.began
        seconds = Seconds(poses, times.ready - began - poses, times.trained - times.ready)
        outcome = Outcome(
            capture=capture,
            flat=replace(built.reconstruction, photos=built.pictures.places),
            reconstruction=built.reconstruction,
            split=built.split,
            last=built.last,
            seconds=seconds,
            stopped=built.stopped,
            settings=_settings(job),
            device=job.device.name,
            trust=built.trust,
            tried=built.tried,
            masks=masks,
            stances=stances,
        )
        metrics = yield from write_outputs(
            folder, outcome, built.pictures.test, began, host.peak_memory_mb
        )
        removed(work)
    yield Finished(job.out, metrics)


def _stances(said: Said, capture: Capture) -> dict[str, Stance]:
    """What was said of the one photo of `capture`. Raises `UserError`."""
    if len(capture.photos) != 1:
        raise UserError(
            f"A focal length and a horizon were told, but there are {len(capture.photos)} photos.",
            hint="They are taken for a single photo; without them they are worked out.",
        )
    (photo,) = capture.photos
    try:
        return {photo.name: said.stance(photo.width, photo.height)}
    except ValueError as error:
        size = f"{photo.width} by {photo.height} pixels"
        raise UserError(
            f"No photo of {size} was taken so: {error}.",
            hint="Focal length and horizon are told in pixels of the whole photo.",
        ) from error


def _settings(job: Job) -> dict[str, object]:
    choice = {name: value for name, value in vars(job.choice).items() if value}
    return {**job.settings.as_json(), **choice, **job.told}
