"""The job of the builder: photos to Gaussians, or further from where training stood."""

from collections.abc import Generator, Iterator, Mapping

import torch

from app.commands.places import imported, solved
from app.engine.control import Control
from app.jobs.values import BuildJob, CorrectedMasks, KeepTraining, NotKept
from app.memory import free_memory
from app.projects.keeping import Keeping
from core.errors import UserError
from core.gaussians.arrays import SplatArrays
from core.pipeline.build import Event, Host, PlacePhotos, Task
from core.pipeline.events import Remark
from core.pipeline.scene import make_scene
from core.progress import Progress
from core.project.files import check_room, removed
from core.render.devices import choose_device
from core.segment.labels import PhotoMask
from core.train.standing import Standing, Whereabouts, read_standing
from core.train.steps import Kept, Snapshot

ROOM = 300_000_000  # bytes of disk for copies of the photos and their features


def built(
    control: Control, job: BuildJob, splats: SplatArrays | None
) -> Iterator[Event | Kept | NotKept]:
    """Do `job`; `splats` are what it goes on from. Raises `UserError`."""
    device = choose_device(job.device)
    if device.note:
        yield Remark(device.note)
    places = job.work / "places"
    if job.reconstruction is None:
        job.work.mkdir(parents=True, exist_ok=True)
        check_room(job.work, ROOM)
        # The solver's own process takes seconds to begin.
        yield Progress("Preparing to place the photos", 0, 0)
    begin = _begin(job, splats)
    standing = yield from _standing(job)
    task = Task(
        job.settings,
        job.choice,
        device,
        begin,
        standing,
        watched=True,
        masks=job.masks,
        objects=job.objects,
        stances=job.stances,
    )
    stands, heard = Whereabouts(), Heard(control)
    keeping = Keeping(job.work / "training", stands)
    control.between = lambda: heard.keep(keeping)
    known = job.reconstruction or _solver(job, control)
    try:
        host = Host(
            stop=control.stop_asked,
            free_memory=lambda: free_memory(device.name),
            masks=heard.masks,
            whereabouts=stands,
        )
        yield from make_scene(job.capture, known, places, task, host)
        yield from keeping.kept()
    finally:
        removed(places)


class Heard:
    """Sorts what the job was told: masks are for training, the rest is done between its steps."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._masks: dict[str, PhotoMask] = {}
        self._keep = False

    def masks(self) -> Mapping[str, PhotoMask]:
        """The newest of photos by name, since it was asked last."""
        self._sort()
        newest, self._masks = self._masks, {}
        return newest

    def keep(self, keeping: Keeping) -> None:
        """Write down where training stands, if that was asked for."""
        self._sort()
        if self._keep:
            self._keep = False
            for value in keeping.kept(answer=True):
                self._control.say(value)

    def _sort(self) -> None:
        for value in self._control.told():
            if isinstance(value, CorrectedMasks):
                self._masks.update(value.photos)
            elif isinstance(value, KeepTraining):
                self._keep = True


def _standing(job: BuildJob) -> Generator[Remark, None, Standing | None]:
    """Where an earlier run stood; None, after a word, where that cannot be read."""
    if job.training is None:
        return None
    try:
        return read_standing(job.training)
    except UserError as error:
        yield Remark(f"{error.problem} {error.hint}")
        return None


def _solver(job: BuildJob, control: Control) -> PlacePhotos:
    seed = job.settings.seed
    if job.cameras is None:
        return solved(seed, control.meanwhile)
    return imported(*job.cameras, seed, control.meanwhile)


def _begin(job: BuildJob, splats: SplatArrays | None) -> Snapshot | None:
    if job.step is None or splats is None:
        return None
    exposures = torch.zeros(0, 2, 3) if job.exposures is None else torch.tensor(job.exposures)
    return Snapshot(job.step, splats.to_gaussians(), exposures)
