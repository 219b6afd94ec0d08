"""Where a training run stands between two iterations: all that the rest of it depends on."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from core.errors import UserError
from core.gaussians.table import MARKS
from core.project.files import replaced
from core.train.densify import Pulls
from core.train.exposure import Exposures
from core.train.fits import Fits
from core.train.optimizer import Adam
from core.train.poses import Poses
from core.train.steps import Step

NOTES = "standing"  # the name of the numbers among the file's notes
DAMAGE = (SafetensorError, OSError, ValueError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True, eq=False)
class Standing:
    """`tensors` and `numbers` (what JSON holds) as `standing_of` found them.

    The tensors are the run's own: good until it goes on. `photos`: the names of those trained
    on, in their order. `cameras` [P, 4, 4] float64: theirs before training moved any.
    """

    step: Step
    tensors: Mapping[str, Tensor]
    numbers: Mapping[str, Any]
    photos: tuple[str, ...] = ()
    cameras: Tensor = field(default_factory=lambda: torch.zeros(0, 4, 4, dtype=torch.float64))


class Whereabouts:
    """Tells whoever holds it where a run stands: `now()` between two values of `train`.

    None before training, and once it has come to its end.
    """

    def __init__(self) -> None:
        self.now: Callable[[], Standing | None] = lambda: None

    def rest(self, standing: Standing | None) -> None:
        """Have `standing` told from now on."""
        self.now = lambda: standing


class Running(Protocol):
    """What a run has that changes while it trains."""

    step: Step
    adam: Adam
    marks: dict[str, Tensor]
    exposures: Exposures
    poses: Poses
    pulls: Pulls
    fits: Fits
    order: list[int]
    generator: torch.Generator
    extent: float
    worked: float
    base: float


def standing_of(run: Running) -> Standing:
    """Where `run` stands."""
    tensors = {f"column.{name}": column.detach() for name, column in run.adam.columns.items()}
    for name, (first, second) in run.adam.moments.items():
        tensors |= {f"first.{name}": first, f"second.{name}": second}
    tensors |= {f"mark.{name}": mark for name, mark in run.marks.items()}
    tensors |= {"pulls.total": run.pulls.total, "pulls.seen": run.pulls.seen}
    for kind, part in (("exposures", run.exposures), ("poses", run.poses)):
        tensors[f"{kind}.values"] = part.values
        tensors |= {f"{kind}.first": part.first, f"{kind}.second": part.second}
    tensors["generator"] = run.generator.get_state()
    tensors["decibels"] = torch.tensor(run.fits.decibels, dtype=torch.float64)
    tensors["history"] = torch.tensor(run.fits.history, dtype=torch.float64).reshape(-1, 2)
    numbers = {
        "steps": run.adam.steps,
        "exposures": list(run.exposures.steps),
        "poses": list(run.poses.steps),
        "order": list(run.order),
        "extent": run.extent,
        "worked": run.worked,
        "base": run.base,
    }
    return Standing(run.step, tensors, numbers)


def restore(run: Running, standing: Standing) -> None:
    """Let `run`, made anew for the same photos, be where `standing` was.

    With another number of iterations what was noted of the budget says nothing: it is left out.
    """
    tensors, numbers, device = standing.tensors, standing.numbers, run.pulls.total.device

    def own(name: str) -> Tensor:
        return tensors[name].to(device, copy=True)

    run.adam = Adam({name: own(f"column.{name}") for name in run.adam.columns})
    run.adam.moments = {n: (own(f"first.{n}"), own(f"second.{n}")) for n in run.adam.columns}
    run.adam.steps = int(numbers["steps"])
    run.marks = {name: own(f"mark.{name}") for name in MARKS}
    run.pulls = Pulls(own("pulls.total"), own("pulls.seen"))
    run.exposures.values = own("exposures.values")
    run.exposures.first, run.exposures.second = own("exposures.first"), own("exposures.second")
    run.exposures.steps = list(numbers["exposures"])
    # Of cameras, on the processor whatever the device.
    run.poses.values = tensors["poses.values"].clone()
    run.poses.first, run.poses.second = (
        tensors["poses.first"].clone(),
        tensors["poses.second"].clone(),
    )
    run.poses.steps = list(numbers["poses"])
    run.order[:] = numbers["order"]
    run.generator.set_state(tensors["generator"].cpu())
    run.extent = float(numbers["extent"])
    if standing.step.iterations == run.step.iterations:
        run.fits.decibels = tensors["decibels"].tolist()
        run.fits.history = [(spent, mean) for spent, mean in tensors["history"].tolist()]
        run.worked, run.base = float(numbers["worked"]), float(numbers["base"])
        run.step = standing.step


def write_standing(path: Path, standing: Standing) -> None:
    """Write a file, which is whole or absent. Raises `UserError`."""
    tensors = {name: tensor.cpu().contiguous() for name, tensor in standing.tensors.items()}
    notes = {
        "step": asdict(standing.step),
        "numbers": standing.numbers,
        "photos": list(standing.photos),
    }
    with replaced(path) as file:
        file.write(
            save({**tensors, "cameras": standing.cameras}, metadata={NOTES: json.dumps(notes)})
        )


def standing_step(path: Path) -> Step:
    """The step of `read_standing`, without reading the rest. Raises `UserError`."""
    try:
        with safe_open(path, "pt") as file:
            return Step(**json.loads(file.metadata()[NOTES])["step"])
    except DAMAGE as error:
        raise _unreadable(path, error) from error


def read_standing(path: Path) -> Standing:
    """What `write_standing` wrote. Raises `UserError`."""
    try:
        with safe_open(path, "pt") as file:
            notes = json.loads(file.metadata()[NOTES])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        step, photos = Step(**notes["step"]), tuple(map(str, notes["photos"]))
        cameras = tensors.pop("cameras")
        if cameras.shape != (len(photos), 4, 4) or cameras.dtype is not torch.float64:
            raise ValueError("a photo has no camera")
        return Standing(step, tensors, dict(notes["numbers"]), photos, cameras)
    except DAMAGE as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> UserError:
    return UserError(
        f"Where training stood cannot be read from {path}: {error}.",
        hint="Training can go on from the Gaussians alone.",
    )
