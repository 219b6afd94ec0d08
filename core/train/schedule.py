"""How fast each parameter moves, and when what happens, as functions of the budget spent."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

UNHURRIED = 7000  # iterations from which on the rates are as they are
MOST_HASTE = 4.0


@dataclass(frozen=True)
class TrainConfig:
    """What a training run is asked to do. Rates are those of 3DGS (Kerbl et al., 2023)."""

    iterations: int = 3000
    time_limit: float | None = None  # seconds; ends the run early, the schedule follows
    max_gaussians: int = 200_000
    sh_degree: int = 3
    ssim_weight: float = 0.2
    seed: int = 0
    snapshot_seconds: float = 2.0
    rate_means: float = 1.6e-4  # times the scene's extent
    rate_means_end: float = 0.02  # of the first rate
    rate_quats: float = 1e-3
    rate_log_scales: float = 5e-3
    rate_logit_opacity: float = 5e-2
    rate_sh: float = 2.5e-3
    rate_exposure: float = 0.0  # above 0 gives each photo a gain and a bias of its own
    rate_pose: float = 0.0  # rad; above 0 lets the photos' cameras move
    grow_from: float = 0.05  # of the budget
    grow_until: float = 0.65
    grow_every: int = 100  # iterations
    grow_gradient: float = 2e-4  # of the projected centre, in units of half the picture's size
    prune_opacity: float = 0.005
    opacity_decay: float = 0.0  # by how much of itself each opacity fades in an iteration
    dropout: float = 0.0  # of the Gaussians are left out of a picture at the end, fewer before
    reach: float = 0.0  # the longest axis at most this part of the way to the nearest camera
    random_ground: bool = False  # a new colour behind each picture, so that holes never pay
    depth_weight: float = 0.0  # of the depth maps given
    smooth_weight: float = 0.0  # of smooth depth where the maps know nothing
    # Until the first of the budget is gone, the pictures' sides are divided by the second.
    coarse: tuple[tuple[float, int], ...] = ((0.06, 4), (0.3, 2))
    settle_from: float = 0.8  # of the budget: from here on training may end by itself ...
    settled: float = 0.03  # ... when a tenth of the budget gave fewer dB than this


def sh_degree_at(spent: float, config: TrainConfig) -> int:
    """Bands in use: one more at each tenth of the budget."""
    return min(int(spent * 10), config.sh_degree)


def haste_at(iteration: int, spent: float, config: TrainConfig) -> float:
    """What the rates are multiplied by where there are few iterations to arrive in.

    The rates of 3DGS are for 30,000 iterations; by sqrt(7000 / n), at most 4, fewer reach
    about what several times as many reach without.
    """
    expected = min(config.iterations, iteration / max(spent, 1 / config.iterations))
    return min(max(math.sqrt(UNHURRIED / expected), 1.0), MOST_HASTE)


def rates_at(
    spent: float, extent: float, config: TrainConfig, haste: float = 1.0
) -> Mapping[str, Tensor]:
    """Step sizes for `Adam.step` when `spent` in [0, 1] of the budget is gone."""
    bands = (sh_degree_at(spent, config) + 1) ** 2
    means = config.rate_means * extent * math.exp(math.log(config.rate_means_end) * spent)
    sh = torch.full((bands * 3,), haste * config.rate_sh / 20)
    sh[:3] = haste * config.rate_sh
    return {
        "means": torch.full((3,), haste * means),
        "quats": torch.full((4,), haste * config.rate_quats),
        "log_scales": torch.full((3,), haste * config.rate_log_scales),
        "logit_opacity": torch.full((1,), min(haste, 2.0) * config.rate_logit_opacity),
        "sh": sh,
    }


def pose_rate_at(spent: float, config: TrainConfig, haste: float = 1.0) -> float:
    """The step of cameras in radians: it falls as that of the positions does."""
    return haste * config.rate_pose * math.exp(math.log(config.rate_means_end) * spent)


def grows_at(iteration: int, spent: float, config: TrainConfig) -> bool:
    """Whether Gaussians are added and removed after this iteration."""
    due = iteration > 0 and iteration % config.grow_every == 0
    return due and config.grow_from <= spent <= config.grow_until


def shrink_at(spent: float, config: TrainConfig) -> int:
    """What the pictures' sides are divided by when `spent` of the budget is gone."""
    return next((shrink for until, shrink in config.coarse if spent < until), 1)
