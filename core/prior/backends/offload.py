"""Networks larger than the card: each layer's weights are there only while it computes."""

from typing import Any

import torch
from torch import Tensor, nn


def settled(module: Any, device: torch.device, dtype: torch.dtype, in_turn: bool) -> Any:
    """`module` ready to be asked on `device`, never to be trained.

    With `in_turn` its weights stay in memory, and those of one layer at a time are on the
    device: slower by what it takes to copy all of them at every call.
    """
    # Not by their own `to`, which warns that some layers might be better off in float32.
    module = nn.Module.to(module, dtype=dtype).eval().requires_grad_(False)
    if not in_turn:
        return module.to(device)
    for part in module.modules():
        own = [*part.parameters(recurse=False), *part.buffers(recurse=False)]
        if own:
            visit = _Visit(own, device)
            part.register_forward_pre_hook(visit.come)
            part.register_forward_hook(visit.leave, always_call=True)
    return module


class _Visit:
    """The tensors of one layer, on their way to the device and back."""

    def __init__(self, tensors: list[Tensor], device: torch.device) -> None:
        self._home = [(each, each.data) for each in tensors]
        self._device = device

    def come(self, module: nn.Module, inputs: Any) -> None:
        for each, home in self._home:
            each.data = home.to(self._device)

    def leave(self, module: nn.Module, inputs: Any, output: Any) -> None:
        # Nothing is copied back: weights do not change.
        for each, home in self._home:
            each.data = home
