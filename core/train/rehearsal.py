"""A training that takes no time, after which all that training needs is loaded and compiled."""

from dataclasses import replace

import numpy as np
import torch

from core.capture.reconstruction import SparsePoints
from core.dense.fuse import fuse
from core.dense.stereo import stereo_depths
from core.gaussians.start import gaussians_from_points
from core.geometry.camera import Pinhole, View
from core.segment.lift import lift
from core.segment.tidy import tidied
from core.train.schedule import TrainConfig
from core.train.trainer import train

ROWS, SIDE = 64, 48  # Gaussians, pixels


def rehearse() -> None:
    """Train a few Gaussians on two grey pictures, with growth, depth and exposures; label them."""
    positions = np.random.default_rng(0).uniform((-0.5, -0.5, 2.0), (0.5, 0.5, 3.0), (ROWS, 3))
    colors = np.full((ROWS, 3), 128, np.uint8)
    points = replace(SparsePoints.none(), positions=positions, colors=colors)
    view = View(Pinhole(SIDE, SIDE, SIDE, SIDE, SIDE / 2, SIDE / 2), torch.eye(4))
    photo = torch.full((SIDE, SIDE, 3), 128, dtype=torch.uint8)
    config = TrainConfig(iterations=4, grow_every=1, grow_from=0.0, rate_exposure=1e-3)
    beside = View(view.camera, view.camera_from_scene.clone())
    beside.camera_from_scene[0, 3] = 0.1
    views, photos = [view, beside], [photo, photo]
    *_, depths = stereo_depths(views, photos, [positions] * 2)
    assert isinstance(depths, tuple)
    fuse(views, photos, depths, ROWS)
    gaussians = gaussians_from_points(points)
    for _ in train(gaussians, views, photos, config):
        pass
    tidied(gaussians, lift(gaussians, [view], [np.zeros((SIDE, SIDE), np.uint16)]))
