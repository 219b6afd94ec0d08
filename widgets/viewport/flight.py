"""From one view to the next: photos' cameras in a picture of any shape, and the way between."""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from core.geometry.camera import Pinhole
from widgets.viewport.eye import Eye
from widgets.viewport.navigation import FAR_PLANE, NEAR_PLANE, Camera, rigid, upright

Array = NDArray[np.float64]

FLIGHT = 0.2  # seconds


@dataclass(frozen=True, eq=False)
class PhotoCamera:
    """Where a photo was taken, and with which camera."""

    name: str
    pinhole: Pinhole
    camera_from_scene: Array


@dataclass(frozen=True, eq=False)
class Flight:
    """The way from where the eye was at time `began` to wherever it is to be."""

    start: Eye
    began: float

    def over(self, now: float) -> bool:
        return now - self.began >= FLIGHT

    def eye(self, end: Eye, now: float) -> Eye:
        part = min(max((now - self.began) / FLIGHT, 0.0), 1.0)
        return blended(self.start, end, part * part * (3 - 2 * part))


def photo_scale(pinhole: Pinhole, width: float, height: float) -> float:
    """Pixels of the picture to one of the photo, where the photo just fits in."""
    return min(width / pinhole.width, height / pinhole.height)


def photo_eye(photo: PhotoCamera, width: int, height: int, scene_size: float) -> Eye:
    """What the photo's camera sees, as large as it fits and in the middle of the picture."""
    pinhole = photo.pinhole
    scale = photo_scale(pinhole, width, height)
    return Eye(
        camera_from_scene=photo.camera_from_scene,
        width=width,
        height=height,
        fx=pinhole.fx * scale,
        fy=pinhole.fy * scale,
        cx=pinhole.cx * scale + (width - pinhole.width * scale) / 2,
        cy=pinhole.cy * scale + (height - pinhole.height * scale) / 2,
        near=NEAR_PLANE * scene_size,
        far=FAR_PLANE * scene_size,
    )


def beside_photo(
    photo: PhotoCamera, depth: float, width: float, height: float, scene_size: float
) -> Camera:
    """A camera of ours where the photo was taken, that sees as much of the scene."""
    focal = photo.pinhole.fy * photo_scale(photo.pinhole, width, height)
    fov_y = 2 * math.atan(height / (2 * focal))
    return upright(photo.camera_from_scene, depth, fov_y, scene_size)


def blended(start: Eye, end: Eye, part: float) -> Eye:
    """Between two eyes; `part` goes from 0 to 1. Different kinds of projection do not mix."""
    if part >= 1 or start.orthographic != end.orthographic:
        return end
    start = start.resized(end.width, end.height)
    turn = end.camera_from_scene[:3, :3] @ start.camera_from_scene[:3, :3].T
    axis, _ = cv2.Rodrigues(turn)
    partly, _ = cv2.Rodrigues(axis * part)
    rotation = partly @ start.camera_from_scene[:3, :3]
    centre = (1 - part) * start.centre + part * end.centre

    def between(a: float, b: float) -> float:
        return (1 - part) * a + part * b

    return replace(
        end,
        camera_from_scene=rigid(rotation, -rotation @ centre),
        fx=between(start.fx, end.fx),
        fy=between(start.fy, end.fy),
        cx=between(start.cx, end.cx),
        cy=between(start.cy, end.cy),
    )
