"""Exposure: measured between photos, and compensated in training."""

import numpy as np
import pytest
import torch

from core.capture.lens import Lens
from core.capture.reconstruction import PlacedPhoto, SparsePoints
from core.geometry.camera import View, project
from core.pipeline.exposure import exposure_spread
from core.pipeline.prepare import Flat
from core.render.rasterize import rasterize
from core.train.schedule import TrainConfig
from core.train.trainer import Snapshot, train
from tests.scenes import around, cloud

GAINS = [0.7, 0.85, 1.0, 1.15, 1.3]


def shot(view: View, gain: float) -> torch.Tensor:
    color = rasterize(cloud(400, seed=4), view, background=torch.tensor([0.4, 0.4, 0.4])).color
    return (gain * color * 180).clamp(0, 255).round().byte()


def capture(gains: list[float]) -> tuple[SparsePoints, list[str], list[Flat]]:
    """Photos of the cloud, and points that all of them see wherever they land inside."""
    random = np.random.default_rng(0)
    positions = random.normal(size=(300, 3)) * [0.5, 0.4, 0.0] + [0, 0, 4]
    names, flats, tracks = [], [], []
    for k, (view, gain) in enumerate(zip(around(5, 96, 72), gains, strict=True)):
        names.append(f"{k}.jpg")
        place = PlacedPhoto(names[-1], Lens("PINHOLE", 96, 72, (1, 1, 1, 1)), np.eye(4))
        flats.append(Flat(names[-1], shot(view, gain), view, place))
        pixels, _ = project(torch.from_numpy(positions), view)
        inside = ((pixels > 0) & (pixels < torch.tensor([96, 72]))).all(dim=1)
        tracks += [(k, p) for p in np.flatnonzero(inside.numpy())]
    seen = np.array(tracks, np.int64)
    points = SparsePoints(
        positions, np.zeros((300, 3), np.uint8), np.zeros(300), seen[:, 0].copy(), seen[:, 1].copy()
    )
    return points, names, flats


def test_photos_of_one_exposure_have_no_spread() -> None:
    assert exposure_spread(*capture([1.0] * 5)) < 0.03


def test_the_spread_of_gains_is_found() -> None:
    assert exposure_spread(*capture(GAINS)) == pytest.approx(np.std(np.log(GAINS)), rel=0.3)


def test_training_finds_the_gains_and_keeps_their_mean() -> None:
    truth, views = cloud(400, seed=4), around(5, 96, 72)
    photos = [
        (gain * rasterize(truth, view).color * 180).clamp(0, 255).round().byte()
        for view, gain in zip(views, GAINS, strict=True)
    ]
    config = TrainConfig(iterations=400, max_gaussians=400, rate_exposure=5e-3)
    last = list(train(truth, views, photos, config))[-1]
    assert isinstance(last, Snapshot)
    found = last.exposures[:, 0].mean(dim=1)
    torch.testing.assert_close(last.exposures[:, 0].mean(dim=0), torch.ones(3))
    torch.testing.assert_close(found, torch.tensor(GAINS), atol=0.08, rtol=0)
