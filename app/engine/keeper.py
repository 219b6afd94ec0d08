"""A thread that keeps a child process alive and carries all that goes to it and comes from it.

The main thread never waits: it leaves orders, and collects the news that have come.
"""

import contextlib
import multiprocessing
import pickle
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from shutil import rmtree

from app.engine.child import serve
from app.engine.entry import Start, enter
from app.engine.events import Trained
from app.engine.messages import Begin, Ended, Gone, Ready, Said, Taken, Tell, Unpacked
from app.engine.processes import GRACE, Failure, end_with_all_below, tail
from app.engine.shared_rows import Shelf, new_shelf_folder
from core.gaussians.arrays import SplatArrays

MOST_STARTS = 3  # in a row that come to nothing

Warm = Callable[[], Iterator[str]]


@dataclass(frozen=True, eq=False)
class Work:
    """An order: a job for the child. `value` is (function, args, splats)."""

    job: int
    value: object


@dataclass(frozen=True, eq=False)
class Word:
    """An order: `value` for the job that the child does."""

    job: int
    value: object


@dataclass(frozen=True)
class Kill:
    """An order: end the child, whatever it does."""


@dataclass(frozen=True)
class Close:
    """An order: end the child, with some time to clean up after itself, and the thread."""


class Keeper:
    """For the main thread: `order`, `news` and `close`. All else is done by the thread.

    Children are numbered from 1, one more with each `Gone` among the news.
    """

    def __init__(self, name: str, warm: Warm) -> None:
        self._warm = pickle.dumps(warm)
        self._news: list[object] = []
        self._lock = threading.Lock()  # for the news
        self._orders: deque[tuple[int, object]] = deque()
        self._woken, self._waker = multiprocessing.Pipe(duplex=False)
        self._folder = new_shelf_folder()
        self._log = self._folder / "log"
        self._shelf = Shelf(self._folder, "to-")
        self._closing = False
        self._thread = threading.Thread(target=self._keep, name=name, daemon=True)
        self._thread.start()

    def order(self, child: int, message: object) -> None:
        """Have `message` sent to that child, or one of the orders above carried out.

        Nothing happens if the child has left meanwhile.
        """
        self._orders.append((child, message))
        self._waker.send_bytes(b"!")

    def news(self) -> list[object]:
        """What has come since the last time."""
        with self._lock:
            taken, self._news = self._news, []
        return taken

    def close(self) -> None:
        """Child and thread are gone, and nothing is left on the disk."""
        self._closing = True
        self.order(0, Close())
        self._thread.join()
        self._woken.close()
        self._waker.close()

    def _keep(self) -> None:
        failures = number = 0
        while not self._closing and failures < MOST_STARTS:
            number += 1
            log = ""
            try:
                ready, code = self._one_child(number)
            except Exception as error:  # noqa: BLE001 - nobody else would hear of it
                ready, code, log = False, None, "".join(traceback.format_exception(error))
            failures = 0 if ready else failures + 1
            gone = Gone(code, log or tail(self._log), final=failures >= MOST_STARTS)
            self._tell(gone)
            self._log.unlink(missing_ok=True)
        rmtree(self._folder, ignore_errors=True)

    def _one_child(self, number: int) -> tuple[bool, int | None]:
        """A child's life; whether it ever was ready, and its exit status."""
        prefix = f"from-{number}-"
        context = multiprocessing.get_context("spawn")
        commands, to_child = context.Pipe(duplex=False)
        from_child, events = context.Pipe(duplex=False)
        start = Start(self._folder, prefix, self._log, self._warm, pickle.dumps(serve))
        # No daemon: those may not have children, and the solver is one of its.
        child = context.Process(target=enter, args=(commands, events, start), daemon=False)
        try:
            child.start()
            # Our copies of the child's ends are closed, so that its death is the pipe's end.
            commands.close()
            events.close()
            ready = self._carry(number, child, to_child, from_child)
        finally:
            code = end_with_all_below(child)
            for connection in (commands, to_child, from_child, events):
                connection.close()
            Shelf(self._folder, prefix).clear()
        return ready, code

    def _carry(
        self, number: int, child: BaseProcess, to_child: Connection, from_child: Connection
    ) -> bool:
        """Carry messages until the child leaves; whether it ever was ready."""
        ready = False
        # While it loads libraries there is nothing to clean up.
        deadline = time.monotonic() if self._closing else None
        while deadline is None or time.monotonic() < deadline:
            found = wait([from_child, self._woken], None if deadline is None else 0.05)
            if self._woken in found:
                self._woken.recv_bytes()
                meant, order = self._orders.popleft()
                if isinstance(order, Close):
                    to_child.close()
                    deadline = time.monotonic() + (GRACE if ready else 0.0)
                elif meant == number:
                    self._obey(order, child, to_child)
            if from_child in found:
                try:
                    message = from_child.recv()
                except (EOFError, OSError):
                    child.join(GRACE)
                    return ready
                ready = ready or isinstance(message, Ready)
                self._hear(message, child, to_child)
        return ready

    def _obey(self, order: object, child: BaseProcess, to_child: Connection) -> None:
        # The child may have died; the pipe that comes from it tells of that.
        with contextlib.suppress(OSError):
            match order:
                case Kill():
                    child.kill()
                case Work(job, value):
                    self._hand_over(job, value, to_child, Begin)
                case Word(job, value):
                    self._hand_over(job, value, to_child, Tell)
                case _:
                    to_child.send(order)

    def _hand_over(
        self, job: int, value: object, to_child: Connection, as_: type[Begin | Tell]
    ) -> None:
        try:
            packed = self._shelf.pack(value)
        except Exception as error:  # noqa: BLE001 - whatever the job was to be given
            self._tell(_not_carried(job, error))
        else:
            to_child.send(as_(job, packed))

    def _hear(self, message: object, child: BaseProcess, to_child: Connection) -> None:
        if not isinstance(message, Said):
            self._tell(message)
            return
        try:
            value = self._shelf.take(message.value)
        except Exception as error:  # noqa: BLE001 - whatever the job yielded
            self._tell(_not_carried(message.job, error))
            child.kill()
        else:
            self._tell(Unpacked(message.job, value))
        if message.value.file:
            with contextlib.suppress(OSError):
                to_child.send(Taken(message.value.file))

    def _tell(self, message: object) -> None:
        with self._lock:
            if _has_gaussians(message):
                # Older ones are not collected: a main thread that is busy must not fill the memory.
                self._news = [other for other in self._news if not _has_gaussians(other)]
            self._news.append(message)


def _has_gaussians(message: object) -> bool:
    return isinstance(message, Unpacked) and isinstance(message.value, Trained | SplatArrays)


def _not_carried(job: int, error: Exception) -> Ended:
    failure = Failure.of(error)
    told = failure.told("handing over values")
    return Ended(job, False, told.problem, told.hint, failure.log)
