"""The first Gaussians are as wide as the way to their neighbours, wherever the scene is."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.capture.reconstruction import SparsePoints
from core.gaussians.neighbours import NEIGHBOURS
from core.gaussians.start import gaussians_from_points


@pytest.mark.parametrize("away", [0.0, 1000.0])
def test_they_reach_to_their_nearest_neighbours(away: float) -> None:
    positions = np.random.default_rng(0).normal(size=(400, 3))
    apart = ((positions[:, None] - positions) ** 2).sum(axis=-1)
    truth = np.sqrt(np.sort(apart, axis=1)[:, 1 : NEIGHBOURS + 1].mean(axis=1))
    truth = truth.clip(np.percentile(truth, 1), np.percentile(truth, 95))
    colors = np.zeros((400, 3), np.uint8)
    points = replace(SparsePoints.none(), positions=positions + away, colors=colors)
    scales = gaussians_from_points(points).log_scales.exp()
    assert torch.allclose(scales, torch.from_numpy(truth).float()[:, None], rtol=1e-3)
