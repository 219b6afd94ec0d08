"""Stable Diffusion 3 as a prior: rectified flow by a transformer (Esser et al., 2024)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from core.prior.backends.autoencoder import Autoencoder
from core.prior.backends.files import read_json
from core.prior.backends.making import Making, Settings, as_conditions
from core.prior.backends.noise import read_noise
from core.prior.backends.parts import Place, load_part, not_together
from core.prior.backends.words import POOLED, WORDS, sd3_words
from core.prior.sampler import Conditions, Denoiser, Prediction

KIND = "SD3Transformer2DModel"


@dataclass(frozen=True, eq=False)
class Transformer:
    """A `Network`: diffusers' SD3Transformer2DModel."""

    model: Any

    def __call__(self, noisy: Tensor, time: float, conditions: Conditions) -> Tensor:
        """See `Network`."""
        answer: Tensor = self.model(
            hidden_states=noisy,
            timestep=torch.tensor([time], device=noisy.device),
            encoder_hidden_states=conditions[WORDS].to(noisy),
            pooled_projections=conditions[POOLED].to(noisy),
            return_dict=False,
        )[0]
        return answer


def flow_model(folder: Path, place: Place, tiling: bool, settings: Settings) -> Making:
    """The prior in `folder`. Raises `UserError` for parts that do not belong together."""
    schedule, prediction = read_noise(folder)
    if prediction is not Prediction.FLOW:
        raise not_together(folder, "a transformer for flows, and another scheduler")
    texts = (settings.prompt, settings.avoid)
    width = int(read_json(folder / "transformer", "config.json").get("joint_attention_dim", 4096))
    words, without = sd3_words(folder, texts, place, width)
    autoencoder = Autoencoder.load(folder, place, tiling)
    model = load_part(folder, "transformer", KIND, place)
    config = model.config
    pooled = words[POOLED].shape[1]
    if pooled != config.pooled_projection_dim or autoencoder.channels != config.in_channels:
        raise not_together(
            folder,
            f"{pooled} numbers for a prompt and {autoencoder.channels} channels, where "
            f"{config.pooled_projection_dim} and {config.in_channels} are expected",
        )
    multiple = autoencoder.factor * config.patch_size
    return Making(
        autoencoder,
        Denoiser(Transformer(model), schedule, prediction, place.dtype),
        as_conditions(words),
        as_conditions(without),
        (),
        settings,
        # It was trained at half of its largest pictures too, and is four times as fast there.
        side=int(config.sample_size) * autoencoder.factor // 2,
        multiple=multiple,
        most=int(config.pos_embed_max_size) * multiple,
    )
