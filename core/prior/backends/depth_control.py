"""Stable Diffusion with a ControlNet that is shown the rendered depth (Zhang et al., 2023)."""

from pathlib import Path
from typing import Any

from core.errors import UserError
from core.prior.backends.canvas import nearness
from core.prior.backends.files import OTHERWISE
from core.prior.backends.image_to_image import DEPTH
from core.prior.backends.making import Sheet
from core.prior.backends.parts import Place, load_part
from core.prior.sampler import Conditions

KIND = "ControlNetModel"
COLORS = 3  # channels of the picture that a ControlNet is shown


def load_controlnet(folder: Path, part: str, place: Place) -> Any:
    """The ControlNet in `part` of `folder` ("." for one that is alone in it)."""
    controlnet = load_part(folder, part, KIND, place)
    if controlnet.config.conditioning_channels != COLORS:
        raise UserError(
            f"The ControlNet in {folder} is shown {controlnet.config.conditioning_channels} "
            "channels, and a picture of depth has 3.",
            hint=OTHERWISE,
        )
    return controlnet


def depth_shown(sheet: Sheet) -> Conditions:
    """Nearness, brighter where it is nearer, as those for MiDaS's depth were trained with."""
    near = nearness(sheet.draft.depth.to(sheet.color))
    return {DEPTH: sheet.canvas.onto(near)}
