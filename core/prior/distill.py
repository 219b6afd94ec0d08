"""Score distillation: what a network thinks of a picture, as a gradient on it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import torch
from torch import Tensor

from core.prior.sampler import Conditions, Denoiser, Guidance, predicted
from core.prior.schedules import Schedule

# DP-Recon writes e_c + 50 (e_c - e_u), which is e_u + 51 (e_c - e_u): `Guidance.scale` 51.
DP_RECON_SCALE = 51.0


class Weighting(Enum):
    """w(t) of a distillation, for z = alpha x + sigma noise."""

    NOISE = "sigma^2"  # DreamFusion (Poole et al., ICLR 2023)
    BOTH = "alpha sigma^2"  # Fantasia3D (Chen et al., ICCV 2023), DP-Recon: sqrt(abar) (1 - abar)
    EVEN = "1"

    def at(self, alpha: float, sigma: float) -> float:
        """w where so much of the picture and of noise is left."""
        if self is Weighting.EVEN:
            return 1.0
        return sigma**2 * (alpha if self is Weighting.BOTH else 1.0)


@dataclass(frozen=True)
class TimeRange:
    """Between which parts of the diffusion's time a step draws its own, as work goes on.

    `first` until `hold` of the work is done, then evenly to `last` (DP-Recon: to round 2500 of
    5000).
    """

    first: tuple[float, float] = (0.20, 0.98)
    last: tuple[float, float] = (0.02, 0.40)
    hold: float = 0.5

    def at(self, done: float) -> tuple[float, float]:
        """Least and greatest time, in [0, 1], when `done` in [0, 1] of the work is."""
        part = min(max((done - self.hold) / max(1 - self.hold, 1e-9), 0.0), 1.0)
        low, high = (
            before + (after - before) * part
            for before, after in zip(self.first, self.last, strict=True)
        )
        return low, high


EVERY_TIME = TimeRange((0.02, 0.98), (0.02, 0.98))  # DP-Recon's for appearance


@dataclass(frozen=True, eq=False)
class Teacher:
    """A network of pictures by words, and how words and pictures become what it takes.

    `words`: what a prompt is to the network, of batch 1. `encode`: pictures [B, 3, H, W] in
    [-1, 1] to what it denoises, with gradients; as they are unless told. `latent`: pixels, the
    side of what it denoises; `picture`: of what is encoded.
    """

    denoiser: Denoiser
    words: Callable[[str], Conditions]
    encode: Callable[[Tensor], Tensor] = lambda picture: picture
    latent: int = 64
    picture: int = 512

    def guidance(self, prompt: str, negative: str, scale: float, batch: int) -> Guidance:
        """To go `scale` of the way from what `negative` says to what `prompt` does."""
        given, without = (
            {name: value.expand(batch, *value.shape[1:]) for name, value in told.items()}
            for told in (self.words(prompt), self.words(negative))
        )
        return Guidance(given, scale, without)


def random_row(schedule: Schedule, times: tuple[float, float], generator: torch.Generator) -> int:
    """A row of `schedule` between two parts of its time in [0, 1], evenly at random."""
    low, high = (min(int(part * len(schedule)), len(schedule) - 1) for part in times)
    return int(torch.randint(low, high + 1, (1,), generator=generator))


def distillation_gradient(
    denoiser: Denoiser,
    latent: Tensor,
    row: int,
    noise: Tensor,
    guidance: Guidance,
    weighting: Weighting = Weighting.BOTH,
) -> Tensor:
    """w(t) (e' - e) [B, C, H, W]: the way that `latent` should not go (Poole et al., eq. 3).

    e is the `noise` added, e' what the network takes for it, whatever it predicts: e' comes
    from `parted`. Without gradient. Raises `UserError` where the network's answer is not finite.
    """
    alpha, sigma = float(denoiser.schedule.alphas[row]), float(denoiser.schedule.sigmas[row])
    noisy = alpha * latent.detach() + sigma * noise
    _, found = predicted(denoiser, noisy, row, guidance)
    return weighting.at(alpha, sigma) * (found - noise)


def distillation_loss(latent: Tensor, gradient: Tensor) -> Tensor:
    """1/2 ||z - stop(z - g)||^2 / B, a scalar whose gradient by `latent` [B, ...] is g / B."""
    wanted = (latent - gradient).detach()
    return 0.5 * (latent - wanted).square().sum() / len(latent)
