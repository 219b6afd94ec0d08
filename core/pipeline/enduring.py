"""Training that goes on with what it has where memory runs out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from core.dense.depth import DepthMap
from core.errors import UserError
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.pipeline.events import Remark
from core.train.labels import NO_LABELS, Labels
from core.train.schedule import TrainConfig
from core.train.standing import Whereabouts
from core.train.steps import Snapshot, Step
from core.train.terms import Term
from core.train.trainer import Reached, train

# What torch's allocators say on Linux and macOS, and on Windows; CUDA has a class of its own.
OUT_OF_MEMORY = ("can't allocate memory", "not enough memory")


def train_on(
    start: Gaussians,
    views: Sequence[View],
    photos: Sequence[Tensor],
    config: TrainConfig,
    *,
    stop: Callable[[], bool] = lambda: False,
    reached: Reached = Reached(),  # noqa: B008
    depths: Sequence[DepthMap] = (),
    labels: Labels = NO_LABELS,
    terms: Sequence[Term] = (),
    whereabouts: Whereabouts | None = None,
) -> Iterator[Step | Snapshot | Remark]:
    """`train`, but where memory runs out it goes on from the last snapshot and grows no more.

    Where it runs out again without a new snapshot, that one is the last value, after a
    `Remark`. Raises `UserError` where there is no memory for the first iterations.
    """
    last: Snapshot | None = None
    while True:
        before, failed = last, False
        try:
            for event in train(
                start, views, photos, config,
                stop=stop, reached=reached, depths=depths, labels=labels, terms=terms,
                whereabouts=whereabouts,
            ):  # fmt: skip
                if isinstance(event, Snapshot):
                    last = event
                yield event
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            failed = True
        # Only here has the error let go of what was in the works.
        if not failed:
            return
        if last is None or _same(last, before):
            yield _given_up(last)
            assert last is not None
            yield last
            return
        iteration, count = last.step.iteration, len(last.gaussians)
        yield Remark(
            f"Memory ran out: training goes on from iteration {iteration} with no more than its "
            f"{count:,} Gaussians. Close other programs before the next one."
        )
        if config.time_limit is not None:
            left = (1 - last.step.spent) / max(1 - reached.spent, 1e-6)
            config = replace(config, time_limit=config.time_limit * left)
        # Not even pruned: any change of the rows needs room for two tables.
        config = replace(config, max_gaussians=count, grow_until=-1.0)
        start, views = last.gaussians, last.views or views
        reached = Reached(iteration, last.step.spent, last.exposures)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that there was no room, in main memory or on the card."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(
        words in str(error).casefold() for words in OUT_OF_MEMORY
    )


def _same(one: Snapshot, other: Snapshot | None) -> bool:
    return other is not None and one.step.iteration == other.step.iteration


def _given_up(last: Snapshot | None) -> Remark:
    if last is None or last.step.iteration == 0:
        raise UserError(
            "The memory is not enough to train.",
            hint="Close other programs, or choose smaller pictures and fewer Gaussians.",
        )
    return Remark(f"Memory ran out again: training ends at iteration {last.step.iteration}.")
