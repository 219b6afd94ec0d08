"""Whether a photo sees things where the other photos have them: a misplaced one does not."""

from collections.abc import Sequence

import torch
from torch import Tensor

from core.dense.depth import DepthMap
from core.geometry.camera import View, project

SAME = 0.03  # of its depth within which two photos mean the same place
FACING = 0.2  # cosine to a surface below which a photo tells little of it
SAMPLES = 20_000  # places of all other photos that are looked for in one
FEWEST = 200  # places in a photo's sight below which nothing is said of it


def confirmed(views: Sequence[View], depths: Sequence[DepthMap]) -> list[float | None]:
    """For each photo: of the places that others measured in its sight, the part that it confirms.

    In [0, 1]. None for photos without a depth map and for those that others show little of.
    What others hide counts against a photo too, so that half is a good figure.
    """
    known = [bool((depth.depth > 0).any()) for depth in depths]
    count = SAMPLES // max(1, sum(known))
    places = [_places(view, depth, count) for view, depth in zip(views, depths, strict=True)]
    return [
        _share(view, depth, [place for k, place in enumerate(places) if k != i and known[k]])
        if known[i]
        else None
        for i, (view, depth) in enumerate(zip(views, depths, strict=True))
    ]


def _share(view: View, depth: DepthMap, places: Sequence[tuple[Tensor, Tensor]]) -> float | None:
    if not places:
        return None
    points, normals = (torch.cat(column) for column in zip(*places, strict=True))
    height, width = depth.depth.shape
    there = view.resized(width, height)
    pixels, z = project(points, there)
    x, y = pixels.unbind(-1)
    rays = torch.nn.functional.normalize(there.centre().to(points) - points, dim=1)
    seen = (z > 0) & (x >= 0) & (y >= 0) & (x < width) & (y < height)
    seen &= (rays * normals).sum(dim=1) > FACING
    if int(seen.sum()) < FEWEST:
        return None
    measured = depth.depth[y[seen].long(), x[seen].long()]
    return float(((measured / z[seen] - 1).abs() < SAME).float().mean())


def _places(view: View, depth: DepthMap, count: int) -> tuple[Tensor, Tensor]:
    """Points and normals [N, 3], scene frame, of about `count` pixels that know their depth."""
    rows, columns = torch.nonzero(depth.depth > 0, as_tuple=True)
    step = max(1, len(rows) // max(1, count))
    rows, columns = rows[::step], columns[::step]
    camera = view.camera.resized(depth.depth.shape[1], depth.depth.shape[0])
    z = depth.depth[rows, columns]
    x = (columns + 0.5 - camera.cx) / camera.fx
    y = (rows + 0.5 - camera.cy) / camera.fy
    world = view.camera_from_scene.to(z)
    points = (torch.stack([x * z, y * z, z], dim=1) - world[:3, 3]) @ world[:3, :3]
    return points, depth.normal[rows, columns] @ world[:3, :3]
