"""Placing the photos and training on them: what is asked of the builder, and how it is told."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal

from app.engine.engine import Engine
from app.engine.events import Arrived, Done, EngineState, Failed, News, StateChanged
from app.jobs.kinds import BuildJob, CorrectedMasks, Remark, build_scene
from app.jobs.values import NotKept
from app.memory import resident_mb
from core.capture.reconstruction import Reconstruction
from core.gaussians.arrays import SplatArrays
from core.pipeline.events import Placed, Refined, Tested
from core.prior.imagined import Imagined
from core.progress import Progress
from core.scene.document import Document
from core.scene.holds import placed_alike, standing_of
from core.scene.plan import choice, used
from core.segment.labels import PhotoMask
from core.train.steps import Kept, Step
from widgets.panels.activity import Activity
from widgets.panels.banner import Notice
from widgets.panels.remaining import Track, seconds_left

translate = QCoreApplication.translate

RATE_SECONDS = 3.0  # over which iterations are counted
MEMORY_SECONDS = 5.0  # between two looks at the memory: they take some milliseconds
# Between two times that figures are told: without a graphics card each change of a word has the
# whole window put together anew.
TELL_SECONDS = 1.0
URGENT = ("stage", "engine", "running", "paused", "pausable", "stoppable")


class Building(QObject):
    """Gives the builder one job at a time and brings what comes of it into the document."""

    activity_changed = Signal(object)  # Activity
    stepped = Signal(object)  # Step
    tested = Signal(object)  # Tested
    imagined = Signal(object)  # Imagined
    began = Signal(bool)  # whether from the start
    answered = Signal(object)  # Kept or NotKept
    ended = Signal()
    noticed = Signal(object)  # Notice

    def __init__(self, engine: Engine, document: Document, work: Path) -> None:
        super().__init__()
        self.engine, self._document, self._work = engine, document, work
        self.activity = self._told = Activity()
        self._told_at = -math.inf
        self._rest = Activity()  # what is shown while nothing runs
        self._job: int | None = None
        self._track = Track()
        self._steps: list[tuple[float, int]] = []
        self._looked = -math.inf

    @property
    def running(self) -> bool:
        return self._job is not None

    @property
    def steps_come(self) -> bool:
        """Whether it trains, if in a pause."""
        return self.running and bool(self._steps)

    def can_build(self) -> bool:
        free = self.engine.state in (EngineState.READY, EngineState.STARTING)
        return free and not self.running and bool(used(self._document.state.plan).photos)

    def can_go_on(self) -> bool:
        """Whether training left something undone that can be taken up again."""
        state = self._document.state
        return (
            self.can_build()
            and len(used(state.plan).photos) > 1  # what is made of one photo is never trained
            and state.step is not None
            and isinstance(state.content, SplatArrays)
            and state.reconstruction is not None
            and state.step.iteration < state.plan.settings.iterations
        )

    def start(self) -> None:
        """Build anew; places that hold for these photos are kept."""
        state = self._document.state
        known = state.reconstruction if placed_alike(state) else None
        self._run(known=known)

    def go_on(self) -> None:
        """Train on from what was reached."""
        state = self._document.state
        assert isinstance(state.base, SplatArrays)
        self._run(known=state.reconstruction, reached=True)

    def pause(self) -> None:
        self.engine.pause()

    def resume(self) -> None:
        self.engine.resume()

    def stop(self) -> None:
        self.engine.stop()

    def say(self, words: str, part: float) -> None:
        """Show what another process does, while there is nothing of our own to show.

        `part` of it is done, below 0 where that is not known; no `words`: it is over.
        """
        if not self.running:
            total = 1.0 if part >= 0 else 0.0
            shown = Activity(stage=words, done=part, total=total, running=bool(words))
            self._tell(shown if words else self._rest)

    def correct(self, masks: Mapping[str, PhotoMask]) -> None:
        """Let what is being built follow these masks of photos, by their names."""
        if self.running:
            self.engine.tell(CorrectedMasks(masks))

    def abandon(self) -> None:
        """Stop, and hear no more of what is being done."""
        if self.running:
            self.engine.stop()
            self._end()

    def poll(self) -> None:
        """Hear what the builder has to tell; called a few dozen times a second."""
        for event in self.engine.poll():
            self._hear(event)
        now = time.monotonic()
        if self.running and now - self._looked > MEMORY_SECONDS:
            self._looked = now
            self._tell(replace(self.activity, memory_mb=resident_mb()))
        if self.activity is not self._told and now - self._told_at > TELL_SECONDS:
            self._emit()

    def _run(self, known: Reconstruction | None, *, reached: bool = False) -> None:
        state = self._document.state
        kept = standing_of(state)
        if not reached:
            self._document.show(training=None)
        job = BuildJob(
            capture=used(state.plan),
            settings=state.plan.settings,
            choice=choice(state.plan),
            work=self._work,
            reconstruction=known,
            step=state.step if reached else None,
            exposures=state.exposures if reached else None,
            masks=state.plan.masks.photos,
            objects=state.plan.masks.objects,
            stances=state.plan.stances,
            training=kept.path if reached and kept is not None else None,
        )
        splats = state.base if reached and isinstance(state.base, SplatArrays) else None
        self._steps.clear()
        self._track = Track()
        self._job = self.engine.run(build_scene, job, splats=splats)
        waiting = translate("Building", "Preparing")
        self._tell(Activity(stage=waiting, running=True, pausable=True, stoppable=True))
        self.began.emit(not reached)

    def _hear(self, event: object) -> None:
        match event:
            case StateChanged():
                self._tell_state(event)
            case News(job=job, value=value) if job == self._job:
                self._news(value)
            case Arrived(job=job) if job == self._job:
                self._document.show(
                    content=event.splats, step=event.step, exposures=event.exposures
                )
            case Done(job=job) if job == self._job:
                self._end()
            case Failed():
                self._failed(event)

    def _news(self, value: object) -> None:
        match value:
            case Progress():
                self._progress(value.stage, value.done, value.total, value.note)
            case Placed():
                self._document.show(reconstruction=value.reconstruction, split=value.split)
                for words in value.reconstruction.warnings:
                    self.noticed.emit(Notice(words, kind="warning"))
            case Refined():
                self._document.show(reconstruction=value.reconstruction)
            case Step():
                self._step(value)
            case Remark():
                self.noticed.emit(Notice(value.words, kind="info"))
            case Kept() | NotKept():
                self.answered.emit(value)
            case Imagined():
                self.imagined.emit(value)
            case Tested():
                self._tell(replace(self.activity, psnr_test=value.psnr))
                self.tested.emit(value)

    def _progress(self, stage: str, done: float, total: float, note: str) -> None:
        if total > 0:
            self._track = self._track.after(stage, time.monotonic(), min(1.0, done / total))
        self._tell(
            replace(
                self.activity,
                stage=stage,
                done=done,
                total=total,
                note=note,
                seconds_left=seconds_left(self._track),
            )
        )

    def _step(self, step: Step) -> None:
        now = time.monotonic()
        self._steps = [each for each in self._steps if now - each[0] < RATE_SECONDS]
        self._steps.append((now, step.iteration))
        (first, before), (last, after) = self._steps[0], self._steps[-1]
        rate = (after - before) / (last - first) if last - first > 0.2 else self.activity.rate
        psnr = None if math.isnan(step.psnr) else step.psnr
        self.activity = replace(self.activity, rate=rate, gaussians=step.gaussians, psnr_train=psnr)
        training = translate("Building", "Training")
        # The part spent rather than the iterations: a time limit ends training as well.
        self._progress(training, step.spent * step.iterations, step.iterations, "")
        self.stepped.emit(step)

    def _tell_state(self, event: StateChanged) -> None:
        paused = event.state is EngineState.PAUSED
        if self.activity.paused and not paused:
            self._track = self._track.resumed()
            self._steps.clear()
        stage = self.activity.stage
        if event.state is EngineState.STOPPING:
            stage = translate("Building", "Stopping")
        self._tell(
            replace(
                self.activity,
                engine=_warming(event.words),
                paused=paused,
                stage=stage,
                pausable=self.running and event.state is not EngineState.STOPPING,
                stoppable=self.running and event.state is not EngineState.STOPPING,
            )
        )

    def _failed(self, event: Failed) -> None:
        if event.job not in (self._job, 0):
            return
        self._end()
        go_on = translate("Building", "Go on from the last snapshot")
        again = translate("Building", "Try again")
        actions: tuple[tuple[str, Callable[[], object]], ...] = ()
        if event.job and self.can_go_on():
            actions = ((go_on, self.go_on),)
        elif event.job and event.died:
            actions = ((again, self.start),)
        elif not event.job:
            actions = ((translate("Building", "Start it again"), self.engine.start),)
        self.noticed.emit(Notice(event.problem, event.hint, event.log, "error", actions))

    def _end(self) -> None:
        self._job = None
        kept = self.activity
        self._rest = Activity(
            gaussians=kept.gaussians,
            psnr_train=kept.psnr_train,
            psnr_test=kept.psnr_test,
            memory_mb=kept.memory_mb,
        )
        self._tell(self._rest)
        self.ended.emit()

    def _tell(self, activity: Activity) -> None:
        """Let `activity` be seen: at once where more than figures has changed, else soon."""
        self.activity = activity
        if any(getattr(activity, name) != getattr(self._told, name) for name in URGENT):
            self._emit()

    def _emit(self) -> None:
        self._told, self._told_at = self.activity, time.monotonic()
        self.activity_changed.emit(self.activity)


def _warming(words: str) -> str:
    """What a process says while it starts, in the user's language."""
    known = {
        "Loading PyTorch": translate("Building", "Loading PyTorch"),
        "Loading the trainer": translate("Building", "Loading the trainer"),
        "Compiling the rasterizer": translate("Building", "Compiling the rasterizer"),
    }
    return known.get(words, words)
