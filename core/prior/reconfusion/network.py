"""ReconFusion's denoiser: PixelNeRF's features beside the latent, the photos' words across."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import (
    adaptive_avg_pool2d,
    interpolate,
    pixel_shuffle,
    pixel_unshuffle,
    silu,
)

from core.prior.backends.files import imported
from core.prior.reconfusion.config import SCHEDULES, Config
from core.prior.reconfusion.question import Question
from core.prior.reconfusion.radiance import PixelNerf, Seen
from core.prior.sampler import Conditions, Denoiser, Prediction

WORDS_A_SIDE = 4  # that the small encoder makes of a photo
# Of CLIP's training pictures (Radford et al., 2021).
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_DEVIATION = (0.26862954, 0.26130258, 0.27577711)


class SmallWords(nn.Module):
    """In CLIP's place: a few words [N, 16, width] of each photo [N, 3, H, W]."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.first = nn.Conv2d(3, width, 4, stride=4)
        self.second = nn.Conv2d(width, width, 3, stride=2, padding=1)

    def forward(self, photos: Tensor) -> Tensor:
        made = self.second(silu(self.first(2 * photos - 1)))
        return adaptive_avg_pool2d(made, WORDS_A_SIDE).flatten(2).transpose(1, 2)


class ClipWords(nn.Module):
    """transformers' CLIPVisionModel, never trained: its last layer's tokens."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        # Hidden from the parameters: it is a folder of its own.
        object.__setattr__(self, "model", model.eval().requires_grad_(False))
        self.width = int(model.config.hidden_size)

    def forward(self, photos: Tensor) -> Tensor:
        model: Any = self.model
        first = next(model.parameters())
        side = model.config.image_size
        shown = interpolate(photos, (side, side), mode="bicubic", antialias=True)
        mean, deviation = (
            torch.tensor(each).to(photos)[:, None, None] for each in (CLIP_MEAN, CLIP_DEVIATION)
        )
        with torch.no_grad():
            model.to(photos.device)
            pixels = ((shown - mean) / deviation).to(photos.device, first.dtype)
            answer: Tensor = model(pixel_values=pixels).last_hidden_state
        return answer.to(photos)


class Network(nn.Module):
    """The parts that are trained together: PixelNeRF, words, U-Net. A `sampler.Network`."""

    def __init__(self, config: Config, clip: Any = None) -> None:
        """`clip`: a CLIPVisionModel where the config wants one. Raises `Unavailable` without
        diffusers.
        """
        super().__init__()
        self.config = config
        self.nerf = PixelNerf(config.features, config.hidden, config.depths)
        self.words = SmallWords(config.words) if clip is None else ClipWords(clip)
        self.spoken = nn.Linear(self.words.width, config.words, bias=False)
        self.unet = imported("diffusers").UNet2DConditionModel(**config.unet)
        # What is seen also goes straight into the answer: for pictures that is most of it.
        self.straight = nn.Conv2d(config.features + 3, config.latents, 1, bias=False)
        self._begin()

    def _begin(self) -> None:
        config = self.config
        with torch.no_grad():
            self.straight.weight.zero_()
            if config.patch and config.prediction == Prediction.PICTURE.value:
                cells = config.patch**2
                for channel in range(3):
                    rows = slice(channel * cells, (channel + 1) * cells)
                    self.straight.weight[rows, config.features + channel] = 1
                self.unet.conv_out.weight.mul_(0.1)

    def look(self, asked: Question, height: int, width: int, within: Tensor | None = None) -> Seen:
        """PixelNeRF's answer at `height` x `width` latents."""
        seen: Seen = self.nerf(asked, height, width, within)
        return seen

    def conditions(self, asked: Question, seen: Seen) -> dict[str, Tensor]:
        """What the denoiser is given: "features" [B, C + 3, h, w], and "words" [B, n, d]."""
        words = self.words(asked.photos.flatten(0, 1))
        words = words.unflatten(0, asked.photos.shape[:2]).flatten(1, 2)
        features = torch.cat([seen.features, 2 * seen.color - 1], dim=1)
        return {"features": features, "words": self.spoken(words)}

    def forward(self, noisy: Tensor, time: float | Tensor, conditions: Conditions) -> Tensor:
        """See `sampler.Network`; `time` may be one for each of the batch, [B]."""
        features, words = conditions["features"], conditions["words"]
        told = torch.as_tensor(time, device=noisy.device).expand(len(noisy))
        made: Tensor = self.unet(
            torch.cat([noisy, features.to(noisy)], dim=1),
            told,
            encoder_hidden_states=words.to(noisy),
        ).sample
        answer: Tensor = made + self.straight(features).to(noisy)
        return answer

    def denoiser(self, dtype: torch.dtype = torch.float32) -> Denoiser:
        """With what it was trained for."""
        config = self.config
        return Denoiser(self, SCHEDULES[config.schedule], Prediction(config.prediction), dtype)


def to_patches(pictures: Tensor, patch: int) -> Tensor:
    """Latents [B, 3 patch², H / patch, W / patch] of `pictures` [B, 3, H, W] in [0, 1]."""
    return pixel_unshuffle(2 * pictures - 1, patch)


def from_patches(latents: Tensor, patch: int) -> Tensor:
    """The other way; what is beyond [0, 1] is cut off."""
    return ((pixel_shuffle(latents, patch) + 1) / 2).clamp(0, 1)
