"""Relative depth finds the scene's scale, whatever some points say."""

import numpy as np
import torch

from core.dense.depth import aligned
from core.geometry.camera import unproject
from tests.dense_scenes import Array, card, looking, photographed, points_on


def truth_and_points() -> tuple[torch.Tensor, Array]:
    cards = [card(4.0, 6.0, seed=1, tilt=25), card(2.0, 0.4, seed=2)]
    truth = photographed(looking(0.0), cards)[1]
    spots = np.random.default_rng(0).integers(0, truth.numel(), 80)
    points = unproject(truth.double(), looking(0.0)).reshape(-1, 3)[spots]
    return truth, points.numpy()


def test_scale_and_shift_are_found_among_outliers() -> None:
    truth, points = truth_and_points()
    points[:20] *= np.random.default_rng(1).uniform(0.2, 4, (20, 1))
    found = aligned(7 / truth + 2, looking(0.0), points)
    assert found is not None
    assert ((found / truth - 1).abs() < 1e-3).all()


def test_depth_may_be_given_instead_of_its_inverse() -> None:
    truth, points = truth_and_points()
    found = aligned(1 / (0.3 / truth + 0.05), looking(0.0), points, inverse=False)
    assert found is not None
    assert ((found / truth - 1).abs() < 1e-3).all()


def test_points_of_no_weight_have_no_say() -> None:
    truth, points = truth_and_points()
    points[:60] *= 2.0
    weights = np.concatenate([np.zeros(60), np.ones(20)])
    found = aligned(1 / truth, looking(0.0), points, weights)
    assert found is not None
    assert ((found / truth - 1).abs() < 1e-3).all()


def test_what_is_unknown_stays_so() -> None:
    truth, points = truth_and_points()
    relative = 1 / truth
    relative[:30] = 0
    relative[30:32] = torch.nan
    found = aligned(relative, looking(0.0), points)
    assert found is not None
    assert (found[:32] == 0).all()
    assert (found[32:] > 0).all()


def test_no_answer_without_points_or_against_them() -> None:
    truth, points = truth_and_points()
    assert aligned(1 / truth, looking(0.0), points[:5]) is None
    assert aligned(1 / truth, looking(0.0), -points) is None
    assert aligned(1 - 1 / truth, looking(0.0), points) is None
    assert aligned(torch.ones_like(truth), looking(0.0), points_on([card(4.0, 2.0, 1)])) is None
