"""Which prior helps training, if any, and what photos left out say of it."""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from torch import Tensor

from core.geometry.camera import View
from core.pipeline.events import Remark
from core.pipeline.folds import Folds, Small, folds_of
from core.pipeline.learned import Tried, learn_prior
from core.pipeline.outset import help_wanted
from core.pipeline.settings import AUTO, NONE, Settings
from core.prior.backends.files import find_folder
from core.prior.imagined import Imagined
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
LOADED = SampleConfig()
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
    """Raise `Unavailable` or `UserError` for a prior that is known not to be there."""
    if settings.prior not in (AUTO, NONE):
        from core.prior.backends.load import recognised  # heavy: only when asked for

        recognised(find_folder(settings.prior))


def find_help(
    small: Callable[[], Small],
    covered: float,
    settings: Settings,
    device: str,
    stop: Callable[[], bool],
) -> Generator[Progress | Remark, None, Help]:
    """What `settings.prior` asks for; `small` is called only where it is needed.

    `AUTO`: what can be learned from the photos, where so few agree on a place (`covered`) that
    they could be learned by heart. Raises as `load_prior` does for a folder.
    """
    if settings.prior == NONE or settings.prior_strength <= 0 or stop():
        return Help()
    if settings.prior != AUTO:
        from core.prior.backends.load import load_prior  # heavy: only when asked for

        loaded = load_prior(settings.prior, device=device)
        return Help(loaded, _stronger(LOADED, settings))
    if help_wanted(covered) <= 0:
        return Help()
    shrunk, config = small(), _stronger(LEARNED, settings)
    folds = yield from folds_of(shrunk, stop)
    found = (yield from learn_prior(shrunk, folds, config, stop)) if folds else None
    if found is None:
        return Help(folds=folds)
    prior, tried = found
    yield Remark(tried.words())
    return Help(prior, config, tried, folds)


def _stronger(config: SampleConfig, settings: Settings) -> SampleConfig:
    return replace(config, weight=settings.prior_strength * config.weight)
