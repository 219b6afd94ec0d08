"""Step by step the sampler does what diffusers' own schedulers do, where that is installed."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from core.prior.sampler import Conditions, Denoiser, Prediction, noise_like, sample
from core.prior.schedules import flow, linear, scaled_linear, zero_terminal
from tests.test_prior_sampler import finished


def stepped(scheduler: Any, start: Tensor, network: Callable[[Tensor, float], Tensor]) -> Tensor:
    """What diffusers' own loop makes of `start`."""
    z = start
    for time in scheduler.timesteps:
        z = scheduler.step(network(z, float(time)), time, z).prev_sample
    return z


def shaped(z: Tensor, time: float, conditions: Conditions) -> Tensor:
    """No true denoiser, so that no step is hidden by the next."""
    return torch.tanh(1.7 * z + 0.3) * (0.4 + time / 2000) + 0.1


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction", "sample"])
@pytest.mark.parametrize("kind", ["linear", "scaled_linear", "zero terminal"])
@pytest.mark.parametrize("level", [1.0, 0.6])
def test_ddim_is_that_of_diffusers(prediction: str, kind: str, level: float) -> None:
    diffusers = pytest.importorskip("diffusers", exc_type=ImportError)
    if kind == "zero terminal" and prediction == "epsilon":
        pytest.skip("diffusers divides by nearly 0 there")
    first, last = (1e-4, 0.02) if kind == "linear" else (0.00085, 0.012)
    theirs = diffusers.DDIMScheduler(
        beta_start=first,
        beta_end=last,
        beta_schedule="linear" if kind == "linear" else "scaled_linear",
        clip_sample=False,
        set_alpha_to_one=True,
        prediction_type=prediction,
        timestep_spacing="trailing",
        rescale_betas_zero_snr=kind == "zero terminal",
    )
    theirs.set_timesteps(10)
    theirs.timesteps = theirs.timesteps[round((1 - level) * 10) :]
    ours = linear() if kind == "linear" else scaled_linear()
    ours = zero_terminal(ours) if kind == "zero terminal" else ours
    clean = torch.randn(1, 2, 4, 4, generator=torch.Generator().manual_seed(1))
    noisy = theirs.add_noise(clean, noise_like(clean, 7), theirs.timesteps[:1])
    expected = stepped(theirs, noisy, lambda z, t: shaped(z, t, {}))
    denoiser = Denoiser(shaped, ours, Prediction(prediction))
    found = finished(sample(denoiser, clean, level, steps=round(10 * level), seed=7))
    torch.testing.assert_close(found, expected, atol=2e-4, rtol=2e-4)


@pytest.mark.parametrize("shift", [1.0, 3.0])
def test_flow_is_eulers_method_of_diffusers(shift: float) -> None:
    diffusers = pytest.importorskip("diffusers", exc_type=ImportError)
    theirs = diffusers.FlowMatchEulerDiscreteScheduler(shift=shift)
    theirs.set_timesteps(sigmas=[1 - k / 10 for k in range(10)])
    clean = torch.randn(1, 2, 4, 4, generator=torch.Generator().manual_seed(1))
    expected = stepped(theirs, noise_like(clean, 7), lambda z, t: shaped(z, t, {}))
    denoiser = Denoiser(shaped, flow(shift), Prediction.FLOW)
    found = finished(sample(denoiser, clean, 1.0, seed=7))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
