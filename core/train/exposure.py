"""Exposure compensation: what turns the scene's colour into that of each photo."""

import torch
from torch import Tensor

from core.train.optimizer import BETA1, BETA2


class Exposures:
    """Gain and bias by channel for each of P photos, with their optimiser.

    Their mean over all photos is held at gain 1 and bias 0, which is also what a
    photo outside of training is shown with.
    """

    def __init__(
        self, photos: int, rate: float, device: torch.device, start: Tensor | None = None
    ) -> None:
        """`start` [P, 2, 3]: what an earlier run found."""
        self.rate = rate
        self.neutral = torch.tensor([[1.0] * 3, [0.0] * 3], device=device)
        self.values = self.neutral.repeat(photos, 1, 1)  # [P, 2, 3]
        if start is not None:
            self.values.copy_(start)
        self.first, self.second = torch.zeros_like(self.values), torch.zeros_like(self.values)
        self.steps = [0] * photos

    def leaf(self, index: int) -> Tensor:
        """[2, 3] gain and bias of one photo, to collect a gradient."""
        return self.values[index].clone().requires_grad_()

    def step(self, index: int, gradient: Tensor, haste: float = 1.0) -> None:
        """One Adam step, `haste` times as long, for the photo that was just seen."""
        self.steps[index] += 1
        t = self.steps[index]
        first, second = self.first[index], self.second[index]
        first.lerp_(gradient, 1 - BETA1)
        second.lerp_(gradient * gradient, 1 - BETA2)
        move = (first / (1 - BETA1**t)) / ((second / (1 - BETA2**t)).sqrt() + 1e-15)
        self.values[index] -= haste * self.rate * move
        self.values += self.neutral - self.values.mean(dim=0)
