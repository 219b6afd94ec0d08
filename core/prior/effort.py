"""How much work a prior's network is, counted while it works: the clock decides nothing."""

import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from core.prior.protocol import Draft, Prior, Target
from core.progress import Progress

T = TypeVar("T")

# Units of `core.prior.allowance` that an operation and a floating-point operation take: beside
# training on one thread of a processor 80 us and 10 GFLOP/s; of a graphics card a guess.
PROCESSOR = (200.0, 2.5e-4)
CARD = (600.0, 3e-6)


@dataclass(frozen=True)
class Effort:
    """What a target takes: `work` in units, and `seconds` by the clock, to be told only."""

    work: float
    seconds: float

    def __add__(self, other: "Effort") -> "Effort":
        return Effort(self.work + other.work, self.seconds + other.seconds)

    def __mul__(self, times: float) -> "Effort":
        return Effort(self.work * times, self.seconds * times)


class _Operations(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts what torch is asked to do."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.count = 0

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        self.count += 1
        return func(*args, **(kwargs or {}))


def effort_of(
    prior: Prior, draft: Draft, level: float, device: str
) -> Generator[Progress, None, Effort]:
    """What `prior` takes for a target like that of `draft`, judged by its first two steps.

    The others are taken to be like the second, and are not done.
    """
    steps = prior.refine(draft, level, 0)
    begun = Effort(0.0, 0.0)
    while True:
        step, took = _measured(steps, device)
        if step is None:
            return begun + took
        yield step
        if step.done > 1:
            steps.close()
            return begun + took * (step.total - step.done + 1)
        begun = begun + took


def _measured(
    steps: Generator[Progress, None, Target], device: str
) -> tuple[Progress | None, Effort]:
    """The next of `steps`, None after the last, and what it took."""
    return counted(lambda: next(steps, None), device)


def counted(call: Callable[[], T], device: str) -> tuple[T, Effort]:
    """What `call` answers, and what it takes."""
    operation, flop = PROCESSOR if torch.device(device).type == "cpu" else CARD
    began = time.monotonic()
    with _Operations() as operations, FlopCounterMode(display=False) as flops:
        answer = call()
    work = operation * operations.count + flop * flops.get_total_flops()
    return answer, Effort(work, time.monotonic() - began)
