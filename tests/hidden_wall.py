"""A painted room whose wall nobody saw behind a screen, told as photos of it would leave it."""

from collections.abc import Sequence

import numpy as np
import torch

from core.capture.lens import Lens
from core.capture.reconstruction import PlacedPhoto, Reconstruction, SparsePoints
from core.gaussians.arrays import SplatArrays
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.geometry.pose import Pose
from core.geometry.sh import sh_from_color
from core.scene.document import State
from core.scene.layout import Ground, Layout
from core.scene.plan import Plan
from tests.prior_scenes import CAMERA, looking, screen, sheet

SCREEN = 2
GROUND = Ground(Pose(np.eye(3), np.array([0.0, 1.0, 0.0])))  # the floor is at y = -1


def room() -> Gaussians:
    """A wall and a floor whose light changes slowly: it can be told from around."""
    wall = sheet((-3, 2, 4), (6, 0, 0), (0, -3, 0), 0.1)
    floor = sheet((-3, -1, 0), (6, 0, 0), (0, 0, 4), 0.1)
    whole = wall.followed_by(floor)
    whole.sh[:, 0] = sh_from_color((0.5 + 0.1 * whole.means).clamp(0.1, 0.9))
    return whole


def captured(junk: int = 200) -> Gaussians:
    """The room without the wall behind the screen; there `junk` grew instead, and the screen."""
    truth = room()
    x, y, z = truth.means.unbind(1)
    seen = truth.rows(~((x.abs() < 0.55) & (y < 0.2) & (z > 3)))
    random = torch.Generator().manual_seed(0)
    some = seen.rows(torch.zeros(junk, dtype=torch.int64))
    place = torch.rand(junk, 3, generator=random) * torch.tensor([0.8, 0.8, 0.8])
    some.means[:] = place + torch.tensor([-0.4, -0.9, 2.6])
    some.sh[:, 0] = torch.rand(junk, 3, generator=random)
    some.logit_opacity[:] = 0.5
    thing = screen()
    thing.object_id[:] = SCREEN
    return seen.followed_by(some).followed_by(thing)


def views() -> list[View]:
    return [looking((x, 0.3, -1.0), (0.0, 0.0, 3.0)) for x in (-0.5, 0.0, 0.5)]


def placed(shown: Sequence[View]) -> Reconstruction:
    """The photos that were taken from there."""
    lens = Lens(
        "PINHOLE", CAMERA.width, CAMERA.height, (CAMERA.fx, CAMERA.fy, CAMERA.cx, CAMERA.cy)
    )
    photos = tuple(
        PlacedPhoto(f"{k}.jpg", lens, view.camera_from_scene.double().numpy())
        for k, view in enumerate(shown)
    )
    return Reconstruction(photos, SparsePoints.none(), ())


def state() -> State:
    """What the window shows of it."""
    content = SplatArrays.from_gaussians(captured())
    return State(
        plan=Plan(layout=Layout(ground=GROUND)), reconstruction=placed(views()), content=content
    )
