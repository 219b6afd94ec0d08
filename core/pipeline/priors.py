"""Which prior helps training, if any, and what photos left out say of it."""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from torch import Tensor

from core.geometry.camera import View
from core.pipeline.events import Remark
from core.pipeline.folds import Folds, Small, folds_of
from core.pipeline.learned import taught
from core.pipeline.loaded import UNTRIED, try_loaded
from core.pipeline.outset import help_wanted
from core.pipeline.settings import AUTO, NONE, Settings
from core.pipeline.tried import Tried
from core.prior.embedded.school import BlendingSchool
from core.prior.imagined import Imagined
from core.prior.measured import BLIND, Measured
from core.prior.pool import PoolConfig
from core.prior.protocol import Prior
from core.prior.sample_loss import SampleConfig, SampleLoss
from core.progress import Progress
from core.train.labels import NO_LABELS, Labels

T = TypeVar("T")

# How much what was learned from the photos has to say, and of where: see docs/prior.md.
PLACES = PoolConfig(between=True, candidates=2)
LEARNED = SampleConfig(
    weight=1.0, weight_end=1.0, begin=0.5, perceptual=0.0, share=0.6, pool=PLACES
)
LOADED = SampleConfig(begin=0.5, share=3.0)
TELL_SECONDS = 0.7  # between two targets that are told


@dataclass(frozen=True, eq=False)
class Help:
    """A prior and how much it has to say; where photos left out chose it, `tried` and `folds`."""

    prior: Prior | None = None
    config: SampleConfig = LOADED
    tried: Tried | None = None
    folds: Folds | None = None

    def terms(
        self,
        views: Sequence[View],
        photos: Sequence[Tensor],
        seed: int,
        labels: Labels = NO_LABELS,
    ) -> tuple[SampleLoss, ...]:
        """What it asks of training; nothing without a prior."""
        if self.prior is None:
            return ()
        ignored = labels.ignored
        return (SampleLoss(self.prior, views, photos, self.config, seed=seed, ignored=ignored),)


def telling(events: Iterator[T], terms: Sequence[SampleLoss]) -> Iterator[T | Imagined]:
    """`events` of training, and now and then the newest target of `terms` between them."""
    told = -TELL_SECONDS
    for event in events:
        yield event
        for term in terms:
            if time.monotonic() - told > TELL_SECONDS and (news := term.news()) is not None:
                told = time.monotonic()
                yield news


def check_prior(settings: Settings) -> None:
    """Raise `Unavailable` or `UserError` for a prior or network that is known not to be there."""
    if settings.prior not in (AUTO, NONE):
        from core.prior.backends.load import kind_at  # heavy: only when asked for

        kind_at(settings.prior)
    if settings.words_prior:
        from core.prior.backends.teacher import check_teacher  # heavy: only when asked for

        check_teacher(settings.words_prior)


def find_help(
    small: Callable[[], Small],
    covered: float,
    settings: Settings,
    device: str,
    stop: Callable[[], bool],
) -> Generator[Progress | Remark, None, Help]:
    """What `settings.prior` asks for; `small` is called only where it is needed.

    `AUTO`: what can be learned from the photos, where so few agree on a place (`covered`) that
    they could be learned by heart. Any prior is used only if photos left out say that it helps.
    Raises as `load_prior` does for a folder.
    """
    if settings.prior == NONE or settings.prior_strength <= 0 or stop():
        return Help()
    if settings.prior != AUTO:
        from core.prior.backends.load import load_prior  # heavy: only when asked for

        loaded = load_prior(settings.prior, device=device)
        return (yield from _loaded(loaded, small(), _stronger(LOADED, settings), device, stop))
    if help_wanted(covered) <= 0:
        return Help()
    shrunk, config = small(), _stronger(LEARNED, settings)
    folds = yield from folds_of(shrunk, stop)
    found = (yield from taught(BlendingSchool(), shrunk, folds, config, stop)) if folds else None
    if found is None:
        return Help(folds=folds)
    yield Remark(found.tried.words())
    return Help(found.prior, config, found.tried, folds)


def _loaded(
    prior: Prior, small: Small, config: SampleConfig, device: str, stop: Callable[[], bool]
) -> Generator[Progress | Remark, None, Help]:
    """`prior` from a folder, if photos left out say that it helps."""
    folds = yield from folds_of(small, stop)
    if folds is None:
        if stop():
            return Help()
        yield Remark(UNTRIED)
        return Help(Measured(prior, BLIND), config)
    trial = yield from try_loaded(prior, small, folds, config, device, stop)
    if trial is None:
        return Help(folds=folds)
    return Help(trial.prior, trial.config, trial.tried, folds)


def _stronger(config: SampleConfig, settings: Settings) -> SampleConfig:
    return replace(config, weight=settings.prior_strength * config.weight)
