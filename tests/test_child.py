"""The laws of `in_child`: values arrive in order, and no end of the child goes untold."""

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.engine.in_child import in_child
from app.engine.processes import ChildError
from core.errors import Unavailable, UserError
from core.progress import Progress

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def count(n: int) -> Iterator[int]:
    yield from range(n)


def tell_pid(seconds: float) -> Iterator[int]:
    yield os.getpid()
    time.sleep(seconds)
    yield 0


def die_by(number: int) -> Iterator[Progress]:
    yield Progress("Matching photos", 1, 2)
    os.kill(os.getpid(), number)
    time.sleep(60)


def leave() -> Iterator[Progress]:
    yield Progress("Matching photos", 1, 2)
    os._exit(7)


def hang_deaf(path: str) -> Iterator[int]:
    """A hang that only SIGKILL ends, as pycolmap's."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    Path(path).write_text(str(os.getpid()))
    yield 1
    time.sleep(600)


def refuse() -> Iterator[Progress]:
    yield Progress("Finding features", 0, 1)
    raise UserError("Only one photo.", hint="Take two.")


def lack() -> Iterator[int]:
    yield 1
    raise Unavailable("No card.", hint="Use the processor.")


def fail() -> Iterator[Progress]:
    yield Progress("Finding features", 0, 1)
    raise ValueError("seven of nine")


def yield_a_lock() -> Iterator[object]:
    yield lambda: None


def test_values_arrive_in_order_and_then_the_end() -> None:
    assert list(in_child(count, 1000)) == list(range(1000))


def test_a_user_error_is_raised_as_it_was() -> None:
    values = in_child(refuse)
    assert next(values) == Progress("Finding features", 0, 1)
    with pytest.raises(UserError) as caught:
        next(values)
    assert (caught.value.problem, caught.value.hint) == ("Only one photo.", "Take two.")
    assert type(caught.value) is UserError


def test_kinds_of_user_errors_are_kept() -> None:
    with pytest.raises(Unavailable):
        list(in_child(lack))


def test_any_other_error_names_the_stage_and_keeps_the_traceback() -> None:
    with pytest.raises(ChildError, match=r"finding features: ValueError: seven of nine") as caught:
        list(in_child(fail))
    assert "in fail" in caught.value.log


def test_a_value_that_cannot_be_sent_is_an_error_and_not_a_hang() -> None:
    with pytest.raises(ChildError, match="while starting"):
        list(in_child(yield_a_lock))


@POSIX
@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT])
def test_a_crash_is_told_with_its_signal_and_stage(number: signal.Signals) -> None:
    with pytest.raises(ChildError, match=rf"\(signal {int(number)}, {number.name}\).*matching"):
        list(in_child(die_by, int(number)))


@POSIX
def test_a_kill_from_outside_hints_at_memory() -> None:
    with pytest.raises(ChildError) as caught:
        list(in_child(die_by, int(signal.SIGKILL)))
    assert "memory" in caught.value.hint


def test_an_exit_without_a_word_is_told_with_its_status() -> None:
    with pytest.raises(ChildError, match=r"exit status 7.*while matching photos"):
        list(in_child(leave))


def test_silence_ends_the_child_even_if_it_ignores_requests(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    with pytest.raises(ChildError, match="stopped answering"):
        list(in_child(hang_deaf, str(pid_file), silence=3.0))
    assert gone(int(pid_file.read_text()))


def test_closing_midway_ends_the_child() -> None:
    values = in_child(tell_pid, 60.0)
    pid = next(values)
    began = time.monotonic()
    values.close()  # type: ignore[attr-defined]
    assert time.monotonic() - began < 5.0
    assert gone(pid)
    assert not multiprocessing.active_children()


@POSIX
def test_the_child_leaves_ctrl_c_to_the_parent() -> None:
    values = in_child(tell_pid, 1.0)
    os.kill(next(values), signal.SIGINT)
    assert list(values) == [0]


def gone(pid: int) -> bool:
    if sys.platform == "win32":
        return not multiprocessing.active_children()
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
