"""Compiling beside placing: a thread rehearses training while a child process places the photos."""

import atexit
import contextlib
import os
import sys
import threading
from collections.abc import Callable

from core.train.rehearsal import rehearse

LOOK = 0.1  # seconds between two looks for Ctrl-C, which Windows does not hear in a `join`


class Rehearsal:
    """Loads, or on a first start compiles, what training needs, once there is time for it.

    `work` does so. What it raises is not told: training will meet it again.
    """

    def __init__(self, work: Callable[[], None] = rehearse) -> None:
        self._work = work
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Start, if not done yet: to be called while another process has the word."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
            atexit.register(self._leave)

    def wait(self) -> None:
        """Return when it has ended, or was never begun. Two threads in kernels end the process."""
        while self._thread is not None and self._thread.is_alive():
            self._thread.join(LOOK)
        atexit.unregister(self._leave)

    def _run(self) -> None:
        with contextlib.suppress(Exception):
            self._work()

    def _leave(self) -> None:
        """Quit at once: LLVM cannot be stopped at its work, and does not bear being unloaded.

        Only a problem or Ctrl-C brings us here, since all others wait: the status is 1.
        """
        if self._thread is not None and self._thread.is_alive():
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(OSError, ValueError):
                    stream.flush()
            os._exit(1)
