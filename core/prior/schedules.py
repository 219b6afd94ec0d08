"""Noise schedules: how much of a picture is left, and how much is noise, at each time."""

from dataclasses import dataclass

import torch
from torch import Tensor

TIMES = 1000  # that nearly every published network was trained with


@dataclass(frozen=True, eq=False)
class Schedule:
    """z = alpha x + sigma noise at T times, ever noisier; all columns [T] float64, on the CPU.

    `times` is what the network is told. Before the first time lies the picture itself
    (alpha 1, sigma 0).
    """

    alphas: Tensor
    sigmas: Tensor
    times: Tensor

    def __len__(self) -> int:
        return len(self.alphas)

    def steps(self, level: float, count: int) -> list[int]:
        """At most `count` rows from `level` in [0, 1] of the time down, evenly spaced.

        The same as "trailing" in diffusers (Lin et al., WACV 2024, section 3.3) from level 1;
        as ReconFusion has it, so many from any level. Empty for a level that rounds to 0.
        """
        ends = torch.linspace(level * len(self), 0, count + 1, dtype=torch.float64)[:-1]
        rows = (ends.round().long() - 1).tolist()
        return [row for k, row in enumerate(rows) if row >= 0 and row not in rows[:k]]


def linear(first: float = 1e-4, last: float = 0.02, times: int = TIMES) -> Schedule:
    """Variances added that grow evenly (Ho et al., "DDPM", 2020, section 4)."""
    return _preserving(torch.linspace(first, last, times, dtype=torch.float64))


def scaled_linear(first: float = 0.00085, last: float = 0.012, times: int = TIMES) -> Schedule:
    """Standard deviations added that grow evenly, as in latent diffusion (Rombach et al., 2022)."""
    ends = (first**0.5, last**0.5)
    return _preserving(torch.linspace(*ends, times, dtype=torch.float64) ** 2)


def zero_terminal(schedule: Schedule) -> Schedule:
    """The variance-preserving `schedule` stretched so that nothing of the picture is left at last.

    Lin et al. (WACV 2024), algorithm 1: alpha shifted and scaled, its first value kept.
    """
    first, last = schedule.alphas[0], schedule.alphas[-1]
    alphas = (schedule.alphas - last) * first / (first - last)
    return Schedule(alphas, (1 - alphas**2).sqrt(), schedule.times)


def flow(shift: float = 1.0, times: int = TIMES) -> Schedule:
    """z = (1 - s) x + s noise, s from 0 to 1 (Liu et al., "Rectified flow", 2023).

    `shift` as for larger pictures (Esser et al., 2024, eq. 23): s becomes
    shift s / (1 + (shift - 1) s). The network is told s in thousandths.
    """
    even = torch.arange(1, times + 1, dtype=torch.float64) / times
    s = shift * even / (1 + (shift - 1) * even)
    return Schedule(1 - s, s, 1000 * s)


def _preserving(betas: Tensor) -> Schedule:
    """alpha^2 + sigma^2 = 1: `betas` [T] are the variances added."""
    kept = torch.cumprod(1 - betas, dim=0)
    times = torch.arange(len(betas), dtype=torch.float64)
    return Schedule(kept.sqrt(), (1 - kept).sqrt(), times)
