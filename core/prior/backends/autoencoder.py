"""From pictures to latents and back, by a pipeline's autoencoder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from core.prior.backends.parts import Place, finite, load_part


@dataclass(frozen=True, eq=False)
class Autoencoder:
    """diffusers' AutoencoderKL. Latents are scaled as the denoiser was trained on."""

    model: Any
    place: Place

    @staticmethod
    def load(folder: Path, place: Place, tiling: bool) -> "Autoencoder":
        """That of `folder`. `tiling`: pictures larger than it knows are taken in tiles."""
        model = load_part(folder, "vae", "AutoencoderKL", place)
        if tiling:
            model.enable_tiling()
        return Autoencoder(model, place)

    @property
    def channels(self) -> int:
        """Of its latents."""
        return int(self.model.config.latent_channels)

    @property
    def factor(self) -> int:
        """Pixels along each side of a latent."""
        return int(2 ** (len(self.model.config.block_out_channels) - 1))

    def encode(self, picture: Tensor) -> Tensor:
        """float32 latents [1, C, h, w] of `picture` [1, 3, H, W] in [0, 1], the likeliest ones."""
        with torch.no_grad():
            return self.traced(2 * picture - 1)

    def traced(self, shown: Tensor) -> Tensor:
        """The same of pictures [B, 3, H, W] in [-1, 1], with gradients."""
        mean = self.model.encode(shown.to(self.place.device, self.place.dtype)).latent_dist.mode()
        scale, shift = self._scaling()
        return finite((mean.float() - shift) * scale, "autoencoder")

    def decode(self, latents: Tensor) -> Tensor:
        """[1, 3, H, W] in [0, 1]."""
        scale, shift = self._scaling()
        with torch.no_grad():
            z = (latents / scale + shift).to(self.place.device, self.place.dtype)
            picture = self.model.decode(z, return_dict=False)[0].float()
        return finite((picture + 1) / 2, "autoencoder").clamp(0, 1)

    def _scaling(self) -> tuple[float, float]:
        config = self.model.config
        return float(config.scaling_factor), float(getattr(config, "shift_factor", None) or 0.0)
