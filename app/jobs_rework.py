"""Jobs about versions of a scene: pictures of another one, and objects changed by words."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from app.control import Control
from app.job_values import DrawnView
from core.gaussians.arrays import SplatArrays
from core.geometry.camera import Pinhole, View


def drawn_view(
    control: Control,
    pinhole: Pinhole,
    camera_from_scene: NDArray[np.float64],
    background: tuple[float, float, float],
    splats: SplatArrays,
) -> Iterator[DrawnView]:
    """What `splats` look like through `pinhole`, over `background`."""
    from core.render.rasterize import rasterize  # heavy: only when asked for

    view = View(pinhole, torch.from_numpy(camera_from_scene))
    with torch.no_grad():
        color = rasterize(splats.to_gaussians(), view, background=torch.tensor(background)).color
    yield DrawnView((255 * color.clamp(0, 1)).round().byte().cpu().numpy())
