"""From where pictures are taken: all around, along the camera's way, or where the photos were."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import torch
from numpy.typing import NDArray

from core.capture.reconstruction import PlacedPhoto
from core.errors import UserError
from core.gaussians.table import Gaussians
from core.geometry.aim import facing
from core.geometry.camera import Pinhole, View
from core.geometry.pose import Pose
from core.pipeline.prepare import views_of
from core.pipeline.split import picture_names
from core.scene.camera_path import CameraPath, along, in_scene, times

Array = NDArray[np.float64]

FIELD = 50.0  # degrees from the lower to the upper side of what a turntable sees
RISEN = 20.0  # degrees above what it turns about, where no photo tells
AWAY = 1.2  # times the size of the scene, likewise
STILLS = 12  # pictures all around
OPEN = 120.0  # degrees without photos from which on the camera goes to and fro
STRAYS = (2, 98)  # percentiles: Gaussians beyond do not count for the scene's size


class Source(Enum):
    """Where the cameras come from; the value is the word on the command line."""

    TURNTABLE = "turntable"
    PATH = "path"
    PHOTOS = "photos"


@dataclass(frozen=True)
class Shots:
    """Pictures of `width` x `height`; films have `rate` frames a second.

    `seconds`: of a turntable; a path knows its own.
    """

    source: Source = Source.TURNTABLE
    width: int = 1280
    height: int = 720
    seconds: float = 8.0
    rate: int = 30

    def count(self, path: CameraPath, photos: int, *, film: bool) -> int:
        """How many pictures that will be."""
        if film:
            return max(1, round(self.rate * self.length(path)))
        return {Source.TURNTABLE: STILLS, Source.PATH: len(path.keys)}.get(self.source, photos)

    def length(self, path: CameraPath) -> float:
        """How many seconds a film takes."""
        return path.seconds if self.source is Source.PATH else self.seconds


def film_views(
    shots: Shots, gaussians: Gaussians, path: CameraPath, places: Sequence[PlacedPhoto], pose: Pose
) -> list[View]:
    """A view a frame, of `gaussians` in the scene's frame; `pose`: scene from capture.

    Raises `UserError` where there is no way to go.
    """
    count = shots.count(path, len(places), film=True)
    if shots.source is Source.TURNTABLE:
        return turntable(shots, gaussians, places, pose, count)
    # Of a closed way the last frame comes before the first again.
    when = np.linspace(0, 1, count, endpoint=not _path(path).closed)
    return _along(shots, path, when, pose)


def still_views(
    shots: Shots, gaussians: Gaussians, path: CameraPath, places: Sequence[PlacedPhoto], pose: Pose
) -> dict[str, View]:
    """Views by the names of their pictures. Raises `UserError` where there is none."""
    if shots.source is Source.PHOTOS:
        return _photos(shots, places, pose)
    if shots.source is Source.TURNTABLE:
        views, word = turntable(shots, gaussians, places, pose, STILLS), "around"
    else:
        keys = len(_path(path).keys)
        when = times(path)[:keys] if keys > 1 else np.zeros(1)
        views, word = _along(shots, path, when, pose), "key"
    return {f"{word}-{number:02d}": view for number, view in enumerate(views, 1)}


def turntable(
    shots: Shots, gaussians: Gaussians, places: Sequence[PlacedPhoto], pose: Pose, count: int
) -> list[View]:
    """Views all around, from as far and as high as the photos are.

    Where photos leave a wide part of the circle open, to and fro before the part that they see.
    """
    middle, radius, height, (start, arc) = _circle(gaussians, places, pose)
    part = np.arange(count) / count
    turns = start + 2 * np.pi * part
    if arc < 2 * np.pi:
        turns = start + arc * (1 - np.cos(2 * np.pi * part)) / 2
    camera = pinhole(math.radians(FIELD), shots.width, shots.height)
    up = torch.tensor([0.0, 1.0, 0.0], dtype=torch.float64)
    views = []
    for turn in turns:
        way = np.array(
            [np.cos(height) * np.sin(turn), np.sin(height), np.cos(height) * np.cos(turn)]
        )
        centre = torch.from_numpy(middle + radius * way)
        view = facing(camera, centre, torch.from_numpy(middle), up)
        views.append(View(camera, view.camera_from_scene.float()))
    return views


def pinhole(fov_y: float, width: int, height: int) -> Pinhole:
    """A camera that sees `fov_y` radians from the lower to the upper side."""
    focal = height / 2 / math.tan(fov_y / 2)
    return Pinhole(width, height, focal, focal, width / 2, height / 2)


def _circle(
    gaussians: Gaussians, places: Sequence[PlacedPhoto], pose: Pose
) -> tuple[Array, float, float, tuple[float, float]]:
    """Middle [3], radius, height in radians; and from which turn on how far round, in radians."""
    means = gaussians.means.detach().double().cpu().numpy()
    low, high = np.percentile(means, STRAYS, axis=0)
    middle = (low + high) / 2
    radius = AWAY * float(np.linalg.norm(high - low))
    whole = (0.0, 2 * np.pi)
    if len(places) < 3:
        return middle, radius, math.radians(RISEN), whole
    matrices = np.stack([pose.moved_camera(place.camera_from_scene) for place in places])
    turns, forward = matrices[:, :3, :3], matrices[:, 2, :3]
    centres = -np.einsum("kji,kj->ki", turns, matrices[:, :3, 3])
    # The point that all cameras look at most nearly, or what is near it if they look past it.
    across = np.eye(3) - forward[:, :, None] * forward[:, None, :]
    steady = 1e-2 * len(places) * np.eye(3)
    wanted = np.einsum("kij,kj->i", across, centres) + steady @ middle
    middle = np.linalg.solve(across.sum(axis=0) + steady, wanted).clip(low, high)
    ways = centres - middle
    radius = float(np.median(np.linalg.norm(ways, axis=1)))
    height = float(np.median(np.arctan2(ways[:, 1], np.hypot(ways[:, 0], ways[:, 2]))))
    round_ = np.sort(np.arctan2(ways[:, 0], ways[:, 2]))
    gaps = np.diff(np.append(round_, round_[0] + 2 * np.pi))
    widest = int(gaps.argmax())
    if gaps[widest] < math.radians(OPEN):
        return middle, radius, height, whole
    start = float(round_[(widest + 1) % len(round_)])
    return middle, radius, height, (start, 2 * np.pi - float(gaps[widest]))


def _along(shots: Shots, path: CameraPath, when: Array, pose: Pose) -> list[View]:
    views = []
    for key in along(path, when):
        camera = pinhole(key.fov_y, shots.width, shots.height)
        views.append(View(camera, torch.from_numpy(in_scene(key, pose)).float()))
    return views


def _photos(shots: Shots, places: Sequence[PlacedPhoto], pose: Pose) -> dict[str, View]:
    if not places:
        raise UserError("No photo has a place.", hint="Take the pictures all around instead.")
    names, longest = picture_names([place.name for place in places]), max(shots.width, shots.height)
    answer = {}
    for place, view in zip(places, views_of(places), strict=True):
        camera = view.camera
        part = longest / max(camera.width, camera.height)
        small = camera.resized(round(camera.width * part), round(camera.height * part))
        matrix = torch.from_numpy(pose.moved_camera(place.camera_from_scene)).float()
        answer[names[place.name].removesuffix(".png")] = View(small, matrix)
    return answer


def _path(path: CameraPath) -> CameraPath:
    if not path.keys:
        raise UserError(
            "The camera's path has no key frames.",
            hint="Add some in the window (View, Camera path), or take the pictures all around.",
        )
    return path
