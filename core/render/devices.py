"""Where to render and train: what was asked for, and what is there."""

from dataclasses import dataclass

import torch

from core.errors import Unavailable
from core.render.gsplat_backend import require_gsplat


@dataclass(frozen=True)
class Device:
    """`name` as torch spells it; `note` tells the user why, "" where nothing is to be said."""

    name: str
    note: str = ""


def choose_device(wish: str) -> Device:
    """The device for `wish`: "auto", "cpu" or "cuda".

    "auto" takes the CUDA card if its renderer is ready, and says so if there is a card
    but no renderer. Raises `Unavailable` for "cuda" where it cannot be had.
    """
    if wish == "cpu" or (wish == "auto" and not torch.cuda.is_available()):
        return Device("cpu")
    try:
        require_gsplat()
    except Unavailable as missing:
        if wish == "cuda":
            raise
        return Device("cpu", f"{missing.problem} {missing.hint}")
    return Device("cuda")
