"""Compiling beside placing: a thread rehearses training while a child places photos."""

import contextlib
import threading
from collections.abc import Callable

from app.leaving import UNSTOPPABLE
from core.train.rehearsal import rehearse

LOOK = 0.1  # seconds between two looks for Ctrl-C, which Windows does not hear in a `join`


class Rehearsal:
    """Loads, or on a first start compiles, what training needs: `work` does so.

    What that raises is not told: training will meet it again. Whoever ends the
    program meanwhile does so by `app.leaving.leave`.
    """

    def __init__(self, work: Callable[[], None] = rehearse) -> None:
        self._work = work
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Start, if not done yet: to be called while another process has the word."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=UNSTOPPABLE, daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Return when it has ended, or was never begun. Two threads in kernels end the process."""
        while self._thread is not None and self._thread.is_alive():
            self._thread.join(LOOK)

    def _run(self) -> None:
        with contextlib.suppress(Exception):
            self._work()
