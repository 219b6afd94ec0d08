"""How ReconFusion's network learns: what it is asked, its losses, and going on where it stopped."""

import pickle
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate, mse_loss

from core.errors import UserError
from core.prior.reconfusion.folder import save_reconfusion
from core.prior.reconfusion.network import Network
from core.prior.reconfusion.prior import ReconFusion
from core.prior.reconfusion.question import Question
from core.prior.reconfusion.shots import Shots, drawn, together
from core.prior.sampler import Prediction
from core.project.files import replaced

STATE = "training.pt"


@dataclass(frozen=True)
class TrainConfig:
    """How it learns."""

    batch: int = 4
    rate: float = 2e-3
    rate_end: float = 0.05  # of the rate, at the end
    warm: int = 20  # steps until the rate is reached
    dropout: float = 0.1  # of the questions are asked without photos (Ho and Salimans, 2022)
    nerf: float = 1.0  # weight of PixelNeRF's own loss
    average: float = 0.99  # how much of the averaged weights stays at a step
    seed: int = 0


@dataclass(frozen=True)
class Losses:
    """Of one step: the denoiser's (eq. 2 of ReconFusion), and PixelNeRF's (eq. 3)."""

    denoising: float
    nerf: float


class Training:
    """Owns what changes: the weights, their average, the optimizer, what is random."""

    def __init__(
        self, prior: ReconFusion, captures: Sequence[Shots], config: TrainConfig = TrainConfig()
    ) -> None:
        """`prior` is trained; raises `UserError` without captures."""
        if not captures:
            raise UserError("There is no capture to learn from.", hint="Name some, or --rooms.")
        self.prior, self.config, self.captures = prior, config, list(captures)
        self.step, self.seconds = 0, 0.0
        parameters = list(prior.network.requires_grad_(True).parameters())
        self._optimizer = torch.optim.AdamW(parameters, lr=config.rate, weight_decay=0.01)
        self._generator = torch.Generator().manual_seed(config.seed)
        self._average = {k: v.clone() for k, v in prior.network.state_dict().items()}

    def advance(self, spent: float) -> Losses:
        """One step; `spent` in [0, 1] of the budget is gone."""
        config, network = self.config, self.prior.network
        for group in self._optimizer.param_groups:
            group["lr"] = config.rate * self._pace(spent)
        network.train()
        asked, answer = self._batch()
        denoising, nerf = self.losses(asked, answer)
        self._optimizer.zero_grad(set_to_none=True)
        (denoising + config.nerf * nerf).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        self._optimizer.step()
        self.step += 1
        self._follow()
        return Losses(float(denoising.detach()), float(nerf.detach()))

    def losses(self, asked: Question, answer: Tensor) -> tuple[Tensor, Tensor]:
        """L_diff and L_PN of questions and their answers [B, 3, H, W] in [0, 1]."""
        network, prior = self.prior.network, self.prior
        asked, answer = asked.to(prior.device), answer.to(prior.device)
        with torch.no_grad():
            clean = prior.encode(answer).float()
        size = clean.shape[2:]
        within = self._uniform(len(clean), prior.config.depths)
        seen = network.look(asked, size[0], size[1], within)
        nerf = mse_loss(seen.color, interpolate(answer, size, mode="area"))
        given = network.conditions(asked, seen)
        asked_for = self._uniform(len(clean)) >= self.config.dropout
        given = {
            name: value * asked_for.reshape(-1, *[1] * (value.dim() - 1))
            for name, value in given.items()
        }
        denoiser = network.denoiser()
        rows = (self._uniform(len(clean)).cpu() * len(denoiser.schedule)).long()
        noise = torch.randn(clean.shape, generator=self._generator).to(clean)
        alpha, sigma = (
            each[rows].to(clean)[:, None, None, None]
            for each in (denoiser.schedule.alphas, denoiser.schedule.sigmas)
        )
        times = denoiser.schedule.times[rows].to(clean)
        said = network(alpha * clean + sigma * noise, times, given)
        wanted = told_of(denoiser.prediction, clean, noise, alpha, sigma)
        return mse_loss(said, wanted), nerf

    def averaged(self) -> ReconFusion:
        """The prior with the averaged weights, which are what is kept."""
        other = _like(self.prior)
        other.network.load_state_dict(self._average)
        other.network.eval().requires_grad_(False)
        return other

    def save(self, folder: Path) -> None:
        """The averaged network, and all that is needed to go on."""
        save_reconfusion(folder, self.averaged())
        state = {
            "step": self.step,
            "seconds": self.seconds,
            "network": self.prior.network.state_dict(),
            "average": self._average,
            "optimizer": self._optimizer.state_dict(),
            "random": self._generator.get_state(),
            "config": self.prior.config.as_json(),
        }
        with replaced(folder / STATE) as file:
            torch.save(state, file)

    def resume(self, folder: Path) -> None:
        """Go on from what `save` wrote. Raises `UserError` where that is not there, damaged or of
        another network.
        """
        state = _read(folder / STATE)
        try:
            if state["config"] != self.prior.config.as_json():
                raise UserError(
                    f"{STATE} in {folder} is of a network of other sizes.",
                    hint="Resume with the same options, or train into another folder.",
                )
            self.prior.network.load_state_dict(state["network"])
            self._optimizer.load_state_dict(state["optimizer"])
            self._generator.set_state(state["random"])
            self._average = state["average"]
            self.step, self.seconds = state["step"], state["seconds"]
        except (KeyError, RuntimeError, TypeError, ValueError) as error:
            raise _damaged(folder / STATE) from error

    def _pace(self, spent: float) -> float:
        """Part of the rate at a step: rising at first, then falling as half a cosine."""
        warm = min(1.0, (self.step + 1) / self.config.warm)
        end = self.config.rate_end
        half = 0.5 * (1 + float(torch.cos(torch.tensor(torch.pi * min(spent, 1.0)))))
        return warm * (end + (1 - end) * half)

    def _batch(self) -> tuple[Question, Tensor]:
        """Questions to captures of one size of pictures."""
        first = self.captures[self._up_to(len(self.captures))]
        size = first.pictures.shape[2:]
        fitting = [each for each in self.captures if each.pictures.shape[2:] == size]
        chosen = [fitting[self._up_to(len(fitting))] for _ in range(self.config.batch - 1)]
        pairs = [drawn(each, self._generator) for each in (first, *chosen)]
        return together([asked for asked, _ in pairs]), torch.cat([answer for _, answer in pairs])

    def _follow(self) -> None:
        keep = min(self.config.average, self.step / (self.step + 10))
        for name, value in self.prior.network.state_dict().items():
            self._average[name].lerp_(value, 1 - keep)

    def _up_to(self, count: int) -> int:
        return int(torch.randint(count, (1,), generator=self._generator))

    def _uniform(self, *shape: int) -> Tensor:
        return torch.rand(*shape, generator=self._generator).to(self.prior.device)


def told_of(
    prediction: Prediction, clean: Tensor, noise: Tensor, alpha: Tensor, sigma: Tensor
) -> Tensor:
    """What a network that knows all would say: the other way from `sampler.parted`."""
    if prediction is Prediction.EPSILON:
        return noise
    if prediction is Prediction.PICTURE:
        return clean
    if prediction is Prediction.VELOCITY:
        return alpha * noise - sigma * clean
    return noise - clean


def _like(prior: ReconFusion) -> ReconFusion:
    """Another network of the same sizes, with the same published parts."""
    clip = getattr(prior.network.words, "model", None)
    with torch.random.fork_rng(devices=[]):
        network = Network(prior.config, clip).to(prior.device)
    return replace(prior, network=network)


def _read(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise UserError(
            f"There is no training to resume in {file.parent}.", hint="Leave --resume out."
        )
    try:
        found = torch.load(file, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, OSError, ValueError, pickle.UnpicklingError) as error:
        raise _damaged(file) from error
    if not isinstance(found, dict):
        raise _damaged(file)
    return found


def _damaged(file: Path) -> UserError:
    return UserError(
        f"{file.name} in {file.parent} cannot be read as what training left.",
        hint="Train anew into another folder; the network beside it can still be used.",
    )
