"""Jobs for the tests of the engine, and how those wait for what comes of them."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from app.engine.control import Control
from app.engine.engine import Arrived, Done, Engine, EngineEvent, EngineState, Failed, News
from app.engine.in_child import in_child
from core.errors import UserError
from core.gaussians.arrays import SplatArrays
from core.progress import Progress
from core.train.steps import Snapshot, Step
from tests.scenes import cloud

PATIENCE = 120.0  # seconds, for what takes a moment where nothing else runs


def step(iteration: int, rows: int = 0) -> Step:
    return Step(iteration, 10**6, 0.0, 0.5, 20.0, rows)


def snapshot(iteration: int, rows: int) -> Snapshot:
    gaussians = cloud(rows, seed=iteration)
    return Snapshot(step(iteration, rows), gaussians, gaussians.means.new_ones(3, 2, 3))


def count(control: Control, n: int) -> Iterator[int]:
    yield from range(n)


def echo(control: Control, value: object, splats: SplatArrays | None = None) -> Iterator[object]:
    yield value if splats is None else splats


def pretend_to_train(
    control: Control, seconds: float = 0.01, rows: int = 2000, every: int = 10
) -> Iterator[Step | Snapshot]:
    """Steps without end until asked to stop, and then a last snapshot."""
    yield snapshot(0, rows)
    i = 0
    while not control.stop_asked():
        i += 1
        time.sleep(seconds)
        yield step(i, rows)
        if i % every == 0:
            yield snapshot(i, rows)
    yield snapshot(i, rows)


def many_snapshots(control: Control, n: int, rows: int) -> Iterator[Snapshot]:
    for i in range(n):
        yield snapshot(i, rows)


def wait_and_see(control: Control, file: str) -> Iterator[Progress]:
    """Slow, and it tells in a file that it was closed."""
    try:
        for i in range(1000):
            yield Progress("Waiting", i, 1000)
            time.sleep(0.02)
    finally:
        Path(file).write_text("closed")


def deaf(control: Control, file: str = "") -> Iterator[object]:
    """Hears nothing, with a process of its own if there is a `file`."""
    values = in_child(tick, file)
    yield next(values) if file else Progress("Thinking hard", 0, 1)
    time.sleep(600)


def with_grandchild(control: Control, file: str) -> Iterator[object]:
    yield from in_child(tick, file, meanwhile=control.meanwhile)


def with_a_grandchild_that_dies(control: Control) -> Iterator[object]:
    yield from in_child(last_words)


def last_words() -> Iterator[Progress]:
    yield Progress("Finding features", 0, 1)
    os.write(2, b"the last words of a library\n")
    os.abort()


def tick(file: str) -> Iterator[object]:
    """Its process's number, and then a file that grows."""
    yield os.getpid()
    while True:
        with Path(file).open("a") as out:
            out.write("x")
        time.sleep(0.02)


def die(control: Control, how: str) -> Iterator[Progress]:
    yield Progress("Matching photos", 1, 2)
    sys.stdout.write("some words on stdout\n")
    os.write(2, b"and some on stderr\n")
    if how == "exit":
        os._exit(7)
    os.kill(os.getpid(), getattr(signal, how))
    time.sleep(60)


def refuse(control: Control) -> Iterator[Progress]:
    yield Progress("Finding features", 0, 1)
    raise UserError("Only one photo.", hint="Take two.")


def fail(control: Control) -> Iterator[Progress]:
    yield Progress("Finding features", 0, 1)
    raise ValueError("seven of nine")


def pid(control: Control) -> Iterator[int]:
    yield os.getpid()


def big(control: Control, megabytes: int) -> Iterator[object]:
    yield np.arange(megabytes * 250_000, dtype=np.float32)


LOOKS: list[tuple[int, ...]] = []  # sizes of the photos that this process's networks looked at


def note_looks(control: Control) -> Iterator[object]:
    """Let this process note each time that a network looks at a photo."""
    from core.segment.sam import Sam
    from core.segment.words import MaskFinder

    def noting(look: Callable[[object, np.ndarray], object]) -> Callable[..., object]:
        def noted(self: object, photo: np.ndarray) -> object:
            LOOKS.append(photo.shape)
            return look(self, photo)

        return noted

    Sam.embed = noting(Sam.embed)  # type: ignore[assignment,method-assign]
    MaskFinder.look = noting(MaskFinder.look)  # type: ignore[assignment,method-assign]
    yield from ()


def looks(control: Control) -> Iterator[int]:
    yield len(LOOKS)


def slow_warm() -> Iterator[str]:
    yield "Loading nothing"
    time.sleep(0.3)
    yield "Loading more of it"


def broken_warm() -> Iterator[str]:
    yield "Loading what is not there"
    raise ImportError("no such library")


def until(
    engine: Engine, wanted: Callable[[EngineEvent], bool], seconds: float = PATIENCE
) -> list[EngineEvent]:
    """All events up to the wanted one, and those that came together with it."""
    heard: list[EngineEvent] = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        events = engine.poll()
        heard += events
        if any(wanted(event) for event in events):
            return heard
        time.sleep(0.002)
    raise AssertionError(f"{engine.state}; heard {heard[-20:]}")


def until_state(engine: Engine, state: EngineState, seconds: float = 90.0) -> list[EngineEvent]:
    heard: list[EngineEvent] = []
    deadline = time.monotonic() + seconds
    while engine.state is not state:
        heard += engine.poll()
        assert time.monotonic() < deadline, f"{engine.state}; heard {heard[-20:]}"
        time.sleep(0.002)
    return heard


def finished(engine: Engine, seconds: float = PATIENCE) -> list[EngineEvent]:
    return until(engine, lambda event: isinstance(event, Done | Failed), seconds)


def arrived(engine: Engine, seconds: float = PATIENCE) -> Arrived:
    heard = until(engine, lambda event: isinstance(event, Arrived), seconds)
    return next(event for event in reversed(heard) if isinstance(event, Arrived))


def values(events: list[EngineEvent]) -> list[object]:
    return [event.value for event in events if isinstance(event, News)]


def only(events: list[EngineEvent], kind: type) -> EngineEvent:
    (found,) = [event for event in events if isinstance(event, kind)]
    return found


def listen(control: Control, words: int) -> Iterator[object]:
    """What the job is told, until there are so many words."""
    heard: list[object] = []
    while len(heard) < words:
        time.sleep(0.005)
        heard += control.told()
        yield Progress("Listening", len(heard), words)
    yield heard
