"""What photos' places show of a scene: the object that is to go, and the faces of the room."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.render.rasterize import rasterize
from core.scene.fill.faces import THICKNESS, Face
from core.segment.labels import BACKGROUND

Array = NDArray[np.float64]
Pixels = NDArray[np.bool_]

THERE = 0.1  # of a pixel: an object that shows so much of itself hides what is behind
OFF = 0.04  # of the depth: what is farther from a face than this is not on it
EDGE = 0.0125  # of a picture's longer side: so near an object's edge its colours run into others
GLANCES = 1500  # a view: pixels that tell what is seen through
THROUGH = 0.25  # of them: where so many show what lies beyond a face, it is none


@dataclass(frozen=True, eq=False)
class Shot:
    """A photo's place: the scene with the object, and where the object is.

    `color` [H, W, 3], `depth` [H, W] of all; `thing` [H, W] the object's share of each pixel, its
    edge moved outwards; `loose` [H, W] the share of what lies on none of the room's faces.
    """

    view: View
    color: NDArray[np.float32]
    depth: NDArray[np.float32]
    thing: NDArray[np.float32]
    loose: NDArray[np.float32]

    @property
    def there(self) -> Pixels:
        """[H, W]: where the object, or the blur around it, hides what is behind."""
        return np.asarray(self.thing > THERE)


def shot_of(scene: Gaussians, gone: Tensor, view: View, off: Tensor | None = None) -> Shot:
    """What `view` shows of `scene`, whose rows `gone` [N] bool are the object.

    `off` [N] bool: rows that are on no face, none unless told.
    """
    off = torch.zeros_like(gone) if off is None else off & ~gone
    render = rasterize(scene, view, features=torch.stack([gone, off], dim=1).to(scene.means))
    assert render.features is not None
    depth = torch.where(render.alpha > 0.5, render.depth, 0.0)
    thing, loose = render.features.numpy().transpose(2, 0, 1)
    return Shot(
        view, render.color.clamp(0, 1).numpy(), depth.numpy(), _grown(thing), np.array(loose)
    )


def loose(scene: Gaussians, faces: Sequence[Face], views: Sequence[View]) -> tuple[Tensor, Tensor]:
    """[N] what is on none of `faces`, or of a thing that stands there; [N] what is of such things:
    objects most of which are on none."""
    means, ids = scene.means.double().numpy(), scene.object_id.numpy()
    eye = torch.stack([view.centre() for view in views]).mean(dim=0).double().numpy()
    thickness = THICKNESS * np.linalg.norm(means - eye, axis=1)
    off, things = np.ones(len(means), bool), np.zeros(len(means), bool)
    for face in faces:
        off &= np.abs(face.plane.heights(means)) > thickness
    for id_ in set(np.unique(ids)) - {BACKGROUND, *(face.object_id for face in faces)}:
        things |= (ids == id_) & (off[ids == id_].mean() > 0.5)
    return torch.from_numpy(off | things), torch.from_numpy(things)


def standing(faces: Sequence[Face], shots: Sequence[Shot]) -> tuple[Face, ...]:
    """Those of `faces` that photos do not look through: planes in the air are faces of nothing.

    The first, the floor, is kept.
    """
    hit, through = np.zeros(len(faces)), np.zeros(len(faces))
    for shot in shots:
        step = max(1, round((shot.depth.size / GLANCES) ** 0.5))
        down, across = (np.arange(0, n, step) for n in shot.depth.shape)
        y, x = (each.ravel() for each in np.meshgrid(down, across, indexing="ij"))
        centre, rays = rays_through(shot.view, x, y)
        depth = shot.depth[y, x]
        for k, face in enumerate(faces):
            times = face.hits(centre, rays)
            there = np.isfinite(times) & (depth > 0)
            hit[k] += there.sum()
            through[k] += (depth[there] > (1 + 2 * OFF) * times[there]).sum()
    kept = through <= THROUGH * hit
    return tuple(face for k, face in enumerate(faces) if k == 0 or kept[k])


def rays_through(view: View, x: NDArray[np.integer], y: NDArray[np.integer]) -> tuple[Array, Array]:
    """The camera's place [3], and rays [R, 3] through pixels with z = 1."""
    camera, world = view.camera, view.camera_from_scene.double().numpy()
    rays = np.stack(
        [(x + 0.5 - camera.cx) / camera.fx, (y + 0.5 - camera.cy) / camera.fy, np.ones(len(x))], 1
    )
    return -world[:3, :3].T @ world[:3, 3], rays @ world[:3, :3]


def _grown(thing: NDArray[np.float32]) -> NDArray[np.float32]:
    """The object's share [H, W] of each pixel, its edge moved outwards."""
    reach = max(1, round(EDGE * max(thing.shape)))
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    return np.asarray(cv2.dilate(thing, kernel), np.float32)
