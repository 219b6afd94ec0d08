"""How different two pictures look, with no weights to load: by the structure at several scales."""

from typing import Protocol

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

SCALES = 4  # halvings of the size, the full one included
SMALLEST = 8  # pixels on the shorter side


class Perceptual(Protocol):
    """A distance of pictures by how they look."""

    def __call__(self, first: Tensor, second: Tensor, weight: Tensor) -> Tensor:
        """Scalar: the mean over pixels of the distance of `first` and `second` [H, W, 3].

        Each pixel counts as much as its `weight` [H, W] in [0, 1].
        """
        ...


def structure_distance(first: Tensor, second: Tensor, weight: Tensor) -> Tensor:
    """The mean absolute difference of the pictures' gradients at `SCALES` sizes; see `Perceptual`.

    Differences between neighbours across and down, as wide apart as the size is small: edges
    have to be where they are in the other picture, whatever the colours are beside them. A
    stand-in for LPIPS.
    """
    difference = (first - second).permute(2, 0, 1)[None]
    counted = weight[None, None]
    total, sizes = first.new_zeros(()), 0
    for _ in range(SCALES):
        if min(difference.shape[2:]) < SMALLEST:
            break
        for axis in (2, 3):
            length = difference.shape[axis] - 1
            ends = [counted.narrow(axis, k, length) for k in (0, 1)]
            edges = difference.diff(dim=axis).abs().mean(dim=1, keepdim=True)
            total = total + (edges * torch.minimum(*ends)).mean()
        difference, counted = avg_pool2d(difference, 2), avg_pool2d(counted, 2)
        sizes += 1
    return total / max(sizes, 1)
