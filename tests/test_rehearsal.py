"""The laws of `Rehearsal`: it is waited for, fails in silence, lets a program end."""

import subprocess
import sys
import threading

from app.commands.rehearsal import Rehearsal
from app.leaving import leave
from tests.small_room import REPOSITORY

# It ends while work that would take a minute has begun, and after a sentence without a line's end.
LEAVES = """
import sys, threading, time
from app.leaving import leave
from app.commands.rehearsal import Rehearsal
begun = threading.Event()
rehearsal = Rehearsal(lambda: (begun.set(), time.sleep(60)))
rehearsal.begin()
begun.wait()
sys.stdout.write("told")
leave(3)
"""


def test_it_is_waited_for() -> None:
    go, calls = threading.Event(), list[bool]()
    rehearsal = Rehearsal(lambda: calls.append(go.wait(10)))
    rehearsal.begin()
    assert calls == []
    go.set()
    rehearsal.wait()
    assert calls == [True]
    leave(3)  # comes back: nothing is at work


def test_what_was_never_begun_is_not_waited_for() -> None:
    Rehearsal(lambda: None).wait()


def test_its_failure_is_left_for_training_to_meet() -> None:
    def fail() -> None:
        raise RuntimeError("no compiler")

    rehearsal = Rehearsal(fail)
    rehearsal.begin()
    rehearsal.wait()


def test_a_program_ends_at_once_and_its_words_are_read() -> None:
    found = subprocess.run(
        [sys.executable, "-c", LEAVES], cwd=REPOSITORY, capture_output=True, text=True, timeout=30
    )
    assert (found.returncode, found.stdout, found.stderr) == (3, "told", "")
