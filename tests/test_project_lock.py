"""One window has a project for itself; whoever crashed holds nothing."""

import json
import multiprocessing
import shutil
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from app.project_lock import LOCK, Holder, Lock, _self, holder_of
from tests.small_room import REPOSITORY

HOLDS = """
import sys
from pathlib import Path
from app.project_lock import Lock
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


def test_another_computer_may_be_at_work(tmp_path: Path) -> None:
    write(tmp_path, replace(_self(tmp_path), host="elsewhere", process=1))
    holder = Lock().take(tmp_path)
    assert holder is not None
    assert not holder.here


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
