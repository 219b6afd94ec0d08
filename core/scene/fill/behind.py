"""What was behind an object that is gone: its shadow on the room's faces, painted from around it.

Everything happens on the faces, in 3D, so that it is the same from every view.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.progress import Progress
from core.render.rasterize import rasterize
from core.scene.fill.faces import THICKNESS, Face, beside, first_faces
from core.scene.fill.laying import laid
from core.scene.fill.painter import Painter, by_patches
from core.scene.fill.sheen import Look, sheen
from core.scene.fill.shots import OFF, Shot, loose, rays_through, shot_of, standing
from core.segment.lift import votes_of
from core.train.evidence import share_of

Array = NDArray[np.float64]
Pixels = NDArray[np.bool_]

STAGE = "Filling what was behind"

GLIMPSE = 0.05  # of a Gaussian: what no photo showed more of is a guess
MOSTLY = 0.5  # of what shows of a guessed Gaussian, in the hole: something else takes its place
LOOSE = 0.3  # of a pixel, by what lies on no face: it does not tell what a face looks like
NEXT = 0.1  # of an object's size: what is so near to a part of it is inside of it, or next to it
SOLID = 0.9  # alpha of what has no holes
AROUND = 0.5  # of the hole's size: how much of the face around it is looked at
BEYOND = 0.06  # of the hole's size: how far it is filled beyond what photos would show
PARTED = 40  # of a hole's size: what lies farther apart are two
WORTH = 0.01  # of a hole's pixels: smaller parts that lie apart are not seen, or guessed wrongly
BEST = 3  # power of a texel's size in a photo, by which photos count
MOST_TEXELS = 512  # a side
MOST_PLACES = 15_000  # of a hole, that say how large it is


@dataclass(frozen=True, eq=False)
class Fill:
    """`added`: Gaussians of origin FILLED; `hides` [N] bool: rows of the scene they replace."""

    added: Gaussians
    hides: Tensor


def filled_behind(
    scene: Gaussians,
    gone: Tensor,
    views: Sequence[View],
    faces: Sequence[Face],
    paint: Painter = by_patches,
) -> Iterator[Progress | Fill]:
    """What shows where the rows `gone` [N] bool of `scene` were, as photos from `views` lack it.

    The hole: pixels that showed the object or the blur around it, and where nothing is that is seen
    beside it. Each is carried to the face that its ray meets first. The face's colours around come
    from all photos that show them, its hole's are what `paint` makes of these. As much work as four
    pictures a view.
    """
    scene = scene.map(Tensor.detach)
    if not gone.any():
        yield Fill(scene.rows(gone), gone.clone())
        return
    total = 3 * len(views)
    shares, shots = torch.zeros(len(scene), 2), []
    votes = torch.zeros(len(scene), 2)  # how much shows beside the object, and where it is
    off, things = loose(scene, faces, views)
    for k, view in enumerate(views):
        shots.append(shot_of(scene, gone, view, off))
        here = votes_of(scene, view, shots[-1].there.astype(np.int64), (0, 1))
        for j, seen in enumerate((here[:, 0], here.sum(dim=1))):
            shares[:, j] = torch.maximum(shares[:, j], share_of(seen, scene, view))
        votes += here
        yield Progress(STAGE, k + 1, total)
    faces = beside(standing(faces, shots), scene.means[gone].double().numpy())
    # What floats, and is seen with the object more than beside it, is a part of it.
    seen = (shares[:, 0] > GLIMPSE) & ~(off & (votes[:, 0] < votes[:, 1]))
    # Other things stand there as much as this one did.
    seen |= things & (shares[:, 1] > GLIMPSE)
    rest, firm = scene.rows(~gone), scene.rows(~gone & seen)
    found: list[list[Array]] = [[] for _ in faces]
    shown = torch.zeros(len(rest), 2)
    for k, shot in enumerate(shots):
        places, covered = _hole(firm, shot, faces)
        for own, each in zip(found, places, strict=True):
            own.append(each)
        shown += votes_of(rest, shot.view, covered.astype(np.int64), (0, 1))
        yield Progress(STAGE, len(shots) + k + 1, total)
    whole = scene.rows(torch.zeros(0, dtype=torch.int64))
    count = sum(len(part) for parts in found for part in parts)
    for k, (face, parts) in enumerate(zip(faces, found, strict=True)):
        for part in apart(np.concatenate(parts), WORTH * count):
            whole = whole.followed_by(painted(face, part, shots, scene, paint=paint))
        yield Progress(STAGE, 2 * len(shots) + len(shots) * (k + 1) // len(faces), total)
    hides = ~gone & ~seen
    hides[~gone] &= shown[:, 1] >= MOSTLY * shown.sum(dim=1)
    # What shows nowhere is left alone, but for what is inside of the object.
    hides[~gone] &= (shown[:, 1] > 0) | _within(rest.means, scene.means[gone])
    yield Fill(whole, hides)


def _within(points: Tensor, thing: Tensor) -> Tensor:
    """[P]: which of `points` [P, 3] lie in or next to the object at `thing` [T, 3]."""
    from scipy.spatial import cKDTree  # half a second to load

    places = thing.numpy()
    size = np.linalg.norm(np.subtract(*np.percentile(places, [95, 5], axis=0)))
    away, _ = cKDTree(places).query(points.numpy(), distance_upper_bound=NEXT * size)
    return torch.from_numpy(np.isfinite(away))


def _hole(firm: Gaussians, shot: Shot, faces: Sequence[Face]) -> tuple[list[Array], Pixels]:
    """Where on each of `faces` [P, 2] the pixels lie that showed the object, and now nothing known.

    And which of all that showed it [H, W] will be covered, by these or by what is `firm`: what
    photos show beside the object.
    """
    render = rasterize(firm, shot.view)
    y, x = np.nonzero(shot.there)
    centre, rays = rays_through(shot.view, x, y)
    face, times = first_faces(faces, centre, rays)
    depth, alpha = render.depth.numpy()[y, x], render.alpha.numpy()[y, x]
    open_ = (face >= 0) & ~((alpha > SOLID) & (depth < (1 + OFF) * times))
    at = centre + times[open_, None] * rays[open_]
    covered = np.zeros(shot.there.shape, bool)
    covered[y, x] = open_ | (alpha > SOLID)
    return [each.along(at[face[open_] == k]) for k, each in enumerate(faces)], covered


def apart(hole: Array, least: float) -> list[Array]:
    """`hole` [P, 2] in parts that lie apart, so that each is looked at from near by.

    What has fewer than `least` places is left out.
    """
    if not len(hole):
        return []
    low, high = np.percentile(hole, [1, 99], axis=0)
    cell = max(float((high - low).max()) / PARTED, 1e-9)
    at = np.clip((hole - low) / cell, -PARTED, 2 * PARTED).astype(np.int64) + PARTED
    picture = np.zeros((3 * PARTED + 1, 3 * PARTED + 1), np.uint8)
    picture[at[:, 1], at[:, 0]] = 1
    _, labels = cv2.connectedComponents(cv2.dilate(picture, np.ones((3, 3), np.uint8)))
    own = labels[at[:, 1], at[:, 0]]
    parts = [hole[own == k] for k in range(1, int(own.max()) + 1)]
    return [part for part in parts if len(part) >= least]


def painted(
    face: Face,
    hole: Array,
    shots: Sequence[Shot],
    scene: Gaussians,
    most_texels: int = MOST_TEXELS,
    paint: Painter = by_patches,
) -> Gaussians:
    """Gaussians on `face` where `hole` [P, 2] lies, at most `most_texels` along its longer side."""
    some = hole[:: max(1, len(hole) // MOST_PLACES)]
    air = _seen_colors(face, face.places(some)[None], shots)[2][0]
    low, high = np.percentile(some if air.all() else some[~air], [0.5, 99.5], axis=0)
    size = float((high - low).max())
    cell = max(_pixel(face, hole, shots), size * (1 + 2 * AROUND) / most_texels)
    corner = low - AROUND * size
    wide, tall = (int(np.ceil(each / cell)) + 1 for each in high - low + 2 * AROUND * size)
    at = np.floor((hole - corner) / cell).astype(np.int64)
    inside = (at >= 0).all(axis=1) & (at < (wide, tall)).all(axis=1)
    asked = np.zeros((tall, wide), np.uint8)
    asked[at[inside, 1], at[inside, 0]] = 1
    reach = max(1, round(BEYOND * size / cell))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    texels = np.stack(np.meshgrid(np.arange(wide), np.arange(tall)), axis=-1) + 0.5
    places = face.places(corner + cell * texels)
    color, known, air, looks = _seen_colors(face, places, shots)
    wanted = (cv2.dilate(asked, kernel) > 0) & ~known & ~air & _on(face, corner, cell, asked.shape)
    filled = paint(color, known, wanted)[wanted]
    bands = scene.sh.shape[1]
    if bands < 4 or not wanted.any():
        return laid(places[wanted], face.plane.normal, filled, cell, face.object_id, bands)
    shine, there = sheen(looks, color, wanted)
    added = laid(places[wanted], face.plane.normal, filled - there, cell, face.object_id, bands)
    added.sh[:, 1:4] = torch.from_numpy(shine)
    return added


def _on(face: Face, corner: Array, cell: float, shape: tuple[int, int]) -> Pixels:
    """[H, W]: which texels lie within the face's outline."""
    if face.outline is None:
        return np.ones(shape, bool)
    within = np.zeros(shape, np.uint8)
    line = np.round((face.outline - corner) / cell - 0.5).astype(np.int32)
    cv2.fillPoly(within, [line], 1)
    return np.asarray(within > 0)


def _pixel(face: Face, hole: Array, shots: Sequence[Shot]) -> float:
    """How long a pixel is on the face, in the photo that is nearest to the hole."""
    middle = face.places(np.median(hole, axis=0))
    lengths = [
        float(np.linalg.norm(shot.view.centre().double().numpy() - middle)) / shot.view.camera.fx
        for shot in shots
    ]
    return min(lengths)


def _seen_colors(
    face: Face, places: Array, shots: Sequence[Shot]
) -> tuple[NDArray[np.float32], Pixels, Pixels, list[Look]]:
    """Mean colours [H, W, 3] that photos show at `places` [H, W, 3], and where any does.

    And where any shows what lies beyond: there the face has ended; and what each of them shows.
    """
    looks = []
    total = np.zeros((*places.shape[:2], 3), np.float64)
    weight, air = np.zeros(places.shape[:2]), np.zeros(places.shape[:2], bool)
    flat = places.reshape(-1, 3)
    for shot in shots:
        world = shot.view.camera_from_scene.double().numpy()
        seen = flat @ world[:3, :3].T + world[:3, 3]
        camera, z = shot.view.camera, np.maximum(seen[:, 2], 1e-9)
        x = (camera.fx * seen[:, 0] / z + camera.cx - 0.5).astype(np.float32)
        y = (camera.fy * seen[:, 1] / z + camera.cy - 0.5).astype(np.float32)
        inside = (seen[:, 2] > 0.01) & (x >= 0) & (y >= 0)
        inside &= (x <= camera.width - 1) & (y <= camera.height - 1)
        row, column = (np.where(inside, np.round(each), 0).astype(np.int64) for each in (y, x))
        # How far what is seen there is from the face, along its normal.
        height = float(face.plane.heights(shot.view.centre().double().numpy()))
        near = np.abs(height * (1 - shot.depth[row, column] / z)) < THICKNESS * z
        free = ~shot.there[row, column] & (shot.loose[row, column] < LOOSE)
        good = (inside & near & free).reshape(weight.shape)
        beyond = shot.depth[row, column] > (1 + 2 * OFF) * z
        air |= (inside & beyond & free).reshape(weight.shape)
        shape = weight.shape
        color = cv2.remap(shot.color, x.reshape(shape), y.reshape(shape), cv2.INTER_LINEAR)
        # How many pixels a texel has there: what shows it best counts, or fine patterns blur.
        straight = abs(height) / np.maximum(z.reshape(shape), 1e-9) ** 3
        worth = np.where(good, straight**BEST, 0)
        total += worth[..., None] * color
        way = flat - shot.view.centre().double().numpy()
        way /= np.linalg.norm(way, axis=1, keepdims=True)
        seen_along = way.reshape(places.shape).astype(np.float32)
        looks.append(Look(np.asarray(color, np.float32), seen_along, worth.astype(np.float32)))
        weight += worth
    known = weight > 0
    return (total / np.maximum(weight, 1e-12)[..., None]).astype(np.float32), known, air, looks
