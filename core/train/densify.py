"""Densification: where the picture pulls at the Gaussians, there are too few of them.

Growth by the gradient of the projected centres (Kerbl et al., 2023, section 5.2) under a
hard cap, the strongest first; a copy shares its parent's opacity, so that a pair looks
as the one did (Bulo et al., 2024, eq. 8).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numba
import numpy as np
import torch
from torch import Tensor

from core.gaussians.rows import RowEdit
from core.geometry.rotation import matrix_from_quat
from core.train.kernels import add_pulls
from core.train.schedule import TrainConfig

SMALL = 0.01  # of the extent: up to here a Gaussian is copied, beyond it is split
LARGEST = 0.3  # of the extent: anything wider is removed
SHRINK = 1.6  # the two halves of a split are this much smaller


@dataclass
class Pulls:
    """Running sums per row of the pull at its projected centre, and of how often it was seen."""

    total: Tensor  # [N] in units of half the picture's size
    seen: Tensor  # [N]

    @staticmethod
    def none(rows: int, like: Tensor) -> "Pulls":
        return Pulls(torch.zeros(rows).to(like), torch.zeros(rows).to(like))

    def add(self, gradient: Tensor, radii: Tensor, width: int, height: int) -> None:
        """`gradient` [N, 2] of the projected centres in pixels; `radii` [N], 0 if unseen."""
        if gradient.is_cuda:
            half = torch.tensor([width / 2, height / 2]).to(gradient)
            self.total += (gradient * half).norm(dim=1)
            self.seen += radii > 0
            return
        arrays = (gradient.numpy(), radii.numpy())
        halves = (np.float32(width / 2), np.float32(height / 2))
        workers = numba.get_num_threads()
        add_pulls(*arrays, *halves, self.total.numpy(), self.seen.numpy(), workers)

    def mean(self) -> Tensor:
        return self.total / self.seen.clamp_min(1)


def plan_growth(
    columns: Mapping[str, Tensor],
    pulls: Tensor,
    extent: float,
    config: TrainConfig,
    generator: torch.Generator,
) -> tuple[RowEdit, dict[str, Tensor]]:
    """The row edit and the columns it changes, ready made for the new table.

    `pulls` [N]. Never more rows than `config.max_gaussians`.
    """
    keep = worth_keeping(columns, extent, config)
    room = max(config.max_gaussians - int(keep.sum()), 0)
    chosen = torch.nonzero(keep & (pulls > config.grow_gradient)).squeeze(-1)
    if len(chosen) > room:
        chosen = chosen[torch.argsort(pulls[chosen], descending=True, stable=True)[:room]]
        chosen = chosen.sort().values
    large = torch.exp(columns["log_scales"]).amax(dim=1) > SMALL * extent
    # A grown row stays where it is, as one half; the other half is appended.
    stay = torch.nonzero(keep).squeeze(-1)
    parent = torch.cat([stay, chosen])
    grown = torch.zeros(len(keep), dtype=torch.bool, device=keep.device)
    grown[chosen] = True
    edit = RowEdit(
        parent,
        grown[parent] & (large[parent] | (torch.arange(len(parent)).to(parent) >= len(stay))),
    )
    split = grown[parent] & large[parent]
    means, log_scales, logits = (
        edit.carry(columns[name].detach()).clone()
        for name in ("means", "log_scales", "logit_opacity")
    )
    turn = matrix_from_quat(edit.carry(columns["quats"].detach())[split])
    noise = torch.randn(int(split.sum()), 3, generator=generator).to(means)
    means[split] += (turn @ (noise * torch.exp(log_scales[split]))[..., None]).squeeze(-1)
    log_scales[split] -= torch.log(torch.tensor(SHRINK))
    opacity = torch.sigmoid(logits[grown[parent]]).clamp(1e-6, 1 - 1e-6)
    logits[grown[parent]] = torch.logit(1 - torch.sqrt(1 - opacity))
    return edit, {"means": means, "log_scales": log_scales, "logit_opacity": logits}


def worth_keeping(columns: Mapping[str, Tensor], extent: float, config: TrainConfig) -> Tensor:
    """[N] bool: visible enough, not huge, and made of numbers."""
    opacity = torch.sigmoid(columns["logit_opacity"].detach())
    widest = torch.exp(columns["log_scales"].detach()).amax(dim=1)
    keep = (opacity > config.prune_opacity) & (widest < LARGEST * extent)
    for column in columns.values():
        keep &= torch.isfinite(column.detach()).reshape(len(keep), -1).all(dim=1)
    return keep
