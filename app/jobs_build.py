"""The job of the builder: photos to Gaussians, or further from where training stood."""

from collections.abc import Iterable, Iterator, Mapping

import torch

from app.control import Control
from app.job_values import BuildJob, CorrectedMasks
from app.memory import free_memory
from app.places import imported, solved
from core.gaussians.arrays import SplatArrays
from core.pipeline.build import Event, Host, PlacePhotos, Task, build
from core.pipeline.events import Remark
from core.progress import Progress
from core.project.files import check_room, removed
from core.render.devices import choose_device
from core.segment.labels import PhotoMask
from core.train.steps import Snapshot

ROOM = 300_000_000  # bytes of disk for copies of the photos and their features


def built(control: Control, job: BuildJob, splats: SplatArrays | None) -> Iterator[Event]:
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
    task = Task(job.settings, job.choice, device, begin, watched=True, masks=job.masks)
    known = job.reconstruction or _solver(job, control)
    try:
        host = Host(
            stop=control.stop_asked,
            free_memory=lambda: free_memory(device.name),
            masks=lambda: corrected(control.told()),
        )
        yield from build(job.capture, known, places, task, host)
    finally:
        removed(places)


def corrected(told: Iterable[object]) -> Mapping[str, PhotoMask]:
    """The newest masks of photos by name, of all that the job was told."""
    newest: dict[str, PhotoMask] = {}
    for value in told:
        if isinstance(value, CorrectedMasks):
            newest.update(value.photos)
    return newest


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
