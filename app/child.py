"""A generator run in a child process: what it yields, and what becomes of it, arrive here.

Libraries behind core can crash, hang or be killed for memory. In a child this becomes a
sentence, and the window lives on.
"""

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TypeVar

from core.errors import UserError
from core.progress import Progress

T = TypeVar("T")

# A child that says nothing for so long hangs, in seconds: the longest honest step (a bundle
# adjustment of hundreds of photos) takes a few minutes on a slow machine.
SILENCE = 600.0
# How long a child that was told to end may take before it is killed, in seconds.
GRACE = 2.0


class ChildError(UserError):
    """A child process failed in a way that nobody foresaw; `log` holds its traceback, if any."""

    def __init__(self, problem: str, *, hint: str, log: str = "") -> None:
        super().__init__(problem, hint=hint)
        self.log = log

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.problem, self.hint, self.log)


@dataclass(frozen=True)
class _Value:
    value: object


@dataclass(frozen=True)
class _Failure:
    """An exception of the child: a `UserError` itself, any other as a line and a traceback."""

    error: UserError | None
    line: str
    log: str


@dataclass(frozen=True)
class _Done:
    pass


def in_child(
    function: Callable[..., Iterator[T]], *args: object, silence: float = SILENCE
) -> Iterator[T]:
    """Yield what `function(*args)` yields, run in a spawned process of its own.

    `function` is a module's function; it, `args` and the values yielded are
    pickled. The child works ahead by what fits in the pipe. Closing this
    generator ends the child at once. A `UserError` raised there is raised here;
    any other end becomes a `ChildError` that says during which stage it came: an
    exception, a signal, or no news for `silence` seconds.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_serve, args=(sender, function, args), daemon=True)
    try:
        child.start()
        # Our copy of the child's end is closed, so that its death is seen as the end of the pipe.
        sender.close()
        yield from _received(child, receiver, silence)
        child.join(GRACE)
    finally:
        sender.close()
        receiver.close()
        _end(child)


def _received(
    child: multiprocessing.process.BaseProcess, receiver: Connection, silence: float
) -> Iterator[T]:
    stage = "starting"
    while True:
        if not receiver.poll(silence):
            raise ChildError(
                f"The work stopped answering while {stage}.",
                hint="Try again; if it happens again, try with fewer or smaller photos.",
            )
        try:
            message = receiver.recv()
        except (EOFError, ConnectionResetError) as error:
            raise _died(child, stage) from error
        if isinstance(message, _Done):
            return
        if isinstance(message, _Failure):
            raise _raised(message, stage)
        if isinstance(message.value, Progress):
            stage = message.value.stage[:1].lower() + message.value.stage[1:]
        yield message.value


def _raised(failure: _Failure, stage: str) -> UserError:
    if failure.error is not None:
        return failure.error
    return ChildError(
        f"An error in the program stopped it while {stage}: {failure.line}.",
        hint="Please report this with the log; other photos or settings may work.",
        log=failure.log,
    )


def _died(child: multiprocessing.process.BaseProcess, stage: str) -> ChildError:
    child.join(GRACE)
    code = child.exitcode
    if code is not None and code < 0:
        how = f"signal {-code}"
        with contextlib.suppress(ValueError):
            how += f", {signal.Signals(-code).name}"
    else:
        how = f"exit status {code}"
    killed = code is not None and -code == getattr(signal, "SIGKILL", 0)
    return ChildError(
        f"The work stopped unexpectedly ({how}) while {stage}.",
        hint="It probably ran out of memory: close other programs, or use fewer or smaller photos."
        if killed
        else "Try again; if it happens again, leave out the photo that was worked on.",
    )


def _end(child: multiprocessing.process.BaseProcess) -> None:
    """No child is left, whatever it was doing."""
    if child.pid is None:
        return
    # Not terminate(): while it loads libraries a child answers SIGTERM with a page of addresses.
    child.kill()
    child.join()
    child.close()


def _serve(
    sender: Connection, function: Callable[..., Iterator[object]], args: tuple[object, ...]
) -> None:
    """The child's whole life."""
    # Ctrl-C reaches every process of the terminal; what to do about it is the parent's decision.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Libraries loaded with the function (COLMAP's log) print a stack trace when told to end.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _end_with_parent()
    try:
        for value in function(*args):
            sender.send(_Value(value))
        sender.send(_Done())
    except BrokenPipeError:
        return  # the parent has gone, or wants nothing more
    except UserError as error:
        sender.send(_Failure(_plain(error), str(error), ""))
    except (Exception, KeyboardInterrupt, SystemExit) as error:  # noqa: BLE001
        # All of them, since this is the last that anyone hears of it.
        line = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        sender.send(_Failure(None, line, "".join(traceback.format_exception(error))))
    finally:
        sender.close()


def _plain(error: UserError) -> UserError:
    """`error`, or a plain `UserError` of the same words where it cannot be pickled."""
    try:
        pickle.loads(pickle.dumps(error))
    except (pickle.PicklingError, TypeError, AttributeError):
        return UserError(error.problem, hint=error.hint)
    return error


def _end_with_parent() -> None:
    """Leave when the parent dies, even while a library is at work and nothing is sent."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        sys.stderr.flush()
        # Not sys.exit: that ends only this thread.
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _rebuild(problem: str, hint: str, log: str) -> ChildError:
    return ChildError(problem, hint=hint, log=log)
