"""One window has a project for itself; whoever crashed holds nothing."""

import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from app.projects.lock import LOCK, SILENT, Holder, Lock, _self, holder_of
from tests.small_room import REPOSITORY

HOLDS = """
import sys
from pathlib import Path
from app.projects.lock import Lock
print(Lock().take(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


def write(folder: Path, holder: Holder) -> None:
    (folder / LOCK).write_text(json.dumps(asdict(holder)), encoding="utf-8")


def test_the_second_is_told_who_has_it_and_after_a_kill_nobody_has(tmp_path: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)],
        cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "None"
        lock = Lock()
        holder = lock.take(tmp_path)
        assert holder is not None
        assert holder.process == other.pid
        assert holder.here
        assert lock.folder is None
        other.kill()
        other.wait()
        assert lock.take(tmp_path) is None
        assert lock.folder == tmp_path
    lock.release()
    assert not list(tmp_path.iterdir())


def test_a_number_given_anew_is_another_process(tmp_path: Path) -> None:
    mine = _self(tmp_path)
    write(tmp_path, replace(mine, began=mine.began - 99))
    assert holder_of(tmp_path) is None
    assert Lock().take(tmp_path) is None


def elsewhere(folder: Path, heard: float) -> Holder:
    """A window of another computer has `folder`; when it and the disk last heard of it."""
    holder = replace(_self(folder), host="elsewhere", process=1, heard=heard)
    write(folder, holder)
    os.utime(folder / LOCK, (heard, heard))
    return holder


@pytest.mark.parametrize("ago", [0.0, SILENT - 30, -9999.0])
def test_another_computer_is_at_work_while_it_gives_signs(tmp_path: Path, ago: float) -> None:
    """Also where its clock is ahead."""
    other = elsewhere(tmp_path, time.time() - ago)
    assert Lock().take(tmp_path) == other
    assert not other.here


def test_another_computer_that_fell_silent_has_nothing(tmp_path: Path) -> None:
    elsewhere(tmp_path, time.time() - SILENT - 30)
    assert holder_of(tmp_path) is None
    lock = Lock()
    assert lock.take(tmp_path) is None
    assert lock.folder == tmp_path


def test_one_of_two_signs_is_enough(tmp_path: Path) -> None:
    """The other computer's clock may be behind, and shared folders may keep their files' times."""
    long_ago = time.time() - 9999
    elsewhere(tmp_path, long_ago)
    os.utime(tmp_path / LOCK)
    assert holder_of(tmp_path) is not None
    elsewhere(tmp_path, time.time())
    os.utime(tmp_path / LOCK, (long_ago, long_ago))
    assert holder_of(tmp_path) is not None


def test_a_sign_of_life_makes_a_lock_younger_and_takes_nothing(tmp_path: Path) -> None:
    lock = Lock()
    lock.take(tmp_path)
    holder = holder_of(tmp_path)
    assert holder is not None
    old = replace(holder, heard=1.0)
    write(tmp_path, old)
    os.utime(tmp_path / LOCK, (1, 1))
    assert lock.refresh() is None
    again = holder_of(tmp_path)
    assert again == old
    assert again.heard > time.time() - 99
    assert [path.name for path in tmp_path.iterdir()] == [LOCK]


def test_who_was_taken_over_hears_of_it_and_leaves_the_lock(tmp_path: Path) -> None:
    other = elsewhere(tmp_path, time.time())
    lock = Lock()
    assert lock.take(tmp_path) == other
    assert lock.take(tmp_path, over=other) is None
    assert lock.folder == tmp_path
    assert lock.refresh() is None
    other = elsewhere(tmp_path, time.time())  # now it does the same
    assert lock.refresh() == other
    assert lock.folder is None
    lock.release()
    assert holder_of(tmp_path) == other


def test_only_the_one_named_is_taken_over(tmp_path: Path) -> None:
    before = elsewhere(tmp_path, time.time())
    now = replace(before, process=2)
    write(tmp_path, now)
    assert Lock().take(tmp_path, over=before) == now


def test_a_lock_that_vanished_is_put_back_and_a_disk_that_did_is_waited_for(tmp_path: Path) -> None:
    folder, away = tmp_path / "a", tmp_path / "b"
    folder.mkdir()
    lock = Lock()
    lock.take(folder)
    (folder / LOCK).unlink()
    assert lock.refresh() is None
    assert holder_of(folder) is not None
    folder.rename(away)
    assert lock.refresh() is None
    assert lock.folder == folder
    away.rename(folder)
    assert lock.refresh() is None
    assert lock.folder == folder


def test_a_copy_is_not_held(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    write(one, replace(_self(one), process=multiprocessing.current_process().pid or 0))
    shutil.copytree(one, other)
    assert holder_of(one) is not None
    assert holder_of(other) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b"[1]", b'{"process": "x"}'])
def test_what_cannot_be_read_holds_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / LOCK).write_bytes(content)
    assert Lock().take(tmp_path) is None


def test_a_lock_goes_from_one_folder_to_the_next(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    lock = Lock()
    assert lock.take(one) is None
    assert lock.take(one) is None
    assert lock.take(other) is None
    assert holder_of(one) is None
    assert holder_of(other) is not None
