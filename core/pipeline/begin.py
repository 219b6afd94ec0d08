"""The Gaussians that training begins with, from what its own photos show."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.capture.reconstruction import SparsePoints
from core.gaussians.start import gaussians_from_points
from core.gaussians.table import Gaussians
from core.geometry.camera import project
from core.pipeline.prepare import Flat


def first_gaussians(
    points: SparsePoints,
    photo_names: Sequence[str],
    pictures: Sequence[Flat],
    limit: int,
    seed: int,
) -> Gaussians:
    """At most `limit` Gaussians, one a point that the `pictures` saw, in their colours.

    `photo_names` are those that `points.track_photos` counts. Raises `UserError` for too few.
    """
    seen = colored_by(points, photo_names, pictures)
    if len(seen.positions) > limit:
        random = np.random.default_rng(seed)
        chosen = np.sort(random.choice(len(seen.positions), limit, replace=False))
        seen = _of_rows(seen, chosen)
    return gaussians_from_points(seen)


def colored_by(
    points: SparsePoints, photo_names: Sequence[str], pictures: Sequence[Flat]
) -> SparsePoints:
    """The points that `pictures` saw, coloured by them alone, without tracks.

    The solver colours a point by all photos that saw it, those held out for the test too.
    """
    sums = np.zeros((len(points.positions), 3))
    counts = np.zeros(len(points.positions), np.int64)
    seen = dict(zip(photo_names, points.seen_by(len(photo_names)), strict=True))
    for picture in pictures:
        rows, colors = looked_up(points.positions, seen[picture.name], picture)
        sums[rows] += colors
        counts[rows] += 1
    kept = np.flatnonzero(counts)
    means = np.round(sums[kept] / counts[kept, None]).astype(np.uint8)
    return replace(_of_rows(points, kept), colors=means)


def looked_up(
    positions: NDArray[np.float64], rows: NDArray[np.int64], picture: Flat
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Those of `rows` that land in the picture, and its colours there."""
    pixels, depths = project(torch.from_numpy(positions[rows]), picture.view)
    camera = picture.view.camera
    x, y = pixels.floor().long().unbind(-1)
    inside = (depths > 0) & (x >= 0) & (y >= 0) & (x < camera.width) & (y < camera.height)
    return rows[inside.numpy()], picture.pixels[y[inside], x[inside]].numpy()


def _of_rows(points: SparsePoints, rows: NDArray[np.int64]) -> SparsePoints:
    nothing = SparsePoints.none()
    return replace(
        nothing,
        positions=points.positions[rows],
        colors=points.colors[rows],
        errors=points.errors[rows],
    )
