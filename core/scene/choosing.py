"""Which Gaussians are meant by what is pointed at in the scene, wherever copies of things stand."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.geometry.pose import Pose
from core.scene.arrange import scene_pose
from core.scene.document import State
from core.scene.movable import labelled
from core.scene.regions import Balls, Box, Chosen, How, Region


@dataclass(frozen=True, eq=False)
class Alike:
    """Objects that stand in one pose; `objects`: their ids, empty for all."""

    scene_from_capture: Pose
    objects: frozenset[int] = frozenset()


def standing(state: State) -> tuple[Alike, ...]:
    """What is chosen, else all that is seen, by the pose it stands in."""
    layout, ground = state.plan.layout, state.plan.layout.ground.scene_from_capture
    if not state.placed and not layout.placements and not layout.removed:
        return (Alike(ground),)
    splats = labelled(state)
    if splats is None:
        return ()
    if state.placed:
        there = [layout.placement(id_) for id_ in state.placed if layout.has(id_)]
    else:
        there = list(layout.of_objects(np.unique(splats.object_id).tolist()))
    shown = [each for each in there if each.visible]
    here = frozenset(each.object_id for each in shown if each.in_place)
    moved = [each for each in shown if not each.in_place]
    first = (Alike(ground, here),) if here else ()
    return first + tuple(
        Alike(scene_pose(layout, each.id), frozenset({each.object_id})) for each in moved
    )


def meant(state: State, region: Callable[[Alike], Region]) -> Region:
    """All that lies in the region of its own of each of `standing`."""
    regions = [region(each) for each in standing(state)]
    if len(regions) == 1:
        return regions[0]
    return Chosen(tuple((How.ADD, each) for each in regions))


def combined(before: Region | None, how: How | None, region: Region) -> Region | None:
    """What is chosen once `region` comes after `before`; None for `how` begins anew."""
    if how is None or (before is None and how is How.ADD):
        return region
    if before is None:
        return None
    steps = before.steps if isinstance(before, Chosen) else ((How.ADD, before),)
    return Chosen((*steps, (how, region)))


def crops(regions: tuple[Region, ...]) -> tuple[Region, ...]:
    """Those of `regions` that leave only what is inside of a box or a sphere."""
    return tuple(each for each in regions if _crops(each))


def _crops(region: Region) -> bool:
    if isinstance(region, Chosen):
        return bool(region.steps) and all(_crops(part) for _, part in region.steps)
    return isinstance(region, Balls | Box) and region.outside
