"""Pictures of a scene with what the Gaussians know of each pixel: how far, and whose."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.aim import facing
from core.geometry.camera import Pinhole, View
from core.mesh.values import Floats
from core.render.rasterize import rasterize

NOBODY = -1
MOSTLY = 0.5  # part of a pixel that something has to show, to be what the pixel shows
WHOLLY = 0.8  # part of a pixel from which on the colour of what shows there is its own
ORBIT = (25.0, 55.0)  # degrees above the middle of an object from where it is looked at
AROUND = 8  # cameras at each height
ORBIT_SIZE = 240  # pixels a side of what those cameras see
FIELD = 40.0  # degrees
EDGE = 2  # pixels from somebody's within which nobody's is taken for theirs


@dataclass(frozen=True, eq=False)
class Look:
    """What a camera sees: a photo, or where there is none a picture of the Gaussians.

    `colors` [H, W, 3] in [0, 1], as the Gaussians have them. `depth` [H, W]: z of what is seen,
    0 where nothing is. `owner` [H, W]: whose it is, NOBODY where nobody has most of the pixel.
    `measured` [H, W]: z as the photos agree on it, 0 where they do not; None without photos.
    """

    view: View
    colors: Floats
    depth: Floats
    owner: NDArray[np.int32]
    measured: Floats | None = None


def looked(
    gaussians: Gaussians, view: View, ids: Sequence[int], colors: Floats | None = None
) -> Look:
    """The look of `view` at all `gaussians`, of which `ids` are told apart.

    `colors`: the photo there; without it the Gaussians' own picture.
    """
    plain = gaussians if colors is None else replace(gaussians, sh=gaussians.sh[:, :1])
    features = torch.stack([gaussians.object_id == id_ for id_ in ids], dim=1).float()
    with torch.no_grad():
        seen = rasterize(plain, view, features=features)
    assert seen.features is not None
    share, best = seen.features.max(dim=2)
    owner = torch.tensor(list(ids), dtype=torch.int32)[best]
    owner = torch.where(share > MOSTLY, owner, NOBODY).to(torch.int32)
    depth = torch.where(seen.alpha > MOSTLY, seen.depth, torch.zeros_like(seen.depth))
    picture = seen.color.clamp(0, 1).numpy() if colors is None else colors
    return Look(view, picture, depth.numpy(), _without_edges(owner.numpy()))


def alone(own: Gaussians, view: View, id_: int) -> Look:
    """What `view` would see if nothing were there but `own`, of object `id_`."""
    with torch.no_grad():
        seen = rasterize(own, view)
    solid = seen.alpha > WHOLLY
    owner = torch.where(solid, id_, NOBODY).to(torch.int32)
    depth = torch.where(solid, seen.depth, torch.zeros_like(seen.depth))
    colors = (seen.color / seen.alpha.clamp_min(WHOLLY)[..., None]).clamp(0, 1)
    return Look(view, colors.numpy(), depth.numpy(), owner.numpy())


def without_exposure(photo: Tensor, exposure: Tensor | None) -> Floats:
    """`photo` [H, W, 3] uint8 as the Gaussians have its colours, by its gain and bias [2, 3]."""
    colors = photo.float() / 255
    if exposure is not None:
        colors = (colors - exposure[1]) / exposure[0].clamp_min(0.1)
    return np.asarray(colors.clamp(0, 1).numpy(), np.float32)


def orbit(low: NDArray[np.float64], high: NDArray[np.float64]) -> list[View]:
    """Cameras all around the box between the corners `low` and `high` [3], looking at it."""
    middle = torch.from_numpy((low + high) / 2)
    radius = float(np.linalg.norm(high - low)) / 2
    length = ORBIT_SIZE / 2 / np.tan(np.radians(FIELD / 2))
    camera = Pinhole(ORBIT_SIZE, ORBIT_SIZE, length, length, ORBIT_SIZE / 2, ORBIT_SIZE / 2)
    away = 1.05 * radius / np.sin(np.radians(FIELD / 2))
    up = torch.tensor([0.0, 1.0, 0.0], dtype=torch.float64)
    views = []
    for height in np.radians(ORBIT):
        for turn in np.linspace(0, 2 * np.pi, AROUND, endpoint=False):
            way = np.array(
                [np.cos(height) * np.sin(turn), np.sin(height), np.cos(height) * np.cos(turn)]
            )
            centre = middle + torch.from_numpy(away * way)
            view = facing(camera, centre, middle, up)
            views.append(View(camera, view.camera_from_scene.float()))
    return views


def to_the_edges(look: Look) -> Look:
    """`look` whose pixels near somebody's are theirs too: those beside the edges of things."""
    away, (y, x) = distance_transform_edt(look.owner == NOBODY, return_indices=True)
    owner = np.where(away <= EDGE, look.owner[y, x], np.int32(NOBODY))
    return replace(look, owner=owner)


def _without_edges(owner: NDArray[np.int32]) -> NDArray[np.int32]:
    """NOBODY where a neighbour is somebody else's: there the colours of both are mixed."""
    shifted = owner.astype(np.float32)
    kernel = np.ones((3, 3), np.uint8)
    same = cv2.erode(shifted, kernel) == cv2.dilate(shifted, kernel)
    return np.where(same, owner, np.int32(NOBODY))
