"""Stable Diffusion 1 and 2 as a prior: a draft noised and made anew, whatever is predicted."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from core.errors import UserError
from core.prior.backends.autoencoder import Autoencoder
from core.prior.backends.files import OTHERWISE
from core.prior.backends.making import Making, Settings, Shown, as_conditions
from core.prior.backends.noise import read_noise
from core.prior.backends.parts import Place, load_part, not_together
from core.prior.backends.words import WORDS, clip_words, width_of
from core.prior.sampler import Conditions, Denoiser, Prediction

LATENTS = 64  # along a side, for a U-Net that does not say
BESIDE, DEPTH = "beside", "depth"  # channels joined to the latents; a picture for the ControlNet


@dataclass(frozen=True, eq=False)
class Unet:
    """A `Network`: diffusers' UNet2DConditionModel, with a ControlNet or without."""

    model: Any
    controlnet: Any = None
    control: float = 1.0

    def __call__(self, noisy: Tensor, time: float, conditions: Conditions) -> Tensor:
        """See `Network`. Conditions: `words`, and what the network has inputs for."""
        words = conditions[WORDS].to(noisy)
        moment = torch.tensor([time], device=noisy.device)
        more: dict[str, Any] = {}
        if self.controlnet is not None:
            down, middle = self.controlnet(
                noisy,
                moment,
                encoder_hidden_states=words,
                controlnet_cond=conditions[DEPTH].to(noisy),
                conditioning_scale=self.control,
                return_dict=False,
            )
            more = {
                "down_block_additional_residuals": down,
                "mid_block_additional_residual": middle,
            }
        given = noisy
        if BESIDE in conditions:
            given = torch.cat([noisy, conditions[BESIDE].to(noisy)], dim=1)
        answer: Tensor = self.model(
            given, moment, encoder_hidden_states=words, return_dict=False, **more
        )[0]
        return answer


def image_to_image(
    folder: Path,
    place: Place,
    tiling: bool,
    settings: Settings,
    *,
    controlnet: Any = None,
    shown: tuple[Shown, ...] = (),
    beside: bool = False,
) -> Making:
    """The prior in `folder`. `beside`: its U-Net takes a mask and a masked picture too.

    Raises `UserError` for parts that do not belong together.
    """
    schedule, prediction = read_noise(folder)
    if prediction is Prediction.FLOW:
        raise not_together(folder, "a U-Net, and a scheduler for flows")
    words, without = clip_words(folder, (settings.prompt, settings.avoid), place)
    autoencoder = Autoencoder.load(folder, place, tiling)
    unet = load_part(folder, "unet", "UNet2DConditionModel", place)
    if unet.config.addition_embed_type is not None:
        raise UserError(
            f"The U-Net in {folder} wants more than words, as that of SDXL does.",
            hint="Use Stable Diffusion 1 or 2. " + OTHERWISE,
        )
    check_widths(folder, unet.config, words)
    latents = (unet.config.in_channels - 1) // 2 if beside else unet.config.in_channels
    if not latents == unet.config.out_channels == autoencoder.channels:
        raise not_together(
            folder,
            f"the autoencoder makes {autoencoder.channels} channels, the U-Net takes {latents} "
            f"and makes {unet.config.out_channels}",
        )
    network = Unet(unet, controlnet, settings.control)
    return Making(
        autoencoder,
        Denoiser(network, schedule, prediction, place.dtype),
        as_conditions(words),
        as_conditions(without),
        shown,
        settings,
        side=int(unet.config.sample_size or LATENTS) * autoencoder.factor,
        multiple=autoencoder.factor,
        holding=not beside,
    )


def check_widths(folder: Path, config: Any, words: Conditions) -> None:
    """Raises `UserError` where a network is told words of another length than it knows."""
    if config.cross_attention_dim != width_of(words):
        raise not_together(
            folder,
            f"words are vectors of {width_of(words)} numbers, and {config.cross_attention_dim} "
            "are expected",
        )
