"""Points of the scene that the user clicks on, and strokes of the brush that erases."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from core.geometry.pose import Pose
from core.scene.arrange import scene_pose
from core.scene.edits import Edit
from core.scene.layout import Layout
from core.scene.layout_edits import Erase
from core.scene.regions import Balls, Chosen, How, Point, Region
from widgets.viewport.eye import Eye

Array = NDArray[np.float64]
APART = 0.4  # of the brush's radius, between two dabs


@dataclass(frozen=True, eq=False)
class Asked:
    """So many points are wanted for `purpose`; `points` [3] each are there, scene frame."""

    purpose: str
    count: int
    points: tuple[Array, ...] = ()

    def answered(self, point: Array | None) -> "Asked":
        """With a point more; itself where nothing was seen."""
        return self if point is None else replace(self, points=(*self.points, point))

    @property
    def complete(self) -> bool:
        return len(self.points) >= self.count


@dataclass(frozen=True, eq=False)
class Dab:
    """Where the brush touched a thing: `point` [3] and `radius` in the scene."""

    point: Array
    radius: float
    placement: int | None  # None: what belongs to nobody


@dataclass(frozen=True, eq=False)
class Stroke:
    """Dabs of one drag. `only`: objects that are erased, empty for all."""

    only: frozenset[int] = frozenset()
    dabs: tuple[Dab, ...] = field(default_factory=tuple)

    def touched(self, dab: Dab) -> "Stroke":
        """With `dab`; itself where the last one is there already."""
        if self.dabs and np.linalg.norm(self.dabs[-1].point - dab.point) < APART * dab.radius:
            return self
        return replace(self, dabs=(*self.dabs, dab))


def marks(asked: Asked | None) -> tuple[Array, ...]:
    """Points [3] to be marked."""
    return () if asked is None else asked.points


def radius_at(eye: Eye, point: Array, pixels: float) -> float:
    """How long so many physical pixels are where `point` [3] is."""
    _, z = eye.project(point)
    return pixels / eye.fx * (1.0 if eye.orthographic else abs(float(z)))


def erasing(stroke: Stroke, layout: Layout) -> Edit | None:
    """The edit that a stroke becomes: regions of the capture frame. What was moved is erased as it
    was captured, and in all its copies."""
    there = touched(stroke, layout)
    return None if there is None else Erase(there)


def touched(stroke: Stroke, layout: Layout) -> Region | None:
    """What a stroke touches; None where it touches nothing."""
    parts: dict[int | None, list[Dab]] = {}
    for dab in stroke.dabs:
        own = dab.placement
        if own is None or not layout.has(own) or layout.placement(own).in_place:
            own = None
        parts.setdefault(own, []).append(dab)
    regions = [_region(dabs, id_, stroke.only, layout) for id_, dabs in parts.items()]
    if len(regions) < 2:
        return regions[0] if regions else None
    return Chosen(tuple((How.ADD, region) for region in regions))


def _region(dabs: list[Dab], id_: int | None, only: frozenset[int], layout: Layout) -> Balls:
    pose, objects = layout.ground.scene_from_capture, only
    if id_ is not None:
        pose, objects = scene_pose(layout, id_), frozenset({layout.placement(id_).object_id})
    back: Pose = pose.inverse()
    centres: list[Point] = []
    for dab in dabs:
        x, y, z = back.apply(dab.point).tolist()
        centres.append((x, y, z))
    return Balls(tuple(centres), tuple(dab.radius * back.scale for dab in dabs), objects)
