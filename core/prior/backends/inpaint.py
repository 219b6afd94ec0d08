"""Stable Diffusion for inpainting: its U-Net is told which part of a picture is to be filled."""

from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import interpolate

from core.prior.backends.image_to_image import BESIDE, image_to_image
from core.prior.backends.making import Making, Settings, Sheet, Shown
from core.prior.backends.parts import Place
from core.prior.sampler import Conditions

CHANNELS = 9  # latents, the mask, and the latents of what is not to be filled
STAYS = 0.5  # from this part of a pixel on


def inpaint(
    folder: Path,
    place: Place,
    tiling: bool,
    settings: Settings,
    *,
    controlnet: Any = None,
    shown: tuple[Shown, ...] = (),
) -> Making:
    """The prior in `folder`. Raises `UserError`."""
    seen = (masked, *shown)
    return image_to_image(
        folder, place, tiling, settings, controlnet=controlnet, shown=seen, beside=True
    )


def masked(sheet: Sheet) -> Conditions:
    """The mask, 1 where it is to be filled, and the latents of the picture, grey there.

    As diffusers' own pipeline prepares them.
    """
    fill = (sheet.stay < STAYS).float()
    grey = torch.full_like(sheet.color, 0.5)
    rest = sheet.autoencoder.encode(torch.where(fill > 0, grey, sheet.color))
    return {BESIDE: torch.cat([interpolate(fill, rest.shape[2:]).to(rest), rest], dim=1)}
