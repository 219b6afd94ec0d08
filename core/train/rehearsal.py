"""A training that takes no time, after which all that training needs is loaded and compiled."""

import torch

from core.gaussians.table import Gaussians
from core.geometry.camera import Pinhole, View
from core.train.schedule import TrainConfig
from core.train.trainer import train

ROWS, SIDE = 64, 48  # Gaussians, pixels


def rehearse() -> None:
    """Train a few Gaussians on two grey pictures, with growth and exposures."""
    generator = torch.Generator().manual_seed(0)
    start = Gaussians(
        means=torch.rand(ROWS, 3, generator=generator) - torch.tensor([0.5, 0.5, -2.0]),
        quats=torch.tensor([1.0, 0.0, 0.0, 0.0]).repeat(ROWS, 1),
        log_scales=torch.full((ROWS, 3), -3.0),
        logit_opacity=torch.zeros(ROWS),
        sh=torch.zeros(ROWS, 16, 3),
        object_id=torch.zeros(ROWS, dtype=torch.int64),
    )
    view = View(Pinhole(SIDE, SIDE, SIDE, SIDE, SIDE / 2, SIDE / 2), torch.eye(4))
    photo = torch.full((SIDE, SIDE, 3), 128, dtype=torch.uint8)
    config = TrainConfig(iterations=4, grow_every=1, grow_from=0.0, rate_exposure=1e-3)
    for _ in train(start, [view, view], [photo, photo], config):
        pass
