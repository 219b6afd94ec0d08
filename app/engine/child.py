"""The child of an engine, once it is warm: it runs one job after the other and tells of them."""

import contextlib
import os
import time
from collections.abc import Callable, Generator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

from app.engine.control import Control, Stopped
from app.engine.events import Trained
from app.engine.messages import Begin, Ended, Ready, Said, Taken, Tell
from app.engine.processes import ChildError, Failure, tail
from app.engine.shared_rows import Shelf
from core.gaussians.arrays import SplatArrays
from core.progress import Progress
from core.train.steps import Snapshot, Step

# What a `Begin` carries.
Work = tuple[Callable[..., Generator[object, None, None]], tuple[object, ...], SplatArrays | None]

STEP_SECONDS = 0.05  # steps that follow sooner than this are not told, but for the last
MOST_FILES = 2  # of Gaussians on their way; what comes meanwhile is not told, but for the last


def serve(commands: Connection, events: Connection, shelf: Shelf, log: Path) -> None:
    """Do jobs until the engine goes away."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError, EOFError):
        events.send(Ready())
        while True:
            message = commands.recv()
            if isinstance(message, Begin):
                os.truncate(log, 0)
                events.send(_ended(message, commands, events, shelf, log))
            elif isinstance(message, Tell):
                shelf.discard(message.value)  # its job is over


def _ended(
    begin: Begin, commands: Connection, events: Connection, shelf: Shelf, log: Path
) -> Ended:
    """Run a job and tell of it; how it ended."""
    outbox = Outbox(begin.job, events, shelf)
    control = Control(begin.job, commands, events.send, outbox.taken, shelf.take)
    outbox.wait, control.say = control.wait, outbox.post
    stage = "starting"
    try:
        function, args, splats = cast(Work, shelf.take(begin.work))
        more = {} if splats is None else {"splats": splats}
        with contextlib.closing(function(control, *args, **more)) as values:
            control.meanwhile()
            for value in values:
                if isinstance(value, Progress):
                    stage = value.stage[:1].lower() + value.stage[1:]
                elif isinstance(value, Step):
                    stage, control.gentle = "training", True
                outbox.post(value)
                control.meanwhile()
        outbox.flush()
        return Ended(begin.job, control.stop_asked())
    except Stopped:
        return Ended(begin.job, stopped=True)
    except (Exception, KeyboardInterrupt, SystemExit) as error:  # noqa: BLE001
        # All of them, since this is the last that anyone hears of it.
        return _failed(begin.job, error, stage, log)


def _failed(job: int, error: BaseException, stage: str, log: Path) -> Ended:
    told = Failure.of(error).told(stage)
    # What a process below this one wrote before it died.
    more = (told.log or tail(log)) if isinstance(told, ChildError) else ""
    return Ended(job, False, told.problem, told.hint, more)


class Outbox:
    """Sends the values of one job, and holds back what would be too much.

    Steps that follow each other fast, and Snapshots for which there is no room on the way, wait
    until something newer of their kind takes their place or they can be sent; so
    the last of them always is.
    """

    def __init__(self, job: int, events: Connection, shelf: Shelf) -> None:
        self._job, self._events, self._shelf = job, events, shelf
        self.wait: Callable[[], None] = lambda: None  # until files may have been taken
        self._files: set[str] = set()
        self._step: Step | None = None
        self._told = 0.0
        self._snapshot: Snapshot | None = None

    def post(self, value: object) -> None:
        """Send `value`, now or later. Raises `UserError` where there is no room for it."""
        if isinstance(value, Step):
            self._step = value
            if time.monotonic() - self._told >= STEP_SECONDS:
                self._send_step()
            self._send_snapshot()
        elif isinstance(value, Snapshot):
            self._snapshot = value
            self._send_snapshot()
        else:
            self.flush()
            self._await_room()
            self._send(value)

    def flush(self) -> None:
        """Send what was held back, waiting for room."""
        self._send_step()
        if self._snapshot is not None:
            self._await_room()
            self._send_snapshot()

    def taken(self, message: Taken) -> None:
        self._files.discard(message.file)

    def _await_room(self) -> None:
        while len(self._files) >= MOST_FILES:
            self.wait()

    def _send_step(self) -> None:
        if self._step is not None:
            self._send(self._step)
            self._step, self._told = None, time.monotonic()

    def _send_snapshot(self) -> None:
        if self._snapshot is None or len(self._files) >= MOST_FILES:
            return
        snapshot, self._snapshot = self._snapshot, None
        arrays = SplatArrays.from_gaussians(snapshot.gaussians)
        self._send_step()
        self._send(Trained(arrays, snapshot.step, snapshot.exposures.cpu().numpy()))

    def _send(self, value: object) -> None:
        packed = self._shelf.pack(value)
        if packed.file:
            self._files.add(packed.file)
        self._events.send(Said(self._job, packed))
