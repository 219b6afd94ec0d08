"""What closes a scene off where the surfaces of its background have holes.

Seen from amid the photos' cameras a background hides nothing of itself, or little: what it shows
in each direction is a surface of its own, coarse but without a gap.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, distance_transform_edt, gaussian_filter

from core.gaussians.table import Gaussians
from core.geometry.aim import facing
from core.geometry.camera import Pinhole, View, project
from core.mesh.looking import first_hits
from core.mesh.looks import MOSTLY, Look
from core.mesh.values import Surface
from core.render.rasterize import rasterize

Array = NDArray[np.float64]

ROWS, COLUMNS = 192, 384  # directions: as many degrees in each
SIDE = 160  # pixels of each of six pictures all around
NEARER = 0.9  # of the shell's distance: surfaces further away do not close a direction
MARGIN = 2  # directions by which the shell reaches under what it joins
BEYOND = 0.5  # of a photo's sides: how far beyond its edges the shell goes on
FURTHER = 1.05  # times the distance of what is before a guess
SOFT = 4.0  # directions over which guessed distances are smoothed
UP = torch.tensor([0.0, 1.0, 0.0], dtype=torch.float64)


def shell(
    own: Gaussians, whole: Gaussians, looks: Sequence[Look], surface: Surface
) -> Surface | None:
    """A surface behind the holes of `surface`, that of the background, whose Gaussians are `own`.

    As far as any of the `looks` reaches, and somewhat further, and the `whole` scene has anything:
    where that is something before the background, the distance is continued from around. None
    where nothing is open.
    """
    centre = torch.stack([look.view.centre() for look in looks]).double().mean(dim=0)
    directions = _directions()
    radii, known = _radii(own, centre, directions)
    if not known.any():
        return None
    before = FURTHER * _radii(whole, centre, directions)[0]
    radii = _continued(np.where(known, radii, before), known)
    radii = np.where(known, radii, np.maximum(radii, before))
    places = centre.numpy() + radii[..., None] * directions
    reached = _reached(places.reshape(-1, 3), looks).reshape(known.shape)
    there = first_hits(surface, centre.numpy(), directions.reshape(-1, 3)).reshape(known.shape)
    anything = reached & (known | (before > 0))
    wanted = anything & ~(there < radii / NEARER)
    faces = _faces(binary_dilation(wanted, iterations=MARGIN), anything)
    if not len(faces):
        return None
    used, numbers = np.unique(faces, return_inverse=True)
    vertices = places.reshape(-1, 3)[used].astype(np.float32)
    normals = (-directions.reshape(-1, 3)[used]).astype(np.float32)
    return Surface(vertices, normals, np.asarray(numbers.reshape(-1, 3), np.int32))


def _directions() -> Array:
    """[ROWS, COLUMNS, 3]: from above to below, and all around."""
    down = (np.arange(ROWS) + 0.5) * np.pi / ROWS
    turn = np.arange(COLUMNS) * 2 * np.pi / COLUMNS
    across = np.sin(down)[:, None]
    height = np.broadcast_to(np.cos(down)[:, None], (ROWS, COLUMNS))
    return np.stack([across * np.sin(turn), height, across * np.cos(turn)], axis=2)


def _radii(
    own: Gaussians, centre: torch.Tensor, directions: Array
) -> tuple[Array, NDArray[np.bool_]]:
    """How far `own` are in each direction from `centre`, and where they are at all."""
    radii = np.zeros(directions.shape[:2])
    for axis in range(3):
        for sign in (1.0, -1.0):
            way = torch.zeros(3, dtype=torch.float64)
            way[axis] = sign
            camera = Pinhole(SIDE, SIDE, SIDE / 2, SIDE / 2, SIDE / 2, SIDE / 2)
            view = facing(camera, centre, centre + way, UP)
            view = View(camera, view.camera_from_scene.float())
            with torch.no_grad():
                seen = rasterize(own, view, sh_degree=0)
            mine = (np.abs(directions).argmax(axis=2) == axis) & (directions[..., axis] * sign > 0)
            points = centre + torch.from_numpy(directions[mine])
            pixels, z = (each.numpy() for each in project(points.float(), view))
            x, y = np.clip(pixels.astype(np.int64), 0, SIDE - 1).T
            depth = np.where(seen.alpha > MOSTLY, seen.depth, 0.0)
            radii[mine] = depth[y, x] / z
    return radii, radii > 0


def _continued(radii: Array, known: NDArray[np.bool_]) -> Array:
    """`radii`, where nothing is `known` those of the nearest direction, smoothed."""
    wide = COLUMNS // 2
    logs = np.log(np.where(known, radii, 1.0))
    logs, around = (np.pad(a, ((0, 0), (wide, wide)), mode="wrap") for a in (logs, known))
    y, x = distance_transform_edt(~around, return_distances=False, return_indices=True)
    guessed = gaussian_filter(logs[y, x], SOFT, mode="nearest")
    return np.asarray(np.exp(np.where(around, logs, guessed))[:, wide : wide + COLUMNS])


def _reached(places: Array, looks: Sequence[Look]) -> NDArray[np.bool_]:
    """[P]: which of `places` lie in the picture of any of `looks`, whatever is before them."""
    reached = np.zeros(len(places), bool)
    for look in looks:
        camera = look.view.camera
        pixels, z = (a.numpy() for a in project(torch.from_numpy(places).float(), look.view))
        size = np.array([camera.width, camera.height])
        more = BEYOND * size
        inside = (z > 0) & (pixels >= -more).all(axis=1)
        reached |= inside & (pixels < size + more).all(axis=1)
    return reached


def _faces(wanted: NDArray[np.bool_], allowed: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Two triangles for each square of directions, seen from inside.

    Of which a corner is `wanted`, and all are `allowed`.
    """
    number = np.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS)
    right = np.roll(number, -1, axis=1)
    squares = np.stack([number[:-1], right[:-1], number[1:], right[1:]], axis=-1).reshape(-1, 4)
    chosen = wanted.ravel()[squares].any(axis=1) & allowed.ravel()[squares].all(axis=1)
    a, b, c, d = squares[chosen].T
    return np.concatenate([np.stack([a, b, c], 1), np.stack([b, d, c], 1)])
