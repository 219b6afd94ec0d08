"""What the faces of a room may look like beyond the edges of the one photo there is."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import Pinhole, View
from core.progress import Progress
from core.scene.fill.behind import painted
from core.scene.fill.faces import Face, first_faces
from core.scene.fill.painter import Painter, by_patches
from core.scene.fill.shots import rays_through, shot_of

ASIDE, ABOVE = np.radians(25.0), np.radians(15.0)  # how far beyond the picture's edges
STEEPEST = np.radians(75.0)  # from the middle: beyond it pixels lie too far apart
ACROSS = 320  # rays: so many tell how far the faces are to be painted
TEXELS = 256  # a side of a face: what is guessed need not be sharp
# Times as wide as other fills: one texel takes several pixels, and narrow ones are seen as dots.
WIDER = 1.2
BACK = 0.01  # of their distance: or texels at the photo's edges would be seen before its own pixels

STAGE = "Painting beyond the photo"


def beyond(
    scene: Gaussians,
    gone: Tensor,
    views: Sequence[View],
    faces: Sequence[Face],
    paint: Painter = by_patches,
) -> Iterator[Progress | Gaussians]:
    """Gaussians on `faces` outside what the one of `views` shows of `scene`, in the same manner.

    `gone` [N] bool: rows that are not of the faces. The Gaussians come last, origin FILLED.
    """
    (view,) = views
    wide = _wider(view.camera)
    y, x = np.mgrid[: wide.height, : wide.width].reshape(2, -1)
    centre, rays = rays_through(View(wide, view.camera_from_scene), x, y)
    outside = ~_shown(view.camera, wide, x, y)
    face, times = first_faces(faces, centre, rays)
    outside &= face >= 0
    places = centre + times[outside, None] * rays[outside]
    shot = shot_of(scene, gone, view)
    whole = scene.rows(torch.zeros(0, dtype=torch.int64))
    for k, each in enumerate(faces):
        yield Progress(STAGE, k, len(faces))
        here = places[face[outside] == k]
        if len(here):
            added = painted(each, each.along(here), [shot], scene, TEXELS, paint)
            whole = whole.followed_by(_spread(added, centre))
    yield whole


def _spread(texels: Gaussians, eye: NDArray[np.float64]) -> Gaussians:
    """`texels`, which lie flat, wider along their face and a little farther from `eye` [3]."""
    more = torch.tensor([np.log(WIDER), np.log(WIDER), 0.0], dtype=torch.float32)
    means = texels.means + BACK * (texels.means - torch.from_numpy(eye).float())
    return replace(texels, means=means, log_scales=texels.log_scales + more)


def _wider(camera: Pinhole) -> Pinhole:
    """`camera` with a picture that reaches farther, of few pixels."""
    x = np.tan(min(np.arctan(camera.width / 2 / camera.fx) + ASIDE, STEEPEST))
    y = np.tan(min(np.arctan(camera.height / 2 / camera.fy) + ABOVE, STEEPEST))
    focal = ACROSS / (2 * x)
    height = max(1, round(2 * y * focal))
    return Pinhole(ACROSS, height, focal, focal, ACROSS / 2, height / 2)


def _shown(
    camera: Pinhole, wide: Pinhole, x: NDArray[np.int64], y: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which pixels of `wide` lie within the picture of `camera`."""
    column = (x + 0.5 - wide.cx) / wide.fx * camera.fx + camera.cx
    row = (y + 0.5 - wide.cy) / wide.fy * camera.fy + camera.cy
    inside = (column >= 0) & (column < camera.width) & (row >= 0) & (row < camera.height)
    return np.asarray(inside)
