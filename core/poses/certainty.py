"""How far the cameras could be off for all that the points say: the uncertainty of the fit.

Three photos with a lens of unknown focal length often leave it nearly open. The points then fit
as well with other cameras, every start arrives at the same ones, and only the curvature of
the fit tells. Bundle adjustment's covariance: Triggs et al., "Bundle adjustment, a
modern synthesis", 2000, sections 9.3 and 9.4.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from core.capture.lens import Lens
from core.poses.mapping import Model

Array = NDArray[np.float64]
Ids = NDArray[np.int64]

# True errors reach so many times what independent noise in the points would explain: matches err
# together, and a lens is more than a focal length and one distortion. Measured on drawn rooms.
UNEXPLAINED = 5.0
# Photos nearer to each other than this part of the greatest distance have no telling direction.
NEAR = 0.25
STEP = 1e-5


@dataclass(frozen=True, eq=False)
class _Sightings:
    """All observations: `camera`, `lens` and `point` [O] by number, [O, 2, K] derivatives."""

    camera: Ids
    lens: Ids
    point: Ids
    by_pose: Array
    by_lens: Array
    by_point: Array
    residuals: Array


def likely_error(model: Model, *, fixed_lens: bool = False) -> float:
    """Degrees by which the relative rotations and directions of photos may well be wrong.

    The greatest over pairs of photos, UNEXPLAINED deviations of the fit. Infinite
    where the points leave the cameras open altogether. For few photos: the work grows
    with their square.
    """
    photos = sorted(model.cameras)
    seen = _sightings(model, photos, fixed_lens)
    poses, lenses = 6 * len(photos), len(set(seen.lens.tolist())) * seen.by_lens.shape[2]
    left = 2 * len(seen.point) - 3 * len(np.unique(seen.point)) - (poses + lenses - 7)
    if left <= 0:
        return float("inf")
    variance = float((seen.residuals**2).sum()) / left
    covariance = variance * np.linalg.pinv(_curvature(seen, len(photos)), 1e-12, hermitian=True)
    cameras = [model.cameras[photo] for photo in photos]
    centres = np.array([-camera[:3, :3].T @ camera[:3, 3] for camera in cameras])
    apart = {(i, k): np.linalg.norm(centres[i] - centres[k]) for i, k in _pairs(len(photos))}
    telling = [pair for pair, far in apart.items() if far >= NEAR * max(apart.values())]
    worst = max(_deviation(cameras, covariance, i, k) for i, k in telling)
    return UNEXPLAINED * float(np.degrees(worst))


def _pairs(count: int) -> list[tuple[int, int]]:
    return list(combinations(range(count), 2))


def _sightings(model: Model, photos: list[int], fixed_lens: bool) -> _Sightings:
    native = model.native
    place = {model.ids[photo]: i for i, photo in enumerate(photos)}
    shared = sorted({native.image(image_id).camera_id for image_id in place})
    rows: list[tuple[int, int]] = []
    pixels, points = [], []
    for number, point in enumerate(native.points3D.values()):
        for element in point.track.elements:
            rows.append((place[element.image_id], number))
            pixels.append(native.image(element.image_id).points2D[element.point2D_idx].xy)
            points.append(point.xyz)
    camera, number = np.array(rows, np.int64).T
    where, there = np.array(points), np.array(pixels)
    lens = np.array(
        [shared.index(native.image(model.ids[photo]).camera_id) for photo in photos], np.int64
    )
    parts = [
        _derivatives(
            model.cameras[photo], model.lenses[photo], where[camera == i], there[camera == i]
        )
        for i, photo in enumerate(photos)
    ]
    order = np.concatenate([np.flatnonzero(camera == i) for i in range(len(photos))])
    by_pose, by_lens, by_point, residuals = (
        np.concatenate(each) for each in zip(*parts, strict=True)
    )
    if fixed_lens:
        by_lens = by_lens[..., :0]
    camera = camera[order]
    return _Sightings(camera, lens[camera], number[order], by_pose, by_lens, by_point, residuals)


def _derivatives(
    camera_from_world: Array, lens: Lens, points: Array, pixels: Array
) -> tuple[Array, Array, Array, Array]:
    """Of the pixels [O, 2] of `points` [O, 3]: by pose [O, 2, 6], lens [O, 2, K], point; residuals.

    A pose moves by a turn after it (3) and a shift (3); the parameters of a lens are in parts of
    the focal length, its centre, which is not refined, left out.
    """
    turned = points @ camera_from_world[:3, :3].T
    seen = turned + camera_from_world[:3, 3]
    rays = seen[:, :2] / seen[:, 2:]
    by_ray = np.stack(
        [
            (lens.pixels(rays + step) - lens.pixels(rays - step)) / (2 * STEP)
            for step in STEP * np.eye(2)
        ],
        -1,
    )
    ray_by_place = np.zeros((len(points), 2, 3))
    ray_by_place[:, [0, 1], [0, 1]] = 1 / seen[:, 2:]
    ray_by_place[:, :, 2] = -rays / seen[:, 2:]
    by_place = by_ray @ ray_by_place
    by_turn = np.cross(turned[:, None], by_place)
    known = lens.camera()
    focal = float(known.mean_focal_length())
    free = [
        (number, size)
        for numbers, size in ((known.focal_length_idxs(), focal), (known.extra_params_idxs(), 1.0))
        for number in numbers
    ]
    by_lens = np.zeros((len(points), 2, len(free)))
    for column, (number, size) in enumerate(free):
        more, less = list(lens.params), list(lens.params)
        more[number] += STEP * size
        less[number] -= STEP * size
        by_lens[..., column] = _pixels(lens, more, rays) - _pixels(lens, less, rays)
    return (
        np.concatenate([by_turn, by_place], -1),
        by_lens / (2 * STEP),
        by_place @ camera_from_world[:3, :3],
        lens.pixels(rays) - pixels,
    )


def _pixels(lens: Lens, params: list[float], rays: Array) -> Array:
    return Lens(lens.model, lens.width, lens.height, tuple(params)).pixels(rays)


def _curvature(seen: _Sightings, cameras: int) -> Array:
    """The normal matrix of poses and lenses, the points eliminated (Schur complement)."""
    columns = _columns(seen, cameras)
    size = int(columns.max()) + 1
    jacobian = np.concatenate([seen.by_pose, seen.by_lens], -1)
    points = int(seen.point.max()) + 1
    normal = np.zeros((size, size))
    own = np.zeros((points, 3, 3))
    mixed = np.zeros((points, size, 3))
    np.add.at(own, seen.point, seen.by_point.transpose(0, 2, 1) @ seen.by_point)
    each = jacobian.transpose(0, 2, 1)
    np.add.at(mixed, (seen.point[:, None], columns), each @ seen.by_point)
    np.add.at(normal, (columns[:, :, None], columns[:, None, :]), each @ jacobian)
    eliminated = mixed @ np.linalg.pinv(own, hermitian=True)
    return np.asarray(normal - np.einsum("pik,pjk->ij", eliminated, mixed))


def _columns(seen: _Sightings, cameras: int) -> Ids:
    """[O, 6 + K]: which unknowns each observation depends on."""
    of_pose = 6 * seen.camera[:, None] + np.arange(6)
    count = seen.by_lens.shape[2]
    of_lens = 6 * cameras + count * seen.lens[:, None] + np.arange(count)
    return np.concatenate([of_pose, of_lens], 1)


def _deviation(cameras: list[Array], covariance: Array, first: int, second: int) -> float:
    """Radians: the greater of the deviations of relative rotation and direction of two cameras."""
    turn = cameras[second][:3, :3] @ cameras[first][:3, :3].T
    carried = turn @ cameras[first][:3, 3]
    step = cameras[second][:3, 3] - carried
    rotation = np.zeros((3, len(covariance)))
    rotation[:, 6 * second : 6 * second + 3] = np.eye(3)
    rotation[:, 6 * first : 6 * first + 3] = -turn
    shift = np.cross(carried, rotation, axisb=0).T
    shift[:, 6 * second + 3 : 6 * second + 6] += np.eye(3)
    shift[:, 6 * first + 3 : 6 * first + 6] -= turn
    length = float(np.linalg.norm(step))
    way = step / length
    direction = (np.eye(3) - np.outer(way, way)) @ shift / length
    found = [float(np.trace(part @ covariance @ part.T)) for part in (rotation, direction)]
    return float(np.sqrt(max(*found, 0.0)))
