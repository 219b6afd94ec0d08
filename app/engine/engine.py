"""An engine: a child process that does heavy jobs one at a time, seen from the main thread.

Nothing here waits. Poll it some thirty times a second:

    builder = Engine("builder", warm_builder)
    builder.start()
    job = builder.run(build_scene, build_job)
    for event in builder.poll():
        ...
"""

import atexit
import time
from collections.abc import Callable, Iterator

from app.engine.control import Control
from app.engine.events import (
    Arrived,
    Done,
    EngineEvent,
    EngineState,
    Failed,
    News,
    StateChanged,
    Trained,
)
from app.engine.keeper import Keeper, Kill, Word, Work
from app.engine.messages import (
    Ended,
    Gone,
    Heard,
    Held,
    Pause,
    Ready,
    Resume,
    Stop,
    Unpacked,
    Warming,
)
from app.engine.processes import died
from core.gaussians.arrays import SplatArrays
from core.progress import Progress
from core.train.steps import Step

__all__ = [
    "Arrived", "Control", "Done", "Engine", "EngineEvent", "EngineState", "Failed", "News",
    "StateChanged",
]  # fmt: skip

# Seconds that a job has to notice that it should stop, and then to end, before it is killed.
HEAR_STOP, DO_STOP = 3.0, 30.0
NO_START_HINT = "Start the program again; if that does not help, please report this with the log."


def _cold() -> Iterator[str]:
    yield from ()


class Engine:
    """Only the main thread may touch it. `name` is for lists of threads."""

    def __init__(self, name: str, warm: Callable[[], Iterator[str]] | None = None) -> None:
        self._name, self._warm = name, warm or _cold
        self._keeper: Keeper | None = None
        self._state = EngineState.CLOSED
        self._events: list[EngineEvent] = []
        self._child = 1  # how many there have been
        self._jobs = 0
        self._job: int | None = None  # the one that waits or runs
        self._waiting: Work | None = None
        self._words: list[Word] = []  # for the job that waits
        self._stage = "starting"
        self._deadline: float | None = None

    @property
    def state(self) -> EngineState:
        return self._state

    def start(self) -> None:
        """Start the process; when it has been DEAD or CLOSED, again."""
        if self._state is EngineState.DEAD:
            self.close()
        if self._state is EngineState.CLOSED:
            self._keeper, self._child = Keeper(self._name, self._warm), 1
            # A process that nobody ended would keep ours from ending.
            atexit.register(self.close)
            self._become(EngineState.STARTING)

    def run(
        self,
        function: Callable[..., Iterator[object]],
        *args: object,
        splats: SplatArrays | None = None,
    ) -> int:
        """Have the process iterate `function(control, *args)`; the number of the job.

        `function` is a module's generator function, and `control` the `Control` by
        which it hears of pauses and stops. `splats`, where given, are handed to it as
        a keyword. Raises RuntimeError unless READY, or STARTING without another job.
        """
        if self._state not in (EngineState.READY, EngineState.STARTING) or self._job is not None:
            raise RuntimeError(f"the engine is {self._state.name} and cannot take a job")
        self._jobs += 1
        self._job, self._stage = self._jobs, "starting"
        self._waiting = Work(self._jobs, (function, args, splats))
        if self._state is EngineState.READY:
            self._hand_over()
        return self._jobs

    def pause(self) -> None:
        """Hold the job where it is; the state follows when it does."""
        self._tell_job(Pause)

    def resume(self) -> None:
        self._tell_job(Resume)

    def tell(self, value: object) -> None:
        """Let the job know `value` when it asks `Control.told`; without a job, nobody hears."""
        if self._job is None:
            return
        word = Word(self._job, value)
        if self._waiting is not None:
            self._words.append(word)
        else:
            self._order(word)

    def stop(self) -> None:
        """End the job: training with what it has reached, anything else at once. It is killed
        if it does not react, or if it is told a second time."""
        if self._waiting is not None:
            assert self._job is not None
            self._events.append(Done(self._job, stopped=True))
            self._job = self._waiting = None
            self._words.clear()
        elif self._state is EngineState.STOPPING:
            self._order(Kill())
        elif self._state in (EngineState.RUNNING, EngineState.PAUSED):
            self._tell_job(Stop)
            self._deadline = time.monotonic() + HEAR_STOP
            self._become(EngineState.STOPPING)

    def poll(self) -> list[EngineEvent]:
        """What has happened since the last time, in order."""
        if self._keeper is not None:
            for message in self._keeper.news():
                self._hear(message)
        if self._deadline is not None and time.monotonic() > self._deadline:
            self._deadline = None
            self._order(Kill())
        events, self._events = self._events, []
        return events

    def close(self) -> None:
        """End the process; a job that writes has two seconds to clean up after itself."""
        atexit.unregister(self.close)
        if self._keeper is not None:
            self._keeper.close()
        self._keeper = self._job = self._waiting = self._deadline = None
        if self._state is not EngineState.CLOSED:
            self._become(EngineState.CLOSED)

    def _hear(self, message: object) -> None:
        match message:
            case Warming(words):
                self._become(EngineState.STARTING, words)
            case Ready():
                self._become(EngineState.READY)
                if self._waiting is not None:
                    self._hand_over()
            case Gone():
                self._lost(message)
            case Unpacked() | Held() | Heard() | Ended() if message.job == self._job:
                self._hear_job(message)
            case _:
                pass  # of a job that is over

    def _hear_job(self, message: Unpacked | Held | Heard | Ended) -> None:
        match message:
            case Unpacked(job, value):
                self._events.append(self._told(job, value))
            case Held(_, held) if self._state is not EngineState.STOPPING:
                self._become(EngineState.PAUSED if held else EngineState.RUNNING)
            case Heard():
                self._deadline = time.monotonic() + DO_STOP
            case Ended(job, stopped, problem, hint, log):
                failed = Failed(job, problem, hint, log, died=False)
                self._over(failed if problem else Done(job, stopped))
                self._become(EngineState.READY)
            case _:
                pass

    def _told(self, job: int, value: object) -> EngineEvent:
        match value:
            case Trained(splats, step, exposures):
                return Arrived(job, splats, step, exposures)
            case SplatArrays():
                return Arrived(job, value)
            case Progress():
                self._stage = value.stage[:1].lower() + value.stage[1:]
            case Step():
                self._stage = "training"
        return News(job, value)

    def _lost(self, gone: Gone) -> None:
        """The process has left without being asked, unless it was killed for not stopping."""
        self._child += 1
        told = died(gone.code, self._stage if self._job is not None else "starting")
        if self._job is not None:
            if self._state is EngineState.STOPPING:
                self._over(Done(self._job, stopped=True))
            else:
                self._over(Failed(self._job, told.problem, told.hint, gone.log, died=True))
        if not gone.final:
            self._become(EngineState.STARTING)
            return
        self._events.append(Failed(0, told.problem, NO_START_HINT, gone.log, died=True))
        self._become(EngineState.DEAD)

    def _over(self, last: EngineEvent) -> None:
        self._job = self._waiting = self._deadline = None
        self._events.append(last)

    def _hand_over(self) -> None:
        assert self._waiting is not None
        for order in (self._waiting, *self._words):
            self._order(order)
        self._waiting = None
        self._words.clear()
        self._become(EngineState.RUNNING)

    def _tell_job(self, message: Callable[[int], object]) -> None:
        if self._job is not None and self._waiting is None:
            self._order(message(self._job))

    def _order(self, order: object) -> None:
        if self._keeper is not None:
            self._keeper.order(self._child, order)

    def _become(self, state: EngineState, words: str = "") -> None:
        self._state = state
        self._events.append(StateChanged(state, words))
