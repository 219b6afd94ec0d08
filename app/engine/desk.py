"""Small jobs, one after the other, in a process of their own: reading photos, files in and out."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.engine.engine import Arrived, Done, Engine, EngineState, Failed, News
from core.gaussians.arrays import SplatArrays


def _ignored(_: object) -> None:
    pass


def _nothing() -> None:
    pass


@dataclass(frozen=True, eq=False)
class Errand:
    """A generator `function` of `app.jobs.kinds`, run with `args`, and who hears what comes of it.

    `splats` go along through shared memory. `hear` gets each value (Gaussians as
    `Arrived`), then `done` or `failed` is called.
    """

    function: Callable[..., Iterator[object]]
    args: tuple[object, ...] = ()
    splats: SplatArrays | None = None
    hear: Callable[[object], None] = _ignored
    done: Callable[[], None] = _nothing
    failed: Callable[[Failed], None] = _ignored


class Desk:
    """Runs errands in the order they were asked for. Only the main thread may touch it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._waiting: deque[Errand] = deque()
        self._current: Errand | None = None
        self._job = 0

    @property
    def current(self) -> Errand | None:
        return self._current

    def holds(self, errand: Errand | None) -> bool:
        """Whether `errand` is still to be done; one that was cancelled is not."""
        return errand is not None and (errand is self._current or errand in self._waiting)

    def ask(self, errand: Errand) -> None:
        if self.engine.state is EngineState.DEAD:
            self.engine.start()
        self._waiting.append(errand)
        self._begin()

    def cancel(self) -> None:
        """End what is being done, and forget what waits."""
        self._waiting.clear()
        if self._current is not None:
            self.engine.stop()

    def poll(self) -> None:
        """Hear what the process has to tell; called a few times a second."""
        for event in self.engine.poll():
            self._hear(event)
        self._begin()

    def _begin(self) -> None:
        if self._current is not None or not self._waiting:
            return
        if self.engine.state not in (EngineState.READY, EngineState.STARTING):
            return
        errand = self._current = self._waiting.popleft()
        self._job = self.engine.run(errand.function, *errand.args, splats=errand.splats)

    def _hear(self, event: object) -> None:
        errand = self._current
        if errand is None or getattr(event, "job", None) != self._job:
            return
        match event:
            case News(value=value):
                errand.hear(value)
            case Arrived():
                errand.hear(event)
            case Done():
                self._current = None
                errand.done()
            case Failed():
                self._current = None
                errand.failed(event)
