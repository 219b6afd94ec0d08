"""Difix's autoencoder: the encoder's steps are added to the decoder's (Wu et al., CVPR 2025).

The published files hold diffusers' AutoencoderKL, four 1x1 convolutions `skip_conv_1` to `_4`, and
low-rank additions of peft to the decoder; the Python code beside them is not run.
"""

import pickle
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from core.errors import UserError
from core.prior.backends.files import AGAIN, find_weights, first_line, imported, read_json
from core.prior.backends.offload import settled
from core.prior.backends.parts import Place, finite, misfit

STEPS = 4  # of the decoder, each with a skip
LORA_ALPHA = 8.0  # peft's own, which its training code leaves as it is; the files do not tell
UNREADABLE = (
    *(SafetensorError, RuntimeError, OSError, EOFError, ValueError, TypeError),
    pickle.UnpicklingError,
)
LOW = re.compile(r"(.+)\.lora_A\.[^.]+\.weight")


@dataclass(frozen=True, eq=False)
class SkipAutoencoder:
    """`model` with `skips`, 1x1 convolutions for each of the decoder's steps."""

    model: Any
    skips: Any
    place: Place

    @staticmethod
    def load(folder: Path, place: Place) -> "SkipAutoencoder":
        """That of `folder`, its low-rank additions added. Raises `UserError`."""
        config = read_json(folder / "vae", "config.json")
        weights = merged(_read(folder, place))
        diffusers = imported("diffusers")
        try:
            model = diffusers.AutoencoderKL.from_config(
                {name: value for name, value in config.items() if not name.startswith("_")}
            )
        except Exception as error:
            raise UserError(
                f"In {folder}, vae/config.json is of no autoencoder ({first_line(error)}).",
                hint=AGAIN,
            ) from error
        kernels = [weights.pop(f"decoder.skip_conv_{k + 1}.weight", None) for k in range(STEPS)]
        wanted = {name: value.shape for name, value in model.state_dict().items()}
        given = {name: value.shape for name, value in weights.items()}
        shapes = _skip_shapes(model)
        wrong = sum(wanted.get(name) != given.get(name) for name in wanted.keys() | given.keys())
        wrong += sum(
            kernel is None or kernel.shape != shape
            for kernel, shape in zip(kernels, shapes, strict=True)
        )
        if wrong:
            raise misfit(folder, "vae", wrong)
        model.load_state_dict(weights)
        skips = nn.ModuleList([nn.Conv2d(s[1], s[0], 1, bias=False) for s in shapes])
        gain = 0.0 if config.get("ignore_skip") else float(config.get("gamma", 1.0))
        for convolution, kernel in zip(skips, kernels, strict=True):
            assert isinstance(kernel, Tensor)
            convolution.load_state_dict({"weight": gain * kernel})
        how = (place.device, place.dtype, place.in_turn)
        return SkipAutoencoder(settled(model, *how), settled(skips, *how), place)

    def encode(self, pictures: Tensor) -> tuple[Tensor, list[Tensor]]:
        """float32 latents [V, C, h, w] of [V, 3, H, W] in [0, 1], and the first one's steps."""
        encoder = self.model.encoder
        steps = []
        with torch.no_grad():
            x = encoder.conv_in((2 * pictures - 1).to(self.place.device, self.place.dtype))
            for block in encoder.down_blocks:
                steps.append(x[:1])
                x = block(x)
            x = encoder.conv_out(encoder.conv_act(encoder.conv_norm_out(encoder.mid_block(x))))
            mean = self.model.quant_conv(x).chunk(2, dim=1)[0].float()
        return finite(mean * self.model.config.scaling_factor, "autoencoder"), steps

    def decode(self, latents: Tensor, steps: list[Tensor]) -> Tensor:
        """[1, 3, H, W] in [0, 1] from [1, C, h, w] and what `encode` gave beside them."""
        decoder = self.model.decoder
        with torch.no_grad():
            z = (latents / self.model.config.scaling_factor).to(self.place.device, self.place.dtype)
            x = decoder.mid_block(decoder.conv_in(self.model.post_quant_conv(z)))
            for block, skip, step in zip(
                decoder.up_blocks, self.skips, reversed(steps), strict=True
            ):
                x = block(x + skip(step))
            x = decoder.conv_out(decoder.conv_act(decoder.conv_norm_out(x))).float()
        return finite((x + 1) / 2, "autoencoder").clamp(0, 1)


def merged(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """`weights` with peft's low-rank additions added and its names taken away.

    W + (alpha / r) B A (Hu et al., 2022); of a convolution A is one of r channels, B a 1x1.
    """
    answer = {
        name.replace(".base_layer.", "."): value.float()
        for name, value in weights.items()
        if ".lora_" not in name
    }
    for name, low in weights.items():
        found = LOW.fullmatch(name)
        if found is None:
            continue
        high = weights[name.replace(".lora_A.", ".lora_B.")].float().flatten(1)
        added = (high @ low.float().flatten(1)).reshape(len(high), *low.shape[1:])
        answer[f"{found[1]}.weight"] += LORA_ALPHA / len(low) * added
    return answer


def _read(folder: Path, place: Place) -> dict[str, Tensor]:
    files = find_weights(folder, "vae", place.half).files
    weights: dict[str, Tensor] = {}
    try:
        for file in files:
            safe = file.suffix == ".safetensors"
            weights |= load_file(file) if safe else torch.load(file, "cpu", weights_only=True)
    except UNREADABLE as error:
        raise UserError(
            f"In {folder}, the weights of vae cannot be read ({first_line(error)}).", hint=AGAIN
        ) from error
    return weights


def _skip_shapes(model: Any) -> list[tuple[int, int, int, int]]:
    """[out, in, 1, 1] of each skip: into a step of the decoder, from the encoder's of that size."""
    widths = list(model.config.block_out_channels)
    into = [widths[-1], *reversed(widths[1:])]
    out_of = list(reversed([widths[0], *widths[:-1]]))
    return [(a, b, 1, 1) for a, b in zip(into, out_of, strict=True)]
