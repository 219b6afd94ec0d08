"""The picture on a surface, fitted to all photos that see it.

Not an average of what photos show at each texel: the texels are asked to give the photos back
when looked at from there (simultaneous algebraic reconstruction, Andersen and Kak, 1984), so that
detail survives that no single photo has sharp.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

from core.geometry.camera import project
from core.mesh.looks import Look
from core.mesh.texel_kernels import cover
from core.mesh.turns import Turn
from core.mesh.unwrap import Flattened
from core.mesh.values import Floats, TexturedMesh

ROUNDS = 8  # of fitting: more of them fit the photos' noise
SLANTED = 0.2  # cosine: photos that see a texel at a flatter angle do not count
NEIGHBOURS = 6  # texels whose colours one that nobody saw is given

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Seen:
    """What one photo says of the texels `rows` [M]: `pixels` [P, 3] are `forth` @ colours.

    `covered` [P, 1]: 1 for those that texels lie in, 0 for others.
    """

    rows: NDArray[np.int64]
    pixels: Floats
    covered: Floats
    forth: csr_matrix  # [P, M], rows sum to 1 or 0
    back: csr_matrix  # [M, P]


def textured(
    flat: Flattened,
    id_: int,
    photos: Sequence[Turn],
    made_up: Sequence[Turn] = (),
) -> TexturedMesh:
    """`flat`, of object `id_`, with the colours that `photos` show; else those `made_up`.

    What none of them shows is as what is near.
    """
    inside, places, normals = _texels(flat)
    colors = np.zeros((len(places), 3), np.float32)
    known = np.zeros(len(places), bool)
    photographed = known
    for turn, (shown, behind) in enumerate((*photos, *made_up)):
        rest = np.flatnonzero(~known)
        views = [_seen(look, places[rest], normals[rest], id_, behind) for look in shown]
        found, there = _fitted([view for view in views if view is not None], len(rest))
        colors[rest[there]] = found[there]
        known = known.copy()
        known[rest[there]] = True
        photographed = known if turn < len(photos) else photographed
    if known.any() and not known.all():
        colors[~known] = _nearby(places[known], colors[known], places[~known])
    elif not known.any():
        colors[:] = 0.5
    picture = np.zeros((*inside.shape, 3), np.float32)
    picture[inside] = colors
    unseen = np.ones(inside.shape, bool)
    unseen[inside] = ~photographed
    picture, unseen = _padded(inside, picture, unseen)
    texture = np.round(picture.clip(0, 1) * 255).astype(np.uint8)
    return TexturedMesh(flat.surface, flat.uvs, texture, unseen)


def _texels(flat: Flattened) -> tuple[NDArray[np.bool_], Array, Array]:
    """Which texels [H, W] have surface, and its places and normals there [T, 3]."""
    faces = flat.surface.faces
    corners = flat.uvs[faces].astype(np.float64) * (flat.width, flat.height)
    face_of = np.full((flat.height, flat.width), -1, np.int32)
    shares = np.zeros((flat.height, flat.width, 3), np.float64)
    cover(corners, face_of, shares)
    inside = face_of >= 0
    chosen, part = faces[face_of[inside]], shares[inside][:, :, None]
    places = (flat.surface.vertices[chosen] * part).sum(axis=1)
    normals = (flat.surface.normals[chosen] * part).sum(axis=1)
    return inside, places, normals / np.linalg.norm(normals, axis=1, keepdims=True).clip(1e-9)


def _seen(look: Look, places: Array, normals: Array, id_: int, behind: float) -> _Seen | None:
    camera = look.view.camera
    pixels, depth = (a.numpy() for a in project(torch.from_numpy(places), look.view))
    pixels = pixels - 0.5  # now the first pixel's middle is at 0
    ways = look.view.centre().double().numpy() - places
    cosine = (normals * ways).sum(axis=1) / np.linalg.norm(ways, axis=1).clip(1e-9)
    good = (depth > 0) & (cosine > SLANTED) & (pixels >= 0).all(axis=1)
    good &= (pixels[:, 0] < camera.width - 1) & (pixels[:, 1] < camera.height - 1)
    rows = np.flatnonzero(good)
    x, y = np.round(pixels[rows]).astype(np.int64).T
    shown = (look.owner[y, x] == id_) & (depth[rows] < (1 + behind) * look.depth[y, x])
    rows = rows[shown]
    if not len(rows):
        return None
    corner = np.floor(pixels[rows]).astype(np.int64)
    part = pixels[rows] - corner
    value = cosine[rows] / depth[rows] ** 2  # how much surface a texel's photo has to tell it by
    columns, numbers, weights = [], [], []
    for dx in (0, 1):
        for dy in (0, 1):
            weight = np.abs(1 - dx - part[:, 0]) * np.abs(1 - dy - part[:, 1])
            columns.append(np.arange(len(rows)))
            numbers.append((corner[:, 1] + dy) * camera.width + corner[:, 0] + dx)
            weights.append(weight)
    flat = np.concatenate(numbers)
    used, where = np.unique(flat, return_inverse=True)
    entries = (np.concatenate(weights), (where, np.concatenate(columns)))
    matrix = csr_matrix(entries, shape=(len(used), len(rows)), dtype=np.float32)
    back = csr_matrix(matrix.T.multiply(value[:, None]), dtype=np.float32)
    # A photo's pixel is the light of its own square: were it taken to be as wide as what colours
    # are handed back by, the texels would come out too sharp.
    own = np.searchsorted(used, y[shown] * camera.width + x[shown])
    ones = np.ones(len(rows), np.float32)
    square = csr_matrix((ones, (own, np.arange(len(rows)))), shape=matrix.shape)
    total = np.asarray(square.sum(axis=1)).ravel()
    covered = (total > 0).astype(np.float32)
    forth = csr_matrix(square.multiply(1 / total.clip(1)[:, None]), dtype=np.float32)
    return _Seen(rows, look.colors.reshape(-1, 3)[used], covered[:, None], forth, back)


def _fitted(views: Sequence[_Seen], count: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Colours [count, 3] of the texels, and which of them any photo shows."""
    total = np.zeros((count, 1), np.float32)
    colors = np.zeros((count, 3), np.float32)
    for seen in views:
        total[seen.rows] += seen.back @ np.ones((len(seen.pixels), 1), np.float32)
        colors[seen.rows] += seen.back @ seen.pixels
    known = total[:, 0] > 0
    colors /= total.clip(1e-12)
    for _ in range(ROUNDS):
        change = np.zeros_like(colors)
        for seen in views:
            off = seen.covered * (seen.pixels - seen.forth @ colors[seen.rows])
            change[seen.rows] += seen.back @ off
        colors = (colors + change / total.clip(1e-12)).clip(0, 1)
    return colors, known


def _nearby(known: Array, colors: Floats, wanted: Array) -> Floats:
    """Colours [M, 3] at the places `wanted` [M, 3] from the nearest of the `known` [K, 3].

    Nearest on the surface, not in the picture, whose neighbours may be from elsewhere.
    """
    count = min(NEIGHBOURS, len(known))
    # Roughly the nearest: exactly so would take minutes where little was seen.
    away, rows = cKDTree(known).query(wanted, k=count, eps=0.5)
    away, rows = away.reshape(len(wanted), count), rows.reshape(len(wanted), count)
    weights = 1 / (away + away.mean() * 0.1 + 1e-9)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray((colors[rows] * weights[..., None]).sum(axis=1), np.float32)


def _padded(
    inside: NDArray[np.bool_], picture: Floats, unseen: NDArray[np.bool_]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Beyond the pieces the colour of the nearest texel, so that no seam shows from far away."""
    if not inside.any():
        return picture, unseen
    y, x = distance_transform_edt(~inside, return_distances=False, return_indices=True)
    return picture[y, x], unseen[y, x]
