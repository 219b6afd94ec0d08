"""Distillation from networks whose right answer is known, and the weights of what was seen."""

import pytest
import torch
from torch import Tensor

from core.prior.distill import (
    DP_RECON_SCALE,
    EVERY_TIME,
    Teacher,
    TimeRange,
    Weighting,
    distillation_gradient,
    distillation_loss,
    random_row,
)
from core.prior.sampler import Conditions, Denoiser, Guidance, Prediction, noise_like
from core.prior.schedules import Schedule, flow, scaled_linear
from core.prior.view_weights import Blend, ViewWeights
from tests.test_prior_sampler import mixture, normal, oracle, point

ROWS = range(24, 981, 8)  # evenly through DP-Recon's times for appearance
PLAIN = Guidance()


def mean_gradient(spread: float, offset: float, weighting: Weighting) -> float:
    """Over all times and much noise, for a picture beside the middle of a normal distribution."""
    denoiser = oracle(scaled_linear(), Prediction.EPSILON, normal(0.2, spread))
    latent = torch.full((1, 1, 64, 64), 0.2 + offset, dtype=torch.float64)
    found = [
        distillation_gradient(denoiser, latent, row, noise_like(latent, row), PLAIN, weighting)
        for row in ROWS
    ]
    return float(torch.stack(found).mean())


def test_at_the_most_likely_picture_it_pulls_nowhere() -> None:
    for weighting in Weighting:
        beside = mean_gradient(0.1, 0.3, weighting)
        assert beside > 0.05  # going against it leads back
        assert abs(mean_gradient(0.1, 0.0, weighting)) < 1e-2 * beside


def test_beside_it_the_pull_is_what_the_equation_says() -> None:
    # Measured once with other code: 0.098.
    assert mean_gradient(0.1, 0.3, Weighting.NOISE) == pytest.approx(0.098, abs=1e-3)
    schedule, wanted = scaled_linear(), []
    for row in ROWS:
        alpha, sigma = float(schedule.alphas[row]), float(schedule.sigmas[row])
        pull = alpha * sigma * 0.3 / (alpha**2 * 0.01 + sigma**2)
        wanted.append(Weighting.BOTH.at(alpha, sigma) * pull)
    found = mean_gradient(0.1, 0.3, Weighting.BOTH)
    assert found == pytest.approx(sum(wanted) / len(wanted), rel=0.01)


@pytest.mark.parametrize("schedule", [scaled_linear(), flow(3.0)], ids=["scaled", "flow"])
def test_all_predictions_give_one_gradient(schedule: Schedule) -> None:
    latent = noise_like(torch.zeros(1, 4, 8, 8, dtype=torch.float64), 1)
    noise = noise_like(latent, 2)
    for row in (30, 500, 970):
        found = [
            distillation_gradient(oracle(schedule, each, mixture), latent, row, noise, PLAIN)
            for each in Prediction
        ]
        for other in found[1:]:
            torch.testing.assert_close(other, found[0], atol=1e-9, rtol=0)


def test_who_knows_one_picture_pulls_to_it_without_noise() -> None:
    schedule = scaled_linear()
    mean = torch.linspace(-1, 1, 16, dtype=torch.float64).reshape(1, 1, 4, 4)
    latent = torch.zeros_like(mean)
    for row in (100, 900):
        alpha, sigma = float(schedule.alphas[row]), float(schedule.sigmas[row])
        found = distillation_gradient(
            oracle(schedule, Prediction.EPSILON, point(mean)),
            latent,
            row,
            noise_like(mean, row),
            PLAIN,
            Weighting.BOTH,
        )
        torch.testing.assert_close(found, alpha**2 * sigma * (latent - mean))


def hinted(noisy: Tensor, time: float, conditions: Conditions) -> Tensor:
    return 0.1 * noisy + conditions["hint"]


def test_guidance_of_51_is_what_dp_recon_calls_50() -> None:
    given, without = torch.full((1, 1, 2, 2), 0.3), torch.full((1, 1, 2, 2), 0.1)
    latent = torch.zeros(1, 1, 2, 2)
    denoiser = Denoiser(hinted, scaled_linear(), Prediction.EPSILON)

    def gradient(scale: float, none: Tensor) -> Tensor:
        guidance = Guidance({"hint": given}, scale, {"hint": none})
        noise = noise_like(latent, 0)
        return distillation_gradient(denoiser, latent, 500, noise, guidance, Weighting.EVEN)

    plain = gradient(1.0, without)
    guided = gradient(DP_RECON_SCALE, without)
    torch.testing.assert_close(guided, plain + 50 * (given - without), atol=1e-4, rtol=0)
    torch.testing.assert_close(gradient(DP_RECON_SCALE, given), plain, atol=1e-4, rtol=0)


def test_the_loss_has_the_gradient_it_was_given() -> None:
    generator = torch.Generator().manual_seed(0)
    latent = torch.randn(3, 4, 8, 8, generator=generator, dtype=torch.float64).requires_grad_()
    gradient = torch.randn(latent.shape, generator=generator, dtype=torch.float64)
    distillation_loss(latent, gradient).backward()
    assert latent.grad is not None
    torch.testing.assert_close(latent.grad, gradient / 3)
    nothing = latent.detach().clone().requires_grad_()
    distillation_loss(nothing, torch.zeros_like(gradient)).backward()
    assert nothing.grad is not None
    assert not nothing.grad.any()


def test_times_fall_from_the_middle_on() -> None:
    times = TimeRange()
    for done, wanted in ((0.0, (0.2, 0.98)), (0.5, (0.2, 0.98)), (1.0, (0.02, 0.4))):
        assert times.at(done) == pytest.approx(wanted)
    assert times.at(0.75) == pytest.approx((0.11, 0.69))
    assert EVERY_TIME.at(0.9) == (0.02, 0.98)
    generator = torch.Generator().manual_seed(0)
    rows = [random_row(scaled_linear(), (0.2, 0.98), generator) for _ in range(300)]
    assert 200 <= min(rows) < 215
    assert 965 < max(rows) <= 980


def test_prompts_are_told_to_every_picture_of_a_batch() -> None:
    def words(prompt: str) -> Conditions:
        return {"text": torch.full((1, 7, 5), float(len(prompt)))}

    teacher = Teacher(Denoiser(hinted, scaled_linear(), Prediction.EPSILON), words)
    guidance = teacher.guidance("a chair", "", 7.5, 3)
    assert guidance.given["text"].shape == guidance.null()["text"].shape == (3, 7, 5)
    assert (float(guidance.given["text"].max()), float(guidance.null()["text"].max())) == (7, 0)


def test_shapes_weigh_20_1_0_and_colours_1_or_0() -> None:
    weights = ViewWeights()
    seen = torch.tensor([0.0, 0.25, 0.5, 0.75, 1.0])
    assert weights.of_shape(seen).tolist() == [20, 10.5, 1, 0.5, 0]
    assert weights.of_color(torch.tensor([0.0, 0.3, 0.31, 1.0])).tolist() == [1, 1, 0, 0]
    finely = weights.of_shape(torch.linspace(0, 1, 1001))
    assert (finely.diff() < 0).all()
    other = ViewWeights(most=5.0, tau=0.2, seen=0.1)
    assert other.of_shape(torch.tensor([0.0, 0.2, 1.0])).tolist() == pytest.approx([5, 1, 0])
    shared = ViewWeights(Blend.SHARED)
    assert torch.equal(shared.of_shape(seen), 1 - seen)
    assert torch.equal(shared.of_color(seen), 1 - seen)
