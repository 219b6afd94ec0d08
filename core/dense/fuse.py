"""Depth maps of many photos as one set of points: one per patch of surface."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.dense.cameras import Eye, Kernel, eye_of, landing
from core.dense.depth import DepthMap
from core.dense.fusion import average, claim
from core.geometry.camera import View

NEAR = np.float32(0.015)  # share of its depth within which two points are on the same surface
BETTER = np.float32(1.3)  # how much better a later photo's point must be, to replace one
SLANTED = 0.2  # cosine below which a patch grows no further


@dataclass(frozen=True, eq=False)
class DensePoints:
    """Points on surfaces, float32 unless said.

    `positions`, `normals` [N, 3]: scene frame, normals towards the photos; `colors` [N, 3] uint8.
    `radii` [N]: side of the square patch that a point stands for, scene units: about the
    distance to the next one. `confidence` [N] in [0, 1]; `seen` [N] int64: photos that agree.
    """

    positions: Tensor
    normals: Tensor
    colors: Tensor
    radii: Tensor
    confidence: Tensor
    seen: Tensor

    def rows(self, chosen: Tensor) -> "DensePoints":
        """Those points alone."""
        return DensePoints(*(getattr(self, field.name)[chosen] for field in fields(self)))


@dataclass(frozen=True, eq=False)
class Sheet:
    """One photo's depths [H, W], their worth, what other photos make of them, and which remain."""

    eye: Eye
    photo: Tensor
    normal: Kernel
    confidence: Kernel
    depth: Kernel
    worth: Kernel
    seen: NDArray[np.int64]
    kept: NDArray[np.bool_]


def fuse(
    views: Sequence[View], photos: Sequence[Tensor], depths: Sequence[DepthMap], limit: int
) -> DensePoints:
    """At most `limit` points, one per patch of surface; none where no depth is known.

    Where photos agree, the depths are averaged by confidence, and the photo that shows the
    place best (in detail times confidence) keeps its pixels. To keep to the limit, each
    photo's pixels are thinned evenly, in a fixed pattern.
    """
    sheets = _sheets(views, photos, depths)
    order = sorted(range(len(sheets)), key=lambda i: (-float(np.median(sheets[i].worth)), i))
    for n, i in enumerate(order):
        mine = sheets[i]
        for k in order[:n]:
            other = sheets[k]
            there = landing(mine.eye, other.eye).astype(np.float32)
            claim(
                mine.depth, mine.worth, mine.kept, other.depth, other.worth, other.kept,
                there, NEAR, BETTER,
            )  # fmt: skip
    total = sum(int(sheet.kept.sum()) for sheet in sheets)
    spacing = max(1.0, total / max(limit, 1)) ** 0.5
    ranks = [_ranks(sheet) for sheet in sheets]
    points = _joined([_points(sheet, spacing) for sheet in sheets])
    if total <= limit:
        return points
    rank = np.concatenate(ranks)
    chosen = np.sort(np.argsort(rank, kind="stable")[:limit])
    return points.rows(torch.from_numpy(chosen))


def _sheets(
    views: Sequence[View], photos: Sequence[Tensor], depths: Sequence[DepthMap]
) -> list[Sheet]:
    """Of each photo that knows a depth, with the depths averaged over the photos that agree."""
    known = [i for i, found in enumerate(depths) if bool((found.depth > 0).any())]
    eyes = [eye_of(views[i]).resized(*depths[i].depth.shape[::-1]) for i in known]
    maps = [depths[i].depth.numpy() for i in known]
    trust = [depths[i].confidence.numpy() for i in known]
    sheets = []
    for n, i in enumerate(known):
        sums, weights = maps[n] * trust[n], trust[n].copy()
        seen = (maps[n] > 0).astype(np.int64)
        for k in range(len(known)):
            if k == n:
                continue
            there = landing(eyes[n], eyes[k]).astype(np.float32)
            average(maps[n], trust[n], maps[k], trust[k], there, NEAR, sums, weights, seen)
        depth = np.where(weights > 0, sums / np.maximum(weights, 1e-12), 0).astype(np.float32)
        camera = eyes[n].camera
        # Neighbouring pixels should be won by one photo, so its worth must not flicker.
        calm = cv2.boxFilter(trust[n], -1, (9, 9), borderType=cv2.BORDER_REPLICATE)
        detail = np.sqrt(camera.fx * camera.fy) / np.maximum(depth, 1e-12)
        worth = np.where(depth > 0, calm * detail, 0).astype(np.float32)
        normal = depths[i].normal.numpy()
        sheets.append(Sheet(eyes[n], photos[i], normal, trust[n], depth, worth, seen, depth > 0))
    return sheets


def _ranks(sheet: Sheet) -> Kernel:
    """For each pixel kept, when it goes as points are thinned: evenly over the picture.

    Jimenez' "interleaved gradient noise" (Next Generation Post Processing in Call of Duty, 2014).
    """
    y, x = np.nonzero(sheet.kept)
    return np.asarray((52.9829189 * ((0.06711056 * x + 0.00583715 * y) % 1)) % 1, np.float32)


def _points(sheet: Sheet, spacing: float) -> DensePoints:
    """One point a pixel kept, as if they were `spacing` pixels apart."""
    y, x = np.nonzero(sheet.kept)
    z, camera = sheet.depth[y, x].astype(np.float64), sheet.eye.camera
    rays = np.column_stack(
        [(x + 0.5 - camera.cx) / camera.fx, (y + 0.5 - camera.cy) / camera.fy, np.ones(len(x))]
    )
    normals = sheet.normal[y, x].astype(np.float64)
    places = (rays * z[:, None] - sheet.eye.translation) @ sheet.eye.rotation
    facing = -(rays * normals).sum(1) / np.linalg.norm(rays, axis=1)
    sides = z / np.sqrt(camera.fx * camera.fy) * spacing / np.sqrt(np.maximum(facing, SLANTED))
    size = sheet.depth.shape[::-1]
    photo = sheet.photo.cpu().numpy()
    if photo.shape[:2] != sheet.depth.shape:
        photo = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
    return DensePoints(
        torch.from_numpy(places).float(),
        torch.from_numpy(normals @ sheet.eye.rotation).float(),
        torch.from_numpy(photo[y, x]),
        torch.from_numpy(sides).float(),
        torch.from_numpy(sheet.confidence[y, x]),
        torch.from_numpy(sheet.seen[y, x]),
    )


def _joined(parts: Sequence[DensePoints]) -> DensePoints:
    if not parts:
        none = torch.zeros(0, 3)
        count = torch.zeros(0, dtype=torch.int64)
        flat = torch.zeros(0)
        return DensePoints(none, none.clone(), none.to(torch.uint8), flat, flat.clone(), count)
    names = [field.name for field in fields(DensePoints)]
    return DensePoints(*(torch.cat([getattr(part, name) for part in parts]) for name in names))
