"""Which way is up, where the floor is, and how large a unit is."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.capture.reconstruction import PlacedPhoto, Reconstruction
from core.geometry.pose import Pose

Array = NDArray[np.float64]

# A plane is a floor when its normal is this near to the cameras' up, in degrees, ...
FLOOR_TILT_DEGREES = 20.0
# ... so many of the points lie on it, ...
FLOOR_SHARE = 0.08
# ... and hardly any below it.
BELOW_SHARE = 0.03
# Points nearer to a plane than this part of the median depth lie on it.
FLOOR_THICKNESS = 0.01
FLOOR_TRIALS = 2000
# Cameras whose right axes span less than this in their second direction leave the roll to guess.
FEWEST_DIRECTIONS = 0.05
# Where no floor is found, this part of the points lies below y = 0.
LOW_POINTS = 0.02


def upright(
    reconstruction: Reconstruction, *, rescale: bool = True, seed: int = 0
) -> Reconstruction:
    """`reconstruction` in the scene frame: y up, the floor at y = 0.

    What the cameras look at is in the middle. Up is perpendicular to the cameras'
    right axes, as people hold a camera level, and made exact by the floor where one is
    found: the lowest large plane across up with the points above it. `rescale`: one
    unit becomes the median distance from a camera to a point it sees, since photos
    alone do not tell lengths;
    otherwise the solver's unit stays. A reconstruction without photos is returned unchanged.
    """
    if not reconstruction.photos:
        return reconstruction
    cameras = np.stack([photo.camera_from_scene for photo in reconstruction.photos])
    points = reconstruction.points.positions
    depth = median_depth(reconstruction)
    turned = Pose(_turn_up(camera_up(cameras)), np.zeros(3))
    trusted = turned.apply(points)[_trusted(reconstruction)]
    floor = find_floor(trusted, FLOOR_THICKNESS * depth, seed)
    if floor is not None:
        turned = Pose(_turn_up(floor[0]), np.zeros(3)) @ turned
        height = -floor[1]
    else:
        height = float(np.quantile(trusted[:, 1], LOW_POINTS)) if len(trusted) else 0.0
    middle = turned.apply(looked_at(cameras, depth))
    moved = Pose(np.eye(3), -np.array([middle[0], height, middle[2]])) @ turned
    if rescale:
        moved = Pose(np.eye(3), np.zeros(3), 1.0 / depth) @ moved
    return replace(moved_reconstruction(reconstruction, moved), floor_found=floor is not None)


def moved_reconstruction(reconstruction: Reconstruction, new_from_old: Pose) -> Reconstruction:
    """`reconstruction` with its cameras and points in another frame."""
    photos = tuple(
        PlacedPhoto(photo.name, photo.lens, new_from_old.moved_camera(photo.camera_from_scene))
        for photo in reconstruction.photos
    )
    positions = new_from_old.apply(reconstruction.points.positions)
    return replace(
        reconstruction, photos=photos, points=replace(reconstruction.points, positions=positions)
    )


def camera_up(cameras: Array) -> Array:
    """Unit up direction of the world that `cameras` [N, 4, 4] `camera_from_world` were held in.

    The direction most perpendicular to all right axes, towards where the tops of
    the photos are. Where all right axes are alike (photos side by side, or one
    photo) that leaves a turn about them open, and the mean top of the photos decides it.
    """
    right, top = cameras[:, 0, :3], -cameras[:, 1, :3]
    mean_top = top.mean(axis=0)
    _, spread, axes = np.linalg.svd(right, full_matrices=True)
    least = np.zeros(3)
    least[: len(spread)] = spread
    if least[1] > FEWEST_DIRECTIONS * least[0]:
        up = axes[2] * (1.0 if axes[2] @ mean_top >= 0.0 else -1.0)
    else:
        up = mean_top - (mean_top @ axes[0]) * axes[0]
    length = np.linalg.norm(up)
    return np.asarray(up / length) if length > 1e-9 else np.asarray(top[0])


def find_floor(points: Array, thickness: float, seed: int) -> tuple[Array, float] | None:
    """The floor among `points` [P, 3], y roughly up: unit normal n and offset d, n @ x + d = 0.

    The lowest of the large planes whose normal is near y and that have hardly a
    point below them; None where there is none. RANSAC with a seeded generator,
    then least squares over the points within `thickness`.
    """
    if len(points) < 30:
        return None
    random = np.random.default_rng(seed)
    corners = points[random.integers(0, len(points), (FLOOR_TRIALS, 3))]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1)
    normals = normals / np.maximum(lengths, 1e-12)[:, None]
    normals *= np.where(normals[:, 1] < 0.0, -1.0, 1.0)[:, None]
    level = (normals[:, 1] > np.cos(np.radians(FLOOR_TILT_DEGREES))) & (lengths > 1e-12)
    normals, offsets = normals[level], -np.sum(normals * corners[:, 0], axis=1)[level]
    best: tuple[Array, float] | None = None
    most = FLOOR_SHARE * len(points)
    for normal, offset in zip(normals, offsets, strict=True):
        heights = points @ normal + offset
        on = int(np.sum(np.abs(heights) < thickness))
        if on > most and np.mean(heights < -3.0 * thickness) < BELOW_SHARE:
            best, most = (normal, float(offset)), on
    return None if best is None else _fitted(points, best, thickness)


def looked_at(cameras: Array, depth: float) -> Array:
    """The point [3] nearest to the optical axes of `cameras`, in the least-squares sense.

    A pull towards the points at `depth` on each axis decides where the axes leave it open.
    """
    turn = cameras[:, :3, :3].transpose(0, 2, 1)
    centers = -(turn @ cameras[:, :3, 3, None])[..., 0]
    forward = cameras[:, 2, :3]
    across = np.eye(3) - forward[:, :, None] * forward[:, None, :]
    pull = 0.01
    system = across.sum(axis=0) + pull * len(cameras) * np.eye(3)
    ahead = centers + depth * forward
    target = (across @ centers[..., None]).sum(axis=0)[:, 0] + pull * ahead.sum(axis=0)
    return np.asarray(np.linalg.solve(system, target))


def median_depth(reconstruction: Reconstruction) -> float:
    """Median distance along the optical axis from a camera to a point that it sees.

    Without points, the spread of the cameras; 1 for a single one.
    """
    cameras = np.stack([photo.camera_from_scene for photo in reconstruction.photos])
    points = reconstruction.points
    if len(points.track_photos):
        seen_by = cameras[points.track_photos]
        seen = points.positions[points.track_points]
        depths = np.sum(seen_by[:, 2, :3] * seen, axis=1) + seen_by[:, 2, 3]
        if np.median(depths) > 0.0:
            return float(np.median(depths))
    turn = cameras[:, :3, :3].transpose(0, 2, 1)
    centers = -(turn @ cameras[:, :3, 3, None])[..., 0]
    spread = float(np.linalg.norm(np.ptp(centers, axis=0)))
    return spread if spread > 0.0 else 1.0


def _trusted(reconstruction: Reconstruction) -> NDArray[np.bool_]:
    """Points seen in three photos or more, or all where these are few."""
    points = reconstruction.points
    seen = np.bincount(points.track_points, minlength=len(points.positions))
    return seen >= 3 if np.sum(seen >= 3) >= 100 else np.ones(len(points.positions), bool)


def _fitted(points: Array, plane: tuple[Array, float], thickness: float) -> tuple[Array, float]:
    """`plane` fitted to the points near it, by least squares, twice."""
    normal, offset = plane
    for _ in range(2):
        near = points[np.abs(points @ normal + offset) < thickness]
        center = near.mean(axis=0)
        normal = np.linalg.svd(near - center, full_matrices=False)[2][2]
        normal = normal if normal[1] > 0.0 else -normal
        offset = -float(normal @ center)
    return normal, offset


def _turn_up(up: Array) -> Array:
    """The smallest rotation [3, 3] that takes the unit vector `up` to y."""
    y = np.array([0.0, 1.0, 0.0])
    axis, cosine = np.cross(up, y), float(up @ y)
    if cosine < -1.0 + 1e-12:
        return np.diag([1.0, -1.0, -1.0])
    cross = np.array([[0.0, -axis[2], axis[1]], [axis[2], 0.0, -axis[0]], [-axis[1], axis[0], 0.0]])
    return np.asarray(np.eye(3) + cross + cross @ cross / (1.0 + cosine))
