"""Gaussians fitted to pictures of which only a part counts.

Gen3d, section 4.3 of the methods: the photo and the painted pictures count wherever something is
known, and so do reprojections of what was there before, which nobody paints. L1 and SSIM, masked.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.geometry.rotation import rotation_vector_matrix
from core.progress import Progress
from core.render.rasterize import rasterize
from core.train.ignored import without_ignored
from core.train.losses import photometric_loss

STAGE = "Fitting"
ASIDE = 5.0  # degrees: how far about the middle of a scene reprojections are taken
AROUND = ((0.0, ASIDE), (0.0, -ASIDE), (ASIDE, 0.0), (-ASIDE, 0.0), (ASIDE, ASIDE))
SOLID = 0.9  # alpha from which a reprojection counts
SSIM = 0.2
# LucidDreamer's rates (Chung et al., 2023); of means, for the scene's depth.
RATES = {"means": 1.6e-4, "sh": 2.5e-3, "logit_opacity": 0.05, "log_scales": 5e-3, "quats": 1e-3}


@dataclass(frozen=True, eq=False)
class Sight:
    """What `view` should show: `color` [H, W, 3] uint8, where `counts` [H, W] bool."""

    view: View
    color: Tensor
    counts: Tensor


def reprojections(scene: Gaussians, view: View, depth: float) -> tuple[Sight, ...]:
    """What `scene` shows from five places about `view`, turned about a point `depth` ahead."""
    found = []
    for yaw, pitch in AROUND:
        there = _about(view, yaw, pitch, depth)
        with torch.no_grad():
            render = rasterize(scene, there)
        color = (255 * render.color.clamp(0, 1)).round().to(torch.uint8)
        found.append(Sight(there, color, render.alpha > SOLID))
    return tuple(found)


def fitted(
    scene: Gaussians, free: Tensor, sights: Sequence[Sight], depth: float, rounds: int
) -> Generator[Progress, None, Gaussians]:
    """`scene`, its rows `free` [N] bool fitted to `sights` in turn, each `rounds` times.

    `depth`: how far away the scene is. No gradient comes from where a sight does not count, and
    rows that are not free keep their values.
    """
    names = tuple(RATES)
    parts = {name: getattr(scene, name)[free].clone().requires_grad_() for name in names}
    rates = {name: RATES[name] * (depth if name == "means" else 1) for name in names}
    adam = torch.optim.Adam([{"params": [parts[n]], "lr": rates[n]} for n in names], eps=1e-15)
    plain = torch.tensor([[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
    rows = torch.nonzero(free)[:, 0]
    total = rounds * len(sights)
    for k in range(total):
        yield Progress(STAGE, k, total)
        sight = sights[k % len(sights)]
        whole = {name: getattr(scene, name).index_copy(0, rows, parts[name]) for name in names}
        color = rasterize(replace(scene, **whole), sight.view).color
        color = without_ignored(color, sight.color, ~sight.counts, plain)
        adam.zero_grad()
        photometric_loss(color, sight.color, plain, ssim_weight=SSIM).loss.backward()  # type: ignore[no-untyped-call]
        adam.step()
    done = {name: getattr(scene, name).index_copy(0, rows, parts[name].detach()) for name in names}
    return replace(scene, **done)


def _about(view: View, yaw: float, pitch: float, depth: float) -> View:
    """`view` turned by degrees about the point `depth` ahead of it."""
    world = view.camera_from_scene.double()
    turn = rotation_vector_matrix(torch.deg2rad(torch.tensor([pitch, yaw, 0.0]).double()))
    ahead = torch.tensor([0.0, 0.0, depth], dtype=torch.float64)
    moved = world.clone()
    moved[:3, :3] = turn @ world[:3, :3]
    moved[:3, 3] = turn @ (world[:3, 3] - ahead) + ahead
    return View(view.camera, moved.to(view.camera_from_scene))
