"""What takes a while to make for the layout: in a process of its own, one thing after the other."""

from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, Signal

from app.engine.desk import Desk, Errand
from app.engine.engine import Engine, EngineState
from app.engine.events import Failed
from core.gaussians.arrays import SplatArrays
from core.progress import Progress
from widgets.panels.banner import Notice


class Making(QObject):
    """Has jobs done whose last value is wanted, and says how far they are."""

    working = Signal(str, float)  # words, the part done (below 0: not known); "" when at rest
    noticed = Signal(object)  # Notice

    def __init__(self) -> None:
        super().__init__()
        self._desk = Desk(Engine("making"))
        self._asked = 0

    @property
    def busy(self) -> bool:
        return self._asked > 0

    def poll(self) -> None:
        """Hear how far it is; called often."""
        if self._desk.engine.state is not EngineState.CLOSED:
            self._desk.poll()

    def close(self) -> None:
        """End the process."""
        self._desk.engine.close()

    def stop(self) -> None:
        """Give up what is being made, and what waits to be."""
        self._desk.cancel()
        self._asked = 1 if self._desk.current is not None else 0
        if not self._asked:
            self.working.emit("", -1.0)

    def ask(
        self,
        words: str,
        function: Callable[..., Iterator[object]],
        args: tuple[object, ...],
        splats: SplatArrays | None,
        then: Callable[[object], None],
    ) -> None:
        """Have a job done, and `then` hear its last value, if it was not stopped."""
        if self._desk.engine.state is EngineState.CLOSED:
            self._desk.engine.start()
        last: list[object] = []

        def hear(value: object) -> None:
            if isinstance(value, Progress):
                self.working.emit(words, value.done / value.total if value.total else -1.0)
            else:
                last[:] = [value]

        def rested() -> None:
            self._asked -= 1
            if not self._asked:
                self.working.emit("", -1.0)

        def done() -> None:
            rested()
            for value in last:
                then(value)

        def failed(event: Failed) -> None:
            rested()
            self.noticed.emit(Notice(event.problem, event.hint, event.log))

        self._asked += 1
        self.working.emit(words, -1.0)
        self._desk.ask(Errand(function, args, splats, hear, done, failed))
