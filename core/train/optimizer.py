"""Adam over the columns of a table whose rows come and go."""

from collections.abc import Mapping

import numba
import numpy as np
import torch
from torch import Tensor

from core.gaussians.rows import RowEdit
from core.train.kernels import adam

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-15


class Adam:
    """Optimises named columns [N, ...] in place (Kingma and Ba, 2015).

    `columns` are leaves that require gradients; `edit` replaces them by new ones.
    """

    def __init__(self, columns: Mapping[str, Tensor]) -> None:
        self.columns = {name: _leaf(column) for name, column in columns.items()}
        self.moments = {
            name: (torch.zeros_like(column), torch.zeros_like(column))
            for name, column in columns.items()
        }
        self.steps = 0

    def step(self, rates: Mapping[str, Tensor]) -> None:
        """Move each column against its gradient; forget the gradients.

        `rates[name]` [C] are step sizes for the first C of the column's numbers in a
        row; the others stay.
        """
        self.steps += 1
        for name, column in self.columns.items():
            if column.grad is not None:
                with torch.no_grad():
                    self._move(name, column, column.grad, rates[name])
                column.grad = None

    def edit(self, edit: RowEdit, replaced: Mapping[str, Tensor]) -> None:
        """Change rows; `replaced` columns [M, ...] come ready made for the new table."""
        for name, column in self.columns.items():
            value = replaced[name] if name in replaced else edit.carry(column.detach())
            self.columns[name] = _leaf(value)
            first, second = self.moments[name]
            self.moments[name] = (edit.carry_memory(first), edit.carry_memory(second))

    def _move(self, name: str, column: Tensor, gradient: Tensor, rates: Tensor) -> None:
        rows = len(column)
        flat = [part.reshape(rows, -1) for part in (column, gradient, *self.moments[name])]
        c1, c2 = 1 / (1 - BETA1**self.steps), 1 / (1 - BETA2**self.steps)
        if not column.is_cuda:
            decay = np.array([BETA1, BETA2, c1, c2, EPSILON], np.float32)
            arrays = [part.detach().numpy() for part in flat]
            adam(*arrays, rates.numpy(), decay, numba.get_num_threads())
            return
        value, slope, first, second = (part[:, : len(rates)] for part in flat)
        first.lerp_(slope, 1 - BETA1)
        second.lerp_(slope * slope, 1 - BETA2)
        value -= rates.to(value) * (first * c1) / ((second * c2).sqrt() + EPSILON)


def _leaf(column: Tensor) -> Tensor:
    return column.detach().contiguous().clone().requires_grad_()
