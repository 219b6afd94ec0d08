"""A one-step fixer: what renders do wrong is mended, beside a photo (Difix, CVPR 2025)."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from core.prior.backends.canvas import Canvas
from core.prior.backends.image_to_image import LATENTS, Unet, check_widths
from core.prior.backends.making import as_conditions
from core.prior.backends.noise import read_noise
from core.prior.backends.parts import Place, load_part, not_together
from core.prior.backends.skips import SkipAutoencoder
from core.prior.backends.words import WORDS, clip_words
from core.prior.protocol import Draft, Target
from core.prior.sampler import STAGE, Conditions, Denoiser, Guidance, Prediction, predicted
from core.progress import Progress

PROMPT = "remove degradation"  # that it was trained with
TIME = 199  # of 1000, likewise


@dataclass(frozen=True, eq=False)
class Fixer:
    """A `Prior`: the draft's latents are taken for a picture with noise, and it is taken off.

    The level does not matter, nor does the seed: it was trained for one level, and nothing is
    drawn. Confidence is the draft's alpha, since it mends and does not invent: so its authors
    mask it too.
    """

    autoencoder: SkipAutoencoder
    denoiser: Denoiser
    words: Conditions
    side: int
    multiple: int
    reference: bool

    def refine(self, draft: Draft, level: float, seed: int) -> Generator[Progress, None, Target]:
        """See `Prior`."""
        canvas = Canvas.of(draft, self.side, self.multiple)
        views = [draft.color, *(each.color for each in draft.photos[: int(self.reference)])]
        pictures = torch.cat([canvas.onto(each.to(draft.color)).clamp(0, 1) for each in views])
        latents, steps = self.autoencoder.encode(pictures)
        yield Progress(STAGE, 0, 1)
        words = {WORDS: self.words[WORDS].expand(len(views), -1, -1)}
        picture, _ = predicted(self.denoiser, latents, TIME, Guidance(words))
        yield Progress(STAGE, 1, 1)
        color = canvas.back(self.autoencoder.decode(picture[:1], steps)).to(draft.color)
        return Target(color, draft.alpha.clamp(0, 1))


class AcrossViews:
    """In place of diffusers' attention of each picture to itself: all look at all."""

    def __init__(self, inner: Any) -> None:
        """`inner`: the processor whose attention it is."""
        self._inner = inner

    def __call__(self, attention: Any, states: Tensor, *args: Any, **options: Any) -> Tensor:
        """`states` [V, N, C], of one shape with the answer."""
        joined = states.reshape(1, -1, states.shape[2])
        answer: Tensor = self._inner(attention, joined, *args, **options)
        return answer.reshape(states.shape)


def fixer(folder: Path, place: Place, reference: bool) -> Fixer:
    """The fixer in `folder`. `reference`: it was trained with a photo beside the draft.

    Raises `UserError` for parts that do not belong together.
    """
    schedule, prediction = read_noise(folder)
    if prediction is Prediction.FLOW or len(schedule) <= TIME:
        raise not_together(folder, "a fixer, and the scheduler of something else")
    (words,) = clip_words(folder, (PROMPT,), place)
    autoencoder = SkipAutoencoder.load(folder, place)
    unet = load_part(folder, "unet", "UNet2DConditionModel", place)
    check_widths(folder, unet.config, words)
    config = autoencoder.model.config
    if not unet.config.in_channels == unet.config.out_channels == config.latent_channels:
        raise not_together(
            folder,
            f"the autoencoder makes {config.latent_channels} channels, the U-Net takes "
            f"{unet.config.in_channels} and makes {unet.config.out_channels}",
        )
    unet.set_attn_processor(
        {
            name: AcrossViews(each) if name.endswith("attn1.processor") else each
            for name, each in unet.attn_processors.items()
        }
    )
    factor = 2 ** (len(config.block_out_channels) - 1)
    denoiser = Denoiser(Unet(unet), schedule, prediction, place.dtype)
    side = int(unet.config.sample_size or LATENTS) * factor
    return Fixer(autoencoder, denoiser, as_conditions(words), side, factor, reference)
