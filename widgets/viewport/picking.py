"""How far away the splats are that a pixel shows, and whose: without the graphics card."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.render.render import FRUSTUM_MARGIN
from widgets.viewport.eye import Eye
from widgets.viewport.kernels import alphas_at
from widgets.viewport.packing import SHAPE_TEXELS, PackedSplats
from widgets.viewport.placing import Placed

FAINTEST = 0.2  # alpha under which a pixel shows nothing


class Spot(NamedTuple):
    """What the splats show at a pixel: how far before the eye, and of which slot's placement."""

    depth: float
    slot: int


def splat_at(
    packed: PackedSplats, placed: Placed, eye: Eye, x: float, y: float, *, filled: bool = True
) -> Spot | None:
    """z where half of what the splats at pixel (x, y) hide is hidden, and who hides most of it.

    Unlike the expected z it never lies between two surfaces. None if next to nothing is there.
    What was put there without evidence counts only where it is shown, with `filled`.
    """
    shapes = packed.shapes.reshape(-1, SHAPE_TEXELS * 4)
    instances, views = placed.instances, _views(eye, placed)
    if not len(instances):
        return None
    depths, alphas = np.empty((2, len(instances)), np.float32)
    slots = np.empty(len(instances), np.uint16)
    found = alphas_at(
        packed.means, shapes, instances.rows, instances.slots, views, eye.orthographic, filled,
        x, y, depths, alphas, slots,
    )  # fmt: skip
    order = np.argsort(depths[:found], kind="stable")
    light = np.cumprod(1 - alphas[:found][order].astype(np.float64))
    if not len(light) or 1 - light[-1] < FAINTEST:
        return None
    hidden = 1 - light
    shares = np.bincount(slots[:found][order], np.diff(hidden, prepend=0.0))
    depth = float(depths[order[np.searchsorted(hidden, 0.5 * hidden[-1])]])
    return Spot(depth, int(shares.argmax()))


def _views(eye: Eye, placed: Placed) -> NDArray[np.float32]:
    """The eye as `alphas_at` reads it, [S, 22]: before every slot's splats as they were captured.

    The last number is how much larger the slot's splats are.
    """
    mx, my = FRUSTUM_MARGIN * eye.width, FRUSTUM_MARGIN * eye.height
    seen = eye.camera_from_scene[:3, :3] @ placed.poses
    seen[:, :, 3] += eye.camera_from_scene[:3, 3]
    views = np.empty((len(seen), 22), np.float32)
    views[:, :9], views[:, 9:12] = seen[:, :, :3].reshape(-1, 9), seen[:, :, 3]
    views[:, 12:21] = [
        eye.fx, eye.fy, eye.cx, eye.cy,
        (-eye.cx - mx) / eye.fx,
        (eye.width - eye.cx + mx) / eye.fx,
        (-eye.cy - my) / eye.fy,
        (eye.height - eye.cy + my) / eye.fy,
        eye.near,
    ]  # fmt: skip
    views[:, 21] = np.linalg.norm(placed.poses[:, 0, :3], axis=1)
    return views
