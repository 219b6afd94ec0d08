"""The one way rows of a table change: a new table told in terms of the old one."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class RowEdit:
    """Row i of the new table starts as row `parent[i]` of the old.

    Where `fresh[i]` is true the row is newborn: anything learned about it (Adam
    moments, running statistics) starts from zero. Cloning, splitting, pruning,
    relocating and sorting are all RowEdits, so whatever keeps per-row data needs
    one method.
    """

    parent: Tensor  # [M] int64
    fresh: Tensor  # [M] bool

    @staticmethod
    def keep(mask: Tensor) -> "RowEdit":
        """The rows where `mask` [N] is true, in order."""
        parent = torch.nonzero(mask).squeeze(-1)
        return RowEdit(parent, torch.zeros_like(parent, dtype=torch.bool))

    def then(self, after: "RowEdit") -> "RowEdit":
        """This edit followed by `after`."""
        return RowEdit(self.parent[after.parent], self.fresh[after.parent] | after.fresh)

    def carry(self, column: Tensor) -> Tensor:
        """`column` [N, ...] as it reads in the new table [M, ...]."""
        return column[self.parent]

    def carry_memory(self, column: Tensor) -> Tensor:
        """As `carry`, but newborn rows remember nothing."""
        moved = self.carry(column)
        moved[self.fresh] = 0
        return moved
