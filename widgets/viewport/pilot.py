"""Who holds the camera: where it stands, whether it flies or is moved, and for whose photo.

Knows no Qt; times are in seconds and handed in, cursors and sizes in physical pixels.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from widgets.viewport.eye import Eye
from widgets.viewport.flight import Flight, PhotoCamera, beside_photo, photo_eye
from widgets.viewport.navigation import (
    Camera,
    Side,
    flown,
    framed,
    pivoted,
    seen_from,
    to_eye,
)

Array = NDArray[np.float64]
Change = Callable[[Camera], Camera]

# From above and a little from the right, so that the ground is seen and things have depth.
BEGINNING = Camera(yaw=0.5, pitch=-0.35)
# After the last motion, in seconds, the picture is sharpened.
SETTLED = 0.15
# A held key carries no further than this between two pictures, in seconds.
LONGEST_STEP = 0.1


class Pilot:
    """`touched`: whether the user has moved the camera, so that nothing else should."""

    def __init__(self) -> None:
        self.camera = BEGINNING
        self.photo: PhotoCamera | None = None
        self.ride: PhotoCamera | None = None  # what is seen instead, while a path is followed
        self.photo_depth = 1.0  # of the pivot before the photo's camera
        self.size: tuple[int, int] = (1, 1)
        self.touched = False
        self.still_motion = False  # no flights, for people whom motion makes ill
        self._flight: Flight | None = None
        self._held: dict[int, tuple[int, int, int]] = {}
        self._fast = False
        self._stepped = 0.0
        self._moved = -1.0

    def eye(self, now: float) -> Eye:
        """What is to be seen at this time."""
        eye = self.destination(self.size)
        if self._flight is None:
            return eye
        if self._flight.over(now):
            self._flight = None
            return eye
        return self._flight.eye(eye, now)

    @property
    def on_the_way(self) -> bool:
        """Whether a flight is not over."""
        return self._flight is not None

    @property
    def flying(self) -> bool:
        """Whether the view changes by itself."""
        return self._flight is not None or bool(self._held) or self.ride is not None

    def moving(self, now: float) -> bool:
        """Whether the view changes, or has done so a moment ago."""
        return self.flying or now - self._moved < SETTLED

    def disturb(self, now: float) -> None:
        """Count what the user does as motion, for speed before beauty."""
        self._moved = now

    def move(self, change: Change, now: float) -> None:
        """Change the camera by hand. A photo's is left for one of ours at the same place."""
        self.ride = None
        self.leave_photo(now)
        self.camera = change(self.camera)
        self.touched = True
        self.disturb(now)

    def go(self, change: Change, now: float) -> None:
        """Change the camera in a short flight."""
        start = self.eye(now)
        if self.photo is not None:
            self.camera, self.photo = self._beside(self.photo), None
        self.camera = change(self.camera)
        self._fly_from(start, now)

    def enter_photo(self, photo: PhotoCamera, depth: float, now: float) -> None:
        """Fly to where a photo was taken and see what it saw."""
        start = self.eye(now)
        self.photo, self.photo_depth = photo, depth
        self._fly_from(start, now)

    def leave_photo(self, now: float) -> None:
        """Stay where the photo was taken, with our own camera."""
        if self.photo is not None:
            self.go(lambda camera: camera, now)

    def stand_at(self, photo: PhotoCamera, depth: float, scene_size: float) -> None:
        """Start from where a photo was taken, at once."""
        self.camera = replace(self.camera, scene_size=scene_size)
        self.photo, self.photo_depth, self._flight = None, depth, None
        self.camera = self._beside(photo)

    def frame(self, low: Array, high: Array, now: float, *, fly: bool = True) -> None:
        """Show all between two corners of a box."""
        if not fly:
            self.camera, self.photo, self._flight = (
                framed(self.camera, low, high, self.size), None, None,
            )  # fmt: skip
            return
        self.go(lambda camera: framed(camera, low, high, self.size), now)

    def look_from(self, side: Side, now: float) -> None:
        """Look along an axis."""
        self.touched = True
        self.go(lambda camera: seen_from(camera, side), now)

    def turn_about(self, point: Array, now: float) -> None:
        """Orbit about `point` from now on."""
        self.go(lambda camera: pivoted(camera, point), now)

    def set_orthographic(self, orthographic: bool, now: float) -> None:
        self.go(lambda camera: replace(camera, orthographic=orthographic), now)

    def hold(self, key: int, direction: tuple[int, int, int], now: float) -> None:
        """Begin to fly along (right, up, forward), until `release`."""
        if not self._held:
            self._stepped = now
        self._held[key] = direction

    def release(self, key: int | None, now: float) -> None:
        """Let go of one key, or of all."""
        if self._held:
            self.step(now)
            self.disturb(now)
        if key is None:
            self._held.clear()
        else:
            self._held.pop(key, None)

    def hurry(self, fast: bool) -> None:
        self._fast = fast

    def step(self, now: float) -> None:
        """Fly on with the keys held, for the time since the last step."""
        if not self._held:
            return
        direction = [sum(axis) for axis in zip(*self._held.values(), strict=True)]
        seconds = min(now - self._stepped, LONGEST_STEP)
        self._stepped = now
        self.move(lambda camera: flown(camera, direction, seconds, self._fast), now)

    def destination(self, size: tuple[int, int]) -> Eye:
        """What is seen at the end of a flight, in a picture of that size."""
        from_there = self.ride or self.photo
        if from_there is not None:
            return photo_eye(from_there, *size, self.camera.scene_size)
        return to_eye(self.camera, *size)

    def _beside(self, photo: PhotoCamera) -> Camera:
        return beside_photo(photo, self.photo_depth, *self.size, self.camera.scene_size)

    def _fly_from(self, start: Eye, now: float) -> None:
        self._flight = None if self.still_motion else Flight(start, now)
        self.disturb(now)
