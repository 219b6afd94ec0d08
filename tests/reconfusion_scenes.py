"""Captures of a painted wall, and a network that learns in seconds."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import grid_sample, interpolate

from core.geometry.aim import facing
from core.geometry.camera import Pinhole, View, unproject
from core.prior.protocol import Draft, PosedPhoto
from core.prior.reconfusion.config import SMALL_UNET, Config
from core.prior.reconfusion.shots import Shots, shots

TINY = Config(
    side=32, depths=8, features=6, hidden=12,
    unet={
        **SMALL_UNET, "in_channels": 21, "block_out_channels": [8, 16], "cross_attention_dim": 8,
        "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"], "norm_num_groups": 4,
        "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"], "attention_head_dim": 2,
    },
)  # fmt: skip
CAMERA = Pinhole(32, 24, 26.0, 26.0, 16.0, 12.0)
WALL = 4.0  # its z
WIDE = 4.0  # half of what is painted of it


def needed() -> None:
    """Tests of the network are skipped without the packages that it is made with."""
    pytest.importorskip("diffusers", exc_type=ImportError)


def views(count: int = 7) -> list[View]:
    """From left to right before the wall, each looking a little elsewhere."""
    up = torch.tensor([0.0, -1.0, 0.0], dtype=torch.float64)
    made = []
    for k in range(count):
        part = 2 * k / (count - 1) - 1
        centre = torch.tensor([1.4 * part, 0.2 * (-1) ** k, 0.0], dtype=torch.float64)
        target = torch.tensor([0.7 * part, 0.0, WALL], dtype=torch.float64)
        made.append(facing(CAMERA, centre, target, up))
    return [View(view.camera, view.camera_from_scene.float()) for view in made]


def painting(seed: int) -> Tensor:
    """Something in coarse and in fine, [1, 3, 64, 64] in [0, 1]."""
    generator = torch.Generator().manual_seed(seed)
    parts = [
        interpolate(torch.rand(1, 3, n, n, generator=generator), (64, 64), mode="bicubic")
        for n in (4, 9, 18)
    ]
    mixed = parts[0] + 0.6 * parts[1] + 0.4 * parts[2]
    return (0.5 + 1.5 * (mixed - 1)).clamp(0, 1)


def shown(view: View, wall: Tensor) -> Tensor:
    """What `view` sees of it, [H, W, 3]."""
    flat = torch.ones(view.camera.height, view.camera.width)
    away = unproject(flat, view)
    centre = view.centre()
    ways = away - centre
    met = centre + ways * ((WALL - centre[2]) / ways[..., 2:])
    grid = (met[..., :2] / WIDE)[None]
    picture = grid_sample(wall, grid, padding_mode="reflection", align_corners=False)
    return picture[0].permute(1, 2, 0)


def capture(seed: int, config: Config = TINY) -> Shots:
    pictures = [(255 * shown(view, painting(seed))).to(torch.uint8) for view in views()]
    points = torch.cartesian_prod(torch.linspace(-2, 2, 9), torch.linspace(-1, 1, 9))
    points = torch.cat([points, torch.full((81, 1), WALL)], dim=1)
    return shots(f"wall {seed}", pictures, views(), points.double().numpy(), config)


def draft(seed: int, **changes: Any) -> Draft:
    """Nothing is known yet of the view in the middle, and there are three photos."""
    every = views()
    height, width = CAMERA.height, CAMERA.width
    photos = tuple(PosedPhoto(every[k], shown(every[k], painting(seed))) for k in (2, 5, 1))
    known: dict[str, Any] = {
        "color": torch.full((height, width, 3), 0.5),
        "alpha": torch.ones(height, width),
        "depth": torch.full((height, width), WALL),
        "visibility": torch.zeros(height, width),
    }
    return Draft(view=every[3], photos=photos, **{**known, **changes})
