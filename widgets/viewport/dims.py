"""How much of their light shadows take from the instances of splats: a byte each."""

from typing import NamedTuple

import moderngl
import numpy as np
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays
from core.scene.arrange import scene_pose
from core.scene.layout import Layout
from core.scene.shading import darkened, sizes_of
from core.scene.shadows import Shadows, may_cast
from widgets.viewport.objects import Objects
from widgets.viewport.packing import ACROSS
from widgets.viewport.placing import Instances

Bytes = NDArray[np.uint8]
UNIT = 7  # of the texture, after those of the splats and their marks
WHOLE = 255  # all of the light


class _Group(NamedTuple):
    """The instances of one slot: which they are [K], their means [K, 3] and sizes [K]."""

    places: NDArray[np.int64]
    means: NDArray[np.float32]
    sizes: NDArray[np.float32]


class Dimmer:
    """Of the instances of `splats`, capture frame, with the objects as cut.

    `gone` [N]: which of them are not there at all.
    """

    def __init__(self, splats: SplatArrays, gone: NDArray[np.bool_], instances: Instances) -> None:
        self._splats, self._gone, self._instances = splats, gone, instances
        self._shadows: Shadows | None = None
        self._groups: list[_Group] = []

    def among(self, instances: Instances) -> "Dimmer":
        """The same for other instances of the same splats."""
        other = Dimmer(self._splats, self._gone, instances)
        other._shadows = self._shadows
        return other

    def dims(self, layout: Layout) -> Bytes | None:
        """[V] of the instances; None where nothing casts a shadow."""
        if not may_cast(self._splats.object_id, layout):
            return None
        ground = layout.ground.scene_from_capture
        if self._shadows is None or self._shadows.ground is not ground:
            self._shadows = Shadows(self._splats.rows(~self._gone), ground)
        shadows = self._shadows.of(layout)
        if not shadows:
            return None
        left = np.ones(len(self._instances))
        for id_, group in zip(self._instances.placements, self._grouped(), strict=True):
            if not layout.has(id_):
                continue
            placement, pose = layout.placement(id_), scene_pose(layout, id_)
            for shadow in shadows:
                if not shadow.spares(placement.object_id, placement.pose):
                    rows, taken = darkened(shadow, pose, group.means, group.sizes)
                    left[group.places[rows]] *= 1.0 - taken
        return np.asarray(np.rint(WHOLE * (1.0 - left)), np.uint8)

    def _grouped(self) -> list[_Group]:
        if not self._groups:
            sizes = sizes_of(self._splats.log_scales)
            for slot in range(len(self._instances.placements)):
                places = np.flatnonzero(self._instances.slots == slot)
                rows = self._instances.rows[places]
                self._groups.append(_Group(places, self._splats.means[rows], sizes[rows]))
        return self._groups


class Dims:
    """Given any time, and sent to the graphics card by the next `prepare`."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._wanted: Bytes | None = None
        self._sent: Bytes | None = None
        self._texture: moderngl.Texture = objects.texture((ACROSS, 1), 1)

    def set(self, dims: Bytes | None) -> None:
        """[V] of the instances, None for none."""
        self._wanted = dims

    def prepare(self, count: int) -> dict[str, object]:
        """What the shader is told, for `count` instances."""
        there = self._wanted is not None and len(self._wanted) == count
        if there and self._wanted is not None and self._wanted is not self._sent:
            self._send(self._wanted)
        return {"u_dims": UNIT, "u_dimmed": there}

    def use(self) -> None:
        self._texture.use(UNIT)

    def _send(self, dims: Bytes) -> None:
        rows = max(1, -(-len(dims) // ACROSS))
        padded = np.zeros(rows * ACROSS, np.uint8)
        padded[: len(dims)] = dims
        if self._texture.height != rows:
            self._objects.release(self._texture)
            self._texture = self._objects.texture((ACROSS, rows), 1)
        self._texture.write(padded.tobytes())
        self._sent = dims
