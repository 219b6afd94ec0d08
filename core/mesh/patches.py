"""Gaps of a surface that photos look at, covered with what they show there."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from core.geometry.camera import project
from core.mesh.depths import ROUGH, DepthView
from core.mesh.looking import first_hits, rays
from core.mesh.looks import Look
from core.mesh.values import Faces, Floats, Surface

RIM = 2  # pixels by which a patch goes on beyond its gap, on what is there
FEWEST = 20  # pixels of a gap: patches for smaller ones spoil more than they mend
NEAR = 2  # pixels from a known depth within which an unknown one is taken to be as far


def patched(
    surface: Surface, views: Sequence[DepthView], looks: Sequence[Look], id_: int
) -> Surface:
    """`surface`, of object `id_`, with a patch where `looks` show the object and it has nothing.

    As far as `views`, of the same cameras, have it.
    """
    nearest = [_nearest(look) for look in looks]
    for view, look in zip(views, looks, strict=True):
        patch = _patch(surface, view, look, id_)
        if patch is not None:
            patch = _behind(patch, looks, nearest)
        if patch is not None:
            surface = surface.followed_by(patch)
    return surface


def _patch(surface: Surface, view: DepthView, look: Look, id_: int) -> Surface | None:
    mine = look.owner == id_
    depth = _spread(np.where(view.measured > 0, view.measured, view.depth), mine)
    depth = np.where(depth > 0, depth, np.where(mine, view.rough, 0))
    wanted = depth > 0
    if not wanted.any():
        return None
    start, ways = rays(look.view)
    there = np.full(mine.shape, np.inf)
    there[wanted] = first_hits(surface, start, ways[wanted])
    gap = _large(wanted & ~(there < (1 + ROUGH) * depth))
    if not gap.any():
        return None
    near = np.abs(there - depth) < ROUGH * depth
    depth = np.where(near & ~gap, there, depth)
    faces, corners = _faces(gap, depth)
    if not len(faces):
        return None
    y, x = np.divmod(corners, mine.shape[1])
    vertices = start + ways[y, x] * depth[y, x][:, None]
    towards = -ways[y, x] / np.linalg.norm(ways[y, x], axis=1, keepdims=True)
    return Surface(vertices.astype(np.float32), towards.astype(np.float32), faces)


def _nearest(look: Look) -> Floats:
    """The depth [H, W] of the nearest that is seen in a pixel or beside it, 0 for nothing."""
    known = [look.depth] if look.measured is None else [look.depth, look.measured]
    depth = np.min([np.where(each > 0, each, np.inf) for each in known], axis=0)
    depth = cv2.erode(depth.astype(np.float32), np.ones((3, 3), np.uint8))
    return np.where(np.isfinite(depth), depth, np.float32(0))


def _behind(patch: Surface, looks: Sequence[Look], nearest: Sequence[Floats]) -> Surface | None:
    """`patch` without what would cover what any of `looks` sees."""
    before = np.zeros(len(patch.vertices), bool)
    for look, depth in zip(looks, nearest, strict=True):
        pixels, z = (each.numpy() for each in project(torch.from_numpy(patch.vertices), look.view))
        height, width = depth.shape
        inside = (z > 0) & (pixels >= 0).all(axis=1) & (pixels < (width, height)).all(axis=1)
        x, y = pixels[inside].astype(np.int64).T
        before[inside] |= z[inside] < depth[y, x]
    faces = patch.faces[~before[patch.faces].any(axis=1)]
    if not len(faces):
        return None
    return replace(patch, faces=faces)


def _spread(known: Floats, mine: NDArray[np.bool_]) -> Floats:
    """`known` [H, W], where it is 0 the nearest of the pixels that are `mine`, if it is near."""
    has = (known > 0) & mine
    if not has.any():
        return np.zeros_like(known)
    away, (y, x) = distance_transform_edt(~has, return_indices=True)
    return np.where(mine & (away <= NEAR), known[y, x], 0).astype(np.float32)


def _large(gap: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """`gap` without pieces of few pixels."""
    _, pieces, told, _ = cv2.connectedComponentsWithStats(gap.astype(np.uint8), connectivity=8)
    return np.asarray(gap & (told[pieces, cv2.CC_STAT_AREA] >= FEWEST))


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    kernel = np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8)
    return cv2.dilate(mask.astype(np.uint8), kernel).astype(bool)


def _faces(gap: NDArray[np.bool_], depth: Floats) -> tuple[Faces, NDArray[np.int64]]:
    """Triangles [F, 3] between neighbouring pixels at and around the `gap`; and their pixels.

    Anticlockwise as the camera sees them; none where the depth leaps.
    """
    height, width = gap.shape
    number = np.arange(height * width).reshape(height, width)
    squares = np.stack(
        [number[:-1, :-1], number[:-1, 1:], number[1:, :-1], number[1:, 1:]], axis=-1
    ).reshape(-1, 4)
    squares = squares[_grown(gap).ravel()[squares].all(axis=1)]
    far = depth.ravel()[squares]
    squares = squares[(far.min(axis=1) > 0) & (np.ptp(far, axis=1) < ROUGH * far.min(axis=1))]
    a, b, c, d = squares.T
    used, faces = np.unique(
        np.concatenate([np.stack([a, c, b], 1), np.stack([b, c, d], 1)]), return_inverse=True
    )
    return faces.reshape(-1, 3).astype(np.int32), used
