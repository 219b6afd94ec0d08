"""Something behind everything: soft colours where no photo looked, so that there are no holes."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.camera import View, project
from core.geometry.rotation import quat_facing
from core.geometry.sh import sh_from_color

Array = NDArray[np.float64]

SPACING = 0.07  # radians between neighbours, seen from amid the cameras
MARGIN = 0.45  # radians beyond what photos saw, that are filled
FAR = 0.9  # quantile of the distances in a direction: what is behind, not what is before it
BEHIND = 2.0  # times that distance: never before what photos show
CLEAR = 1.5  # times the farthest camera's distance: nothing may hang before a camera
NEIGHBOURS = 6  # besides itself
ROUNDS = 400
SOFT = 0.02  # of a photo's longer side: what its colours are averaged over
OPACITY = 0.97
WIDE, THIN = 0.75, 0.1  # of the spacing: standard deviations along and across the shell


@dataclass(frozen=True, eq=False)
class _Shell:
    """Directions [N, 3] from `centre`, how far the shell is there, and their neighbours."""

    centre: Array
    directions: Array
    radii: Array
    near: NDArray[np.int64]  # [N, NEIGHBOURS]

    def places(self) -> Array:
        return self.centre + self.radii[:, None] * self.directions


def backdrop(views: Sequence[View], photos: Sequence[Tensor], points: Array) -> Gaussians:
    """A shell of large soft Gaussians behind the scene `points` [P, 3], as far as photos reach.

    Its shape follows the farthest points in each direction and its colours follow the
    `photos` (uint8 [H, W, 3], with their `views`); both are continued smoothly where nothing
    is known, up to `MARGIN` beyond the photos. It claims nothing: it is a guess to be seen
    through holes only.
    """
    shell = _shaped(views, points)
    colors, weights = _seen_colors(shell.places(), views, photos)
    seen = weights > 0
    if not seen.any():
        return _as_gaussians(shell, colors, np.zeros(len(seen), bool))
    colors = _continued(colors, seen, shell.near)
    closest = (shell.directions @ shell.directions[seen].T).max(axis=1)
    return _as_gaussians(shell, colors, closest > np.cos(MARGIN))


def _shaped(views: Sequence[View], points: Array) -> _Shell:
    centres = torch.stack([view.centre() for view in views]).double().numpy()
    centre = centres.mean(axis=0)
    directions = _sphere(int(4 * np.pi / SPACING**2))
    alike = directions @ directions.T
    near = np.argpartition(-alike, NEIGHBOURS, axis=1)[:, : NEIGHBOURS + 1]
    away = points - centre
    distance = np.linalg.norm(away, axis=1)
    kept = distance > 0
    cell = _closest(directions, away[kept])
    logs, known = _quantiles(cell, np.log(distance[kept]), len(directions))
    logs = _continued(logs[:, None], known, near)[:, 0]
    for _ in range(2):
        logs = np.maximum(logs, logs[near].mean(axis=1))
    logs += np.log(BEHIND)
    clear = CLEAR * np.linalg.norm(centres - centre, axis=1).max()
    return _Shell(centre, directions, np.maximum(np.exp(logs), clear), near)


def _sphere(count: int) -> Array:
    """About evenly spread directions [count, 3] (a Fibonacci spiral)."""
    k = np.arange(count) + 0.5
    z = 1 - 2 * k / count
    turn = np.pi * (1 + 5**0.5) * k
    flat = np.sqrt(1 - z * z)
    return np.stack([flat * np.cos(turn), flat * np.sin(turn), z], axis=1)


def _closest(directions: Array, vectors: Array) -> NDArray[np.int64]:
    """For each of `vectors` [P, 3] the number of the direction that is closest to it."""
    parts = np.array_split(vectors.astype(np.float32), 1 + len(vectors) // 8192)
    turned = directions.T.astype(np.float32)
    return np.concatenate([(part @ turned).argmax(axis=1) for part in parts])


def _quantiles(
    cell: NDArray[np.int64], values: Array, cells: int
) -> tuple[Array, NDArray[np.bool_]]:
    """The `FAR` quantile of the `values` in each cell, and which cells have any."""
    found, known = np.zeros(cells), np.zeros(cells, bool)
    order = np.lexsort((values, cell))
    cell, values = cell[order], values[order]
    first = np.searchsorted(cell, np.arange(cells))
    past = np.searchsorted(cell, np.arange(cells), side="right")
    known = past > first
    at = first + np.floor(FAR * (past - first - 1)).astype(np.int64)
    found[known] = values[at[known]]
    return found, known


def _seen_colors(
    places: Array, views: Sequence[View], photos: Sequence[Tensor]
) -> tuple[Array, Array]:
    """Mean colours [N, 3] in [0, 1] of the photos at `places`, and the weights they have."""
    sums, weights = np.zeros((len(places), 3)), np.zeros(len(places))
    for view, photo in zip(views, photos, strict=True):
        pixels = photo.cpu().numpy()
        soft = cv2.GaussianBlur(pixels, (0, 0), SOFT * max(pixels.shape))
        at, depth = project(torch.from_numpy(places), view)
        x, y = at[:, 0].numpy(), at[:, 1].numpy()
        camera = view.camera
        inside = (
            (depth.numpy() > 0) & (x >= 0) & (y >= 0) & (x < camera.width) & (y < camera.height)
        )
        sums[inside] += soft[y[inside].astype(int), x[inside].astype(int)] / 255
        weights[inside] += 1
    return sums / np.maximum(weights, 1)[:, None], weights


def _continued(values: Array, known: NDArray[np.bool_], near: NDArray[np.int64]) -> Array:
    """`values` [N, C] where `known`; elsewhere what heat would flow there (Laplace's equation)."""
    result = np.where(known[:, None], values, values[known].mean(axis=0) if known.any() else 0.0)
    for _ in range(ROUNDS):
        result = np.where(known[:, None], values, result[near].mean(axis=1))
    return result


def _as_gaussians(shell: _Shell, colors: Array, kept: NDArray[np.bool_]) -> Gaussians:
    n = int(kept.sum())
    wide = SPACING * shell.radii[kept]
    scales = np.stack([WIDE * wide, WIDE * wide, THIN * wide], axis=1)
    sh = torch.zeros(n, 16, 3)
    sh[:, 0] = sh_from_color(torch.from_numpy(colors[kept]).float())
    return Gaussians(
        means=torch.from_numpy(shell.places()[kept]).float(),
        quats=quat_facing(torch.from_numpy(shell.directions[kept]).float()),
        log_scales=torch.from_numpy(np.log(scales)).float(),
        logit_opacity=torch.full((n,), float(np.log(OPACITY / (1 - OPACITY)))),
        sh=sh,
        object_id=torch.zeros(n, dtype=torch.int64),
        origin=torch.full((n,), Origin.FILLED, dtype=torch.uint8),
        confidence=torch.zeros(n),
    )
