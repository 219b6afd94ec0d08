"""The Gaussians: one table of rows."""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor

from core.errors import UserError
from core.gaussians.provenance import Origin

ColumnMap = Callable[[Tensor], Tensor]

MARKS = ("object_id", "origin", "confidence")  # the columns that are noted, not optimised
UNSAID = torch.zeros(0)  # stands for a column that is the same for all rows


@dataclass(frozen=True, eq=False)
class Gaussians:
    """N anisotropic 3D Gaussians with view-dependent colour, scene frame.

    Raw parameters, as optimised and as stored in 3DGS PLY files (Kerbl et al., 2023).
    Unless something else is said, rows are observed and certain.
    """

    means: Tensor  # [N, 3] scene units
    quats: Tensor  # [N, 4] w, x, y, z; any length but 0
    log_scales: Tensor  # [N, 3] natural log of the standard deviations
    logit_opacity: Tensor  # [N]
    sh: Tensor  # [N, K, 3] spherical harmonics, K = (degree + 1)^2
    object_id: Tensor  # [N] int64; 0 is the background
    origin: Tensor = UNSAID  # [N] uint8, values of `Origin`
    confidence: Tensor = UNSAID  # [N] in [0, 1]: how well the photos measured it

    def __post_init__(self) -> None:
        rows, device = len(self.means), self.means.device
        if self.origin is UNSAID:
            observed = torch.full((rows,), Origin.OBSERVED, dtype=torch.uint8, device=device)
            object.__setattr__(self, "origin", observed)
        if self.confidence is UNSAID:
            object.__setattr__(self, "confidence", torch.ones(rows, device=device))
        lengths = {f.name: len(getattr(self, f.name)) for f in fields(self)}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns of unequal length: {lengths}")

    def __len__(self) -> int:
        return len(self.means)

    @property
    def sh_degree(self) -> int:
        return math.isqrt(self.sh.shape[1]) - 1

    def marks(self) -> dict[str, Tensor]:
        """The columns `MARKS` by name."""
        return {name: getattr(self, name) for name in MARKS}

    def detached(self) -> "Gaussians":
        """A copy that no later optimiser step writes through."""
        return self.map(lambda column: column.detach().clone())

    def to(self, device: torch.device | str) -> "Gaussians":
        return self.map(lambda column: column.to(device))

    def map(self, function: ColumnMap) -> "Gaussians":
        """`function` applied to every column."""
        return replace(self, **{f.name: function(getattr(self, f.name)) for f in fields(self)})

    def rows(self, chosen: Tensor) -> "Gaussians":
        """Those rows alone: `chosen` are their numbers, or a bool for each row."""
        return self.map(lambda column: column[chosen])

    def without_filled(self) -> "Gaussians":
        """The rows that rest on photos."""
        return self.rows(self.origin != Origin.FILLED)

    def followed_by(self, others: "Gaussians") -> "Gaussians":
        """These rows, then those of `others`."""
        columns = {f.name: (getattr(self, f.name), getattr(others, f.name)) for f in fields(self)}
        return Gaussians(**{name: torch.cat(both) for name, both in columns.items()})

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
