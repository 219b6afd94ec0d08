"""What all priors of several steps have in common: they noise a draft and make it anew."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from core.prior.backends.autoencoder import Autoencoder
from core.prior.backends.canvas import Canvas, filled, known
from core.prior.protocol import Draft, Target
from core.prior.sampler import (
    STAGE,
    Conditions,
    Denoiser,
    Guidance,
    Prediction,
    parted,
    sample,
)
from core.progress import Progress


@dataclass(frozen=True)
class Settings:
    """What a user may say to a prior. Without a prompt nothing is guided, at half the cost."""

    prompt: str = ""
    avoid: str = ""  # the negative prompt
    guidance: float = 7.5  # how much more than by itself the prompt is heeded
    steps: int = 10
    keep: float = 1.0  # how far what photos saw stays as it is drawn
    control: float = 0.5  # how strongly rendered depth is heeded (DP-Recon: 0.4 to 0.6)

    @property
    def scale(self) -> float:
        """The guidance's."""
        return self.guidance if self.prompt or self.avoid else 1.0


PLAIN = Settings()


@dataclass(frozen=True, eq=False)
class Sheet:
    """A draft on its canvas of h rows and w columns."""

    draft: Draft
    canvas: Canvas
    autoencoder: Autoencoder
    color: Tensor  # [1, 3, h, w] in [0, 1], its holes filled
    stay: Tensor  # [1, 1, h, w] in [0, 1]: how far each pixel is to stay
    latents: Tensor  # of `color`


# What else than words a network is given of a draft.
Shown = Callable[[Sheet], Conditions]


@dataclass(frozen=True, eq=False)
class Making:
    """A `Prior`: a draft's latents are noised to its level and denoised from there.

    Where photos saw what is there, the target is the draft, and its confidence 0: nothing is
    said of it. `side`: pixels that the network knows; `multiple`: that both sides of its
    pictures are whole multiples of; `most` as in `Canvas.of`. `holding`: the latents of what
    stays are held in every step, for networks that are not told themselves what stays.
    """

    autoencoder: Autoencoder
    denoiser: Denoiser
    words: Conditions
    without: Conditions
    shown: tuple[Shown, ...]
    settings: Settings
    side: int
    multiple: int
    most: int | None = None
    holding: bool = True

    def refine(self, draft: Draft, level: float, seed: int) -> Generator[Progress, None, Target]:
        """See `Prior`."""
        settings = self.settings
        sheet = self._sheet(draft)
        yield Progress(STAGE, 0, settings.steps)
        more: dict[str, Tensor] = {}
        for shown in self.shown:
            more |= shown(sheet)
        guidance = Guidance({**self.words, **more}, settings.scale, {**self.without, **more})
        denoiser = self.denoiser
        if self.holding and settings.keep > 0:
            denoiser = held(denoiser, sheet.latents, at_latents(sheet.stay, sheet.latents))
        latents = yield from sample(
            denoiser, sheet.latents, level, guidance, steps=settings.steps, seed=seed
        )
        made = sheet.canvas.back(self.autoencoder.decode(latents)).to(draft.color)
        stay = known(draft, settings.keep)
        color = stay[..., None] * draft.color + (1 - stay[..., None]) * made
        return Target(color.clamp(0, 1), 1 - stay)

    def _sheet(self, draft: Draft) -> Sheet:
        canvas = Canvas.of(draft, self.side, self.multiple, self.most)
        device = self.autoencoder.place.device
        color = canvas.onto(draft.color.to(device))
        color = filled(color, canvas.onto(draft.alpha.to(device)).clamp(0, 1)).clamp(0, 1)
        stay = canvas.onto(known(draft, self.settings.keep).to(device)).clamp(0, 1)
        latents = self.autoencoder.encode(color)
        return Sheet(draft, canvas, self.autoencoder, color, stay, latents)


def at_latents(picture: Tensor, latents: Tensor) -> Tensor:
    """`picture` [1, C, H, W] as large as `latents`, by the means of what each covers."""
    return interpolate(picture, latents.shape[2:], mode="area")


def held(denoiser: Denoiser, clean: Tensor, stay: Tensor) -> Denoiser:
    """`denoiser`, but that it always finds `clean` where `stay` [1, 1, h, w] is 1.

    What is found elsewhere goes with it, as it sees what stays with its noise (after "Blended
    latent diffusion", Avrahami et al., 2023). Sampled from `clean`, it ends in `clean` there.
    """
    rows = {float(time): row for row, time in enumerate(denoiser.schedule.times)}

    def network(noisy: Tensor, time: float, conditions: Conditions) -> Tensor:
        row = rows[time]
        alpha, sigma = (
            float(each[row]) for each in (denoiser.schedule.alphas, denoiser.schedule.sigmas)
        )
        answer = denoiser.network(noisy.to(denoiser.dtype), time, conditions).to(noisy)
        found, _ = parted(denoiser.prediction, noisy, answer, alpha, sigma)
        return stay * clean + (1 - stay) * found

    return replace(denoiser, network=network, prediction=Prediction.PICTURE, dtype=torch.float32)


def as_conditions(given: Mapping[str, Tensor]) -> Conditions:
    """In float32, so that each network turns them into what it computes in itself."""
    return {name: value.float() for name, value in given.items()}
