"""Soft shadows where things touch what they stand on, for those that no photo saw there."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays
from core.geometry.pose import Pose
from core.geometry.rotation import matrix_from_quat
from core.scene.arrange import EDGES, SOLID, Box, Shapes, foot, scene_pose, shift, turn, yaw
from core.scene.bearing import Bearing, Tops
from core.scene.bodies import ALONE, loneliness
from core.scene.layout import FIRST_COPY, FIRST_INSERTED, Layout, Placement
from core.scene.occlusion import Shade, shade_under
from core.scene.shading import Darkness, Shadow, darkness_of
from core.scene.shown import bounds

Array = NDArray[np.float64]

STEPS = 16  # to its full darkness, on the first half width away from where photos saw it
GAPS = 50  # heights above a surface, on a thing's size, that are told apart
SLACK = 0.3  # of a thing's height: a surface that reaches so far into it may carry it
SUNK = 0.25  # of a thing's height: so little of its foot may be seen in photos
DIGITS = 6  # of turns that are alike
MOST = 3000  # Gaussians of a thing that keep light away


class _Look(NamedTuple):
    """What decides over a shadow, wherever on a surface it lies."""

    object_id: int
    level: tuple[float, ...]  # turn and scale, without the turn about the upright axis
    gap: int


class Shadows:
    """Of one scene and floor, each reckoned once. `content`: capture frame, objects as cut."""

    def __init__(self, content: SplatArrays, ground: Pose) -> None:
        self.content, self.ground = content, ground
        self._shapes = Shapes(content)
        low, high = bounds(content)
        self._bearing = Bearing(self._shapes, ground, float(np.linalg.norm(high - low)) / 2)
        self._ids = [id_ for id_ in np.unique(content.object_id).tolist() if 0 < id_ < FIRST_COPY]
        self._boxes: dict[int, Box] = {}
        self._casters: dict[int, Array] = {}
        self._shades: dict[_Look, Shade] = {}
        self._made: dict[tuple[_Look, int], Darkness] = {}

    def of(self, layout: Layout) -> tuple[Shadow, ...]:
        """Of all placements that are seen where no photo saw them."""
        if not layout.shadows:
            return ()
        new = [each for each in layout.of_objects(self._ids) if unseen(each) and each.visible]
        new = [each for each in new if len(self._shapes.points(each.object_id))]
        if not new:
            return ()
        elsewhere = [id_ for id_ in self._ids if _elsewhere(layout, id_)]
        tops = self._bearing.tops(layout, elsewhere, [each.id for each in new])
        found = [self._shadow(layout, each, tops) for each in new]
        return tuple(each for each in found if each is not None)

    def _shadow(self, layout: Layout, placement: Placement, tops: Tops) -> Shadow | None:
        pose, own = scene_pose(layout, placement.id), placement.object_id
        level, angle = _level(pose)
        points = level.apply(self._shapes.points(own))
        low, high = np.percentile(points, EDGES, axis=0)
        # Of a ball around it, which is as large in any frame.
        away = np.linalg.norm(points - (low + high) / 2, axis=1)
        size, tall = 2.0 * float(np.percentile(away, EDGES[1])), float(high[1] - low[1])
        steps = self._steps(placement)
        if not (size > 0 and steps):
            return None
        scene_from_level = Pose(turn(np.zeros(3), angle).rotation, pose.translation)
        feet = scene_from_level.apply(_feet((low, high)))
        held = self._bearing.below(feet, SLACK * tall, tops, without=placement.id)
        usual = min(self._usual(own, tops) * placement.pose.scale, SUNK * tall)
        gap = round(max(float(feet[0, 1]) - held - usual, 0.0) * GAPS / size)
        look = _Look(own, tuple((level.scale * level.rotation).round(DIGITS).ravel()), gap)
        if look not in self._shades:
            above = shift(np.array([0.0, gap * size / GAPS - low[1], 0.0])) @ level
            self._shades[look] = shade_under(above.apply(self._caster(own)), size)
        if (look, steps) not in self._made:
            self._made[look, steps] = darkness_of(self._shades[look], steps / STEPS, size)
        on = np.array([pose.translation[0], held, pose.translation[2]])
        return Shadow(placement, self._made[look, steps], Pose(scene_from_level.rotation, on))

    def _steps(self, placement: Placement) -> int:
        """How dark it is: next to where it was captured, its own shadow is still in the photos."""
        if placement.object_id >= FIRST_INSERTED:
            return STEPS
        low, high = self._captured(placement.object_id)
        at = foot((low, high))
        here = placement.pose.apply(self.ground.inverse().apply(at))
        way = float(np.linalg.norm(self.ground.apply(here) - at))
        wide = float((high - low)[[0, 2]].mean()) / 2
        return min(int(STEPS * way / max(wide, 1e-12)), STEPS)

    def _usual(self, own: int, tops: Tops) -> float:
        """How far above what holds it the foot of a captured thing seems to be."""
        if own >= FIRST_INSERTED:
            return 0.0
        low, high = self._captured(own)
        slack = SLACK * float(high[1] - low[1])
        held = self._bearing.below(_feet((low, high)), slack, tops, without=own)
        return max(float(low[1]) - held, 0.0)

    def _captured(self, own: int) -> Box:
        """Around an object where it was captured, scene frame."""
        if own not in self._boxes:
            points = self.ground.apply(self._shapes.points(own))
            low, high = np.percentile(points, EDGES, axis=0)
            self._boxes[own] = low, high
        return self._boxes[own]

    def _caster(self, own: int) -> Array:
        if own not in self._casters:
            self._casters[own] = _surface(self.content, own)
        return self._casters[own]


def may_cast(object_id: NDArray[np.integer], layout: Layout) -> bool:
    """Whether anything might, of objects [N]: a look that costs next to nothing."""
    if not layout.shadows or not len(object_id):
        return False
    if any(unseen(each) and each.visible for each in layout.placements.values()):
        return True
    return bool(((object_id >= FIRST_INSERTED) & (object_id < FIRST_COPY)).any())


def unseen(placement: Placement) -> bool:
    """Whether it stands where no photo saw it."""
    return not placement.in_place or placement.object_id >= FIRST_INSERTED


def _elsewhere(layout: Layout, own: int) -> bool:
    """Whether an object is not to be seen where it was captured, or was not captured."""
    if not layout.has(own):
        return True
    placement = layout.placement(own)
    return unseen(placement) or not placement.visible


def _level(pose: Pose) -> tuple[Pose, float]:
    """What `pose` does before a last turn about the upright axis and a shift; and that turn."""
    angle = yaw(pose.rotation)
    back = turn(np.zeros(3), -angle).rotation
    return Pose(back @ pose.rotation, np.zeros(3), pose.scale), angle


def _feet(box: Box) -> Array:
    """[9, 3] places of its lower side: a top that other things hide is full of gaps."""
    low, high = box
    parts = np.array([0.25, 0.5, 0.75])
    x, z = np.meshgrid(*(low[axis] + parts * (high[axis] - low[axis]) for axis in (0, 2)))
    return np.stack([x.ravel(), np.full(x.size, low[1]), z.ravel()], axis=1)


def _surface(content: SplatArrays, own: int) -> Array:
    """[P, 3] the solid Gaussians of an object, each by its middle and the ends of its axes."""
    rows = np.flatnonzero(content.object_id == own)
    solid = rows[content.logit_opacity[rows] > SOLID]
    rows = solid if len(solid) else rows
    rows = rows[:: max(1, -(-len(rows) // MOST))]
    rows = rows[np.isfinite(content.means[rows]).all(axis=1)]
    rows = rows[loneliness(content.means[rows].astype(np.float64)) < ALONE]
    middles = content.means[rows].astype(np.float64)
    quats = torch.from_numpy(content.quats[rows].astype(np.float64))
    turns = matrix_from_quat(quats).numpy()
    axes = turns.transpose(0, 2, 1) * np.exp(content.log_scales[rows].astype(np.float64))[..., None]
    ends = [middles + sign * axes[:, k] for k in range(3) for sign in (-1, 1)]
    return np.concatenate([middles, *ends])
