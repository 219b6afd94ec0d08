"""Depth maps, whoever makes them, and how a relative one gets the scene's scale."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.geometry.camera import View
from core.progress import Progress

Array = NDArray[np.float64]

FEWEST = 8  # sparse points that a scale and a shift are taken from
ROUNDS = 20


@dataclass(frozen=True, eq=False)
class DepthMap:
    """How far away what a picture shows is.

    `depth` [H, W] float32: z in the camera's frame, 0 where unknown. `normal` [H, W, 3] float32:
    camera frame, unit, towards the camera, 0 where unknown. `confidence` [H, W] float32 in
    [0, 1], 0 where unknown.
    """

    depth: Tensor
    normal: Tensor
    confidence: Tensor

    @staticmethod
    def unknown(height: int, width: int) -> "DepthMap":
        """A map that knows nothing."""
        nothing = torch.zeros(height, width)
        return DepthMap(nothing, torch.zeros(height, width, 3), nothing.clone())


class DepthSource(Protocol):
    """Where depth comes from: stereo, or a model of single photos brought to scale (`aligned`)."""

    def __call__(
        self,
        views: Sequence[View],
        photos: Sequence[Tensor],
        seen: Sequence[Array],
        stop: Callable[[], bool] = ...,
    ) -> Iterator[Progress | tuple[DepthMap, ...]]:
        """One map per photo, as the last item.

        `photos` are uint8 [H, W, 3] and as large as their views; `seen[i]` [K_i, 3] are scene
        points that photo i saw, none where nothing is known. A map may be smaller than its photo;
        it then belongs to the view resized to the map. Ends without an answer once `stop()`.
        """
        ...


def aligned(
    relative: Tensor, view: View, points: Array, weights: Array | None = None, inverse: bool = True
) -> Tensor | None:
    """z [H, W] float32 from a depth known up to scale and shift, by points that the photo saw.

    `relative` [H, W], 0 or less where unknown: inverse depth up to scale and shift or, if not
    `inverse`, depth up to them in inverse depth. `points` [K, 3], scene frame, with `weights` [K].
    Scale and shift in inverse depth are those of least weighted absolute error (iteratively
    reweighted least squares), so outliers do not pull. 0 where the answer lies not before the
    camera. None for too few points or where they contradict the map.
    """
    values = relative.double().numpy()
    known = np.isfinite(values) & (values > 0)
    values = np.where(known, values, 1.0)
    if not inverse:
        values = 1 / values
    x, z, rows = _landed(view.resized(*values.shape[::-1]), points)
    inside = known[x[:, 1], x[:, 0]]
    x, z, rows = x[inside], z[inside], rows[inside]
    if len(z) < FEWEST:
        return None
    share = np.ones(len(z)) if weights is None else np.asarray(weights, np.float64)[rows]
    scale, shift = _line(values[x[:, 1], x[:, 0]], 1 / z, share)
    if not scale > 0:
        return None
    found = scale * values + shift
    # What comes out farther than this is not told from the horizon.
    known &= found > 1e-3 * np.median(1 / z)
    depth = np.where(known, 1 / np.where(known, found, 1.0), 0.0)
    return torch.from_numpy(depth.astype(np.float32))


def _landed(view: View, points: Array) -> tuple[NDArray[np.int64], Array, NDArray[np.int64]]:
    """Pixels [N, 2] and z [N] of those `points` that lie in the picture, and their rows."""
    world = view.camera_from_scene.double().numpy()
    at = np.asarray(points, np.float64).reshape(-1, 3) @ world[:3, :3].T + world[:3, 3]
    rows = np.flatnonzero(np.isfinite(at).all(1) & (at[:, 2] > 0))
    at, camera = at[rows], view.camera
    x = np.floor(at[:, 0] / at[:, 2] * camera.fx + camera.cx)
    y = np.floor(at[:, 1] / at[:, 2] * camera.fy + camera.cy)
    inside = (x >= 0) & (y >= 0) & (x < camera.width) & (y < camera.height)
    pixels = np.stack([x, y], 1)[inside].astype(np.int64)
    return pixels, at[inside, 2], rows[inside]


def _line(x: Array, y: Array, weights: Array) -> tuple[float, float]:
    """Slope and shift of least weighted absolute error; slope 0 where x does not vary."""
    spread = np.ptp(x)
    if not spread > 0:
        return 0.0, float(np.average(y, weights=weights))
    slope = shift = 0.0
    share = weights
    for _ in range(ROUNDS):
        middle_x, middle_y = np.average(x, weights=share), np.average(y, weights=share)
        moment = float((share * (x - middle_x) ** 2).sum())
        slope = float((share * (x - middle_x) * (y - middle_y)).sum()) / max(moment, 1e-300)
        shift = float(middle_y - slope * middle_x)
        error = np.abs(y - slope * x - shift)
        share = weights / np.maximum(error, 1e-4 * np.abs(y) + 1e-12)
    return slope, shift
