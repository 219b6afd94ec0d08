"""Fitting Gaussians to photos, one photo a step."""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.errors import UserError
from core.gaussians.rows import RowEdit
from core.gaussians.table import Gaussians
from core.geometry.camera import View, project
from core.render.rasterize import rasterize
from core.train.densify import Pulls, plan_growth, worth_keeping
from core.train.exposure import Exposures
from core.train.losses import photometric_loss
from core.train.optimizer import Adam
from core.train.schedule import TrainConfig, grows_at, rates_at, sh_degree_at


@dataclass(frozen=True)
class Step:
    """Where training stands. `psnr` in dB is a running mean over the training photos."""

    iteration: int
    iterations: int
    spent: float  # of the budget, in [0, 1]
    loss: float
    psnr: float
    gaussians: int


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What training has reached: nothing later writes through it.

    `exposures` [P, 2, 3]: gain and bias of each training photo.
    """

    step: Step
    gaussians: Gaussians
    exposures: Tensor


def train(
    start: Gaussians, views: Sequence[View], photos: Sequence[Tensor], config: TrainConfig
) -> Iterator[Step | Snapshot]:
    """Fit Gaussians to `photos` ([H, W, 3] uint8, each with its view), yielding as it goes.

    A `Step` after every iteration; a `Snapshot` every `config.snapshot_seconds` and
    always as the last value. Starts no thread, prints nothing, writes no file. On the
    CPU with a given number of threads and no time limit: same inputs, same snapshots.
    """
    if not photos:
        raise UserError("There is no photo to train on.", hint="Keep at least one out of the test.")
    run = _Run(start, views, photos, config)
    began = shown = time.monotonic()
    for iteration in range(1, config.iterations + 1):
        now = time.monotonic()
        spent = (iteration - 1) / config.iterations
        if config.time_limit is not None:
            spent = max(spent, (now - began) / config.time_limit)
            if spent >= 1:
                break
        step = run.advance(iteration, spent)
        yield step
        if now - shown > config.snapshot_seconds:
            shown = now
            yield run.snapshot()
    run.clean()
    yield run.snapshot()


def scene_extent(views: Sequence[View], points: Tensor) -> float:
    """The length that position steps are measured by, scene units.

    The cameras' spread as in 3DGS, but never less than the median depth: in a
    forward-facing capture the cameras hardly spread at all. `points` [N, 3].
    """
    centres = torch.stack([view.centre().to(points) for view in views])
    spread = 1.1 * float((centres - centres.mean(dim=0)).norm(dim=1).max())
    depths = torch.cat([project(points, view)[1] for view in views])
    depths = depths[depths > 0]
    return max(spread, float(depths.median()) if len(depths) else 0.0, 1e-6)


class _Run:
    """The mutable state of one training run."""

    def __init__(
        self, start: Gaussians, views: Sequence[View], photos: Sequence[Tensor], config: TrainConfig
    ) -> None:
        self.views, self.photos, self.config = views, photos, config
        self.extent = scene_extent(views, start.means)
        self.generator = torch.Generator().manual_seed(config.seed)
        columns = ("means", "quats", "log_scales", "logit_opacity", "sh")
        self.adam = Adam({name: getattr(start, name) for name in columns})
        self.object_id = start.object_id
        like = start.means
        self.exposures = Exposures(len(photos), config.rate_exposure, like.device)
        self.pulls = Pulls.none(len(start), like)
        self.order: list[int] = []
        self.psnr = math.nan
        self.step: Step | None = None

    def advance(self, iteration: int, spent: float) -> Step:
        index = self._next_photo()
        view, photo = self.views[index], self.photos[index]
        exposure = self.exposures.leaf(index)
        growing = spent <= self.config.grow_until
        render = rasterize(
            self.gaussians(), view, sh_degree=sh_degree_at(spent, self.config), probe=growing
        )
        fit = photometric_loss(render.color, photo, exposure, ssim_weight=self.config.ssim_weight)
        fit.loss.backward()  # type: ignore[no-untyped-call]
        if render.means2d is not None and render.means2d.grad is not None:
            width, height = view.camera.width, view.camera.height
            self.pulls.add(render.means2d.grad, render.radii, width, height)
        self.adam.step(rates_at(spent, self.extent, self.config))
        if self.config.rate_exposure > 0 and exposure.grad is not None:
            self.exposures.step(index, exposure.grad)
        if grows_at(iteration, spent, self.config):
            self._edit(
                *plan_growth(
                    self.adam.columns, self.pulls.mean(), self.extent, self.config, self.generator
                )
            )
        self._note_psnr(fit.squared_error)
        self.step = Step(
            iteration,
            self.config.iterations,
            spent,
            float(fit.loss.detach()),
            self.psnr,
            len(self.object_id),
        )
        return self.step

    def gaussians(self) -> Gaussians:
        return Gaussians(**self.adam.columns, object_id=self.object_id)

    def snapshot(self) -> Snapshot:
        step = self.step or Step(
            0, self.config.iterations, 0.0, math.nan, math.nan, len(self.object_id)
        )
        return Snapshot(step, self.gaussians().detached(), self.exposures.values.clone())

    def clean(self) -> None:
        """Drop what cannot be seen or is not a number."""
        keep = worth_keeping(self.adam.columns, self.extent, self.config)
        self._edit(RowEdit.keep(keep), {})

    def _edit(self, edit: RowEdit, replaced: dict[str, Tensor]) -> None:
        self.adam.edit(edit, replaced)
        self.object_id = edit.carry(self.object_id)
        self.pulls = Pulls.none(len(self.object_id), self.pulls.total)

    def _next_photo(self) -> int:
        if not self.order:
            self.order = torch.randperm(len(self.photos), generator=self.generator).tolist()
        return self.order.pop()

    def _note_psnr(self, squared_error: float) -> None:
        now = -10 * math.log10(max(squared_error, 1e-10))
        weight = 1 / min(len(self.photos), 20)
        self.psnr = now if math.isnan(self.psnr) else self.psnr + weight * (now - self.psnr)
