"""The laws of an engine: what its child yields arrives, it obeys, and no death goes untold."""

import multiprocessing
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from app.engine.child import Outbox
from app.engine.engine import Arrived, Done, Engine, EngineState, Failed, News, StateChanged
from app.engine.messages import Ended, Taken
from app.engine.shared_rows import Shelf
from core.gaussians.arrays import SplatArrays
from core.train.steps import Step
from tests import engine_jobs as jobs
from tests.engine_jobs import arrived, finished, only, until, until_state, values
from tests.scenes import cloud


@pytest.fixture(scope="module")
def shared() -> Iterator[Engine]:
    """One for the tests that leave it as it was."""
    engine = Engine("shared")
    engine.start()
    yield engine
    engine.close()


@pytest.fixture
def engine(shared: Engine) -> Engine:
    if shared.state is EngineState.RUNNING:
        shared.stop()
    until_state(shared, EngineState.READY)
    shared.poll()
    return shared


def test_values_arrive_in_order_and_then_the_end(engine: Engine) -> None:
    job = engine.run(jobs.count, 500)
    events = finished(engine)
    assert values(events) == list(range(500))
    assert events[0] == StateChanged(EngineState.RUNNING)
    assert events[-2:] == [Done(job), StateChanged(EngineState.READY)]


def test_warming_up_is_told_and_a_job_may_wait_for_it() -> None:
    engine = Engine("warm", jobs.slow_warm)
    with pytest.raises(RuntimeError, match="CLOSED"):
        engine.run(jobs.count, 1)
    engine.start()
    job = engine.run(jobs.count, 3)
    with pytest.raises(RuntimeError, match="STARTING"):
        engine.run(jobs.count, 3)
    events = finished(engine)
    told = [event.words for event in events if isinstance(event, StateChanged)]
    assert told[:3] == ["", "Loading nothing", "Loading more of it"]
    assert only(events, Done) == Done(job)
    engine.close()
    assert engine.state is EngineState.CLOSED
    engine.close()


def test_a_job_that_waits_can_be_taken_back() -> None:
    engine = Engine("warm", jobs.slow_warm)
    engine.start()
    job = engine.run(jobs.count, 3)
    engine.stop()
    assert Done(job, stopped=True) in engine.poll()
    engine.run(jobs.count, 2)
    assert values(finished(engine)) == [0, 1]
    engine.close()


def test_gaussians_go_there_and_come_back_as_they_were(engine: Engine) -> None:
    sent = SplatArrays.from_gaussians(cloud(5000))
    engine.run(jobs.echo, None, splats=sent)
    came = arrived(engine)
    assert came.step is None
    for name, column in vars(sent).items():
        assert np.array_equal(getattr(came.splats, name), column), name
        assert getattr(came.splats, name).dtype == column.dtype
        assert getattr(came.splats, name).flags.aligned
    until_state(engine, EngineState.READY)


def test_large_arrays_within_values_keep_out_of_the_pipe(engine: Engine) -> None:
    engine.run(jobs.big, 20)
    (found,) = values(finished(engine))
    assert np.array_equal(found, np.arange(5_000_000, dtype=np.float32))


def test_of_gaussians_that_wait_only_the_newest_are_told(engine: Engine) -> None:
    engine.run(jobs.many_snapshots, 30, 3000)
    assert engine._keeper is not None
    while not any(isinstance(message, Ended) for message in engine._keeper._news):
        time.sleep(0.01)  # nobody polls, and the child goes on
    events = finished(engine)
    found = only(events, Arrived)
    assert isinstance(found, Arrived)
    assert found.step == jobs.step(29, 3000)
    assert np.array_equal(found.splats.means, cloud(3000, seed=29).means.numpy())
    assert found.exposures is not None
    assert found.exposures.shape == (3, 2, 3)


def test_snapshots_that_find_no_room_are_passed_over_but_for_the_last(tmp_path: Path) -> None:
    events, ours = multiprocessing.Pipe(duplex=False)
    shelf = Shelf(tmp_path, "a-")
    outbox = Outbox(1, ours, shelf)
    for k in range(5):
        outbox.post(jobs.snapshot(k, 1000))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-1", "a-2"]
    found = []

    def take() -> None:
        value = events.recv().value
        found.append(shelf.take(value).step.iteration)  # type: ignore[attr-defined]
        outbox.taken(Taken(value.file))

    outbox.wait = take
    outbox.flush()
    take()
    take()
    assert found == [0, 1, 4]
    assert not events.poll()
    events.close()
    ours.close()


def test_steps_are_thinned_but_the_last_is_told(engine: Engine) -> None:
    engine.run(jobs.pretend_to_train, 0.002)
    began = time.monotonic()
    heard = until(engine, lambda event: isinstance(event, Arrived))
    while time.monotonic() < began + 1:
        heard += engine.poll()
        time.sleep(0.03)
    engine.stop()
    heard += finished(engine)
    steps = [value for value in values(heard) if isinstance(value, Step)]
    # Those that come with a snapshot are told besides.
    assert len(steps) < 80
    last = [event for event in heard if isinstance(event, Arrived)][-1]
    assert last.step == steps[-1]


def test_a_job_that_trains_ends_with_what_it_has_reached(engine: Engine) -> None:
    job = engine.run(jobs.pretend_to_train, 0.01, 2000, 10**9)
    until(engine, lambda event: isinstance(event, News) and isinstance(event.value, Step))
    engine.stop()
    events = finished(engine)
    assert only(events, Done) == Done(job, stopped=True)
    last = only(events, Arrived)
    assert isinstance(last, Arrived)
    assert last.step is not None
    assert last.step.iteration > 0


def test_any_other_job_is_closed_at_once(engine: Engine, tmp_path: Path) -> None:
    job = engine.run(jobs.wait_and_see, str(tmp_path / "file"))
    until(engine, lambda event: isinstance(event, News))
    engine.stop()
    assert only(finished(engine, 10), Done) == Done(job, stopped=True)
    assert (tmp_path / "file").read_text() == "closed"


def test_a_pause_holds_the_job_until_it_goes_on(engine: Engine) -> None:
    engine.run(jobs.pretend_to_train, 0.01)
    arrived(engine)
    engine.pause()
    until_state(engine, EngineState.PAUSED, 10)
    time.sleep(0.1)
    engine.poll()
    time.sleep(0.3)
    assert engine.poll() == []
    engine.resume()
    until_state(engine, EngineState.RUNNING, 10)
    arrived(engine)
    engine.stop()
    finished(engine)


def test_a_paused_job_can_be_stopped(engine: Engine, tmp_path: Path) -> None:
    for function, args in (
        (jobs.pretend_to_train, (0.01,)),
        (jobs.wait_and_see, (tmp_path / "f",)),
    ):
        engine.run(function, *args)
        until(engine, lambda event: isinstance(event, News))
        engine.pause()
        until_state(engine, EngineState.PAUSED, 10)
        engine.stop()
        assert isinstance(only(finished(engine, 10), Done), Done)


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def test_what_a_job_runs_in_a_process_of_its_own_is_paused_and_ended_with_it(
    engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    engine.run(jobs.with_grandchild, str(file))
    (grandchild,) = values(until(engine, lambda event: isinstance(event, News)))
    while not size(file):
        time.sleep(0.01)
    engine.pause()
    until_state(engine, EngineState.PAUSED, 10)
    before = size(file)
    time.sleep(0.2)
    assert size(file) == before
    engine.resume()
    until_state(engine, EngineState.RUNNING, 10)
    time.sleep(0.2)
    assert size(file) > before
    engine.stop()
    finished(engine, 10)
    assert isinstance(grandchild, int)
    assert not psutil.pid_exists(grandchild)


def test_errors_for_people_arrive_as_they_are(engine: Engine) -> None:
    job = engine.run(jobs.refuse)
    failed = only(finished(engine), Failed)
    assert failed == Failed(job, "Only one photo.", "Take two.", "", died=False)
    assert engine.state is EngineState.READY


def test_any_other_error_names_the_stage_and_keeps_the_traceback(engine: Engine) -> None:
    engine.run(jobs.fail)
    failed = only(finished(engine), Failed)
    assert isinstance(failed, Failed)
    assert "finding features: ValueError: seven of nine" in failed.problem
    assert "in fail" in failed.log
    engine.run(jobs.count, 1)
    assert values(finished(engine)) == [0]


def test_the_log_holds_what_a_process_below_the_child_wrote(engine: Engine) -> None:
    engine.run(jobs.with_a_grandchild_that_dies)
    failed = only(finished(engine), Failed)
    assert isinstance(failed, Failed)
    assert not failed.died
    assert "while finding features" in failed.problem
    assert "the last words of a library" in failed.log


def test_values_that_cannot_be_handed_over_are_errors(engine: Engine) -> None:
    engine.run(jobs.echo, lambda: None)
    assert isinstance(only(finished(engine), Failed), Failed)
    until_state(engine, EngineState.READY)
    engine.run(jobs.echo, 7)
    assert values(finished(engine)) == [7]


def test_a_job_hears_what_it_is_told_in_order(engine: Engine) -> None:
    big = np.arange(100_000)
    engine.run(jobs.listen, 3)
    for word in ("first", big, "last"):
        engine.tell(word)
    *_, heard = values(finished(engine))
    assert isinstance(heard, list)
    assert (heard[0], heard[2]) == ("first", "last")
    assert np.array_equal(heard[1], big)


def test_words_for_no_job_and_for_one_that_is_over_do_no_harm(engine: Engine) -> None:
    engine.tell("nobody is there")
    engine.run(jobs.count, 3)
    engine.tell(np.arange(100_000))
    finished(engine)
    until_state(engine, EngineState.READY)
    engine.run(jobs.listen, 1)
    engine.tell("for the next")
    *_, heard = values(finished(engine))
    assert heard == ["for the next"]


def test_words_for_a_job_that_waits_come_with_it() -> None:
    engine = Engine("warm", jobs.slow_warm)
    engine.start()
    engine.run(jobs.listen, 2)
    engine.tell("one")
    engine.tell("two")
    *_, heard = values(finished(engine))
    assert heard == ["one", "two"]
    engine.close()
