"""What making a scene tells while it runs, besides progress and the values of training."""

from dataclasses import dataclass

from core.capture.reconstruction import Reconstruction
from core.pipeline.split import Split


@dataclass(frozen=True, eq=False)
class Placed:
    """News between placing and training: where the photos stand, and which are held out."""

    reconstruction: Reconstruction
    split: Split


@dataclass(frozen=True, eq=False)
class Refined:
    """News at the end of training, only where it moved cameras: where the photos stand now."""

    reconstruction: Reconstruction


@dataclass(frozen=True)
class Remark:
    """A sentence that the user should see and that does not end the work."""

    words: str


@dataclass(frozen=True)
class Tested:
    """How well the scene showed the held-out photos at `iteration`: means, `psnr` in dB."""

    iteration: int
    psnr: float
    ssim: float
