"""The thread that readies splats: right answers, the newest first, a clean end."""

import threading
import time

import numpy as np
import pytest

from tests.viewport_scenes import many
from widgets.viewport import worker as worker_module
from widgets.viewport.eye import Eye
from widgets.viewport.navigation import Camera, orbited, to_eye
from widgets.viewport.worker import Ready, Worker


def eye(turn: float = 0.0) -> Eye:
    return to_eye(orbited(Camera(), turn, 0, (100, 100)), 100, 100)


class Listener:
    """Hears what the worker tells."""

    def __init__(self) -> None:
        self.heard: list[Exception | None] = []
        self.bell = threading.Event()

    def __call__(self, error: Exception | None) -> None:
        self.heard.append(error)
        self.bell.set()

    def wait(self, worker: Worker) -> Ready | None:
        assert self.bell.wait(60)
        self.bell.clear()
        return worker.take()


def test_splats_come_back_far_to_near() -> None:
    listener = Listener()
    worker = Worker(listener)
    splats = many(500)
    worker.show(splats, eye())
    first = listener.wait(worker)
    assert first is not None
    z = splats.means[first.order] @ eye().depth_row[:3] + eye().depth_row[3]
    assert (np.diff(z) < 1e-2).all()
    assert worker.take() is None
    worker.sort(eye(40))
    second = listener.wait(worker)
    assert second is not None
    assert second.packed is first.packed
    assert not np.array_equal(first.order, second.order)
    worker.close()


def test_only_the_newest_wish_is_met(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go = threading.Event(), threading.Event()
    packed: list[int] = []
    pack = worker_module.pack

    def slow(splats: object) -> object:
        packed.append(len(splats))  # type: ignore[arg-type]
        begun.set()
        go.wait(60)
        return pack(splats)  # type: ignore[arg-type]

    monkeypatch.setattr(worker_module, "pack", slow)
    worker = Worker(lambda error: None)
    worker.show(many(10), eye())
    assert begun.wait(60)
    for count in (20, 30, 40):
        worker.show(many(count), eye())
    go.set()
    until_idle(worker)
    ready = worker.take()
    assert ready is not None
    assert len(ready.packed) == 40
    assert packed == [10, 40]
    worker.close()


def test_what_was_forgotten_does_not_come() -> None:
    worker = Worker(lambda error: None)
    worker.show(many(100_000), eye())
    worker.forget()
    worker.sort(eye(3))
    time.sleep(0.2)
    assert worker.take() is None
    worker.close()


def test_errors_are_told_and_work_goes_on() -> None:
    listener = Listener()
    worker = Worker(listener)
    worker.show(None, eye())  # type: ignore[arg-type]
    worker.show("nonsense", eye())  # type: ignore[arg-type]
    listener.wait(worker)
    assert isinstance(listener.heard[-1], Exception)
    worker.show(many(10), eye())
    assert listener.wait(worker) is not None
    worker.close()


def test_the_thread_ends_even_in_the_middle_of_work() -> None:
    before = threading.active_count()
    worker = Worker(lambda error: None)
    worker.show(many(200_000), eye())
    worker.close()
    assert threading.active_count() == before


def until_idle(worker: Worker) -> None:
    """Wait until nothing is under way; what is ready stays."""
    for _ in range(6000):
        with worker._changed:
            if not worker._busy and worker._wish.eye is None:
                return
        time.sleep(0.01)
    raise AssertionError("the worker does not come to rest")


def test_what_is_compiled_early_is_not_shown() -> None:
    listener = Listener()
    worker = Worker(listener, early=True)
    worker.sort(eye())
    until_idle(worker)
    assert worker.take() is None
    worker.show(many(30), eye())
    ready = listener.wait(worker)
    assert ready is not None
    assert len(ready.packed) == 30
    worker.close()
