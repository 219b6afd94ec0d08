"""What tells that an object stands where the photos have it, and where nothing else is."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d

Array = NDArray[np.float64]

DICE, PIXELS = 0.75, 0.25  # shares of the silhouette's two terms
FOCUS = 2.0  # gamma of the focal loss
EVEN = 0.5  # alpha of the focal loss: inside and outside count alike
BLUR, BLURS = 4, 2  # times that a picture is made smaller, and how often
PLAIN = 0.03  # of full brightness: an object whose colours differ less looks alike all over
FAINT = 1e-4  # of a pixel: what alpha is kept from 0 and 1 by, for the logarithm


def dice_loss(alpha: Tensor, mask: Tensor) -> Tensor:
    """1 - (2 sum P T + 1) / (sum P^2 + sum T^2 + 1) of `alpha` and `mask` [H, W] in [0, 1].

    With squares (Milletari et al., 2016) a soft edge that is met costs nothing; with plain sums it
    would. And with alpha itself: its sigmoid, as in 3D-RE-GEN's released code, lies in [0.5,
    0.731], so that a perfect silhouette over a sixth of the picture would still cost 0.66.
    """
    both = (alpha * mask).sum()
    return 1 - (2 * both + 1) / (alpha.square().sum() + mask.square().sum() + 1)


def silhouette_loss(alpha: Tensor, mask: Tensor, *, focal: bool) -> Tensor:
    """0.75 Dice + 0.25 focal loss (Lin et al., 2017), or cross entropy unless `focal`."""
    p = alpha.clamp(FAINT, 1 - FAINT)
    inside, outside = -mask * torch.log(p), -(1 - mask) * torch.log(1 - p)
    if focal:
        inside = EVEN * (1 - p) ** FOCUS * inside
        outside = (1 - EVEN) * p**FOCUS * outside
    return DICE * dice_loss(alpha, mask) + PIXELS * (inside + outside).mean()


def widely(alpha: Tensor, mask: Tensor, *, focal: bool) -> Tensor:
    """The mean `silhouette_loss` of both [H, W] as they are and blurred more and more.

    Blurred, they attract each other also where they do not overlap.
    """
    total, count = silhouette_loss(alpha, mask, focal=focal), 1
    for _ in range(BLURS):
        if min(alpha.shape) < 2 * BLUR:
            break
        alpha, mask = (avg_pool2d(each[None], BLUR)[0] for each in (alpha, mask))
        total, count = total + silhouette_loss(alpha, mask, focal=focal), count + 1
    return total / count


def unlike(color: Tensor, photo: Tensor, weight: Tensor) -> Tensor:
    """How unlike an object's `color` [H, W, 3] is to the `photo`'s where `weight` [H, W] is.

    Both are taken from their own mean, in the photo's usual departures from it: a light that is
    brighter or warmer tells nothing of how an object is turned. Huber.
    """
    total = weight.sum().clamp_min(1.0)
    share = weight[..., None] / total
    own, other = (each - (each * share).sum(dim=(0, 1)) for each in (color, photo))
    spread = (other.square() * share).sum().sqrt().clamp_min(PLAIN)
    off = (own - other).abs() / spread
    return (torch.where(off < 1, 0.5 * off.square(), off - 0.5) * share).sum()


def one_sided(distances: Tensor, size: float, slack: float = 0.02) -> Tensor:
    """Mean of the `distances` [P] from observed points to the object, in its sizes; Huber.

    One-sided: photos see an object from their side only, and its back must not be pulled
    towards what was seen of its front, which would shrink it.
    """
    relative = distances / size
    square = 0.5 * relative.square() / slack
    return torch.where(relative < slack, square, relative - 0.5 * slack).mean()


def outside_box(points: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """How far `points` [P, 3] lie outside the room from `low` to `high` [3]; y does not count."""
    beyond = (low - points).clamp_min(0) + (points - high).clamp_min(0)
    return beyond[:, [0, 2]].sum(dim=1).mean()


@dataclass(frozen=True, eq=False)
class Clearance:
    """Distances to what else stands in the room, on a grid in the ground's frame.

    `distances` [Z, Y, X] float64, scene units; `corner` [3]: the middle of cell 0; `cell`.
    """

    distances: Tensor
    corner: Array
    cell: float

    def of(self, points: Tensor) -> Tensor:
        """Distances [P] at `points` [P, 3], linear between cells; far off where the grid ends."""
        at = (points - torch.from_numpy(self.corner)) / self.cell
        size = torch.tensor(self.distances.shape[::-1], dtype=at.dtype)
        scaled = 2 * at / (size - 1).clamp_min(1) - 1
        found = torch.nn.functional.grid_sample(
            self.distances[None, None], scaled[None, None, None], align_corners=True
        )
        inside = (scaled.abs() <= 1).all(dim=1)
        return torch.where(inside, found.reshape(-1), float("inf"))


def clearance_of(points: Array, cell: float, most: int = 96) -> Clearance:
    """The distances around `points` [P, 3] of the other things' surfaces, ground's frame.

    Cells are as large as `cell`, or larger where more than `most` a side were needed.
    """
    from scipy.ndimage import distance_transform_edt

    low, high = points.min(axis=0) - 4 * cell, points.max(axis=0) + 4 * cell
    cell = max(cell, float((high - low).max()) / most)
    size = np.ceil((high - low) / cell).astype(np.int64) + 1
    free = np.ones(tuple(size[::-1]), bool)
    at = np.round((points - low) / cell).astype(np.int64)
    free[at[:, 2], at[:, 1], at[:, 0]] = False
    distances = distance_transform_edt(free, sampling=cell)
    return Clearance(torch.from_numpy(np.asarray(distances, np.float64)), low, cell)


def penetration(points: Tensor, others: Clearance) -> Tensor:
    """Mean depth to which `points` [P, 3] lie in the cells that others take, in cells."""
    return (1 - others.of(points) / others.cell).clamp_min(0).mean()
