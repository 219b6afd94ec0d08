"""No death of an engine's child goes untold, and none leaves anything behind."""

import gc
import multiprocessing
import multiprocessing.resource_tracker
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from app.engine.engine import Arrived, Done, Engine, EngineState, Failed, News
from app.jobs.kinds import BuildJob, build_scene
from core.capture.colmap import read_colmap
from core.capture.find import find_photos
from core.capture.names import match_names
from core.capture.photos import Capture
from core.pipeline.settings import PRESETS, Preset
from core.train.steps import Step
from tests import engine_jobs as jobs
from tests.engine_jobs import arrived, finished, only, until, until_state, values
from tests.small_room import REPOSITORY, make_room

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def open_descriptors() -> int:
    """How many there are once what earlier tests left as garbage is gone."""
    gc.collect()
    return psutil.Process().num_fds()


@pytest.fixture
def own() -> Iterator[Engine]:
    """One of its own, after which nothing may be left."""
    multiprocessing.resource_tracker.ensure_running()  # it stays, with a descriptor
    threads, descriptors = threading.active_count(), open_descriptors()
    engine = Engine("own")
    engine.start()
    assert engine._keeper is not None
    folder = engine._keeper._folder
    yield engine
    engine.close()
    assert threading.active_count() <= threads
    assert open_descriptors() <= descriptors
    assert not folder.exists()
    assert not multiprocessing.active_children()


@POSIX
@pytest.mark.parametrize(
    ("how", "words"),
    [("SIGSEGV", "signal 11, SIGSEGV"), ("exit", "exit status 7")],
)
def test_a_death_is_told_and_another_child_takes_over(own: Engine, how: str, words: str) -> None:
    job = own.run(jobs.die, how)
    events = finished(own)
    failed = only(events, Failed)
    assert isinstance(failed, Failed)
    assert failed.job == job
    assert failed.died
    assert words in failed.problem
    assert "while matching photos" in failed.problem
    assert "some words on stdout\nand some on stderr" in failed.log
    assert own.state is EngineState.STARTING
    own.run(jobs.count, 3)
    assert values(finished(own)) == [0, 1, 2]


def test_a_job_that_does_not_stop_is_killed(own: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.engine.engine.HEAR_STOP", 0.3)
    for patient in (True, False):
        job = own.run(jobs.deaf)
        until(own, lambda event: isinstance(event, News))
        own.stop()
        assert own.state is EngineState.STOPPING
        if not patient:
            own.stop()
        assert only(finished(own, 10), Done) == Done(job, stopped=True)
        until_state(own, EngineState.READY)


def test_a_child_that_never_comes_up_is_given_up() -> None:
    engine = Engine("broken", jobs.broken_warm)
    engine.start()
    job = engine.run(jobs.count, 3)
    events = until_state(engine, EngineState.DEAD)
    failed = [event for event in events if isinstance(event, Failed)]
    assert [event.job for event in failed] == [job, 0]
    assert all("ImportError: no such library" in event.log for event in failed)
    with pytest.raises(RuntimeError, match="DEAD"):
        engine.run(jobs.count, 1)
    engine.close()


def test_closing_midway_lets_a_job_clean_up(own: Engine, tmp_path: Path) -> None:
    own.run(jobs.wait_and_see, str(tmp_path / "file"))
    until(own, lambda event: isinstance(event, News))
    own.close()
    assert (tmp_path / "file").read_text() == "closed"


def test_closing_ends_even_a_deaf_job_and_what_it_started(own: Engine, tmp_path: Path) -> None:
    own.run(jobs.deaf, str(tmp_path / "file"))
    (number,) = values(until(own, lambda event: isinstance(event, News)))
    grandchild = psutil.Process(int(str(number)))
    began = time.monotonic()
    own.close()
    assert time.monotonic() - began < 4
    assert not psutil.wait_procs([grandchild], timeout=2)[1]


@pytest.fixture(scope="module")
def small_job(tmp_path_factory: pytest.TempPathFactory) -> BuildJob:
    """A real training whose places are known."""
    photos, model = make_room(tmp_path_factory.mktemp("room"))
    work = tmp_path_factory.mktemp("work")
    (capture,) = (step for step in find_photos([photos], work) if isinstance(step, Capture))
    return BuildJob(
        capture=capture,
        settings=replace(PRESETS[Preset.QUICK], iterations=100_000, max_size=96),
        work=work,
        reconstruction=match_names(read_colmap(model), capture),
    )


@POSIX
@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_after_a_kill_at_any_moment_training_goes_on(
    own: Engine, small_job: BuildJob, kills: int
) -> None:
    until_state(own, EngineState.READY)
    random = np.random.default_rng(kills)
    descriptors = open_descriptors()
    job, splats, reached = small_job, None, -1
    for k in range(kills):
        until_state(own, EngineState.READY)
        (child,) = multiprocessing.active_children()
        number = child.pid
        assert number is not None
        own.run(build_scene, job, splats=splats)
        last = arrived(own)
        assert last.step is not None
        assert last.step.iteration >= reached
        if k % 2:
            last = arrived(own)  # one of a later iteration
        deadline = time.monotonic() + random.uniform(0.0, 0.7)
        while time.monotonic() < deadline:
            found = [event for event in own.poll() if isinstance(event, Arrived)]
            last = found[-1] if found else last
        os.kill(number, signal.SIGKILL)
        failed = only(finished(own), Failed)
        assert isinstance(failed, Failed)
        assert failed.died
        assert "signal 9, SIGKILL) while" in failed.problem
        assert not psutil.pid_exists(number)
        assert last.step is not None
        splats, reached = last.splats, last.step.iteration
        job = replace(small_job, step=last.step, exposures=last.exposures)
    until_state(own, EngineState.READY)
    assert open_descriptors() <= descriptors
    assert own._keeper is not None
    assert [path.name for path in own._keeper._folder.iterdir()] == ["log"]
    own.run(build_scene, job, splats=splats)
    until(own, lambda event: isinstance(event, News) and isinstance(event.value, Step))
    own.stop()
    last = [event for event in finished(own) if isinstance(event, Arrived)][-1]
    assert last.step is not None
    assert last.step.iteration > reached > 0


WINDOW = """
import sys, time
from app.engine.engine import Engine
from tests.engine_jobs import deaf, until_state
from app.engine.engine import EngineState

if __name__ == "__main__":
    engines = [Engine("idle"), Engine("busy")]
    for engine in engines:
        engine.start()
        until_state(engine, EngineState.READY)
    engines[1].run(deaf)
    time.sleep(0.2)
    print(*[engine._keeper._folder for engine in engines], flush=True)
    time.sleep(60)
"""


@POSIX
def test_children_follow_their_parent_and_leave_nothing(tmp_path: Path) -> None:
    script = tmp_path / "window.py"
    script.write_text(WINDOW)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    words = [sys.executable, str(script)]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as window:
        assert window.stdout is not None
        folders = [Path(word) for word in window.stdout.readline().split()]
        below = psutil.Process(window.pid).children(recursive=True)
        assert len(folders) == 2
        assert len(below) >= 2
        window.kill()
    _, alive = psutil.wait_procs(below, timeout=5)
    assert not alive
    assert not any(folder.exists() for folder in folders)


def test_a_program_that_forgets_its_engine_ends_all_the_same(tmp_path: Path) -> None:
    script = tmp_path / "window.py"
    script.write_text(WINDOW.replace("    time.sleep(60)\n", ""))
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    told = subprocess.run(
        [sys.executable, str(script)], env=environment, capture_output=True, text=True, timeout=60
    )
    assert told.returncode == 0
    assert told.stderr == ""
    assert not any(Path(word).exists() for word in told.stdout.split())
