"""Ctrl-C, and being told to end by the system."""

import signal
import threading
from types import FrameType, TracebackType


class Interrupt:
    """While entered, the first Ctrl-C or SIGTERM raises KeyboardInterrupt at once, or, when
    `gentle` is set, only notes that it was `asked`; the next one always raises."""

    def __init__(self) -> None:
        self.gentle = False
        self.asked = False
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> "Interrupt":
        # Python gives signals to its main thread only, and there is nothing to catch elsewhere.
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            # None stands for a handler that Python did not set, and cannot set again.
            if handler is not None:
                signal.signal(number, handler)  # type: ignore[arg-type]

    def _heard(self, number: int, frame: FrameType | None) -> None:
        again, self.asked = self.asked, True
        if again or not self.gentle:
            raise KeyboardInterrupt
