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
from core.scene.fill.faces import Face, first_faces
from core.scene.fill.laying import laid
from core.scene.fill.painter import Painter, by_patches
from core.segment.lift import votes_of
from core.train.evidence import shares_seen

Array = NDArray[np.float64]
Pixels = NDArray[np.bool_]

STAGE = "Filling what was behind"

THERE = 0.1  # of a pixel: an object that shows so much of itself hides what is behind
GLIMPSE = 0.05  # of a Gaussian: what no photo showed more of is a guess
GUESSED = 0.5  # of a pixel, by such Gaussians: nothing is known of what is there
MOSTLY = 0.5  # of what shows of a guessed Gaussian, in the hole: the fill takes its place
OFF = 0.04  # of the depth: what is farther from a face than this is not on it
GLANCES = 1500  # a view: pixels that tell what is seen through
THROUGH = 0.25  # of them: where so many show what lies beyond a face, it is none
SOLID = 0.9  # alpha of what has no holes
AROUND = 0.5  # of the hole's size: how much of the face around it is looked at
BEYOND = 0.06  # of the hole's size: how far it is filled beyond what photos would show
EDGE = 0.0125  # of a picture's longer side: so near an object's edge its colours run into others
MOST_TEXELS = 400  # a side
MOST_PLACES = 15_000  # of a hole, that say how large it is


@dataclass(frozen=True, eq=False)
class Fill:
    """`added`: Gaussians of origin FILLED; `hides` [N] bool: rows of the scene they replace."""

    added: Gaussians
    hides: Tensor


@dataclass(frozen=True, eq=False)
class Shot:
    """A photo's place: the scene with the object, where the object is, and where to fill.

    `color` [H, W, 3], `depth` [H, W] of all; `thing` [H, W] the object's share of each pixel.
    """

    view: View
    color: NDArray[np.float32]
    depth: NDArray[np.float32]
    thing: NDArray[np.float32]


def filled_behind(
    scene: Gaussians,
    gone: Tensor,
    views: Sequence[View],
    faces: Sequence[Face],
    paint: Painter = by_patches,
) -> Iterator[Progress | Fill]:
    """What shows where the rows `gone` [N] bool of `scene` were, as photos from `views` lack it.

    The hole: pixels that showed the object and where the rest shows nothing, or only Gaussians that
    no photo ever saw. Each is carried to the face that its ray meets first. The face's colours
    around come from all photos that show them, its hole's are what `paint` makes of these. As much
    work as four pictures and a gradient a view.
    """
    scene = scene.map(Tensor.detach)
    total = 3 * len(views)
    shares, shots = torch.zeros(len(scene)), []
    for k, view in enumerate(views):
        shares = torch.maximum(shares, shares_seen(scene, view))
        shots.append(shot_of(scene, gone, view))
        yield Progress(STAGE, k + 1, total)
    faces = standing(faces, shots)
    seen = shares > GLIMPSE
    rest, rest_seen = scene.rows(~gone), seen[~gone].to(scene.means)
    found: list[list[Array]] = [[] for _ in faces]
    shown = torch.zeros(len(rest), 2)
    for k, shot in enumerate(shots):
        places, hole = _hole(rest, rest_seen, shot, faces)
        for own, each in zip(found, places, strict=True):
            own.append(each)
        shown += votes_of(rest, shot.view, hole.astype(np.int64), (0, 1))
        yield Progress(STAGE, len(shots) + k + 1, total)
    whole = scene.rows(torch.zeros(0, dtype=torch.int64))
    for k, (face, parts) in enumerate(zip(faces, found, strict=True)):
        if sum(map(len, parts)):
            hole_here = np.concatenate(parts)
            whole = whole.followed_by(painted(face, hole_here, shots, scene, paint=paint))
            yield Progress(STAGE, 2 * len(shots) + len(shots) * k // len(faces), total)
    hides = ~gone & ~seen
    hides[~gone] &= shown[:, 1] >= MOSTLY * shown.sum(dim=1)
    yield Fill(whole, hides)


def shot_of(scene: Gaussians, gone: Tensor, view: View) -> Shot:
    """What `view` shows of `scene`, whose rows `gone` [N] bool are the object."""
    render = rasterize(scene, view, features=gone[:, None].to(scene.means))
    assert render.features is not None
    depth = torch.where(render.alpha > 0.5, render.depth, 0.0)
    return Shot(
        view,
        render.color.clamp(0, 1).numpy(),
        depth.numpy(),
        render.features[..., 0].numpy(),
    )


def standing(faces: Sequence[Face], shots: Sequence[Shot]) -> tuple[Face, ...]:
    """Those of `faces` that photos do not look through: planes in the air are faces of nothing.

    The first, the floor, is kept.
    """
    hit, through = np.zeros(len(faces)), np.zeros(len(faces))
    for shot in shots:
        step = max(1, round((shot.depth.size / GLANCES) ** 0.5))
        down, across = (np.arange(0, n, step) for n in shot.depth.shape)
        y, x = (each.ravel() for each in np.meshgrid(down, across, indexing="ij"))
        centre, rays = rays_through(shot.view, x, y)
        depth = shot.depth[y, x]
        for k, face in enumerate(faces):
            times = face.hits(centre, rays)
            there = np.isfinite(times) & (depth > 0)
            hit[k] += there.sum()
            through[k] += (depth[there] > (1 + 2 * OFF) * times[there]).sum()
    kept = through <= THROUGH * hit
    return tuple(face for k, face in enumerate(faces) if k == 0 or kept[k])


def _grown(thing: NDArray[np.float32]) -> NDArray[np.float32]:
    """The object's share [H, W] of each pixel, its edge moved outwards."""
    reach = max(1, round(EDGE * max(thing.shape)))
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    return np.asarray(cv2.dilate(thing, kernel), np.float32)


def _hole(
    rest: Gaussians, seen: Tensor, shot: Shot, faces: Sequence[Face]
) -> tuple[list[Array], Pixels]:
    """Where on each of `faces` [P, 2] the pixels lie that showed the object, and now nothing known.

    And these pixels [H, W].
    """
    render = rasterize(rest, shot.view, features=seen[:, None])
    assert render.features is not None
    there = _grown(shot.thing) > THERE
    y, x = np.nonzero(there)
    centre, rays = rays_through(shot.view, x, y)
    face, times = first_faces(faces, centre, rays)
    depth, alpha = render.depth.numpy()[y, x], render.alpha.numpy()[y, x]
    known = render.features[..., 0].numpy()[y, x] > GUESSED
    solid = (alpha > SOLID) & (depth < (1 + OFF) * times)
    open_ = (face >= 0) & ~(known & solid)
    at = centre + times[open_, None] * rays[open_]
    hole = np.zeros(there.shape, bool)
    hole[y[open_], x[open_]] = True
    return [each.along(at[face[open_] == k]) for k, each in enumerate(faces)], hole


def rays_through(view: View, x: NDArray[np.integer], y: NDArray[np.integer]) -> tuple[Array, Array]:
    """The camera's place [3], and rays [R, 3] through pixels with z = 1."""
    camera, world = view.camera, view.camera_from_scene.double().numpy()
    rays = np.stack(
        [(x + 0.5 - camera.cx) / camera.fx, (y + 0.5 - camera.cy) / camera.fy, np.ones(len(x))], 1
    )
    return -world[:3, :3].T @ world[:3, 3], rays @ world[:3, :3]


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
    air = _seen_colors(face.places(some)[None], shots)[2][0]
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
    color, known, air = _seen_colors(places, shots)
    wanted = (cv2.dilate(asked, kernel) > 0) & ~known & ~air & _on(face, corner, cell, asked.shape)
    filled = paint(color, known, wanted)
    return laid(
        places[wanted], face.plane.normal, filled[wanted], cell, face.object_id, scene.sh.shape[1]
    )


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
    places: Array, shots: Sequence[Shot]
) -> tuple[NDArray[np.float32], Pixels, Pixels]:
    """Mean colours [H, W, 3] that photos show at `places` [H, W, 3], and where any does.

    And where any shows what lies beyond: there the face has ended.
    """
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
        near = np.abs(shot.depth[row, column] - z) < OFF * z
        free = _grown(shot.thing)[row, column] < THERE
        good = (inside & near & free).reshape(weight.shape)
        beyond = shot.depth[row, column] > (1 + 2 * OFF) * z
        air |= (inside & beyond & free).reshape(weight.shape)
        shape = weight.shape
        color = cv2.remap(shot.color, x.reshape(shape), y.reshape(shape), cv2.INTER_LINEAR)
        # Nearer photos show more of it.
        worth = np.where(good, 1 / np.maximum(z.reshape(shape), 1e-9) ** 2, 0)
        total += worth[..., None] * color
        weight += worth
    known = weight > 0
    return (total / np.maximum(weight, 1e-12)[..., None]).astype(np.float32), known, air
