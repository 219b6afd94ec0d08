"""A scheduler's settings, as diffusers writes them, as our schedule and prediction."""

from pathlib import Path
from typing import Any

from core.errors import UserError
from core.prior.backends.files import OTHERWISE, read_json
from core.prior.sampler import Prediction
from core.prior.schedules import TIMES, Schedule, flow, linear, scaled_linear, zero_terminal

# Where the file says nothing; the same in all of diffusers' schedulers.
BETAS = {"beta_start": 1e-4, "beta_end": 0.02, "beta_schedule": "linear"}


def read_noise(folder: Path) -> tuple[Schedule, Prediction]:
    """What the networks in `folder` were trained with, whichever scheduler would sample them.

    Raises `UserError` for settings that are missing, unknown or contradict each other.
    """
    told = read_json(folder / "scheduler", "scheduler_config.json")
    times = int(told.get("num_train_timesteps", TIMES))
    if str(told.get("_class_name", "")).startswith("FlowMatch"):
        if told.get("use_dynamic_shifting"):
            raise _unknown(folder, "a shift that depends on the picture's size")
        return flow(float(told.get("shift", 1.0)), times), Prediction.FLOW
    schedule = _preserving(folder, {**BETAS, **told}, times)
    name = str(told.get("prediction_type", "epsilon"))
    if name not in {each.value for each in Prediction} - {Prediction.FLOW.value}:
        raise _unknown(folder, f"the prediction {name}")
    prediction = Prediction(name)
    if told.get("rescale_betas_zero_snr"):
        if prediction is Prediction.EPSILON:
            raise _unknown(folder, "noise predicted where nothing else is left")
        schedule = zero_terminal(schedule)
    return schedule, prediction


def _preserving(folder: Path, told: dict[str, Any], times: int) -> Schedule:
    first, last = float(told["beta_start"]), float(told["beta_end"])
    name = "betas of its own" if told.get("trained_betas") else str(told["beta_schedule"])
    if name == "linear":
        return linear(first, last, times)
    if name == "scaled_linear":
        return scaled_linear(first, last, times)
    raise _unknown(folder, name)


def _unknown(folder: Path, what: str) -> UserError:
    return UserError(
        f"The scheduler in {folder} asks for what is not known here: {what}.", hint=OTHERWISE
    )
