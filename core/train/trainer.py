"""Fitting Gaussians to photos, one photo a step."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from core.dense.depth import DepthMap
from core.errors import UserError
from core.gaussians.rows import RowEdit
from core.gaussians.table import Gaussians
from core.geometry.camera import View, project
from core.render.rasterize import rasterize
from core.render.render import Render
from core.train.densify import Pulls, plan_growth, worth_keeping
from core.train.exposure import Exposures
from core.train.fits import Fits
from core.train.ignored import without_ignored
from core.train.labels import NO_LABELS, Labels
from core.train.losses import photometric_loss
from core.train.optimizer import Adam
from core.train.poses import Poses
from core.train.pyramid import Pyramid
from core.train.restraints import Restraints
from core.train.schedule import (
    TrainConfig,
    grows_at,
    haste_at,
    pose_rate_at,
    rates_at,
    sh_degree_at,
    shrink_at,
)
from core.train.standing import Standing, Whereabouts, restore, standing_of
from core.train.steps import Snapshot, Step
from core.train.terms import Manner, Term

__all__ = ["Reached", "Snapshot", "Step", "scene_extent", "train"]

FIRST_GAP = 0.25  # of the seconds between snapshots: the first of them come sooner


@dataclass(frozen=True, eq=False)
class Reached:
    """Where an earlier run stood, from which another goes on."""

    iteration: int = 0
    spent: float = 0.0  # of the budget, in [0, 1]
    exposures: Tensor | None = None  # [P, 2, 3]
    standing: Standing | None = None  # to the last bit; the start and the exposures are its own


def train(
    start: Gaussians,
    views: Sequence[View],
    photos: Sequence[Tensor],
    config: TrainConfig,
    *,
    stop: Callable[[], bool] = lambda: False,
    reached: Reached = Reached(),
    depths: Sequence[DepthMap] = (),
    labels: Labels = NO_LABELS,
    terms: Sequence[Term] = (),
    whereabouts: Whereabouts | None = None,
) -> Iterator[Step | Snapshot]:
    """Fit Gaussians to `photos` ([H, W, 3] uint8, each with its view), yielding as it goes.

    A `Snapshot` first; a `Step` after every iteration; a `Snapshot` every
    `config.snapshot_seconds`, at the beginning more often, and always as the last
    value. `stop` is asked before every iteration, and ends training with what is
    there, as training does by itself once the photos' PSNR no longer rises. With
    `reached`, the iterations before it count as done and the schedule goes on from
    there; a time limit is for what remains. `depths`: one map a photo for the weights in
    `config` that hold training to them, or none. `labels`: which pixels do not count, and whose
    the Gaussians are; where they change on the way there is a `Snapshot` at once. `terms`: what
    else the scene is to meet. Time that passes between two values does not count.

    `whereabouts` tells where the run stands, also once it was stopped; who goes on from there
    (`Reached.standing`) arrives where it would have.

    Starts no thread, prints nothing, writes no file. On the CPU with a given number
    of threads and no time limit: same inputs, same snapshots.
    """
    if not photos:
        raise UserError("There is no photo to train on.", hint="Keep at least one out of the test.")
    run = _Run(start, views, photos, config, reached, depths, labels, terms)
    (whereabouts := whereabouts or Whereabouts()).now = partial(standing_of, run)
    run.relabel()
    yield run.snapshot()
    shown = run.worked  # seconds
    gap = config.snapshot_seconds * FIRST_GAP
    for iteration in range(reached.iteration + 1, config.iterations + 1):
        spent = (iteration - 1) / config.iterations
        if config.time_limit is not None:
            spent = max(spent, run.base + (1 - run.base) * run.worked / config.time_limit)
        if spent >= 1 or run.settled(spent):
            whereabouts.rest(None)
            break
        if stop():
            whereabouts.rest(standing_of(run))
            break
        began = time.monotonic()
        step = run.advance(iteration, spent)
        run.worked += time.monotonic() - began
        yield step
        if run.relabel() or run.worked - shown > gap:
            shown, gap = run.worked, min(2 * gap, config.snapshot_seconds)
            yield run.snapshot()
    else:
        whereabouts.rest(None)
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
        self,
        start: Gaussians,
        views: Sequence[View],
        photos: Sequence[Tensor],
        config: TrainConfig,
        reached: Reached,
        depths: Sequence[DepthMap],
        labels: Labels,
        terms: Sequence[Term],
    ) -> None:
        self.config, self.labels, self.terms = config, labels, terms
        self.pyramid = Pyramid(views, photos)
        self.extent = scene_extent(views, start.means)
        # Another order of the photos than in the run that this one may go on from.
        self.generator = torch.Generator().manual_seed(config.seed + reached.iteration)
        self.restraints = Restraints(config, views, depths, self.generator)
        columns = ("means", "quats", "log_scales", "logit_opacity", "sh")
        self.adam = Adam({name: getattr(start, name) for name in columns})
        self.marks = start.marks()
        self.since: RowEdit | None = None  # how the rows came from those that were labelled last
        like = start.means
        self.exposures = Exposures(
            len(photos), config.rate_exposure, like.device, reached.exposures
        )
        self.poses = Poses(views, self.extent)
        self.pulls = Pulls.none(len(start), like)
        self.order: list[int] = []
        self.fits = Fits(len(photos))
        unknown = (math.nan, math.nan)
        self.step = Step(reached.iteration, config.iterations, reached.spent, *unknown, len(start))
        self.worked, self.base = 0.0, reached.spent  # seconds; of the budget
        if reached.standing is not None:
            restore(self, reached.standing)

    def advance(self, iteration: int, spent: float) -> Step:
        index = self._next_photo()
        view, photo = self.pyramid.at(index, shrink_at(spent, self.config))
        exposure, pose = self.exposures.leaf(index), self.poses.leaf(index)
        if self.config.rate_pose > 0:
            view = self.poses.placed(view, pose)
        scene = self.restraints.drawn(self.gaussians(), spent)
        manner = Manner(
            sh_degree=sh_degree_at(spent, self.config),
            background=self.restraints.ground(),
            probe=spent <= self.config.grow_until,
        )
        render = rasterize(scene, view, **manner)
        color = render.color
        ignored = self.labels.ignored(index)
        if ignored is not None:
            color = without_ignored(color, photo, ignored, exposure)
        fit = photometric_loss(color, photo, exposure, ssim_weight=self.config.ssim_weight)
        loss = fit.loss + self.restraints.loss(render, photo, index)
        loss.backward()  # type: ignore[no-untyped-call]
        self._note_pull(render, view)
        self._meet_terms(spent, manner)
        haste = haste_at(iteration, spent, self.config)
        self.adam.step(rates_at(spent, self.extent, self.config, haste))
        self.restraints.after(self.adam.columns, iteration)
        for term in self.terms:
            term.after(self.adam.columns)
        if self.config.rate_exposure > 0 and exposure.grad is not None:
            self.exposures.step(index, exposure.grad, haste)
        if pose.grad is not None:
            self.poses.step(index, pose.grad, pose_rate_at(spent, self.config, haste))
        if grows_at(iteration, spent, self.config):
            self._edit(
                *plan_growth(
                    self.adam.columns, self.pulls.mean(), self.extent, self.config, self.generator
                )
            )
        self.fits.note(index, spent, fit.squared_error)
        self.step = Step(
            iteration,
            self.config.iterations,
            spent,
            float(fit.loss.detach()),
            self.fits.mean(),
            len(self.pulls.seen),
        )
        return self.step

    def _meet_terms(self, spent: float, manner: Manner) -> None:
        """Add the gradients of what else the scene is to meet; one graph at a time in memory."""
        for term in self.terms:
            added = term.added(self.gaussians(), spent, manner)
            if added is not None:
                began = time.process_time()
                added.loss.backward()  # type: ignore[no-untyped-call]
                added.took(time.process_time() - began)
                self._note_pull(added.render, added.view)

    def settled(self, spent: float) -> bool:
        """Whether more of the same would no longer help: an easy scene is done early."""
        return spent > self.config.settle_from and self.fits.gain(spent) < self.config.settled

    def gaussians(self) -> Gaussians:
        return Gaussians(**self.adam.columns, **self.marks)

    def snapshot(self) -> Snapshot:
        exposures, views = self.exposures.values.clone(), self.poses.views()
        return Snapshot(self.step, self.gaussians().detached(), exposures, views)

    def relabel(self) -> bool:
        """Take over whose the Gaussians are, where masks tell something new; whether they did."""
        ids = self.labels.object_ids(self.gaussians().map(Tensor.detach), self.since)
        if ids is None:
            return False
        self.marks["object_id"] = ids
        self.since = RowEdit.keep(torch.ones(len(ids), dtype=torch.bool, device=ids.device))
        return True

    def clean(self) -> None:
        """Drop what cannot be seen or is not a number."""
        keep = worth_keeping(self.adam.columns, self.extent, self.config)
        self._edit(RowEdit.keep(keep), {})

    def _edit(self, edit: RowEdit, replaced: dict[str, Tensor]) -> None:
        self.adam.edit(edit, replaced)
        self.marks = {name: edit.carry(column) for name, column in self.marks.items()}
        self.since = self.since and self.since.then(edit)
        self.pulls = Pulls.none(len(edit.parent), self.pulls.total)

    def _note_pull(self, render: Render, view: View) -> None:
        if render.means2d is not None and render.means2d.grad is not None:
            width, height = view.camera.width, view.camera.height
            self.pulls.add(render.means2d.grad, render.radii, width, height)

    def _next_photo(self) -> int:
        if not self.order:
            self.order = torch.randperm(len(self.fits.decibels), generator=self.generator).tolist()
        return self.order.pop()
