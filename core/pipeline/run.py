"""From photos to a folder with the finished scene, as one generator."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from core.capture.find import find_photos
from core.capture.photos import Capture, all_alike
from core.capture.reconstruction import Reconstruction
from core.errors import UserError
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.pipeline.begin import first_gaussians
from core.pipeline.exposure import RATE_EXPOSURE, UNEVEN, exposure_spread
from core.pipeline.outputs import Outcome, Seconds, write_outputs
from core.pipeline.prepare import Flat, Pictures, flatten
from core.pipeline.settings import Settings
from core.pipeline.split import Choice, Split, check_choice, split
from core.progress import Progress
from core.project.files import check_room, new_folder, removed
from core.render.devices import Device
from core.train.schedule import TrainConfig
from core.train.trainer import Snapshot, Step, train

T = TypeVar("T")

# Works out or reads the places of a capture's photos; the folder is for its own files.
PlacePhotos = Callable[[Capture, Path], Iterator[Progress | Reconstruction]]

ROOM = 300_000_000  # bytes of disk for copies of the photos and pictures
BYTES_A_GAUSSIAN = 600  # in the PLY and in the project

FEWEST_PHOTOS = 2


@dataclass(frozen=True)
class Job:
    """A reconstruction to do. `told`: further settings to be noted in metrics.json."""

    paths: tuple[Path, ...]
    out: Path
    settings: Settings
    choice: Choice
    place_photos: PlacePhotos
    device: Device
    told: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Host:
    """What only the program around core can know.

    `stop()`: whether training should end with what it has reached.
    `peak_memory_mb()`: the most memory used so far, None where that cannot be told.
    """

    stop: Callable[[], bool] = lambda: False
    peak_memory_mb: Callable[[], float | None] = lambda: None


@dataclass(frozen=True, eq=False)
class Placed:
    """News between placing and training: where the photos stand, and which are held out."""

    reconstruction: Reconstruction
    split: Split


@dataclass(frozen=True)
class Finished:
    """The last event: `out` holds all files. `metrics` as in metrics.json."""

    out: Path
    metrics: Mapping[str, object]


Event = Progress | Placed | Step | Snapshot | Finished


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
        capture = yield from answer(find_photos(job.paths, work), Capture)
        _check(capture, job)
        solving = time.monotonic()
        reconstruction = yield from answer(
            job.place_photos(capture, work / "places"), Reconstruction
        )
        placed = time.monotonic()
        names = [photo.name for photo in capture.photos]
        parts = split([photo.name for photo in reconstruction.photos], names, job.choice)
        yield Placed(reconstruction, parts)
        pictures = yield from answer(
            flatten(capture, reconstruction, parts, job.settings.max_size), Pictures
        )
        start = _start(reconstruction, pictures, job.settings)
        config = _training(reconstruction, pictures, job.settings)
        ready = time.monotonic()
        last, stopped = yield from _trained(start, pictures.train, config, job, host)
        trained = time.monotonic()
        seconds = Seconds(placed - solving, ready - placed + solving - began, trained - ready)
        outcome = Outcome(
            capture=capture,
            flat=replace(reconstruction, photos=pictures.places),
            reconstruction=reconstruction,
            split=parts,
            last=last,
            seconds=seconds,
            stopped=stopped,
            settings=_settings(job),
            device=job.device.name,
        )
        metrics = yield from write_outputs(
            folder, outcome, pictures.test, began, host.peak_memory_mb
        )
        removed(work)
    yield Finished(job.out, metrics)


def answer(steps: Iterator[Progress | T], kind: type[T]) -> Generator[Progress, None, T]:
    """Pass the `Progress` of `steps` on; their answer, of type `kind`, is returned."""
    found: T | None = None
    for step in steps:
        if isinstance(step, Progress):
            yield step
        else:
            assert isinstance(step, kind)
            found = step
    assert found is not None
    return found


def _check(capture: Capture, job: Job) -> None:
    """What can be known to fail before the places are worked out."""
    left_out = "".join(f" {file.name}: {file.reason}" for file in capture.left_out[:5])
    count = len(capture.photos)
    if count < FEWEST_PHOTOS:
        raise UserError(
            f"Only one photo can be used.{left_out}",
            hint="Take two or more photos from different places.",
        )
    if all_alike(capture):
        raise UserError(
            f"All {count} photos show the same picture, so nothing can be measured.",
            hint="Take them from different places, a step to the side between them.",
        )
    check_choice([photo.name for photo in capture.photos], job.choice)


def _start(reconstruction: Reconstruction, pictures: Pictures, settings: Settings) -> Gaussians:
    names = [photo.name for photo in reconstruction.photos]
    return first_gaussians(
        reconstruction.points, names, pictures.train, settings.max_gaussians, settings.seed
    )


def _training(
    reconstruction: Reconstruction, pictures: Pictures, settings: Settings
) -> TrainConfig:
    """The settings as training takes them; exposures move only where the photos' differ."""
    names = [photo.name for photo in reconstruction.photos]
    spread = exposure_spread(reconstruction.points, names, pictures.train)
    rate = RATE_EXPOSURE if spread > UNEVEN else 0.0
    return replace(settings.training(), rate_exposure=rate)


def _trained(
    start: Gaussians, pictures: tuple[Flat, ...], config: TrainConfig, job: Job, host: Host
) -> Generator[Step | Snapshot, None, tuple[Snapshot, bool]]:
    """Train to the end or until stopped; the last snapshot, and whether it was stopped."""
    device = job.device.name
    views = [View(p.view.camera, p.view.camera_from_scene.to(device)) for p in pictures]
    photos = [picture.pixels.to(device) for picture in pictures]
    last: Snapshot | None = None
    for event in train(start.to(device), views, photos, config):
        yield event
        if isinstance(event, Snapshot):
            last = event
            # A snapshot is never far, and only there the state can be taken.
            if host.stop() and event.step.iteration < job.settings.iterations:
                return _finite(event), True
    assert last is not None
    return _finite(last), False


def _finite(snapshot: Snapshot) -> Snapshot:
    keep = snapshot.gaussians.finite()
    return replace(snapshot, gaussians=snapshot.gaussians.map(lambda column: column[keep]))


def _settings(job: Job) -> dict[str, object]:
    choice = {name: value for name, value in vars(job.choice).items() if value}
    return {**job.settings.as_json(), **choice, **job.told}
