"""Ctrl-C: what was reached is kept, and before there is anything nothing stays."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.export.ply import read_ply
from tests.small_room import REPOSITORY, SAMPLE, arguments, make_room

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_room(tmp_path_factory.mktemp("room"))


@pytest.fixture
def started(room: tuple[Path, Path], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A run with imported cameras that would take hours, writing to `tmp_path`/out."""
    words = arguments(room, tmp_path / "out")
    words = [*words, "--iterations", "1000000", "--max-size", "96", "--json"]
    yield from running(words)


@pytest.fixture
def started_solving(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A run that works out the places of the sample's photos first, and compiles meanwhile."""
    photos = SAMPLE / "photos"
    words = ["reconstruct", str(photos), "-o", str(tmp_path / "out"), "--json"]
    with tempfile.TemporaryDirectory() as empty:
        yield from running(words, NUMBA_CACHE_DIR=empty)


def running(words: list[str], **environment: str) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen(
        [sys.executable, "-m", "app", *words],
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with child:
        yield child
        child.kill()


def wait_for(child: subprocess.Popen[str], word: str) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        if word in line:
            return
    pytest.fail(f"it ended before it said {word}")


@POSIX
def test_ctrl_c_before_training_leaves_nothing(
    started_solving: subprocess.Popen[str], tmp_path: Path
) -> None:
    wait_for(started_solving, "Matching photos")
    started_solving.send_signal(signal.SIGINT)
    _, told = started_solving.communicate(timeout=20)
    assert started_solving.returncode == 1
    assert told.strip() == "Stopped; nothing was kept."
    assert not list(tmp_path.iterdir())


@POSIX
@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_ctrl_c_in_training_keeps_what_was_reached(
    started: subprocess.Popen[str], tmp_path: Path, number: signal.Signals
) -> None:
    wait_for(started, '"step"')
    started.send_signal(number)
    _, told = started.communicate(timeout=30)
    assert started.returncode == 1
    assert told.startswith("Stopped at iteration")
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["stopped"]
    assert 0 < metrics["iterations"] < 1_000_000
    assert len(read_ply(tmp_path / "out" / "scene.ply")) == metrics["gaussians"]


@POSIX
@pytest.mark.slow
def test_a_second_ctrl_c_quits(started: subprocess.Popen[str], tmp_path: Path) -> None:
    wait_for(started, '"step"')
    started.send_signal(signal.SIGINT)
    time.sleep(0.2)
    started.send_signal(signal.SIGINT)
    started.communicate(timeout=20)
    assert started.returncode == 1
    assert not list(tmp_path.iterdir())
