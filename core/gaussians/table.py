"""The Gaussians: one table of rows."""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor

from core.errors import UserError

ColumnMap = Callable[[Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class Gaussians:
    """N anisotropic 3D Gaussians with view-dependent colour, scene frame.

    Raw parameters, as optimised and as stored in 3DGS PLY files (Kerbl et al., 2023).
    """

    means: Tensor  # [N, 3] scene units
    quats: Tensor  # [N, 4] w, x, y, z; any length but 0
    log_scales: Tensor  # [N, 3] natural log of the standard deviations
    logit_opacity: Tensor  # [N]
    sh: Tensor  # [N, K, 3] spherical harmonics, K = (degree + 1)^2
    object_id: Tensor  # [N] int64; 0 is the background

    def __post_init__(self) -> None:
        rows = {f.name: len(getattr(self, f.name)) for f in fields(self)}
        if len(set(rows.values())) > 1:
            raise ValueError(f"columns of unequal length: {rows}")

    def __len__(self) -> int:
        return len(self.means)

    @property
    def sh_degree(self) -> int:
        return math.isqrt(self.sh.shape[1]) - 1

    def detached(self) -> "Gaussians":
        """A copy that no later optimiser step writes through."""
        return self.map(lambda column: column.detach().clone())

    def to(self, device: torch.device | str) -> "Gaussians":
        return self.map(lambda column: column.to(device))

    def map(self, function: ColumnMap) -> "Gaussians":
        """`function` applied to every column."""
        return replace(self, **{f.name: function(getattr(self, f.name)) for f in fields(self)})

    def finite(self) -> Tensor:
        """[N] bool: rows without NaN or infinity."""
        columns = (self.means, self.quats, self.log_scales, self.logit_opacity[:, None], self.sh)
        good = [torch.isfinite(column.flatten(1)).all(dim=1) for column in columns]
        return torch.stack(good).all(dim=0)


def check_finite(gaussians: Gaussians) -> None:
    """Raise `UserError` if any row holds a NaN or an infinity."""
    bad = int((~gaussians.finite()).sum())
    if bad:
        raise UserError(
            f"{bad} of {len(gaussians)} Gaussians hold values that are not numbers.",
            hint="Train again; if it happens again, please report it with the photos' settings.",
        )
