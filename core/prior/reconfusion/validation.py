"""How good samples are of captures that were not learned, beside the nearest photo's copy."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from core.prior.reconfusion.prior import ReconFusion
from core.prior.reconfusion.shots import Shots, asked_of, evenly, order
from core.prior.sampler import Guidance, sample
from core.progress import Progress
from core.train.losses import psnr

GIVEN = 3  # photos, evenly spaced
STAGE = "Looking at captures left out"


@dataclass(frozen=True, eq=False)
class Shown:
    """One view guessed: pictures [3, H, W] in [0, 1], `nearest` among the photos given."""

    truth: Tensor
    nearest: Tensor
    nerf: Tensor
    sample: Tensor


@dataclass(frozen=True, eq=False)
class Judged:
    """PSNR over views of a capture, dB: of samples, of PixelNeRF alone, of the nearest photo."""

    name: str
    shown: tuple[Shown, ...]

    def score(self, what: str) -> float:
        """Of "sample", "nerf" or "nearest"."""
        return fmean(psnr(getattr(each, what), each.truth) for each in self.shown)

    @property
    def gain(self) -> float:
        """Of samples over the nearest photo."""
        return self.score("sample") - self.score("nearest")


def judged(
    prior: ReconFusion, captures: Sequence[Shots], *, most: int = 4, seed: int = 0
) -> Iterator[Progress | Judged]:
    """Guess up to `most` views of each capture from pure noise, given `GIVEN` of its photos."""
    for number, captured in enumerate(captures):
        yield Progress(STAGE, number, len(captures), captured.name)
        given = evenly(len(captured.views), GIVEN)
        others = [k for k in range(len(captured.views)) if k not in given]
        targets = [others[k] for k in evenly(len(others), min(most, len(others)))]
        shown = [_guessed(prior, captured, target, given, seed + target) for target in targets]
        yield Judged(captured.name, tuple(shown))


def _guessed(
    prior: ReconFusion, captured: Shots, target: int, given: Sequence[int], seed: int
) -> Shown:
    asked = asked_of(captured, target, order(captured, target, given)).to(prior.device)
    truth = captured.pictures[target].float() / 255
    with torch.no_grad():
        latents = prior.encode(torch.zeros_like(truth)[None].to(prior.device))
        seen = prior.network.look(asked, latents.shape[2], latents.shape[3])
        conditions = prior.network.conditions(asked, seen)
        guidance = Guidance(conditions, prior.config.guidance)
        denoiser = prior.network.denoiser(prior.dtype)
        steps = sample(denoiser, latents, 1.0, guidance, steps=prior.config.steps, seed=seed)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                made = prior.decode(end.value)[0].cpu()
                break
    nerf = interpolate(seen.color.cpu(), truth.shape[1:], mode="bilinear", align_corners=False)
    return Shown(truth, asked.photos[0, 0].cpu(), nerf[0], made)


def sheet(captures: Sequence[Judged]) -> Tensor:
    """uint8 [H, W, 3]: a row a view: the nearest photo, PixelNeRF, the sample, the truth."""
    rows = [
        torch.cat([shown.nearest, shown.nerf, shown.sample, shown.truth], dim=2)
        for each in captures
        for shown in each.shown
    ]
    width = max(row.shape[2] for row in rows)
    rows = [torch.nn.functional.pad(row, (0, width - row.shape[2], 0, 2)) for row in rows]
    return (255 * torch.cat(rows, dim=1).permute(1, 2, 0)).round().clamp(0, 255).to(torch.uint8)
