"""How far away the splats are that a pixel shows, reckoned without the graphics card."""

import numpy as np
from numpy.typing import NDArray

from core.render.render import FRUSTUM_MARGIN
from widgets.viewport.eye import Eye
from widgets.viewport.kernels import alphas_at
from widgets.viewport.packing import SHAPE_TEXELS, PackedSplats

FAINTEST = 0.2  # alpha under which a pixel shows nothing


def splat_depth(
    packed: PackedSplats, eye: Eye, x: float, y: float, *, filled: bool = True
) -> float | None:
    """z of the splats at pixel (x, y): where half of what they hide is hidden.

    Unlike the expected z it never lies between two surfaces. None if next to nothing is there.
    What was put there without evidence counts only where it is shown, with `filled`.
    """
    shapes = packed.shapes.reshape(-1, SHAPE_TEXELS * 4)
    depths, alphas = np.empty((2, packed.count), np.float32)
    numbers = _numbers(eye)
    found = alphas_at(packed.means, shapes, numbers, eye.orthographic, filled, x, y, depths, alphas)
    order = np.argsort(depths[:found], kind="stable")
    light = np.cumprod(1 - alphas[:found][order].astype(np.float64))
    if not len(light) or 1 - light[-1] < FAINTEST:
        return None
    hidden = 1 - light
    return float(depths[order[np.searchsorted(hidden, 0.5 * hidden[-1])]])


def _numbers(eye: Eye) -> NDArray[np.float32]:
    """The eye as `alphas_at` reads it."""
    mx, my = FRUSTUM_MARGIN * eye.width, FRUSTUM_MARGIN * eye.height
    turn, shift = eye.camera_from_scene[:3, :3], eye.camera_from_scene[:3, 3]
    limits = [
        (-eye.cx - mx) / eye.fx,
        (eye.width - eye.cx + mx) / eye.fx,
        (-eye.cy - my) / eye.fy,
        (eye.height - eye.cy + my) / eye.fy,
    ]
    numbers = [*turn.ravel(), *shift, eye.fx, eye.fy, eye.cx, eye.cy, *limits, eye.near]
    return np.array(numbers, np.float32)
