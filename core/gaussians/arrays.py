"""The Gaussians as numpy columns: what travels between processes and is drawn."""

import math
from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray

from core.gaussians.table import Gaussians


@dataclass(frozen=True, eq=False)
class SplatArrays:
    """The same raw parameters as `Gaussians`, scene frame. Nobody writes into them."""

    means: NDArray[np.float32]  # [N, 3] scene units
    quats: NDArray[np.float32]  # [N, 4] w, x, y, z; any length but 0
    log_scales: NDArray[np.float32]  # [N, 3] natural log of the standard deviations
    logit_opacity: NDArray[np.float32]  # [N]
    sh: NDArray[np.float32]  # [N, K, 3] spherical harmonics, K = (degree + 1)^2
    object_id: NDArray[np.int32]  # [N]; 0 is the background

    def __post_init__(self) -> None:
        rows = {f.name: len(getattr(self, f.name)) for f in fields(self)}
        if len(set(rows.values())) > 1:
            raise ValueError(f"columns of unequal length: {rows}")

    def __len__(self) -> int:
        return len(self.means)

    @property
    def sh_degree(self) -> int:
        return math.isqrt(self.sh.shape[1]) - 1

    @staticmethod
    def from_gaussians(gaussians: Gaussians) -> "SplatArrays":
        """The columns of `gaussians`; those on the processor share its memory, object ids aside."""
        columns = {
            f.name: getattr(gaussians, f.name).detach().cpu().numpy() for f in fields(SplatArrays)
        }
        ids = columns.pop("object_id").astype(np.int32)
        floats = {name: np.asarray(column, np.float32) for name, column in columns.items()}
        return SplatArrays(**floats, object_id=ids)

    def to_gaussians(self) -> Gaussians:
        """As torch has them, sharing the memory where it may be written to, object ids aside."""
        columns = {
            f.name: torch.from_numpy(np.require(getattr(self, f.name), requirements=["C", "W"]))
            for f in fields(self)
        }
        ids = columns.pop("object_id").to(torch.int64)
        return Gaussians(**columns, object_id=ids)
