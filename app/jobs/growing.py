"""The job that lets a scene grow by one step beyond what its photos show."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.engine.control import Control
from core.capture.reconstruction import PlacedPhoto
from core.gaussians.arrays import SplatArrays
from core.geometry.pose import Pose
from core.progress import Progress
from core.scene.additions import Addition, Kind
from core.single.paths import Growth

LONGEST = 480  # pixels of the pictures that are painted


@dataclass(frozen=True, eq=False)
class GrowWish:
    """The next step of `growth` from camera `first` of its path on, beginning at photo `placed`.

    `scene_from_capture` leads to the frame whose floor is at y = 0; `things`: ids of what stands
    on it.
    """

    growth: Growth
    placed: PlacedPhoto
    scene_from_capture: Pose
    things: tuple[int, ...]
    first: int


@dataclass(frozen=True, eq=False)
class StepShown:
    """Step `number` of `total`, counted from 0; None where no camera shows anything new any more.

    `share` of its picture was painted; `words`: what did not go as it was asked for.
    """

    number: int
    total: int
    words: str = ""
    share: float = 0.0
    addition: Addition | None = None


def grow_step(
    control: Control, wish: GrowWish, splats: SplatArrays
) -> Iterator[Progress | StepShown]:
    """One step of `splats`, capture frame; the `StepShown` comes last. Raises `UserError`."""
    import torch  # heavy: only when asked for

    from core.gaussians.moved import moved
    from core.geometry.camera import View
    from core.segment.warp import flattening
    from core.single.growing import grown_by_one, origin_of

    scene = moved(splats.to_gaussians(), wish.scene_from_capture)
    _, view = flattening(wish.placed, LONGEST)
    there = wish.scene_from_capture.moved_camera(view.camera_from_scene.double().numpy())
    view = View(view.camera, torch.from_numpy(there).float())
    step = yield from grown_by_one(scene, view, wish.things, wish.growth, wish.first)
    if step.grown is None:
        yield StepShown(step.number, step.total, step.words)
        return
    added = moved(step.grown.added, wish.scene_from_capture.inverse())
    added = replace(added, origin=torch.full_like(added.origin, origin_of(wish.growth)))
    name = f"{wish.growth.path.value} {step.number + 1}"
    addition = Addition(Kind.BEYOND, (), SplatArrays.from_gaussians(added), name=name)
    share = float(step.grown.hole.mean())
    yield StepShown(step.number, step.total, step.words, share, addition)
