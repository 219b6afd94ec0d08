"""A generator run in a child process: what it yields, and what becomes of it, arrive here.

Libraries behind core can crash, hang or be killed for memory. In a child this becomes a
sentence, and the window lives on.
"""

import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import TypeVar

from app.engine.processes import GRACE, SILENT_HINT, ChildError, Failure, begin, died, end
from core.progress import Progress

T = TypeVar("T")

# A child that says nothing for so long hangs, in seconds: the longest honest step (a bundle
# adjustment of hundreds of photos) takes a few minutes on a slow machine.
SILENCE = 600.0
LOOK = 0.05  # seconds between two calls of `meanwhile`


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class _Value:
    value: object


@dataclass(frozen=True)
class _Done:
    pass


def in_child(
    function: Callable[..., Iterator[T]],
    *args: object,
    silence: float = SILENCE,
    meanwhile: Callable[[], None] = _nothing,
) -> Iterator[T]:
    """Yield what `function(*args)` yields, run in a spawned process of its own.

    `function` is a module's function; it, `args` and the values yielded are
    pickled. The child works ahead by what fits in the pipe. Closing this
    generator ends the child at once. A `UserError` raised there is raised here;
    any other end becomes a `ChildError` that says during which stage it came: an
    exception, a signal, or no news for `silence` seconds.

    `meanwhile` is called some times a second while nothing comes. It may take its
    time, as in a pause, which is no silence; what it raises ends the child.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_serve, args=(sender, function, args), daemon=True)
    try:
        child.start()
        # Our copy of the child's end is closed, so that its death is seen as the end of the pipe.
        sender.close()
        yield from _received(child, receiver, silence, meanwhile)
        child.join(GRACE)
    finally:
        sender.close()
        receiver.close()
        end(child)


def _received(
    child: BaseProcess, receiver: Connection, silence: float, meanwhile: Callable[[], None]
) -> Iterator[T]:
    stage = "starting"
    while True:
        _wait(receiver, silence, stage, meanwhile)
        try:
            message = receiver.recv()
        except (EOFError, ConnectionResetError) as error:
            child.join(GRACE)
            raise died(child.exitcode, stage) from error
        if isinstance(message, _Done):
            return
        if isinstance(message, Failure):
            raise message.told(stage)
        if isinstance(message.value, Progress):
            stage = message.value.stage[:1].lower() + message.value.stage[1:]
        yield message.value


def _wait(receiver: Connection, silence: float, stage: str, meanwhile: Callable[[], None]) -> None:
    left = silence
    while not receiver.poll(min(LOOK, left)):
        left -= LOOK
        if left <= 0:
            raise ChildError(f"The work stopped answering while {stage}.", hint=SILENT_HINT)
        meanwhile()


def _serve(
    sender: Connection, function: Callable[..., Iterator[object]], args: tuple[object, ...]
) -> None:
    """The child's whole life."""
    begin(_nothing)
    try:
        for value in function(*args):
            sender.send(_Value(value))
        sender.send(_Done())
    except BrokenPipeError:
        return  # the parent has gone, or wants nothing more
    except (Exception, KeyboardInterrupt, SystemExit) as error:  # noqa: BLE001
        # All of them, since this is the last that anyone hears of it.
        sender.send(Failure.of(error))
    finally:
        sender.close()
