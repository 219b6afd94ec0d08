"""Where memory runs out, training goes on from the last snapshot, or ends with it."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from core.errors import UserError
from core.pipeline import enduring
from core.pipeline.enduring import is_out_of_memory, train_on
from core.pipeline.events import Remark
from core.train.schedule import TrainConfig
from core.train.steps import Snapshot, Step
from core.train.trainer import Reached
from tests.scenes import cloud
from tests.small_room import REPOSITORY

FULL = RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to ...")


# Growth without end, in 200 MB more than the libraries and the first iterations took.
STARVES = """
import resource, psutil
from core.pipeline.enduring import train_on
from core.pipeline.events import Remark
from core.train.rehearsal import rehearse
from core.train.schedule import TrainConfig
from tests.scenes import around, cloud
import torch
rehearse()
views = around(2, 96, 96)
photos = [torch.full((96, 96, 3), 90, dtype=torch.uint8)] * 2
config = TrainConfig(
    iterations=24, max_gaussians=10**8, grow_every=3, grow_from=0.0, grow_until=1.0,
    grow_gradient=0.0, snapshot_seconds=0.0, coarse=(),
)
remarks = 0
for i, event in enumerate(train_on(cloud(10_000), views, photos, config)):
    if i == 2:
        most = psutil.Process().memory_info().vms + 200_000_000
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    remarks += isinstance(event, Remark)
print(remarks, event.step.iteration)
"""


class Trainer:
    """In place of `train`: a snapshot each ten iterations, and no memory at those in `fails`."""

    def __init__(self, fails: list[int], error: Exception = FULL) -> None:
        self.fails, self.error = fails, error
        self.calls: list[tuple[int, int, float | None]] = []

    def __call__(
        self,
        start: Any,
        views: Any,
        photos: Any,
        config: TrainConfig,
        *,
        stop: Any,
        reached: Any,
        depths: Any,
        labels: Any,
        terms: Any,
        whereabouts: Any,
    ) -> Iterator[Step | Snapshot]:
        self.calls.append((reached.iteration, config.max_gaussians, config.time_limit))
        for i in range(reached.iteration, 51):
            if i in self.fails:
                self.fails.remove(i)
                raise self.error
            step = Step(i, 50, i / 50, 0.0, 0.0, len(start))
            yield step
            if i % 10 == 0:
                yield Snapshot(step, start, torch.zeros(1, 2, 3))


def events(trainer: Trainer, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> list[Any]:
    monkeypatch.setattr(enduring, "train", trainer)
    return list(train_on(cloud(20), [], [], TrainConfig(**settings), reached=Reached()))


def test_it_goes_on_from_the_last_snapshot_and_grows_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trainer = Trainer([35])
    found = events(trainer, monkeypatch, max_gaussians=100, time_limit=10.0)
    assert trainer.calls == [(0, 100, 10.0), (30, 20, pytest.approx(4.0))]
    assert [event.step.iteration for event in found if isinstance(event, Snapshot)][-1] == 50
    (remark,) = (event.words for event in found if isinstance(event, Remark))
    assert "iteration 30" in remark
    assert "20 Gaussians" in remark


def test_it_ends_with_the_last_snapshot_where_nothing_helps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = events(Trainer([35, 32]), monkeypatch)
    assert isinstance(found[-2], Remark)
    assert found[-1].step.iteration == 30


def test_no_memory_at_all_is_an_error_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="not enough to train"):
        events(Trainer([1, 1], MemoryError()), monkeypatch)


def test_other_errors_are_none_of_its_business(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RuntimeError, match="shapes"):
        events(Trainer([3], RuntimeError("shapes differ")), monkeypatch)


def test_what_torch_says_is_understood() -> None:
    # More than any computer has.
    with pytest.raises((RuntimeError, MemoryError)) as found:
        torch.zeros(2**58)
    assert is_out_of_memory(found.value)
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory"))
    assert not is_out_of_memory(ValueError("can't allocate memory"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")
def test_a_process_that_may_hold_no_more_tells_so_and_keeps_what_it_has() -> None:
    found = subprocess.run(
        [sys.executable, "-c", STARVES], cwd=REPOSITORY, capture_output=True, text=True, timeout=600
    )
    assert found.returncode == 0, found.stderr
    remarks, iteration = map(int, found.stdout.split())
    assert remarks >= 1
    assert iteration > 3
