"""What is picked out by going around it in the picture. Pure; positions in physical pixels."""

from enum import Enum

import numpy as np

from core.geometry.pose import Pose
from core.scene.choosing import Alike
from core.scene.regions import How, Prism, Region, Row
from widgets.viewport.eye import Eye

Pixel = tuple[float, float]

APART = 3.0  # pixels between two corners of a lasso
MOST = 240  # corners


class Tool(Enum):
    """What Gaussians are picked out with."""

    LASSO = "lasso"
    FRAME = "frame"
    BRUSH = "brush"
    BOX = "box"
    BALL = "ball"


VOLUMES = (Tool.BOX, Tool.BALL)


def how_of(*, shift: bool, alt: bool) -> How | None:
    """What these keys say is done with what is picked out; None: it alone is chosen then."""
    return {(True, True): How.CUT, (True, False): How.ADD, (False, True): How.TAKE}.get(
        (shift, alt)
    )


def grown(outline: tuple[Pixel, ...], tool: Tool, at: Pixel) -> tuple[Pixel, ...]:
    """`outline` after the mouse has come to `at`."""
    if tool is Tool.FRAME:
        (x0, y0), (x1, y1) = outline[0], at
        return (x0, y0), (x1, y0), (x1, y1), (x0, y1)
    (x, y) = outline[-1]
    return outline if abs(at[0] - x) + abs(at[1] - y) < APART else (*outline, at)


def thinned(outline: tuple[Pixel, ...]) -> tuple[Pixel, ...]:
    """With no more than `MOST` corners."""
    return outline[:: -(-len(outline) // MOST)]


def encloses(outline: tuple[Pixel, ...]) -> bool:
    """Whether it goes around anything at all."""
    return len(outline) > 2 and bool((np.ptp(np.array(outline), axis=0) >= APART).all())


def within(outline: tuple[Pixel, ...], eye: Eye, where: Alike) -> Region:
    """What of the things that stand so is seen within `outline`."""
    return Prism(_camera(eye, where.scene_from_capture), outline, where.objects)


def _camera(eye: Eye, scene_from_capture: Pose) -> tuple[Row, Row, Row]:
    turn, shift = eye.camera_from_scene[:3, :3], eye.camera_from_scene[:3, 3]
    pose = scene_from_capture
    whole = np.empty((3, 4))
    whole[:, :3] = pose.scale * turn @ pose.rotation
    whole[:, 3] = turn @ pose.translation + shift
    last = np.array([0.0, 0.0, 0.0, 1.0]) if eye.orthographic else whole[2]
    rows = np.stack([eye.fx * whole[0] + eye.cx * last, eye.fy * whole[1] + eye.cy * last, last])
    return _row(rows[0]), _row(rows[1]), _row(rows[2])


def _row(values: np.ndarray) -> Row:
    a, b, c, d = values.tolist()
    return a, b, c, d
