"""A painted room with something standing in it, and priors whose answers are known."""

import math
from collections.abc import Generator

import torch
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.aim import facing
from core.geometry.camera import Pinhole, View
from core.geometry.rotation import quat_facing
from core.geometry.sh import sh_from_color
from core.prior.protocol import Draft, Target
from core.progress import Progress
from core.render.rasterize import rasterize

Three = tuple[float, float, float]
CAMERA = Pinhole(64, 48, 52.0, 52.0, 32.0, 24.0)
UP = (0.0, 1.0, 0.0)
SPACING = 0.25


def vector(numbers: Three) -> Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


def looking(place: Three, target: Three, camera: Pinhole = CAMERA) -> View:
    return facing(camera, vector(place), vector(target), vector(UP))


def sheet(corner: Three, across: Three, down: Three, spacing: float = SPACING) -> Gaussians:
    """An opaque, painted rectangle of flat Gaussians."""
    origin, u, v = (vector(each) for each in (corner, across, down))
    counts = [max(2, round(float(side.norm()) / spacing)) for side in (u, v)]
    steps = [(torch.arange(n, dtype=torch.float64) + 0.5) / n for n in counts]
    grid = torch.stack(torch.meshgrid(*steps, indexing="ij"), dim=-1).reshape(-1, 2)
    means = origin + grid[:, :1] * u + grid[:, 1:] * v
    n = len(means)
    normal = torch.nn.functional.normalize(torch.linalg.cross(u, v), dim=0)
    sh = torch.zeros(n, 1, 3)
    sh[:, 0] = sh_from_color(painted(means).float())
    wide = math.log(0.8 * spacing)
    return Gaussians(
        means=means.float(),
        quats=quat_facing(normal.float()).expand(n, 4).clone(),
        log_scales=torch.tensor([wide, wide, math.log(0.004)]).repeat(n, 1),
        logit_opacity=torch.full((n,), 6.0),
        sh=sh,
        object_id=torch.zeros(n, dtype=torch.int64),
    )


def painted(means: Tensor) -> Tensor:
    """Colours [N, 3] in [0.1, 0.9]: broad stripes, other ones everywhere."""
    turns = torch.tensor([[1.3, 0.4, 0.9], [0.3, 1.7, -0.8], [-0.9, 0.6, 1.4]]).to(means)
    return 0.5 + 0.4 * torch.sin(2 * means @ turns.T + torch.tensor([0.0, 1.0, 2.5]).to(means))


def room() -> Gaussians:
    """Back wall, side walls and floor, and a screen that hides part of them."""
    parts = (
        sheet((-3, 2, 4), (6, 0, 0), (0, -3, 0)),
        sheet((-3, 2, 0), (0, 0, 4), (0, -3, 0)),
        sheet((3, 2, 0), (0, 0, 4), (0, -3, 0)),
        sheet((-3, -1, 0), (6, 0, 0), (0, 0, 4)),
        screen(),
    )
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.followed_by(part)
    return whole


def screen() -> Gaussians:
    return sheet((-0.6, 0.4, 2), (1.2, 0, 0), (0, -1.4, 0), 0.12)


def photographed(scene: Gaussians, views: list[View]) -> list[Tensor]:
    return [(rasterize(scene, view).color.clamp(0, 1) * 255).round().byte() for view in views]


class Oracle:
    """Answers with what is truly to be seen, changed by `change`, and counts its steps."""

    def __init__(self, truth: Gaussians, change=lambda picture: picture, steps: int = 3) -> None:  # type: ignore[no-untyped-def]
        self.truth, self.change, self.steps = truth, change, steps
        self.asked: list[tuple[Draft, float, int]] = []

    def refine(self, draft: Draft, level: float, seed: int) -> Generator[Progress, None, Target]:
        self.asked.append((draft, level, seed))
        for k in range(self.steps):
            yield Progress("Remembering", k + 1, self.steps)
        color = self.change(rasterize(self.truth, draft.view).color.clamp(0, 1))
        return Target(color, torch.ones(color.shape[:2]))
