"""A room with its light made, to be photographed from anywhere."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from resources.room.camera import Lens
from resources.room.develop import developed
from resources.room.light import Baked, Lights
from resources.room.noise import Floats, Picture
from resources.room.patches import Array
from resources.room.shade import render
from resources.room.tracer import Room

BALANCE = np.array([0.99, 1.0, 1.03], np.float32)
"""The phone's white balance; each photo's wavers about it."""


@dataclass(frozen=True, eq=False)
class Stage:
    """`exposure`: the phone's gain for a radiance [H, W, 3], without its whims."""

    room: Room
    lights: Lights
    baked: Baked
    exposure: Callable[[Floats], float]

    def gain(self, lens: Lens, camera_from_scene: Array) -> float:
        """How the phone exposes what `lens` sees from there."""
        return self.exposure(self._light(lens, camera_from_scene, 1, 0))

    def photo(
        self, lens: Lens, camera_from_scene: Array, gain: float, seed: int, samples: int = 2
    ) -> Picture:
        """[H, W, 3] sRGB of what `lens` sees from there, exposed with `gain`."""
        light = self._light(lens, camera_from_scene, samples, seed)
        return developed(light, gain=gain, balance=BALANCE, seed=seed)

    def _light(self, lens: Lens, camera_from_scene: Array, samples: int, seed: int) -> Floats:
        return render(
            self.room, self.lights, self.baked, lens, camera_from_scene, samples=samples, seed=seed
        ).radiance
