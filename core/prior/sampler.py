"""From noise to a picture in several steps, whatever the network predicts."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

import torch
from torch import Tensor

from core.errors import UserError
from core.prior.schedules import Schedule
from core.progress import Progress

STAGE = "Imagining a view"

Conditions = Mapping[str, Tensor]


class Prediction(Enum):
    """What a network says of z = alpha x + sigma noise."""

    EPSILON = "epsilon"  # the noise
    VELOCITY = "v_prediction"  # alpha noise - sigma x (Salimans and Ho, 2022, appendix D)
    FLOW = "flow"  # noise - x
    PICTURE = "sample"  # x


class Network(Protocol):
    """A denoiser."""

    def __call__(self, noisy: Tensor, time: float, conditions: Conditions) -> Tensor:
        """What it predicts of `noisy` [B, C, H, W], of the same shape."""
        ...


@dataclass(frozen=True, eq=False)
class Denoiser:
    """A network with what it was trained for. `dtype`: what it computes in, half or more."""

    network: Network
    schedule: Schedule
    prediction: Prediction
    dtype: torch.dtype = torch.float32


@dataclass(frozen=True, eq=False)
class Guidance:
    """What the network is given, and how much more it should heed it than it does by itself.

    The answer is without + scale (given - without) (Ho and Salimans, 2022, eq. 6). Where
    nothing else is said to be `without`, it is the same with every input zeroed, as
    ReconFusion has it.
    """

    given: Conditions = field(default_factory=dict)
    scale: float = 1.0
    without: Conditions | None = None

    def null(self) -> Conditions:
        """What takes the place of `given`."""
        if self.without is not None:
            return self.without
        return {name: torch.zeros_like(value) for name, value in self.given.items()}


def sample(
    denoiser: Denoiser,
    clean: Tensor,
    level: float,
    guidance: Guidance = Guidance(),
    *,
    steps: int = 10,
    seed: int = 0,
) -> Generator[Progress, None, Tensor]:
    """`clean` [B, C, H, W] noised up to `level` and made anew, yielding after each step.

    DDIM without added noise (Song et al., 2021, eq. 12), in `steps` evenly spaced steps
    whatever the level is (ReconFusion, section 4.2). Answers in float32 or more precisely,
    if `clean` is: only the network sees less. Level 0 answers `clean`.

    Raises `UserError` where the network's answer is not finite.
    """
    schedule = denoiser.schedule
    z = clean.to(torch.promote_types(clean.dtype, torch.float32))
    rows = schedule.steps(level, steps)
    if rows:
        alpha, sigma = float(schedule.alphas[rows[0]]), float(schedule.sigmas[rows[0]])
        z = alpha * z + sigma * noise_like(z, seed)
    for k, row in enumerate(rows):
        picture, noise = predicted(denoiser, z, row, guidance)
        left = rows[k + 1] if k + 1 < len(rows) else None
        # The next noisy picture is on the straight way between the two.
        alpha = 1.0 if left is None else float(schedule.alphas[left])
        sigma = 0.0 if left is None else float(schedule.sigmas[left])
        z = alpha * picture + sigma * noise
        yield Progress(STAGE, k + 1, len(rows))
    return z


def predicted(
    denoiser: Denoiser, noisy: Tensor, row: int, guidance: Guidance
) -> tuple[Tensor, Tensor]:
    """The picture and the noise that `noisy` is made of at `row` of the schedule."""
    time = float(denoiser.schedule.times[row])
    with torch.no_grad():
        seen = noisy.to(denoiser.dtype)
        answer = denoiser.network(seen, time, guidance.given).to(noisy)
        if guidance.scale != 1:
            without = denoiser.network(seen, time, guidance.null()).to(noisy)
            answer = without + guidance.scale * (answer - without)
    if not torch.isfinite(answer).all():
        raise UserError(
            "The prior's network answered with values that are not numbers.",
            hint="Let it compute in full precision, or choose another model.",
        )
    alpha, sigma = float(denoiser.schedule.alphas[row]), float(denoiser.schedule.sigmas[row])
    return parted(denoiser.prediction, noisy, answer, alpha, sigma)


def parted(
    prediction: Prediction, noisy: Tensor, answer: Tensor, alpha: float, sigma: float
) -> tuple[Tensor, Tensor]:
    """The picture and the noise with noisy = alpha picture + sigma noise, from an `answer`.

    The only place that knows what the kinds of prediction mean. A network of any kind may run
    on any schedule, but the noise alone tells no picture where none is left (alpha 0), nor a
    picture the noise where there is none (sigma 0): these raise `ValueError`.
    """
    if prediction is Prediction.EPSILON:
        if alpha <= 0:
            raise ValueError("noise predicted where nothing of the picture is left")
        return (noisy - sigma * answer) / alpha, answer
    if prediction is Prediction.PICTURE:
        if sigma <= 0:
            raise ValueError("a picture predicted where there is no noise")
        return answer, (noisy - alpha * answer) / sigma
    if prediction is Prediction.VELOCITY:
        power = alpha**2 + sigma**2
        return (alpha * noisy - sigma * answer) / power, (sigma * noisy + alpha * answer) / power
    both = alpha + sigma
    return (noisy - sigma * answer) / both, (noisy + alpha * answer) / both


def noise_like(z: Tensor, seed: int) -> Tensor:
    """Standard normal noise of the shape of `z`: of one seed the same on every device."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(z.shape, generator=generator, dtype=torch.float32).to(z)
