"""A prior held to what photos left out say of it: how far to go from a draft to its pictures."""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import torch
from scipy.optimize import isotonic_regression
from torch import Tensor

from core.prior.drafts import shown
from core.prior.protocol import Draft, Prior, Target
from core.progress import Progress

# The parts of a picture: holes, and the rest by what the photos saw of it, from little to much.
SEEN = (0.1, 0.5, 0.9)
PARTS = len(SEEN) + 2
FEW = 1e-3  # of the pixels' squared differences: what so few say of a part is hardly heard


@dataclass(frozen=True)
class Strides:
    """How far to go from draft to picture, in [0, 1], for each of the `PARTS`."""

    parts: tuple[float, ...] = (0.0,) * PARTS

    def of(self, part: Tensor) -> Tensor:
        """[H, W] for the pixels of each `part` [H, W]."""
        return torch.tensor(self.parts, device=part.device)[part]


# What nothing is known of at all, where no photo could be left out.
BLIND = Strides((1.0, 1.0, *[0.0] * (PARTS - 2)))


def parts_of(draft: Draft) -> Tensor:
    """[H, W] int64: the part that each pixel of `draft` belongs to, 0 for holes."""
    seen = draft.visibility / draft.alpha.clamp_min(1e-6)
    edges = torch.tensor(SEEN).to(seen)
    return torch.where(shown(draft), 1 + torch.bucketize(seen, edges, right=True), 0)


@dataclass(frozen=True, eq=False)
class Compared:
    """A photo left out [3, H, W], as a draft and as a prior shows it; `counted` [H, W] in {0, 1}.

    `part` [H, W] as `parts_of` the draft has it.
    """

    truth: Tensor
    draft: Tensor
    made: Tensor
    part: Tensor
    counted: Tensor


@dataclass(frozen=True, eq=False)
class Measured:
    """A `Prior` that goes only some of the way to what `inner` makes of a draft."""

    inner: Prior
    strides: Strides

    def refine(self, draft: Draft, level: float, seed: int) -> Generator[Progress, None, Target]:
        """See `Prior`; it is as sure as it goes far."""
        target = yield from self.inner.refine(draft, level, seed)
        stride = self.strides.of(parts_of(draft)).to(draft.color)
        color = draft.color + stride[..., None] * (target.color.to(draft.color) - draft.color)
        return replace(target, color=color, confidence=target.confidence.to(stride) * stride)


@dataclass(frozen=True, eq=False)
class Measuring:
    """How photos left out judge `prior`, each by one picture noised to `level`."""

    prior: Prior
    level: float
    seed: int

    def lesson(
        self, draft: Draft, truth: Tensor, counted: Tensor
    ) -> Generator[Progress, None, Compared]:
        """What it makes of `draft` beside the `truth` [3, H, W]."""
        target = yield from self.prior.refine(draft, self.level, self.seed)
        made = target.color.to(draft.color).clamp(0, 1).permute(2, 0, 1)
        sure = target.confidence.to(made)
        before = draft.color.permute(2, 0, 1)
        made = before + sure * (made - before)
        return Compared(truth.to(made), before, made, parts_of(draft), counted.to(made))

    def best(self, lessons: Sequence[Compared]) -> Strides:
        """The least that any choice of all `lessons` but one asks for."""
        if not lessons:
            return Strides()
        every = list(lessons)
        less = [every[:k] + every[k + 1 :] for k in range(len(every))]
        found = [_fitted(choice) for choice in [every, *less] if choice]
        return Strides(tuple(min(parts) for parts in zip(*found, strict=True)))

    def psnr(self, lesson: Compared, way: Strides | None) -> float:
        """dB of what comes of it outside of holes; without a `way` of the draft."""
        picture = lesson.draft
        if way is not None:
            picture = picture + way.of(lesson.part) * (lesson.made - picture)
        counted = lesson.counted * (lesson.part > 0)
        squares = ((picture - lesson.truth) ** 2).mean(dim=0) * counted
        error = float(squares.sum() / counted.sum().clamp_min(1))
        return -10 * math.log10(max(error, 1e-10))

    def helper(self, way: Strides) -> Prior:
        """What training is given."""
        return Measured(self.prior, way)


def _fitted(lessons: Sequence[Compared]) -> tuple[float, ...]:
    """By least squares for each of the `PARTS`; never further where photos saw more."""
    wanted, moved = torch.zeros(PARTS), torch.zeros(PARTS)
    for each in lessons:
        way = each.made - each.draft
        along = ((each.truth - each.draft) * way).mean(dim=0) * each.counted
        length = (way * way).mean(dim=0) * each.counted
        wanted.index_add_(0, each.part.flatten().cpu(), along.flatten().cpu())
        moved.index_add_(0, each.part.flatten().cpu(), length.flatten().cpu())
    few = FEW * float(moved.sum()) + 1e-12
    best = (wanted / (moved + few)).clamp(0, 1).double().numpy()
    weights = (moved + few).double().numpy()
    falling = isotonic_regression(best[1:], weights=weights[1:], increasing=False).x
    return float(best[0]), *(float(each) for each in falling)
