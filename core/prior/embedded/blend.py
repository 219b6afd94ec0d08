"""A better picture than a draft, in closed form: each pixel a mean of the draft's and the photos'.

After image-based rendering by weights (Debevec et al., 1996; IBRNet: Wang et al., CVPR 2021),
with three numbers in place of a network.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from statistics import fmean

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from core.prior.embedded.evidence import Evidence

PHOTOS = 3  # that are asked
PATCH = 5  # pixels a side: where colours are compared


@dataclass(frozen=True)
class Blending:
    """How much the draft and the photos count in a pixel.

    The draft counts `own`. A photo that shows the place counts exp(-(d / color)^2 - (a /
    angle)^2), d the mean difference of their colours around, a the angle in rad between the rays.
    """

    own: float = 0.3
    color: float = 0.2
    angle: float = 0.35


CHOICES = tuple(
    Blending(*numbers) for numbers in product((0.3, 1.0, 3.0), (0.1, 0.2, 0.4), (0.2, 0.35, 0.7))
)


@dataclass(frozen=True, eq=False)
class Lesson:
    """Evidence of a picture, what is right [3, H, W], and where [H, W] in {0, 1} that counts."""

    evidence: Evidence
    truth: Tensor
    counted: Tensor

    def error(self, picture: Tensor) -> float:
        """Mean squared error of `picture` [3, H, W] in [0, 1] where it counts."""
        squares = ((picture - self.truth) ** 2).mean(dim=0) * self.counted
        return float(squares.sum() / self.counted.sum().clamp_min(1))


def blended(evidence: Evidence, blending: Blending) -> Tensor:
    """The picture [3, H, W] in [0, 1]; the draft's own where no photo shows the place."""
    draft, photos = evidence.choices[:1], evidence.choices[1:]
    apart = (photos - draft).abs().mean(dim=1, keepdim=True)
    around = avg_pool2d(apart, PATCH, 1, PATCH // 2, count_include_pad=False)
    unlike = (around / blending.color) ** 2 + (evidence.angle[:, None] / blending.angle) ** 2
    weights = evidence.valid[:, None] * torch.exp(-unlike)
    total: Tensor = blending.own * draft[0] + (weights * photos).sum(dim=0)
    return total / (blending.own + weights.sum(dim=0))


def learned(lessons: Sequence[Lesson]) -> Blending:
    """That of `CHOICES` whose pictures have the best mean PSNR; the usual one without lessons."""
    if not lessons:
        return Blending()
    return min(CHOICES, key=lambda each: fmean(_level(lesson, each) for lesson in lessons))


def decibels(lesson: Lesson, blending: Blending | None = None) -> float:
    """PSNR of the blended picture, or of the draft as it is."""
    return -_level(lesson, blending)


def _level(lesson: Lesson, blending: Blending | None) -> float:
    draft = lesson.evidence.choices[0]
    picture = draft if blending is None else blended(lesson.evidence, blending)
    return 10 * math.log10(max(lesson.error(picture), 1e-10))
