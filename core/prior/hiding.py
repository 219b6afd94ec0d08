"""Which Gaussians no photo sees, and how they are kept from growing into sight."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import torch
from torch import Tensor
from torch.nn.functional import max_pool2d

from core.gaussians.table import Gaussians
from core.geometry.camera import View, project
from core.geometry.rotation import matrix_from_quat
from core.prior.visibility import SKIN
from core.render.rasterize import rasterize
from core.render.render import NEAR

THROUGH = 0.02  # of a pixel's light: with more, what lies behind is seen
REACH = 3.4  # standard deviations: further out nothing is drawn, however solid it is
COLUMNS = ("means", "quats", "log_scales", "logit_opacity")
CORNERS = tuple(product((-(3**-0.5), 3**-0.5), repeat=3))
ENDS = tuple(tuple(sign * (k == axis) for k in range(3)) for axis in range(3) for sign in (-1, 1))
WAYS = ((0, 0, 0), *ENDS, *CORNERS)


class Hiding:
    """The rows of one table that no photo sees, for as long as the table's rows are the same.

    A row is hidden where its centre and its rim lie, in every photo, all past one side of the
    picture or all behind what it shows. `restore` puts back what has left its hiding.
    """

    def __init__(self, scene: Gaussians, views: Sequence[View], among: Tensor) -> None:
        """`among` [N] bool: the rows that are asked about."""
        scene = scene.map(Tensor.detach)
        self._views = views
        self._walls = [_wall(scene, view) for view in views]
        rows = torch.nonzero(among)[:, 0]
        self.rows = rows[self._hidden(scene.rows(rows))]
        self._last = scene.rows(self.rows)

    def restore(self, columns: Mapping[str, Tensor]) -> None:
        """Of `columns` [N, ...], put in place again the rows that can be seen now; in place."""
        now = replace(self._last, **{name: columns[name].detach()[self.rows] for name in COLUMNS})
        stays = self._hidden(now)
        with torch.no_grad():
            for name in COLUMNS:
                value, old = getattr(now, name), getattr(self._last, name)
                kept = torch.where(stays.reshape(-1, *[1] * (value.dim() - 1)), value, old)
                columns[name][self.rows] = kept
                now = replace(now, **{name: kept})
        self._last = now

    def _hidden(self, rows: Gaussians) -> Tensor:
        """[R] bool."""
        axes = matrix_from_quat(rows.quats) * torch.exp(rows.log_scales)[:, None]
        ways = REACH * torch.tensor(WAYS).to(rows.means)
        points = rows.means[:, None] + ways @ axes.transpose(1, 2)  # [R, K, 3]
        hidden = torch.ones(len(rows), dtype=torch.bool, device=rows.means.device)
        for view, wall in zip(self._views, self._walls, strict=True):
            hidden &= _beyond(points, view) | _behind(points, view, wall)
        return hidden


def _beyond(points: Tensor, view: View) -> Tensor:
    """[R] bool: all of a row's `points` [R, K, 3] lie past the same side of the picture."""
    pixels, z = project(points, view)
    x, y = pixels.unbind(-1)
    before, width, height = z > NEAR, view.camera.width, view.camera.height
    past = [~before] + [before & side for side in (x < 0, x > width, y < 0, y > height)]
    return torch.stack(past).all(dim=2).any(dim=0)


def _behind(points: Tensor, view: View, wall: Tensor) -> Tensor:
    """[R] bool: all of a row's `points` [R, K, 3] lie behind the `wall`, as if it had no end."""
    pixels, z = project(points, view)
    most = torch.tensor([view.camera.width - 1, view.camera.height - 1]).to(pixels)
    column, row = pixels.nan_to_num().clamp(torch.zeros_like(most), most).long().unbind(-1)
    return ((z > NEAR) & (z > (1 + SKIN) * wall[row, column])).all(dim=1)


def _wall(scene: Gaussians, view: View) -> Tensor:
    """z [H, W] beyond which at most `THROUGH` of `view`'s light comes: the farthest around.

    Infinite where it shows next to nothing. By Cantelli's inequality, from the mean z of what it
    shows and the spread: at a fuzzy edge the mean lies before what is seen behind it.
    """
    z = project(scene.means, view)[1]
    with torch.no_grad():
        render = rasterize(scene, view, sh_degree=0, features=torch.stack([z, z * z], dim=1))
    assert render.features is not None
    mean, square = (render.features / render.alpha[..., None].clamp_min(1e-6)).unbind(2)
    spread = (square - mean * mean).clamp_min(0).sqrt()
    far = mean + math.sqrt(1 / THROUGH - 1) * spread
    depth = torch.where(render.alpha >= 1 - THROUGH, far, torch.inf)
    return max_pool2d(depth[None], 3, 1, 1)[0]
