"""What all child processes have in common: how they begin, and how their end is put into words."""

import contextlib
import faulthandler
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import psutil

from core.errors import UserError

# How long a child that was told to end may take before it is killed, in seconds.
GRACE = 2.0
LOG_LINES = 40
SILENT_HINT = "Try again; if it happens again, try with fewer or smaller photos."
REPORT_HINT = "Please report this with the log; other photos or settings may work."
MEMORY_HINT = "It probably ran out of memory: close other programs, or use fewer or smaller photos."
CRASH_HINT = "Try again; if it happens again, leave out the photo that was worked on."


class ChildError(UserError):
    """A child process failed in a way that nobody foresaw; `log` holds its traceback, if any."""

    def __init__(self, problem: str, *, hint: str, log: str = "") -> None:
        super().__init__(problem, hint=hint)
        self.log = log

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.problem, self.hint, self.log)


@dataclass(frozen=True)
class Failure:
    """An exception of the child: a `UserError` itself, any other as a line and a traceback."""

    error: UserError | None
    line: str
    log: str

    @staticmethod
    def of(error: BaseException) -> "Failure":
        if isinstance(error, UserError):
            return Failure(_plain(error), str(error), "")
        line = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return Failure(None, line, "".join(traceback.format_exception(error)))

    def told(self, stage: str) -> UserError:
        """As the parent raises it. `stage`: what the child was doing."""
        if self.error is not None:
            return self.error
        return ChildError(
            f"An error in the program stopped it while {stage}: {self.line}.",
            hint=REPORT_HINT,
            log=self.log,
        )


def died(code: int | None, stage: str) -> ChildError:
    """The error for a child that left without a word, with exit status `code`, in `stage`."""
    if code is not None and code < 0:
        how = f"signal {-code}"
        with contextlib.suppress(ValueError):
            how += f", {signal.Signals(-code).name}"
    else:
        how = f"exit status {code}"
    killed = code is not None and -code == getattr(signal, "SIGKILL", 0)
    return ChildError(
        f"The work stopped unexpectedly ({how}) while {stage}.",
        hint=MEMORY_HINT if killed else CRASH_HINT,
    )


def end(child: BaseProcess) -> int | None:
    """No child is left, whatever it was doing; its exit status."""
    if child.pid is None:
        return None
    # Not terminate(): while it loads libraries a child answers SIGTERM with a page of addresses.
    child.kill()
    child.join()
    code = child.exitcode
    child.close()
    return code


def end_with_all_below(child: BaseProcess) -> int | None:
    """As `end`, with the processes that the child, leader of its group, has started."""
    if child.pid is None:
        return None
    if sys.platform == "win32":
        with contextlib.suppress(psutil.Error):
            for process in psutil.Process(child.pid).children(recursive=True):
                process.kill()
    else:
        # Before the child is waited for: until then nobody else can have its number.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    return end(child)


def begin(last: Callable[[], None]) -> None:
    """What a child does first. `last` is called before it ends because its parent has died."""
    # Ctrl-C reaches every process of the terminal; what to do about it is the parent's decision.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Libraries loaded with the work (COLMAP's log) print a stack trace when told to end.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _end_with_parent(last)


def tail(log: Path) -> str:
    """The last lines of what a child wrote; "" where it wrote nothing."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-LOG_LINES:])


def redirect_output(path: Path) -> None:
    """All output of this process and its children, of C libraries too, goes to the file `path`."""
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number in (1, 2):
        os.dup2(log, number)
    os.close(log)
    # Windows has no streams at all for a program without a console.
    sys.stdout = sys.stderr = os.fdopen(
        2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
    )
    faulthandler.enable(sys.stderr)


def _plain(error: UserError) -> UserError:
    """`error`, or a plain `UserError` of the same words where it cannot be pickled."""
    try:
        pickle.loads(pickle.dumps(error))
    except (pickle.PicklingError, TypeError, AttributeError):
        return UserError(error.problem, hint=error.hint)
    return error


def _end_with_parent(last: Callable[[], None]) -> None:
    """Leave when the parent dies, even while a library is at work and nothing is sent."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        last()
        sys.stderr.flush()
        # Not sys.exit: that ends only this thread.
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _rebuild(problem: str, hint: str, log: str) -> ChildError:
    return ChildError(problem, hint=hint, log=log)
