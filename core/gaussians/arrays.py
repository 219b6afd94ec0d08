"""The Gaussians as numpy columns: what travels between processes and is drawn."""

import math
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians

KINDS = {"object_id": np.int32, "origin": np.uint8}  # the others are float32
UNSAID: NDArray[Any] = np.zeros(0)  # stands for a column that is the same for all rows


@dataclass(frozen=True, eq=False)
class SplatArrays:
    """The same raw parameters as `Gaussians`, scene frame. Nobody writes into them."""

    means: NDArray[np.float32]  # [N, 3] scene units
    quats: NDArray[np.float32]  # [N, 4] w, x, y, z; any length but 0
    log_scales: NDArray[np.float32]  # [N, 3] natural log of the standard deviations
    logit_opacity: NDArray[np.float32]  # [N]
    sh: NDArray[np.float32]  # [N, K, 3] spherical harmonics, K = (degree + 1)^2
    object_id: NDArray[np.int32]  # [N]; 0 is the background
    # [N] values of `Origin`
    origin: NDArray[np.uint8] = field(default_factory=lambda: UNSAID)
    # [N] in [0, 1]: how well the photos measured it
    confidence: NDArray[np.float32] = field(default_factory=lambda: UNSAID)

    def __post_init__(self) -> None:
        if self.origin is UNSAID:
            observed = np.full(len(self.means), Origin.OBSERVED, np.uint8)
            object.__setattr__(self, "origin", observed)
        if self.confidence is UNSAID:
            object.__setattr__(self, "confidence", np.ones(len(self.means), np.float32))
        lengths = {f.name: len(getattr(self, f.name)) for f in fields(self)}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns of unequal length: {lengths}")

    def __len__(self) -> int:
        return len(self.means)

    @property
    def sh_degree(self) -> int:
        return math.isqrt(self.sh.shape[1]) - 1

    def rows(self, chosen: NDArray[np.bool_]) -> "SplatArrays":
        """Those rows alone, `chosen` [N]; itself where they are all."""
        if chosen.all():
            return self
        return SplatArrays(**{each.name: getattr(self, each.name)[chosen] for each in fields(self)})

    @staticmethod
    def from_gaussians(gaussians: Gaussians) -> "SplatArrays":
        """The columns of `gaussians`; those on the processor share its memory, object ids aside."""
        columns = {
            f.name: np.asarray(
                getattr(gaussians, f.name).detach().cpu().numpy(), KINDS.get(f.name, np.float32)
            )
            for f in fields(SplatArrays)
        }
        return SplatArrays(**columns)

    def to_gaussians(self) -> Gaussians:
        """As torch has them, sharing the memory where it may be written to, object ids aside."""
        columns = {
            f.name: torch.from_numpy(np.require(getattr(self, f.name), requirements=["C", "W"]))
            for f in fields(self)
        }
        ids = columns.pop("object_id").to(torch.int64)
        return Gaussians(**columns, object_id=ids)
