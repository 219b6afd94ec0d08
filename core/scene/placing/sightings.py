"""An object in a photo, cut out: its mask, what may hide it, and the camera of the cutting."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from core.geometry.camera import Pinhole, View

Array = NDArray[np.float64]

MARGIN = 0.5  # of the mask's longer side: how much more than its box is looked at
FEWEST = 20  # pixels of a mask that tells anything
FINER = 1.0  # times that a small mask is enlarged: Gaussians are as wide as where they were trained
BEHIND = 1.02  # times the object's depth: what is nearer than that hides it


@dataclass(frozen=True, eq=False)
class Sighting:
    """A photo that shows the object. All [H, W] and seen from `view`.

    `mask` in [0, 1]: how much of each pixel is the object. `counts`: 1 where the photo tells
    anything, 0 where its labels say nothing. `before`: z in scene units of what else is there, 0
    for nothing. `color` [H, W, 3] in [0, 1]: the photo itself, where it is at hand.
    """

    view: View
    mask: Tensor
    counts: Tensor
    before: Tensor
    color: Tensor | None = None

    def coarser(self, longest: int) -> "Sighting":
        """The same in a picture of at most `longest` pixels a side."""
        height, width = self.mask.shape
        zoom = min(1.0, longest / max(height, width))
        size = max(1, round(height * zoom)), max(1, round(width * zoom))
        if size == (height, width):
            return self
        area = [adaptive_avg_pool2d(each[None], size)[0] for each in (self.mask, self.counts)]
        rows = ((torch.arange(size[0]) + 0.5) * height / size[0]).long()
        columns = ((torch.arange(size[1]) + 0.5) * width / size[1]).long()
        before, color = self.before[rows][:, columns], self.color
        if color is not None:
            color = adaptive_avg_pool2d(color.permute(2, 0, 1), size).permute(1, 2, 0)
        return Sighting(self.view.resized(size[1], size[0]), area[0], area[1], before, color)

    def seen(self, alpha: Tensor, depth: Tensor) -> tuple[Tensor, Tensor]:
        """What is to be seen of the object's `alpha`, and the mask, both where the photo tells.

        `depth` [H, W] scene units: where something else is nearer, nothing.
        """
        return alpha * self.weight(alpha, depth), self.mask * self.counts

    def weight(self, alpha: Tensor, depth: Tensor) -> Tensor:
        """[H, W] in {0, 1}: where the photo tells, and nothing stands before the object."""
        with torch.no_grad():
            hidden = (self.before > 0) & (self.before * BEHIND < depth) & (alpha > 0)
            return self.counts * (~hidden).to(alpha)


def sighting(
    view: View,
    mask: NDArray[np.bool_],
    longest: int,
    *,
    counts: NDArray[np.bool_] | None = None,
    before: Tensor | None = None,
    color: NDArray[np.uint8] | None = None,
) -> Sighting | None:
    """The object with `mask` [H, W] in a photo from `view`, cut out, up to `longest` pixels a side.

    `counts` [H, W]: where the photo's labels say anything. `before` [h, w]: depth of everything
    else from the same place, of any size. `color` [H, W, 3]: the photo. None where the mask is too
    small to tell anything.
    """
    if np.count_nonzero(mask) < FEWEST:
        return None
    height, width = mask.shape
    view = view.resized(width, height)
    left, top, right, bottom = _window(mask)
    camera = view.camera
    wide, tall = right - left, bottom - top
    zoom = min(FINER, longest / max(wide, tall))
    size = max(1, round(wide * zoom)), max(1, round(tall * zoom))
    cut = Pinhole(wide, tall, camera.fx, camera.fy, camera.cx - left, camera.cy - top)
    area = (left, top, right, bottom)
    told = np.ones(mask.shape, bool) if counts is None else counts
    depth: NDArray[np.float32] = np.zeros(mask.shape, np.float32)
    if before is not None:
        whole = before.detach().cpu().numpy().astype(np.float32)
        depth = np.asarray(
            cv2.resize(whole, (width, height), interpolation=cv2.INTER_NEAREST), np.float32
        )
    return Sighting(
        View(cut.resized(*size), view.camera_from_scene),
        _cut(mask, area, size, cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR),
        _cut(told, area, size, cv2.INTER_NEAREST),
        _cut(depth, area, size, cv2.INTER_NEAREST),
        None if color is None else _cut(color, area, size, cv2.INTER_AREA) / 255,
    )


def middle_of(sightings: Sequence[Sighting]) -> Array:
    """The place [3] in the scene that is nearest to the rays through the masks' middles."""
    system, target = np.zeros((3, 3)), np.zeros(3)
    for each in sightings:
        ray, centre = _ray(each)
        across = np.eye(3) - np.outer(ray, ray)
        system += across
        target += across @ centre
    # One ray leaves the depth open: then it is as far as the scene's middle.
    return np.asarray(np.linalg.lstsq(system, target, rcond=1e-6)[0])


def _ray(each: Sighting) -> tuple[Array, Array]:
    mask, camera = each.mask.numpy(), each.view.camera
    y, x = np.nonzero(mask > 0.5)
    pixel = np.array([x.mean() + 0.5, y.mean() + 0.5])
    world = each.view.camera_from_scene.double().numpy()
    ray = np.array([(pixel[0] - camera.cx) / camera.fx, (pixel[1] - camera.cy) / camera.fy, 1.0])
    ray = world[:3, :3].T @ ray
    return ray / np.linalg.norm(ray), -world[:3, :3].T @ world[:3, 3]


def _window(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """The mask's box with a margin, within the picture."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    tall, wide = int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1
    more = int(np.ceil(MARGIN * max(wide, tall)))
    height, width = mask.shape
    return (
        max(0, int(columns[0]) - more),
        max(0, int(rows[0]) - more),
        min(width, int(columns[-1]) + 1 + more),
        min(height, int(rows[-1]) + 1 + more),
    )


def _cut(
    picture: NDArray[np.generic],
    area: tuple[int, int, int, int],
    size: tuple[int, int],
    how: int,
) -> Tensor:
    left, top, right, bottom = area
    part = np.ascontiguousarray(picture[top:bottom, left:right], np.float32)
    return torch.from_numpy(cv2.resize(part, size, interpolation=how))
