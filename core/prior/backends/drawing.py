"""Pictures drawn from words alone, by any of diffusers' text-to-image pipelines."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.prior.backends.editors import sides
from core.prior.backends.load import place_for
from core.prior.backends.pipelines import Wanted, check_pictures, load_pipeline, stepped
from core.progress import Progress

STABLE = ("StableDiffusionPipeline", "StableDiffusionXLPipeline")
FLOWS = (
    "StableDiffusion3Pipeline", "FluxPipeline", "Flux2KleinPipeline", "QwenImagePipeline",
    "ZImagePipeline", "PixArtSigmaPipeline", "SanaPipeline",
)  # fmt: skip
DRAWERS = Wanted((*STABLE, *FLOWS), "a drawer of pictures by words", "Or take a photo.")
SHAPE = (3, 2)  # of what is drawn: width to height, as of a photo
FACTOR = 8  # pixels a latent
STEPS = {"StableDiffusionPipeline": 30, "StableDiffusionXLPipeline": 30, "ZImagePipeline": 9}
USUAL, FEW = 28, 4  # steps of others; of those that were taught to do with few
WORK = "Drawing a picture"


def drawn(
    place: str, words: str, seed: int, *, device: str = "cpu", half: bool | None = None
) -> Iterator[Progress | NDArray[np.uint8]]:
    """A picture [H, W, 3] of what `words` say, by the network at `place`; it comes last.

    `place`: a folder in diffusers' layout, or a hub name of one on this machine. Raises
    `Unavailable` and `UserError` as `load_pipeline` does.
    """
    yield Progress("Reading the network", 0, 1)
    where = place_for(device, half, False, wide=True)
    kind, pipeline = load_pipeline(place, DRAWERS, where)
    across, down = sides(*SHAPE, _side(pipeline) ** 2)
    asked: dict[str, Any] = {
        "prompt": words, "width": across, "height": down, "output_type": "np",
        "generator": torch.Generator(where.device).manual_seed(seed),
    }  # fmt: skip
    taught = bool(getattr(pipeline.config, "is_distilled", False))
    if taught:
        asked["guidance_scale"] = 1.0
    for step in stepped(pipeline, FEW if taught else STEPS.get(kind, USUAL), WORK, asked):
        if isinstance(step, Progress):
            yield step
        else:
            picture = check_pictures(step.images)
            yield np.clip(255 * picture + 0.5, 0, 255).astype(np.uint8)


def _side(pipeline: Any) -> int:
    """Pixels along a side of what the network was trained with."""
    denoiser = getattr(pipeline, "unet", None) or pipeline.transformer
    told = getattr(denoiser.config, "sample_size", None)
    if isinstance(told, int) and told > 0:
        return told * int(getattr(pipeline, "vae_scale_factor", FACTOR))
    return int(getattr(pipeline, "default_sample_size", 128)) * FACTOR
