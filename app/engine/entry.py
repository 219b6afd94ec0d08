"""How the child of an engine begins: it sees to its surroundings, and loads what it will need.

Imports little itself, so that the loading is told of and its failure finds its way to the log.
"""

import contextlib
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from shutil import rmtree

import psutil

from app.engine.messages import Warming
from app.engine.processes import begin, redirect_output
from app.engine.shared_rows import Shelf

NICE = 7  # of 19: the window goes first


@dataclass(frozen=True)
class Start:
    """What the child is told. `warm` and `serve` are pickled functions, unpickled when they are
    called: only then their modules are imported."""

    folder: Path
    prefix: str
    log: Path
    warm: bytes
    serve: bytes


def enter(commands: Connection, events: Connection, start: Start) -> None:
    """The child's whole life."""
    redirect_output(start.log)
    if sys.platform != "win32":
        # A group of its own: whoever ends it can end all that it started, paused ones too.
        os.setpgrp()

    def forget() -> None:
        rmtree(start.folder, ignore_errors=True)

    begin(forget)
    _step_back()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        warm: Callable[[], Iterator[str]] = pickle.loads(start.warm)
        for words in warm():
            events.send(Warming(words))
        serve = pickle.loads(start.serve)
        serve(commands, events, Shelf(start.folder, start.prefix), start.log)
    # The engine has gone or is about to. If it died, two threads of ours do this; that is no harm.
    forget()
    # At once: what libraries do when they are unloaded is neither needed nor always safe.
    os._exit(0)


def _step_back() -> None:
    """Let the window go first where both want the processor."""
    with contextlib.suppress(psutil.Error, OSError):
        lower = psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else NICE
        psutil.Process().nice(lower)
