"""Textured rectangles seen by cameras, with their true depth: what stereo is tested on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.dense.depth import DepthMap
from core.dense.stereo import stereo_depths
from core.geometry.camera import Pinhole, View
from core.progress import Progress

Array = NDArray[np.float64]
WIDE, TALL, FOCAL = 112, 84, 110.0


@dataclass(frozen=True, eq=False)
class Card:
    """A rectangle: centre, two perpendicular half sides [3], and its picture [H, W] in grey."""

    centre: Array
    right: Array
    down: Array
    picture: NDArray[np.float32]

    def scaled(self, scale: float) -> "Card":
        centre, right, down = (scale * v for v in (self.centre, self.right, self.down))
        return replace(self, centre=centre, right=right, down=down)


def noise(seed: int, size: int = 240) -> NDArray[np.float32]:
    """Blurred noise, 8 bit grey values."""
    rng = np.random.default_rng(seed)
    fine = cv2.GaussianBlur(rng.normal(size=(size, size)).astype(np.float32), (0, 0), 1.5)
    coarse = cv2.GaussianBlur(rng.normal(size=(size, size)).astype(np.float32), (0, 0), 5)
    both = fine / fine.std() + coarse / coarse.std()
    return np.clip(128 + 36 * both, 0, 255).astype(np.float32)


def card(depth: float, side: float, seed: int, x: float = 0.0, tilt: float = 0.0) -> Card:
    """A square at z = `depth` with half side `side`, turned by `tilt` degrees about y."""
    turn = np.radians(tilt)
    right = side * np.array([np.cos(turn), 0, np.sin(turn)])
    return Card(np.array([x, 0, depth]), right, np.array([0, side, 0.0]), noise(seed))


def looking(x: float, y: float = 0.0, scale: float = 1.0) -> View:
    """A camera at (x, y, 0) that looks along z."""
    pose = torch.eye(4)
    pose[0, 3], pose[1, 3] = -scale * x, -scale * y
    return View(Pinhole(WIDE, TALL, FOCAL, FOCAL, WIDE / 2, TALL / 2), pose)


def photographed(view: View, cards: Sequence[Card]) -> tuple[Tensor, Tensor]:
    """The photo uint8 [H, W, 3] and z [H, W], 0 beside the cards; mid grey there."""
    camera, pose = view.camera, view.camera_from_scene.double().numpy()
    x, y = np.meshgrid(np.arange(camera.width) + 0.5, np.arange(camera.height) + 0.5)
    rays = np.stack([(x - camera.cx) / camera.fx, (y - camera.cy) / camera.fy, np.ones_like(x)], -1)
    rays = rays @ pose[:3, :3]
    eye = -pose[:3, :3].T @ pose[:3, 3]
    depth, photo = np.full(x.shape, np.inf), np.full(x.shape, 128, np.float32)
    for one in cards:
        normal = np.cross(one.right, one.down)
        z = ((one.centre - eye) @ normal) / (rays @ normal)
        at = eye + rays * z[..., None] - one.centre
        u, v = at @ one.right / (one.right @ one.right), at @ one.down / (one.down @ one.down)
        hit = (z > 0) & (z < depth) & (abs(u) <= 1) & (abs(v) <= 1)
        tall, wide = one.picture.shape
        place = [((u + 1) / 2 * (wide - 1)), ((v + 1) / 2 * (tall - 1))]
        colors = cv2.remap(one.picture, *(p.astype(np.float32) for p in place), cv2.INTER_LINEAR)
        photo, depth = np.where(hit, colors, photo), np.where(hit, z, depth)
    pixels = np.repeat(np.clip(photo + 0.5, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    depth = np.where(np.isfinite(depth), depth, 0)
    return torch.from_numpy(pixels), torch.from_numpy(depth.astype(np.float32))


def points_on(cards: Sequence[Card], seed: int = 0, count: int = 60) -> Array:
    """Scene points on the cards."""
    rng = np.random.default_rng(seed)
    parts = [
        c.centre + rng.uniform(-0.6, 0.6, (count, 1)) * c.right
        + rng.uniform(-0.6, 0.6, (count, 1)) * c.down
        for c in cards
    ]  # fmt: skip
    return np.concatenate(parts)


def measured(
    views: Sequence[View], photos: Sequence[Tensor], seen: Sequence[Array]
) -> tuple[DepthMap, ...]:
    """The answer of `stereo_depths`."""
    answers = [
        step for step in stereo_depths(views, photos, seen) if not isinstance(step, Progress)
    ]
    return answers[-1]
