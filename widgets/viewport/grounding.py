"""The state as the scene frame has it: what photos told, put on the floor that the user set."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.capture.reconstruction import Reconstruction
from core.geometry.pose import Pose
from core.poses.upright import moved_reconstruction
from core.scene.arrange import yaw
from core.scene.document import State
from core.scene.layout import HERE, Ground
from widgets.viewport.navigation import Camera

Array = NDArray[np.float64]
KEPT = 4  # reconstructions: of states that follow one another


class Grounding:
    """Moves reconstructions, each once: parts that are the same stay the same."""

    def __init__(self) -> None:
        self._kept: list[tuple[Reconstruction, Pose, Reconstruction]] = []

    def __call__(self, state: State) -> State:
        pose, told = state.plan.layout.ground.scene_from_capture, state.reconstruction
        if pose is HERE or told is None:
            return state
        for before, there, after in self._kept:
            if before is told and there is pose:
                return replace(state, reconstruction=after)
        floor_found = told.floor_found or state.plan.layout.ground.confirmed
        after = replace(moved_reconstruction(told, pose), floor_found=floor_found)
        self._kept = [*self._kept[-KEPT:], (told, pose, after)]
        return replace(state, reconstruction=after)


def moved_box(box: tuple[Array, Array], pose: Pose) -> tuple[Array, Array]:
    """An upright box around a box that was moved."""
    if pose is HERE:
        return box
    ends = np.stack(box)
    corners = np.array([[ends[i, 0], ends[j, 1], ends[k, 2]] for i, j, k in np.ndindex(2, 2, 2)])
    moved = pose.apply(corners)
    return moved.min(axis=0), moved.max(axis=0)


def carried(camera: Camera, before: Ground, after: Ground) -> Camera:
    """`camera` where it sees the same on another ground, but for what it is tilted by."""
    motion = after.scene_from_capture @ before.scene_from_capture.inverse()
    return replace(
        camera,
        pivot=motion.apply(camera.pivot),
        offset=motion.scale * camera.offset,
        yaw=camera.yaw + yaw(motion.rotation),
        scene_size=motion.scale * camera.scene_size,
    )
