"""Priors answer as diffusers' own pipelines do, of the same small networks and noise."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from core.prior.backends.canvas import Canvas
from core.prior.backends.image_to_image import DEPTH
from core.prior.backends.inpaint import masked
from core.prior.backends.load import load_prior
from core.prior.backends.making import Settings, Sheet
from core.prior.sampler import Conditions, Guidance, noise_like, sample
from tests import prior_networks as networks
from tests.test_prior_sampler import finished

SAID = Settings(prompt="a cat", avoid="dogs", guidance=5.0, steps=4)
ASKED = {
    "prompt": SAID.prompt, "negative_prompt": SAID.avoid, "guidance_scale": SAID.guidance,
    "output_type": "latent", "return_dict": False,
}  # fmt: skip
HEIGHT, WIDTH = 32, 48


def loaded(kind: str, parts: dict[str, Any], folder: Path) -> tuple[Any, Any]:
    """Ours and theirs."""
    theirs = networks.pipeline(kind, parts)
    theirs.save_pretrained(folder)
    return load_prior(str(folder), settings=SAID), theirs


def both(ours: Any, channels: int, more: Conditions) -> tuple[Tensor, Tensor]:
    """Our answer to random latents, and those latents with their noise for the pipeline."""
    random = torch.Generator().manual_seed(2)
    clean = torch.randn(1, channels, HEIGHT // 8, WIDTH // 8, generator=random)
    schedule = ours.denoiser.schedule
    noisy = float(schedule.alphas[-1]) * clean
    noisy = noisy + float(schedule.sigmas[-1]) * noise_like(clean, 5)
    guidance = Guidance({**ours.words, **more}, SAID.guidance, {**ours.without, **more})
    found = finished(sample(ours.denoiser, clean, 1.0, guidance, steps=SAID.steps, seed=5))
    return found, noisy


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
def test_stable_diffusion(prediction: str, tmp_path: Path) -> None:
    parts = networks.stable(prediction=prediction)
    ours, theirs = loaded("StableDiffusionPipeline", parts, tmp_path)
    found, noisy = both(ours, 4, {})
    size = {"height": HEIGHT, "width": WIDTH}
    (expected, _) = theirs(**ASKED, **size, latents=noisy, num_inference_steps=SAID.steps)
    torch.testing.assert_close(found, expected, atol=1e-3, rtol=1e-3)


def test_inpainting(tmp_path: Path) -> None:
    ours, theirs = loaded("StableDiffusionInpaintPipeline", networks.stable(9), tmp_path)
    draft = networks.draft(HEIGHT, WIDTH)
    color = draft.color.permute(2, 0, 1)[None]
    stay = (draft.alpha * draft.visibility)[None, None]
    canvas = Canvas.of(draft, 8, 8)
    sheet = Sheet(draft, canvas, ours.autoencoder, color, stay, ours.autoencoder.encode(color))
    found, noisy = both(ours, 4, masked(sheet))
    (expected, _) = theirs(
        **ASKED, height=HEIGHT, width=WIDTH, image=color, mask_image=1 - stay, strength=1.0,
        latents=noisy, num_inference_steps=SAID.steps,
    )  # fmt: skip
    torch.testing.assert_close(found, expected, atol=1e-3, rtol=1e-3)


def test_depth(tmp_path: Path) -> None:
    parts = {**networks.stable(), "controlnet": networks.controlnet()}
    ours, theirs = loaded("StableDiffusionControlNetPipeline", parts, tmp_path)
    near = torch.rand(1, 3, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(8))
    found, noisy = both(ours, 4, {DEPTH: near})
    (expected, _) = theirs(
        **ASKED, image=near, latents=noisy, num_inference_steps=SAID.steps,
        controlnet_conditioning_scale=SAID.control,
    )  # fmt: skip
    torch.testing.assert_close(found, expected, atol=1e-3, rtol=1e-3)


def test_flow(tmp_path: Path) -> None:
    ours, theirs = loaded("StableDiffusion3Pipeline", networks.flow_parts(), tmp_path)
    found, noisy = both(ours, 16, {})
    evenly = [1 - k / SAID.steps for k in range(SAID.steps)]
    (expected,) = theirs(**ASKED, height=HEIGHT, width=WIDTH, latents=noisy, sigmas=evenly)
    torch.testing.assert_close(found, expected, atol=1e-3, rtol=1e-3)
