"""One object made to be what words say: distillation without photos, all else left as it is."""

from collections.abc import Generator
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from core.errors import UserError
from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.prior.distill import Teacher
from core.prior.object_cameras import Box, around, box_of
from core.prior.object_distillation import DistillConfig, Prompt, portraits, taught
from core.progress import Progress
from core.segment.labels import BACKGROUND
from core.train.optimizer import Adam
from core.train.schedule import TrainConfig, rates_at

STAGE = "Editing an object"
# Of DreamGaussian (Tang et al., ICLR 2024), its code: an object is made in hundreds of steps.
RATES = TrainConfig(sh_degree=0, rate_means=1e-3, rate_quats=5e-3, rate_sh=1e-2)
COLUMNS = ("means", "quats", "log_scales", "logit_opacity", "sh")


@dataclass(frozen=True)
class TextEditConfig:
    """How much work an edit is, and what it may change."""

    iterations: int = 1500
    shapes: float = 0.6  # of the iterations, the first ones, are for its shape; 0 keeps that
    pace: float = 1.0  # times the rates
    distill: DistillConfig = field(default_factory=DistillConfig)


def edit_by_prompt(
    scene: Gaussians,
    object_id: int,
    teacher: Teacher,
    prompt: Prompt,
    config: TextEditConfig = TextEditConfig(),
    *,
    seed: int = 0,
) -> Generator[Progress, None, Gaussians]:
    """`scene` with the object as `prompt` has it, yielding after each step; closing it cancels.

    As DP-Recon edits: the object keeps its box, no photo is asked, and what was seen counts no
    more than what was not. All other rows are the same to the bit, and no row comes or goes. The
    object's are `Origin.FILLED`: no photo bears them out. Its shape first, its look next; colours
    are alike from all sides. Raises `UserError` where there is no such object.
    """
    box = check_object(scene, object_id)
    chosen = torch.nonzero(scene.object_id == object_id)[:, 0]
    rows = scene.rows(chosen).detached()
    work = _Work(rows, box, config)
    generator = torch.Generator().manual_seed(seed)
    for step in range(config.iterations):
        work.advance(step / config.iterations, teacher, prompt, generator)
        yield Progress(STAGE, step + 1, config.iterations)
    return _put_back(scene, chosen, work.rows())


def check_object(scene: Gaussians, object_id: int) -> Box:
    """Where the object is. Raises `UserError` where there is none that words could change."""
    box = box_of(scene.rows(scene.object_id == object_id))
    if box is None or object_id == BACKGROUND:
        raise UserError(
            "There is no object there that words could change.",
            hint="Mark the object in a few photos first, then train.",
        )
    return box


class _Work:
    """The object while it changes."""

    def __init__(self, rows: Gaussians, box: Box, config: TextEditConfig) -> None:
        self._given, self._box, self._config = rows, box, config
        sh = rows.sh.clone()
        sh[:, 1:] = 0  # what shone from some sides only belongs to what it was
        self._adam = Adam({**{name: getattr(rows, name) for name in COLUMNS}, "sh": sh})
        self._distill = replace(config.distill, weights=None)

    def rows(self) -> Gaussians:
        return replace(self._given, **self._adam.columns)

    def advance(
        self, spent: float, teacher: Teacher, prompt: Prompt, generator: torch.Generator
    ) -> None:
        config = self._distill
        paints = spent >= self._config.shapes
        done = 1.0 if paints else spent / self._config.shapes
        views = [around(self._box, config.pixels, done, generator) for _ in range(config.batch)]
        rows = self.rows()
        # A new colour behind each time: it is to look right before anything.
        ground = torch.rand(3, generator=generator)
        drawn = portraits(rows, torch.zeros(len(rows)).to(rows.means), views, paints, ground)
        loss = taught(teacher, drawn, prompt, config, done, generator)
        loss.backward()  # type: ignore[no-untyped-call]
        rates = rates_at(spent, self._box.half(), RATES, self._config.pace)
        self._adam.step(rates)
        self._keep_inside(self._adam.columns["means"])

    def _keep_inside(self, means: Tensor) -> None:
        low, high = self._box.low.to(means), self._box.high.to(means)
        with torch.no_grad():
            means.copy_(torch.minimum(torch.maximum(means, low), high))


def _put_back(scene: Gaussians, chosen: Tensor, rows: Gaussians) -> Gaussians:
    """`scene` with the rows `chosen` changed, which rest on no photo any more."""
    rows = rows.detached()
    rows = replace(
        rows,
        origin=torch.full_like(rows.origin, Origin.FILLED),
        confidence=torch.zeros_like(rows.confidence),
    )

    columns = {}
    for name in (*COLUMNS, "origin", "confidence"):
        column = getattr(scene, name).detach().clone()
        column[chosen] = getattr(rows, name)
        columns[name] = column
    return replace(scene.detached(), **columns)
