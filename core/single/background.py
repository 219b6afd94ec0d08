"""The layer behind what stands before a lone picture: painted, and as deep as what is around it."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.scene.fill.painter import Painter
from core.single.expand import DepthGuess
from core.single.layers import Layers, background_depth, background_told
from core.single.lift import lifted
from core.single.painters import PriorFill

Pixels = NDArray[np.bool_]


def background(
    color: Tensor,
    depth: NDArray[np.float32],
    found: Layers,
    things: Pixels,
    without: Pixels,
    view: View,
    paint: Painter,
    guess: DepthGuess | None = None,
) -> Gaussians:
    """Gaussians behind the foreground of `color` [H, W, 3] with z = `depth` [H, W], origin FILLED.

    Gen3d, section 4.1 of the methods: the colours are what `paint` makes of the rest; the depth is
    what `guess` says of these, fitted to what is seen, or else its inverse is harmonic. `things`
    [H, W]: pixels of all things, since none goes on behind another. `without` [H, W]: pixels
    beside the foreground where something is to be laid too.
    """
    picture = color.numpy().astype(np.float32)
    behind = background_depth(depth, found.paint | things)
    if isinstance(paint, PriorFill):
        paint = paint.seeing(behind, view)
    painted = paint(picture, ~(found.paint | things), found.paint)
    if guess is not None:
        behind = background_told(guess(painted, view), depth, found.paint | things)
    # A painted place lies behind what hides it, however the depths around it run.
    behind = np.where(found.foreground, np.maximum(behind, depth), behind)
    nothing = np.zeros(found.foreground.shape, np.int64)
    sure = np.zeros(found.foreground.shape, np.float32)
    whole = lifted(
        torch.from_numpy(painted), behind.astype(np.float32), view, nothing, nothing,
        Origin.FILLED, sure,
    )  # fmt: skip
    laid = found.foreground | (without & found.paint)
    return whole.rows(torch.from_numpy(laid).reshape(-1))
