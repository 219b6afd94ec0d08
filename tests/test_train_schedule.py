"""What follows from the budget spent: rates, bands, the pictures' size, an early end."""

import math

import pytest
import torch

from core.train.fits import FEWEST, Fits
from core.train.pyramid import Pyramid
from core.train.schedule import MOST_HASTE, TrainConfig, haste_at, rates_at, shrink_at
from core.train.steps import Snapshot
from core.train.trainer import train
from tests.scenes import posed_photos


def test_rates_fall_and_bands_grow_with_the_budget_spent() -> None:
    config = TrainConfig()
    first, last = rates_at(0, 2.0, config), rates_at(1, 2.0, config)
    assert float(last["means"][0] / first["means"][0]) == pytest.approx(config.rate_means_end)
    assert [len(first["sh"]), len(last["sh"])] == [3, 48]
    assert not math.isnan(float(first["sh"][0]))


def test_few_iterations_hurry_and_many_do_not() -> None:
    hastes = [haste_at(1, 0.0, TrainConfig(iterations=n)) for n in (10, 600, 2000, 30_000)]
    assert hastes == sorted(hastes, reverse=True)
    assert hastes[0] == MOST_HASTE
    assert hastes[-1] == 1
    # Under a time limit the pace tells how many iterations there will be.
    assert haste_at(100, 0.1, TrainConfig(iterations=10**6)) == haste_at(
        1, 0.0, TrainConfig(iterations=1000)
    )


def test_pictures_grow_to_their_full_size() -> None:
    config = TrainConfig()
    shrinks = [shrink_at(k / 100, config) for k in range(101)]
    assert shrinks == sorted(shrinks, reverse=True)
    assert shrinks[0] > 1
    assert shrinks[-1] == 1


def test_a_small_photo_shows_the_same_from_the_same_place() -> None:
    _, photos, views = posed_photos()
    large = photos[0].repeat_interleave(8, dim=0).repeat_interleave(8, dim=1)
    height, width = large.shape[:2]
    view, small = Pyramid([views[0].resized(width, height)], [large]).at(0, 4)
    assert small.shape == (height // 4, width // 4, 3)
    assert torch.equal(small, large[::4, ::4])
    expected = views[0].resized(width // 4, height // 4)
    assert view.camera == expected.camera
    assert torch.equal(view.camera_from_scene, expected.camera_from_scene)


def test_what_is_small_already_is_not_shrunk() -> None:
    _, photos, views = posed_photos()
    assert Pyramid(views, photos).at(1, 4) == (views[1], photos[1])


def test_gain_waits_for_enough_iterations() -> None:
    fits = Fits(2)
    for k in range(1000):
        assert (fits.gain(k / 1000) == math.inf) == (k <= FEWEST)
        fits.note(k % 2, k / 1000, 10 ** -(2 + k / 1000))
    # Each photo rises by 0.01 dB an iteration.
    assert fits.gain(0.999) == pytest.approx(1.0, abs=0.05)


def test_training_ends_early_once_nothing_is_won() -> None:
    truth, photos, views = posed_photos()
    config = TrainConfig(iterations=400)
    *_, last = train(truth, views, photos, config)
    assert isinstance(last, Snapshot)
    assert config.settle_from < last.step.spent < 1
