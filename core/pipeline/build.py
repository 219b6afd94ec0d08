"""From a capture to its Gaussians, as one generator that writes no file of its own."""

import math
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor

from core.capture.names import match_names
from core.capture.photos import Capture, all_alike
from core.capture.reconstruction import Reconstruction
from core.errors import UserError
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.pipeline.budget import within
from core.pipeline.described import completing
from core.pipeline.doubts import doubts
from core.pipeline.enduring import train_on
from core.pipeline.events import Placed, Refined, Remark, Tested
from core.pipeline.folds import Folds, folds_of, shrunk
from core.pipeline.masked import ChangingMasks
from core.pipeline.outset import Outset, outset, sparse_start
from core.pipeline.pages import Pages
from core.pipeline.poses import refined, refined_pictures
from core.pipeline.prepare import Flat, Pictures, bytes_of, flatten
from core.pipeline.priors import Help, check_prior, find_help, telling
from core.pipeline.resumed import fitting, reached, told_to, unrefined
from core.pipeline.settings import Settings
from core.pipeline.split import Choice, Split, check_choice, split
from core.pipeline.tried import Tried
from core.pipeline.trust import Trust, judge
from core.pipeline.watch import Watch
from core.prior.imagined import Imagined
from core.progress import Progress
from core.render.devices import Device
from core.segment.labels import PhotoMask, SceneObject
from core.single.stance import Stance
from core.train.evidence import judged
from core.train.standing import Standing, Whereabouts
from core.train.steps import Snapshot, Step

T = TypeVar("T")

# Works out or reads the places of a capture's photos; the folder is for its own files.
PlacePhotos = Callable[[Capture, Path], Iterator[Progress | Reconstruction]]
Event = Progress | Placed | Refined | Remark | Step | Snapshot | Tested | Imagined


@dataclass(frozen=True)
class Host:
    """What only the program around core can know.

    `stop()`: whether training should end with what it has reached.
    `peak_memory_mb()`: the most memory used so far, None where that cannot be told.
    `free_memory()`: bytes that training may fill, None where that is not known.
    `masks()`: of photos by name, those that were corrected since it was asked last.
    `whereabouts` is told where training stands.
    """

    stop: Callable[[], bool] = lambda: False
    peak_memory_mb: Callable[[], float | None] = lambda: None
    free_memory: Callable[[], int | None] = lambda: None
    masks: Callable[[], Mapping[str, PhotoMask]] = dict
    whereabouts: Whereabouts = field(default_factory=Whereabouts)


@dataclass(frozen=True, eq=False)
class Task:
    """What to make of the photos.

    `begin`: what an earlier run of the same photos reached, to go on from; with `standing` as if
    it had never stopped, where the photos trained on are the same.
    `watched`: whether the held-out photos are measured along the way (`Tested`).
    `masks`: of photos by name: they tell what not to train on, and whose Gaussians are; `objects`:
    those in them. `stances`: what the user says of how a photo was taken, by name; of a lone one
    it is held to.
    """

    settings: Settings
    choice: Choice
    device: Device
    begin: Snapshot | None = None
    standing: Standing | None = None
    watched: bool = False
    masks: Mapping[str, PhotoMask] = field(default_factory=dict)
    objects: tuple[SceneObject, ...] = ()
    stances: Mapping[str, Stance] = field(default_factory=dict)


@dataclass(frozen=True)
class Times:
    """When the parts of a build ended, by `time.monotonic`."""

    began: float
    placed: float
    ready: float
    trained: float


@dataclass(frozen=True, eq=False)
class Built:
    """All that a build found out. `last` holds finite values only.

    `reconstruction` and `pictures` have the cameras as training refined them, where it did.
    `folds`, `trust` and `tried` (a prior) are None where the settings or a stop leave them out.
    """

    reconstruction: Reconstruction
    split: Split
    pictures: Pictures
    last: Snapshot
    stopped: bool
    times: Times
    folds: Folds | None = None
    trust: Trust | None = None
    tried: Tried | None = None


def build(
    capture: Capture, places: PlacePhotos | Reconstruction, work: Path, task: Task, host: Host
) -> Generator[Event, None, Built]:
    """Place the photos of `capture`, two at least, unless `places` are known already, and train.

    After the last `Snapshot` come no more than a `Tested`, a `Refined`, and a `Remark` on how far
    the scene can be trusted. `work` is a folder for the solver's own files. Raises `UserError`
    for what people can mend.
    """
    began = time.monotonic()
    check_prior(task.settings)
    _check(capture, task.choice)
    reconstruction = yield from _placed(capture, places, work)
    placed = time.monotonic()
    names = [photo.name for photo in capture.photos]
    parts = split([photo.name for photo in reconstruction.photos], names, task.choice)
    task = replace(task, standing=fitting(task.standing, parts.train))
    reconstruction = unrefined(reconstruction, task.standing)
    yield Placed(reconstruction, parts)
    sizes = [(photo.width, photo.height) for photo in capture.photos]
    budget = within(task.settings, sizes, host.free_memory())
    if budget.words:
        yield Remark(budget.words)
    settings = budget.settings
    large = bytes_of(capture, parts, settings.max_size) > budget.pictures
    pages = Pages(work / "pictures") if large else None
    pictures = yield from answer(
        flatten(capture, reconstruction, parts, settings.max_size, pages), Pictures
    )
    sparse = sparse_start(reconstruction, pictures, settings)
    if task.begin is None:
        yield _first_look(sparse, settings)
    begin = yield from outset(sparse, reconstruction, pictures, settings, host.stop)
    misplaced = doubts(pictures.train, begin.depths)
    yield from map(Remark, misplaced)
    reconstruction = replace(reconstruction, warnings=(*reconstruction.warnings, *misplaced))
    ready = time.monotonic()
    masks = ChangingMasks(pictures.train, reconstruction.photos, task.masks, host.masks)
    ignored = masks.left_out()
    small = partial(shrunk, reconstruction, pictures, begin, settings, ignored)
    helped = yield from find_help(small, begin.coverage, settings, task.device.name, host.stop)
    stands = told_to(host.whereabouts, parts.train, reconstruction)
    last = yield from _trained(begin, pictures, masks, helped, task, host, stands)
    if begin.config.rate_pose > 0:
        reconstruction = refined(reconstruction, parts.train, last.views)
        pictures = refined_pictures(pictures, last.views)
        yield Refined(reconstruction)
    stopped = host.stop() and last.step.iteration < task.settings.iterations
    trained = time.monotonic()
    # Only what has not changed meanwhile need not be made again.
    same = begin.config.rate_pose == 0 and not ignored and not masks.left_out()
    folds, ignored = helped.folds if settings.judge and same else None, masks.left_out()
    if folds is None and settings.judge and not host.stop():
        small = partial(shrunk, reconstruction, pictures, begin, settings, ignored)
        folds = yield from folds_of(small(), host.stop)
    trust = (yield from _trust(folds, pictures, ignored)) if folds else None
    times = Times(began, placed, ready, trained)
    return Built(reconstruction, parts, pictures, last, stopped, times, folds, trust, helped.tried)


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


def _check(capture: Capture, choice: Choice) -> None:
    """What can be known to fail before the places are worked out."""
    if all_alike(capture):
        raise UserError(
            f"All {len(capture.photos)} photos show the same picture, so nothing can be measured.",
            hint="Take them from different places, a step to the side between them.",
        )
    check_choice([photo.name for photo in capture.photos], choice)


def _placed(
    capture: Capture, places: PlacePhotos | Reconstruction, work: Path
) -> Generator[Progress, None, Reconstruction]:
    if not isinstance(places, Reconstruction):
        return (yield from answer(places(capture, work), Reconstruction))
    names = {photo.name for photo in capture.photos}
    if {photo.name for photo in places.photos} <= names:
        return places
    # Photos have been left out since.
    matched = match_names(places, capture)
    told = tuple(verdict for verdict in matched.verdicts if verdict.name in names)
    return replace(matched, verdicts=told)


def _first_look(sparse: Gaussians, settings: Settings) -> Snapshot:
    """Something to see while surfaces are looked for."""
    step = Step(0, settings.iterations, 0.0, math.nan, math.nan, len(sparse))
    return Snapshot(step, sparse, torch.zeros(0, 2, 3))


def _trust(
    folds: Folds, pictures: Pictures, ignored: Sequence[Tensor]
) -> Generator[Progress | Remark, None, Trust]:
    trust = yield from judge(folds, pictures.train, ignored)
    yield Remark(" ".join(trust.words()))
    return trust


def _trained(
    begin: Outset,
    pictures: Pictures,
    masks: ChangingMasks,
    helped: Help,
    task: Task,
    host: Host,
    stands: Whereabouts,
) -> Generator[Progress | Remark | Step | Snapshot | Tested | Imagined, None, Snapshot]:
    """Train to the end or until stopped; the last snapshot."""
    device = task.device.name
    views = [_view(picture, device) for picture in pictures.train]
    photos = [picture.pixels.to(device) for picture in pictures.train]
    start = begin.gaussians if task.begin is None else task.begin.gaussians.without_filled()
    start = start.to(device)
    behind = begin.backdrop.to(device)
    terms = helped.terms(views, photos, begin.config.seed, masks)
    by_words = yield from completing(task.settings, task.objects, start, views, host.stop)
    events = train_on(
        start,
        views,
        photos,
        begin.config,
        stop=host.stop,
        reached=reached(task.begin, task.standing, task.settings, len(photos), device),
        depths=begin.depths,
        labels=masks,
        terms=(*terms, *by_words),
        whereabouts=stands,
    )
    watch = Watch(pictures.test if task.watched else (), host.stop)
    last: Snapshot | None = None
    for event in telling(events, terms):
        if not isinstance(event, Snapshot):
            yield event
            continue
        last = replace(event, gaussians=_finite(event.gaussians).followed_by(behind))
        yield last
        if tested := watch.after(last):
            yield tested
    assert last is not None
    gaussians = judged(last.gaussians, last.views, imagined=bool(terms or by_words))
    last = replace(last, gaussians=masks.applied(gaussians))
    yield last
    if tested := watch.last(last):
        yield tested
    return last


def _view(picture: Flat, device: str) -> View:
    return View(picture.view.camera, picture.view.camera_from_scene.to(device))


def _finite(gaussians: Gaussians) -> Gaussians:
    # A sum tells in a tenth of the time whether there is anything to look for.
    columns = [getattr(gaussians, field.name) for field in fields(gaussians)]
    if all(math.isfinite(float(column.sum())) for column in columns):
        return gaussians
    keep = gaussians.finite()
    return gaussians.rows(keep)
