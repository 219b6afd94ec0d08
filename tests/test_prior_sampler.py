"""Sampling against data whose exact denoiser is known."""

import math
from collections.abc import Callable, Generator

import pytest
import torch
from torch import Tensor

from core.errors import UserError
from core.prior.sampler import (
    Conditions,
    Denoiser,
    Guidance,
    Prediction,
    noise_like,
    parted,
    sample,
)
from core.prior.schedules import Schedule, flow, linear, scaled_linear, zero_terminal
from core.progress import Progress

SCHEDULES = {
    "linear": linear(),
    "scaled": scaled_linear(),
    "zero terminal": zero_terminal(scaled_linear()),
    "flow": flow(),
    "shifted flow": flow(3.0),
}
Exact = Callable[[Tensor, float, float], Tensor]  # the mean of the picture, given z, alpha, sigma


def finished(run: Generator[Progress, None, Tensor]) -> Tensor:
    while True:
        try:
            next(run)
        except StopIteration as end:
            found: Tensor = end.value
            return found


def oracle(schedule: Schedule, prediction: Prediction, exact: Exact) -> Denoiser:
    """A network that knows the mean of the data, and says it in its own terms."""

    def network(noisy: Tensor, time: float, conditions: Conditions) -> Tensor:
        row = int((schedule.times - time).abs().argmin())
        alpha, sigma = float(schedule.alphas[row]), float(schedule.sigmas[row])
        x = exact(noisy, alpha, sigma)
        noise = (noisy - alpha * x) / sigma
        return {
            Prediction.EPSILON: noise,
            Prediction.VELOCITY: alpha * noise - sigma * x,
            Prediction.FLOW: noise - x,
            Prediction.PICTURE: x,
        }[prediction]

    return Denoiser(network, schedule, prediction, torch.float64)


def point(mean: Tensor) -> Exact:
    return lambda z, alpha, sigma: mean.expand_as(z)


def normal(mean: float, spread: float) -> Exact:
    def exact(z: Tensor, alpha: float, sigma: float) -> Tensor:
        total = alpha**2 * spread**2 + sigma**2
        return mean + alpha * spread**2 / total * (z - alpha * mean)

    return exact


def mixture(z: Tensor, alpha: float, sigma: float) -> Tensor:
    """A third at -1, two thirds at 0.5, each with a spread of 0.1."""
    means, shares = torch.tensor([-1.0, 0.5]).to(z), torch.tensor([1 / 3, 2 / 3]).to(z)
    total = alpha**2 * 0.01 + sigma**2
    away = z[..., None] - alpha * means
    weights = torch.softmax(shares.log() - away**2 / (2 * total), dim=-1)
    return (weights * (means + alpha * 0.01 / total * away)).sum(dim=-1)


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_noise_takes_over_from_the_picture(schedule: Schedule) -> None:
    assert len(schedule) == 1000
    assert (schedule.alphas.diff() < 0).all()
    assert (schedule.sigmas.diff() > 0).all()
    assert float(schedule.alphas[0]) > 0.99
    assert float(schedule.alphas[-1]) < 0.07


def test_variances_are_preserved_or_ways_are_straight() -> None:
    for name, schedule in SCHEDULES.items():
        power = 1 if "flow" in name else 2
        whole = schedule.alphas**power + schedule.sigmas**power
        torch.testing.assert_close(whole, torch.ones_like(whole))
    assert float(SCHEDULES["zero terminal"].alphas[-1]) == 0


@pytest.mark.parametrize("prediction", Prediction)
def test_what_is_put_together_comes_apart_again(prediction: Prediction) -> None:
    x, noise = torch.randn(2, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for alpha, sigma in ((0.9, math.sqrt(0.19)), (0.3, 0.7), (0.02, 0.98)):
        answer = {
            Prediction.EPSILON: noise,
            Prediction.VELOCITY: alpha * noise - sigma * x,
            Prediction.FLOW: noise - x,
            Prediction.PICTURE: x,
        }[prediction]
        found = parted(prediction, alpha * x + sigma * noise, answer, alpha, sigma)
        torch.testing.assert_close(found, (x, noise), atol=1e-12, rtol=1e-12)


def test_noise_alone_tells_no_picture_where_none_is_left() -> None:
    z = torch.ones(3)
    with pytest.raises(ValueError, match="nothing of the picture"):
        parted(Prediction.EPSILON, z, z, 0.0, 1.0)
    with pytest.raises(ValueError, match="no noise"):
        parted(Prediction.PICTURE, z, z, 1.0, 0.0)


@pytest.mark.parametrize("prediction", Prediction)
@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("level", [0.05, 0.37, 1.0])
def test_a_single_possible_picture_is_found(
    prediction: Prediction, name: str, level: float
) -> None:
    schedule = SCHEDULES[name]
    if prediction is Prediction.EPSILON and level == 1 and float(schedule.alphas[-1]) <= 0:
        pytest.skip("there noise tells nothing")
    mean = torch.linspace(-1, 1, 48, dtype=torch.float64).reshape(1, 3, 4, 4)
    denoiser = oracle(schedule, prediction, point(mean))
    found = finished(sample(denoiser, torch.zeros_like(mean), level))
    torch.testing.assert_close(found, mean, atol=1e-6, rtol=0)


def test_all_predictions_give_one_answer() -> None:
    start = torch.zeros(1, 1, 8, 8, dtype=torch.float64)
    for schedule in (scaled_linear(), flow()):
        answers = [
            finished(sample(oracle(schedule, each, mixture), start, 0.8)) for each in Prediction
        ]
        for other in answers[1:]:
            torch.testing.assert_close(other, answers[0], atol=1e-9, rtol=0)


def test_twice_the_steps_halve_the_error_for_a_normal_distribution() -> None:
    mean, spread = 0.3, 0.5
    schedule = scaled_linear()
    denoiser = oracle(schedule, Prediction.EPSILON, normal(mean, spread))
    start = torch.zeros(1, 1, 16, 16, dtype=torch.float64)
    alpha, sigma = float(schedule.alphas[-1]), float(schedule.sigmas[-1])
    z = sigma * noise_like(start, 0)
    exact = mean + spread * (z - alpha * mean) / math.sqrt(alpha**2 * spread**2 + sigma**2)
    errors = [
        float((finished(sample(denoiser, start, 1.0, steps=count)) - exact).abs().max())
        for count in (50, 100, 200)
    ]
    assert 1.6 < errors[0] / errors[1] < 2.4
    assert 1.6 < errors[1] / errors[2] < 2.4
    assert errors[2] < 0.06


@pytest.mark.parametrize("name", ["scaled", "flow"])
def test_the_distribution_is_that_of_the_data_from_any_level(name: str) -> None:
    generator = torch.Generator().manual_seed(4)
    rows = 20_000
    first = torch.rand(rows, generator=generator) < 1 / 3
    data = torch.where(first, -1.0, 0.5) + 0.1 * torch.randn(rows, generator=generator)
    data = data.double()[:, None, None, None]
    denoiser = oracle(SCHEDULES[name], Prediction.VELOCITY, mixture)
    for level in (0.3, 0.7, 1.0):
        found = finished(sample(denoiser, data, level, steps=200)).flatten()
        left = found < -0.25
        assert float(left.double().mean()) == pytest.approx(1 / 3, abs=0.02)
        for side, mean in ((left, -1.0), (~left, 0.5)):
            assert float(found[side].mean()) == pytest.approx(mean, abs=0.02)
            assert float(found[side].std()) == pytest.approx(0.1, abs=0.025)


def test_a_low_level_leaves_a_likely_picture_nearly_as_it_was() -> None:
    denoiser = oracle(scaled_linear(), Prediction.EPSILON, mixture)
    start = torch.full((1, 1, 8, 8), 0.5, dtype=torch.float64)
    moved = [
        float((finished(sample(denoiser, start, level)) - start).abs().mean())
        for level in (0.02, 1.0)
    ]
    assert moved[0] < 0.1 < moved[1]
    assert torch.equal(finished(sample(denoiser, start, 0.0)), start)


def conditioned(noisy: Tensor, time: float, conditions: Conditions) -> Tensor:
    return noisy * 0 + conditions["hint"]


def test_guidance_goes_on_from_what_zeroed_inputs_say() -> None:
    hint = torch.full((1, 1, 2, 2), 0.5)
    denoiser = Denoiser(conditioned, scaled_linear(), Prediction.PICTURE)
    for scale in (0.0, 1.0, 3.0):
        found = finished(
            sample(denoiser, torch.zeros_like(hint), 1.0, Guidance({"hint": hint}, scale))
        )
        torch.testing.assert_close(found, scale * hint, atol=1e-5, rtol=0)
    other = Guidance({"hint": hint}, 3.0, {"hint": hint})
    found = finished(sample(denoiser, torch.zeros_like(hint), 1.0, other))
    torch.testing.assert_close(found, hint, atol=1e-5, rtol=0)


def test_one_seed_one_answer() -> None:
    denoiser = oracle(scaled_linear(), Prediction.EPSILON, mixture)
    start = torch.zeros(1, 1, 4, 4, dtype=torch.float64)
    one, same, other = (finished(sample(denoiser, start, 1.0, seed=k)) for k in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_only_the_network_sees_half_precision(dtype: torch.dtype) -> None:
    mean = torch.linspace(-1, 1, 16).reshape(1, 1, 4, 4)
    seen = []

    def network(noisy: Tensor, time: float, conditions: Conditions) -> Tensor:
        seen.append(noisy.dtype)
        return mean.to(noisy)

    denoiser = Denoiser(network, zero_terminal(scaled_linear()), Prediction.PICTURE, dtype)
    found = finished(sample(denoiser, torch.zeros_like(mean), 1.0))
    assert set(seen) == {dtype}
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, mean, atol=4e-3, rtol=0)


def test_a_network_out_of_its_range_is_told_in_a_sentence() -> None:
    def network(noisy: Tensor, time: float, conditions: Conditions) -> Tensor:
        return (noisy + 1) * 1e6

    denoiser = Denoiser(network, scaled_linear(), Prediction.EPSILON, torch.float16)
    with pytest.raises(UserError, match="not numbers"):
        finished(sample(denoiser, torch.zeros(1, 1, 2, 2), 1.0))


def test_closing_between_two_steps_ends_the_work() -> None:
    calls = []

    def network(noisy: Tensor, time: float, conditions: Conditions) -> Tensor:
        calls.append(time)
        return noisy

    denoiser = Denoiser(network, scaled_linear(), Prediction.EPSILON)
    run = sample(denoiser, torch.zeros(1, 1, 2, 2), 1.0)
    assert [next(run).done for _ in range(3)] == [1, 2, 3]
    run.close()
    assert calls == [999.0, 899.0, 799.0]
