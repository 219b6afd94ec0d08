"""Some photos and a place to look from, in batches; where what is seen there lies in the photos."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.functional import grid_sample, normalize

from core.geometry.camera import Pinhole, View

BEHIND = 1e-4  # of the nearest depth: points closer than that to a photo are not seen by it


@dataclass(frozen=True, eq=False)
class Question:
    """B times: what does a camera see of what V photos show? All pictures are of one size.

    `photos` [B, V, 3, H, W] in [0, 1], `lenses` [B, V, 4] their fx, fy, cx, cy in pixels,
    `poses` [B, V, 4, 4] camera from scene; `lens` [B, 4] and `pose` [B, 4, 4] of the camera
    asked for. What it sees lies from `near` to `far` [B], z in scene units.
    """

    photos: Tensor
    lenses: Tensor
    poses: Tensor
    lens: Tensor
    pose: Tensor
    near: Tensor
    far: Tensor

    def to(self, device: torch.device) -> "Question":
        return replace(self, **{name: value.to(device) for name, value in vars(self).items()})


@dataclass(frozen=True, eq=False)
class Landing:
    """Where points before the camera lie in the photos.

    `grid` [B, V, D, h, w, 2] in [-1, 1] over the photo, `seen` [B, V, D, h, w] bool: within it
    and before its camera; `alike` [B, V, D, h, w]: cosine between both ways to the point.
    """

    grid: Tensor
    seen: Tensor
    alike: Tensor


def question(
    view: View, near: float, far: float, photos: Sequence[Tensor], views: Sequence[View]
) -> Question:
    """The one question of `view` and `photos` [H, W, 3], each with its view, all of one size."""
    return Question(
        photos=torch.stack([photo.permute(2, 0, 1) for photo in photos])[None].float(),
        lenses=torch.stack([lens_of(each.camera) for each in views])[None],
        poses=torch.stack([each.camera_from_scene.float() for each in views])[None],
        lens=lens_of(view.camera)[None],
        pose=view.camera_from_scene.float()[None],
        near=torch.tensor([near]),
        far=torch.tensor([far]),
    )


def lens_of(camera: Pinhole) -> Tensor:
    """fx, fy, cx, cy in pixels, [4] float32."""
    return torch.tensor([camera.fx, camera.fy, camera.cx, camera.cy])


def depths(asked: Question, count: int, within: Tensor | None = None) -> Tensor:
    """z [B, D] of planes before the camera, the nearest first, evenly spaced in 1 / z.

    Each in the middle of its span, or at the part `within` [B, D] in [0, 1] of it.
    """
    steps = torch.arange(count, device=asked.near.device) + (0.5 if within is None else within)
    part = (steps / count).expand(len(asked.near), count)
    inverse = (1 - part) / asked.near[:, None] + part / asked.far[:, None]
    return 1 / inverse


def landing(asked: Question, z: Tensor, height: int, width: int) -> Landing:
    """Where the planes at `z` [B, D] lie in the photos, for `height` x `width` rays.

    The rays go through the middles of equal parts of the picture asked for.
    """
    tall, wide = asked.photos.shape[3:]
    device = z.device
    y = (torch.arange(height, device=device) + 0.5) * tall / height
    x = (torch.arange(width, device=device) + 0.5) * wide / width
    fx, fy, cx, cy = (each[:, None, None] for each in asked.lens.unbind(1))
    across = ((x[None, None] - cx) / fx).expand(-1, height, width)
    down = ((y[None, :, None] - cy) / fy).expand(-1, height, width)
    rays = torch.stack([across, down, torch.ones_like(across)], dim=-1)
    points = rays[:, None] * z[:, :, None, None, None]  # [B, D, h, w, 3], the camera's frame
    there = asked.poses @ torch.linalg.inv(asked.pose)[:, None]
    turn, move = there[..., :3, :3], there[..., :3, 3]
    seen = torch.einsum("bvij,bdhwj->bvdhwi", turn, points) + move[:, :, None, None, None]
    depth = seen[..., 2]
    before = depth > BEHIND * asked.near[:, None, None, None, None]
    kept = torch.where(before, depth, torch.ones_like(depth))[..., None]
    lenses = asked.lenses[:, :, None, None, None]
    pixels = seen[..., :2] / kept * lenses[..., :2] + lenses[..., 2:]
    grid = 2 * pixels / torch.tensor([wide, tall], device=device) - 1
    inside = before & (grid.abs() <= 1).all(dim=-1)
    ways = torch.einsum("bvij,bdhwj->bvdhwi", turn, normalize(points, dim=-1))
    alike = (ways * normalize(seen, dim=-1)).sum(dim=-1)
    return Landing(torch.where(inside[..., None], grid, torch.full_like(grid, -2)), inside, alike)


def gathered(maps: Tensor, at: Landing) -> Tensor:
    """What `maps` [B, V, C, H', W'] of the photos hold where points land: [B, V, C, D, h * w].

    0 for points that a photo does not see.
    """
    b, v, d, h, w, _ = at.grid.shape
    flat = grid_sample(
        maps.flatten(0, 1),
        at.grid.reshape(b * v, d, h * w, 2).to(maps),
        padding_mode="border",
        align_corners=False,
    )
    return flat.reshape(b, v, -1, d, h * w) * at.seen.reshape(b, v, 1, d, h * w)
