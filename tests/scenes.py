"""Small synthetic scenes for the tests of rendering and training."""

import math

import torch

from core.gaussians.table import Gaussians
from core.geometry.camera import Pinhole, View
from core.render.rasterize import rasterize


def cloud(count: int, *, seed: int = 0, dtype: torch.dtype = torch.float32) -> Gaussians:
    """A cloud of Gaussians some four units in front of `front_view`."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator)

    spread = torch.tensor([1.2, 0.9, 0.8])
    return Gaussians(
        means=(normal(count, 3) * spread + torch.tensor([0.0, 0.0, 4.0])).to(dtype),
        quats=normal(count, 4).to(dtype),
        log_scales=torch.log(torch.rand(count, 3, generator=generator) * 0.2 + 0.01).to(dtype),
        logit_opacity=(normal(count) * 1.5).to(dtype),
        sh=(normal(count, 16, 3) * 0.15).to(dtype),
        object_id=torch.zeros(count, dtype=torch.int64),
    )


def front_view(width: int, height: int, *, turn: float = 0.2) -> View:
    """A camera that looks at the cloud from the origin, turned by `turn` radians and shifted."""
    world = torch.eye(4, dtype=torch.float64)
    world[0, 0] = world[2, 2] = math.cos(turn)
    world[0, 2], world[2, 0] = math.sin(turn), -math.sin(turn)
    world[:3, 3] = torch.tensor([-4 * math.sin(turn), -0.1, 0.3])
    return View(
        Pinhole(width, height, 0.9 * width, 0.95 * width, width / 2 + 3, height / 2 - 2), world
    )


def around(count: int, width: int, height: int) -> list[View]:
    """Cameras on an arc around the cloud, all looking at it."""
    return [front_view(width, height, turn=0.5 * (k / (count - 1) - 0.5)) for k in range(count)]


def posed_photos() -> tuple[Gaussians, list[torch.Tensor], list[View]]:
    """A scene, and six photos of it with their views."""
    truth = cloud(150, seed=8)
    views = around(6, 64, 48)
    photos = [(rasterize(truth, view).color.clamp(0, 1) * 255).round().byte() for view in views]
    return truth, photos, views
