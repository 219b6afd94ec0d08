"""The cameras of the photos as shapes in the scene: where their lines and pictures lie."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from core.geometry.camera import Pinhole
from widgets.viewport.eye import Eye
from widgets.viewport.options import Color

Array = NDArray[np.float64]
Pixels = NDArray[np.uint8]

# How far ahead of its camera an image plane lies: of the usual way to the next camera, and at
# least and at most of how far the cameras reach.
SPACING_SHARE = 0.35
REACH_SHARES = (0.04, 0.2)
NEAR_POINTER = 5.0  # pixels within which a line is under the pointer
# Corners joined by lines: 0 is the camera, 1 to 4 go around its picture from the top left.
EDGES = ((0, 1), (0, 2), (0, 3), (0, 4), (1, 2), (2, 3), (3, 4), (4, 1))


@dataclass(frozen=True, eq=False)
class Frustum:
    """The camera of a photo. `pixels` [h, w, 3] is shown on its image plane; `color` its edges'."""

    name: str
    camera_from_scene: Array
    pinhole: Pinhole
    pixels: Pixels | None
    color: Color


def usual_size(frustums: Sequence[Frustum]) -> float:
    """How far before its camera an image plane is drawn, so that neighbours overlap little."""
    centres = np.array([_centre(each.camera_from_scene) for each in frustums]).reshape(-1, 3)
    if len(centres) < 2:
        return 0.3
    ways = cKDTree(centres).query(centres, k=2)[0][:, 1]
    reach = float(np.linalg.norm(centres - np.median(centres, axis=0), axis=1).max()) or 1.0
    low, high = REACH_SHARES
    return float(np.clip(SPACING_SHARE * np.median(ways), low * reach, high * reach))


def corners(frustums: Sequence[Frustum], size: float) -> Array:
    """[F, 5, 3] in the scene: each camera, and its picture's corners `size` before it."""
    found = np.empty((len(frustums), 5, 3))
    for i, each in enumerate(frustums):
        p, turn = each.pinhole, each.camera_from_scene[:3, :3]
        x0, x1 = -p.cx / p.fx, (p.width - p.cx) / p.fx
        y0, y1 = -p.cy / p.fy, (p.height - p.cy) / p.fy
        rays = np.array([[0, 0, 0], [x0, y0, 1], [x1, y0, 1], [x1, y1, 1], [x0, y1, 1]])
        found[i] = _centre(each.camera_from_scene) + size * rays @ turn
    return found


def hidden_within(size: float) -> float:
    """How near to a camera the eye no longer sees its frustum, which would hide the scene."""
    return 3.0 * size


def at(shapes: Array, eye: Eye, x: float, y: float, hide: float) -> int | None:
    """Which of `shapes` [F, 5, 3] is seen at pixel (x, y): the nearest, its picture or a line."""
    if not len(shapes):
        return None
    pixels, z = eye.project(shapes)
    shown = (z > eye.near).all(axis=1)
    shown &= np.linalg.norm(shapes[:, 0] - eye.centre, axis=1) >= hide
    here = np.array([x, y])
    starts, ends = (pixels[:, [edge[k] for edge in EDGES]] for k in (0, 1))
    hit = _inside(pixels[:, 1:], here) | (_distances(starts, ends, here) < NEAR_POINTER).any(axis=1)
    found = np.flatnonzero(shown & hit)
    return int(found[np.argmin(z[found].mean(axis=1))]) if len(found) else None


def _centre(camera_from_scene: Array) -> Array:
    centre: Array = -camera_from_scene[:3, :3].T @ camera_from_scene[:3, 3]
    return centre


def _inside(around: Array, here: Array) -> NDArray[np.bool_]:
    """[F] whether `here` [2] is inside the convex polygons `around` [F, corners, 2]."""
    along, to = np.roll(around, -1, axis=1) - around, here - around
    side = along[..., 0] * to[..., 1] - along[..., 1] * to[..., 0]
    return np.asarray((side > 0).all(axis=1) | (side < 0).all(axis=1))


def _distances(starts: Array, ends: Array, here: Array) -> Array:
    """[F, E] from `here` [2] to the segments from `starts` to `ends` [F, E, 2]."""
    along = ends - starts
    length2 = np.maximum((along**2).sum(axis=-1), 1e-12)
    share = (((here - starts) * along).sum(axis=-1) / length2).clip(0, 1)
    return np.asarray(np.linalg.norm(starts + share[..., None] * along - here, axis=-1))
