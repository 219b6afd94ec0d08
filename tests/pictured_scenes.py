"""A room with a chair that photos see from the front alone, and a maker that knows all of it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from core.capture.lens import Lens
from core.capture.photos import Capture, Photo
from core.capture.quality import Quality
from core.capture.reconstruction import PlacedPhoto, Reconstruction, SparsePoints
from core.gaussians.arrays import SplatArrays
from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.camera import Pinhole, View, project
from core.geometry.pose import Pose
from core.mesh.painted import Painted, strewn
from core.pictured.protocol import Body
from core.prior.visibility import landed
from core.progress import Progress
from core.project.folder import Project
from core.render.rasterize import rasterize
from core.scene.document import State
from core.scene.layout import Ground, Layout
from core.scene.placing.settle import Shown
from core.scene.plan import Plan
from core.segment.labels import PhotoMask, SceneObject, Standing
from core.segment.masks import FLOOR, Masks
from tests.prior_scenes import looking, sheet

CHAIR = 3
CAMERA = Pinhole(96, 72, 88.0, 88.0, 48.0, 36.0)
TURN = 0.7  # radians about its up, by which a maker's body is not as the chair stands
GROUND = Pose(np.eye(3), np.zeros(3))
Three = tuple[float, float, float]
Boxes = tuple[tuple[Three, Three, Three], ...]
BOXES: Boxes = (  # low and high corners, and colours: a seat, its back, and four legs
    ((-0.5, 0.5, -0.5), (0.5, 0.62, 0.5), (0.8, 0.3, 0.2)),
    ((-0.5, 0.62, 0.38), (0.5, 1.5, 0.5), (0.2, 0.6, 0.3)),
    ((-0.5, 0.0, -0.5), (-0.38, 0.5, -0.38), (0.3, 0.3, 0.8)),
    ((0.38, 0.0, -0.5), (0.5, 0.5, -0.38), (0.3, 0.3, 0.8)),
    ((-0.5, 0.0, 0.38), (-0.38, 0.5, 0.5), (0.3, 0.3, 0.8)),
    ((0.38, 0.0, 0.38), (0.5, 0.5, 0.5), (0.3, 0.3, 0.8)),
)
CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float64)
SIDES = np.array(
    [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1], [2, 3, 7], [2, 7, 6],
     [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]]
)  # fmt: skip


CRATE = (((-0.5, 0.0, -0.5), (0.5, 1.0, 0.5), (0.7, 0.5, 0.3)),)


def chair_parts(boxes: Boxes = BOXES) -> tuple[Painted, ...]:
    """Standing at the origin, its back behind it (z > 0)."""
    parts = []
    for low, high, color in boxes:
        corners = np.array(low) + CORNERS * (np.array(high) - low)
        colors = np.tile(np.array(color, np.float32), (12, 3, 1))
        parts.append(Painted(corners[SIDES], colors))
    return tuple(parts)


def chair(discs: int = 2500, boxes: Boxes = BOXES) -> Gaussians:
    """As it stands in the room, turned a little."""
    turned = moved_parts(chair_parts(boxes), Pose(about_y(0.5), np.array([0.3, 0.0, 3.0])))
    thing = strewn(turned, discs).to_gaussians()
    thing.object_id[:] = CHAIR
    return thing


def about_y(angle: float) -> NDArray[np.float64]:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


def moved_parts(parts: Sequence[Painted], pose: Pose) -> tuple[Painted, ...]:
    return tuple(Painted(pose.apply(each.corners), each.colors) for each in parts)


def views(count: int = 3) -> list[View]:
    places = [(-1.2, 1.4, -0.4), (0.2, 1.6, -0.6), (1.5, 1.3, -0.3)]
    return [looking(each, (0.3, 0.6, 3.0), CAMERA) for each in places[:count]]


def captured(
    origin: Origin = Origin.OBSERVED, count: int = 3, boxes: Boxes = BOXES
) -> tuple[Gaussians, list[Shown]]:
    """The scene with as much of the chair as photos show, and these photos."""
    floor = sheet((-3.0, 0.0, 0.0), (6.0, 0.0, 0.0), (0.0, 0.0, 6.0), 0.15)
    whole = floor.followed_by(chair(boxes=boxes))
    own = whole.object_id == CHAIR
    seen = ~own
    photos = []
    for view in views(count):
        render = rasterize(whole, view, features=own[:, None].float())
        assert render.features is not None
        mask = (render.features[..., 0] > 0.5).numpy()
        pixels, z = project(whole.means, view)
        column, row, inside = landed(pixels, z, view)
        seen |= own & inside & (z < render.depth[row, column] + 0.06)
        color = (255 * render.color.clamp(0, 1) + 0.5).byte().numpy()
        photos.append(Shown(view, mask, ~mask & (render.depth.numpy() < 20), color))
    scene = whole.rows(seen)
    scene.origin[:] = torch.where(scene.object_id == CHAIR, int(origin), 0).to(scene.origin)
    return scene, photos


def project_of(folder: Path, scene: Gaussians, photos: Sequence[Shown]) -> Project:
    """What is kept of them; the photos are written into `folder`."""
    size = (CAMERA.width, CAMERA.height)
    lens = Lens("PINHOLE", *size, (CAMERA.fx, CAMERA.fy, CAMERA.cx, CAMERA.cy))
    files, places, masks = [], [], {}
    for k, each in enumerate(photos):
        name = f"{k}.png"
        assert each.color is not None
        Image.fromarray(each.color).save(folder / name)
        good = Quality(1.0, 0.5, 0.0)
        files.append(Photo(name, folder / name, *size, None, "", good))
        world = each.view.camera_from_scene.double().numpy()
        places.append(PlacedPhoto(name, lens, world))
        labels = np.where(each.mask, CHAIR, np.where(each.floor, FLOOR, 0))
        masks[name] = PhotoMask.from_arrays(labels, None, Standing.USER)
    things = (*Masks().objects, SceneObject(CHAIR, "Chair", "#ff0000"))
    names = tuple(each.name for each in files)
    return Project(
        capture=Capture(tuple(files)),
        reconstruction=Reconstruction(tuple(places), SparsePoints.none(), ()),
        gaussians=scene,
        exposures=torch.tensor([[[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]]).repeat(len(files), 1, 1),
        trained=names,
        masks=Masks(things, {}, CHAIR + 1).with_photos(masks),
        layout=Layout(ground=Ground(GROUND)),
    )


def state_of(project: Project) -> State:
    """What the window shows of it."""
    plan = Plan(capture=project.capture, masks=project.masks, layout=project.layout)
    content = SplatArrays.from_gaussians(project.gaussians)
    return State(plan=plan, reconstruction=project.reconstruction, content=content)


class Knowing:
    """A maker that answers with the chair, in a frame and size of its own."""

    def __init__(self, parts: Sequence[Painted] | None = None, *, splats: bool = False) -> None:
        own = Pose(about_y(TURN), np.array([5.0, -2.0, 1.0]), 0.4)
        self._parts = moved_parts(parts or chair_parts(), own)
        self._splats = splats
        self.pictures: list[NDArray[np.uint8]] = []

    def make(self, picture: NDArray[np.uint8], seed: int) -> Iterator[Progress | Body]:
        self.pictures.append(picture)
        yield Progress("Making", 0, 1)
        if self._splats:
            yield Body(splats=strewn(self._parts, 2500))
        else:
            yield Body(parts=self._parts)


def off_chair(splats: SplatArrays) -> NDArray[np.float64]:
    """How far each row is from the chair's surface."""
    from scipy.spatial import cKDTree

    dense = chair(40_000).means.double().numpy()
    return np.asarray(cKDTree(dense).query(splats.means.astype(np.float64))[0])
