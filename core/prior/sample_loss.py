"""ReconFusion's sample loss on Gaussians: pictures that nobody took, to be met like photos."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.prior.perceptual import Perceptual, structure_distance
from core.prior.pool import Held, Pool, PoolConfig
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
    0 it does nothing at all.
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
    ) -> None:
        """`photos`: uint8 [H, W, 3], each with its view."""
        self._config, self._photos, self._perceptual = config, len(photos), perceptual
        self._pool = Pool(prior, views, photos, config.pool, seed)
        # Its own, so that the photos' order is the same with and without a prior.
        self._generator = torch.Generator().manual_seed(seed)

    def targets(self) -> tuple[Held, ...]:
        """The targets in use, the oldest first."""
        return self._pool.held()

    def added(self, scene: Gaussians, spent: float, manner: Manner) -> Added | None:
        if self._config.weight <= 0 or spent < self._config.begin:
            return None
        self._pool.work(scene, spent)
        held = self._pool.held()
        if not held:
            return None
        chosen = held[int(torch.randint(len(held), (1,), generator=self._generator))]
        render = rasterize(scene, chosen.view, **manner)
        weight = chosen.weight * weight_at(chosen.seen, spent, self._config, self._photos)
        error = (render.color - chosen.color).abs().mean(dim=2)
        loss = (weight * error).mean()
        if self._config.perceptual > 0:
            structure = self._perceptual(render.color, chosen.color, weight)
            loss = loss + self._config.perceptual * structure
        return Added(loss, render, chosen.view)
