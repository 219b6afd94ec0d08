"""What training tells while it runs."""

from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import View


@dataclass(frozen=True)
class Step:
    """Where training stands. `psnr` in dB is a running mean over the training photos."""

    iteration: int
    iterations: int
    spent: float  # of the budget, in [0, 1]
    loss: float
    psnr: float
    gaussians: int


@dataclass(frozen=True)
class Kept:
    """A file that tells where training stood after `iteration`; `size` in bytes."""

    path: Path
    iteration: int
    size: int


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What training has reached: nothing later writes through it, and it can go on from here.

    `exposures` [P, 2, 3]: gain and bias of each training photo. `views`: theirs, as refined.
    """

    step: Step
    gaussians: Gaussians
    exposures: Tensor
    views: tuple[View, ...] = ()
