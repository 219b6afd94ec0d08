"""ReconFusion's sample loss on Gaussians: pictures that nobody took, to be met like photos."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

import torch
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.prior.allowance import FORWARD, MEETING, Allowance, picture_work
from core.prior.choice import SMALL
from core.prior.imagined import Imagined, thumbnail
from core.prior.perceptual import Perceptual, structure_distance
from core.prior.pool import Held, Ignored, Pool, PoolConfig, all_count
from core.prior.protocol import Prior
from core.render.rasterize import rasterize
from core.train.terms import Added, Manner

FEW = 3  # photos up to which the sample loss has its full weight


@dataclass(frozen=True)
class SampleConfig:
    """How much a prior has to say, and when. Weights are those beside the photos' loss."""

    weight: float = 1.0  # for up to `FEW` photos
    weight_end: float = 0.1  # of that, at the end, for what the photos saw themselves
    perceptual: float = 2.0  # beside L1; with 1, 1.4 dB less in a drawn room with two photos
    begin: float = 0.0  # of the budget: before that it says nothing
    share: float | None = None  # of the photos' work, the most that it may take; None: all it asks
    work: float = 0.0  # units of `allowance` that a target takes of the prior's network
    pool: PoolConfig = field(default_factory=PoolConfig)


def weight_at(seen: Tensor, spent: float, config: SampleConfig, photos: int) -> Tensor:
    """lambda of pixels that the photos saw by `seen` in [0, 1].

    It falls evenly for what they saw, and is the less the more photos there are (ReconFusion,
    section 4.2); what no photo shows stays the prior's to say. 0 before the config's beginning.
    """
    if spent < config.begin:
        return torch.zeros_like(seen)
    fallen = (1 - config.weight_end) * spent
    return config.weight * min(1.0, FEW / photos) * (1 - fallen * seen)


class SampleLoss:
    """A `core.train.terms.Term`: every step one of the targets in a pool is to be met.

    mean(lambda r (|x - t| + LPIPS(x, t))) for the picture x and its target t, r how far each
    pixel can be relied on (Wu et al., "ReconFusion", 2024, eq. 5, w(t) = 1). Targets are made
    one step of the prior at a time, so no step of training waits for a whole one. With weight
    0 it does nothing at all. With a `share`, steps for which it may not do so much leave out
    what there is no room for.
    """

    def __init__(
        self,
        prior: Prior,
        views: Sequence[View],
        photos: Sequence[Tensor],
        config: SampleConfig = SampleConfig(),
        *,
        seed: int = 0,
        perceptual: Perceptual = structure_distance,
        ignored: Ignored = all_count,
    ) -> None:
        """`photos`: uint8 [H, W, 3], each with its view; of `ignored` pixels nothing is learned."""
        self._config, self._photos, self._perceptual = config, len(photos), perceptual
        self._pool = Pool(prior, views, photos, config.pool, seed, ignored)
        self._allowed = Allowance(config.share)
        self._pixels = fmean(photo.shape[0] * photo.shape[1] for photo in photos)
        self._target = self._pool.pixels()
        self._told: object = None  # the target that was told last
        self._began: float | None = None  # CPU seconds of this process, when it was asked first
        self._taken = 0.0  # CPU seconds of it since
        # Its own, so that the photos' order is the same with and without a prior.
        self._generator = torch.Generator().manual_seed(seed)

    def targets(self) -> tuple[Held, ...]:
        """The targets in use, the oldest first."""
        return self._pool.held()

    def news(self) -> Imagined | None:
        """The target made last, if it was not told yet."""
        made = self._pool.made
        if made is None or made is self._told:
            return None
        self._told = made
        since = time.process_time() - (self._began or 0.0)
        return Imagined(
            thumbnail(made.draft),
            thumbnail(made.target.color),
            thumbnail(made.target.weight),
            made.used,
            made.seconds,
            min(1.0, self._taken / max(since, 1e-9)),
        )

    def added(self, scene: Gaussians, spent: float, manner: Manner) -> Added | None:
        """See `Term`."""
        if self._config.weight <= 0:
            return None
        self._allowed.earn(picture_work(self._pixels, len(scene)))
        began = time.process_time()
        self._began = began if self._began is None else self._began
        if spent < self._config.begin:
            return None
        found = self._asked(scene, spent, manner)
        self._take(time.process_time() - began)
        return found

    def after(self, columns: Mapping[str, Tensor]) -> None:
        """See `Term`: nothing."""

    def _asked(self, scene: Gaussians, spent: float, manner: Manner) -> Added | None:
        if self._allowed.make(self._making_work(scene)):
            self._pool.work(scene, spent)
        else:
            self._pool.wait()
        held = self._pool.held()
        if not held or not self._allowed.meet(MEETING * picture_work(self._target, len(scene))):
            return None
        chosen = held[int(torch.randint(len(held), (1,), generator=self._generator))]
        render = rasterize(scene, chosen.view, **manner)
        weight = chosen.weight * weight_at(chosen.seen, spent, self._config, self._photos)
        error = (render.color - chosen.color).abs().mean(dim=2)
        loss = (weight * error).mean()
        if self._config.perceptual > 0:
            structure = self._perceptual(render.color, chosen.color, weight)
            loss = loss + self._config.perceptual * structure
        return Added(loss, render, chosen.view, self._take)

    def _making_work(self, scene: Gaussians) -> float:
        """Units of what the pool would do now: looking, choosing a place, and a draft."""
        if not self._pool.due() or self._pool.making:
            return 0.0
        count = len(scene)
        looks = self._pool.sights(scene) * (1 + FORWARD) * picture_work(self._target, count)
        small = picture_work(SMALL * SMALL, count)
        places = self._config.pool.candidates * small
        drafts = FORWARD * (places + picture_work(self._target, count))
        return self._config.work + looks + drafts

    def _take(self, seconds: float) -> None:
        self._taken += seconds
