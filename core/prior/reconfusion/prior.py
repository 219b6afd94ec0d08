"""ReconFusion's network as a prior for scenes."""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from core.prior.protocol import Draft, Target
from core.prior.reconfusion.config import Config
from core.prior.reconfusion.network import Network, from_patches, to_patches
from core.prior.reconfusion.question import Question, question
from core.prior.reconfusion.shots import at_size, guessed_range, range_of, size_for
from core.prior.sampler import STAGE, Guidance, sample
from core.progress import Progress

SOLID = 0.5  # of the alpha: from there on the depth drawn says how far away things are
KNOWN = 0.05  # of the picture: with less of it the photos' places say so


@dataclass(frozen=True, eq=False)
class ReconFusion:
    """A `Prior` (Wu et al., CVPR 2024): a draft is noised to its level and denoised from there.

    `autoencoder` is `core.prior.backends.autoencoder.Autoencoder` or None where patches of
    pixels are the latents.
    """

    network: Network
    autoencoder: Any = None
    dtype: torch.dtype = torch.float32
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @property
    def config(self) -> Config:
        """The network's."""
        return self.network.config

    def refine(self, draft: Draft, level: float, seed: int) -> Generator[Progress, None, Target]:
        """See `Prior`. What is finer than the network's pixels stays where photos saw it."""
        config = self.config
        yield Progress(STAGE, 0, config.steps)
        height, width = size_for(draft.view.camera, config)
        picture = draft.color.permute(2, 0, 1)[None].float().to(self.device)
        small = at_size(picture, height, width)
        asked = self._asked(draft, height, width)
        latents = self.encode(small)
        given = self.given(asked, latents)
        made = yield from sample(
            self.network.denoiser(self.dtype),
            latents,
            level,
            Guidance(given, config.guidance),
            steps=config.steps,
            seed=seed,
        )
        size = (draft.view.camera.height, draft.view.camera.width)
        known = (draft.alpha * draft.visibility)[None, None].to(self.device)
        finer = known * (picture - at_size(small, *size))
        target = (at_size(self.decode(made), *size) + finer).clamp(0, 1)
        return Target(target[0].permute(1, 2, 0).to(draft.color), torch.ones_like(draft.alpha))

    def given(self, asked: Question, latents: Tensor) -> dict[str, Tensor]:
        """What the denoiser of latents [B, C, h, w] is told of `asked`."""
        with torch.no_grad():
            seen = self.network.look(asked, latents.shape[2], latents.shape[3])
            return self.network.conditions(asked, seen)

    def encode(self, pictures: Tensor) -> Tensor:
        """Latents of `pictures` [B, 3, H, W] in [0, 1]."""
        if self.autoencoder is None:
            return to_patches(pictures, self.config.patch)
        return torch.cat([self.autoencoder.encode(each[None]) for each in pictures])

    def decode(self, latents: Tensor) -> Tensor:
        """The other way."""
        if self.autoencoder is None:
            return from_patches(latents, self.config.patch)
        made = [self.autoencoder.decode(each[None]) for each in latents]
        return torch.cat(made).to(latents)

    def _asked(self, draft: Draft, height: int, width: int) -> Question:
        view = draft.view.resized(width, height)
        views = [photo.view.resized(width, height) for photo in draft.photos]
        solid = draft.depth[(draft.alpha > SOLID) & (draft.depth > 0)]
        enough = len(solid) > KNOWN * draft.depth.numel()
        near, far = range_of(solid) if enough else guessed_range([view, *views])
        photos = [
            at_size(photo.color.permute(2, 0, 1)[None].float(), height, width)[0].permute(1, 2, 0)
            for photo in draft.photos
        ]
        return question(view, near, far, photos, views).to(self.device)
