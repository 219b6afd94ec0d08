"""Jobs that put something into the scene: what was behind, and what else photos do not show."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.engine.control import Control
from core.capture.photos import Photo
from core.capture.reconstruction import PlacedPhoto
from core.gaussians.arrays import SplatArrays
from core.geometry.pose import Pose
from core.progress import Progress
from core.scene.additions import Addition
from core.scene.inserting_spot import Spot
from core.segment.labels import PhotoMask

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core.geometry.camera import Pinhole
    from core.scene.placing.settle import Shown
    from core.scene.placing.settled import Settled

LONGEST = 480  # pixels of the pictures that holes are looked at in
SMALL = 240  # of those that tell only where something is


@dataclass(frozen=True, eq=False)
class HoleWish:
    """What was behind `objects` is wanted, as photos `placed` lack it.

    `scene_from_capture`: leads to the frame whose floor is at y = 0. `fill`: a file with a network
    that paints it, "" for what is always there.
    """

    objects: tuple[int, ...]
    placed: Sequence[PlacedPhoto]
    scene_from_capture: Pose
    fill: str = ""


def fill_hole(
    control: Control, wish: HoleWish, splats: SplatArrays
) -> Iterator[Progress | Addition]:
    """The `Addition` comes last. `splats`: with the objects, without others that are away."""
    from core.scene.fill.holes import Hole, hole_filled  # heavy: only when asked for
    from core.scene.fill.painter import by_patches
    from core.segment.warp import flattening
    from core.single.painters import open_painter

    paint = open_painter(wish.fill) if wish.fill else by_patches
    views = tuple(flattening(each, LONGEST)[1] for each in wish.placed)
    hole = Hole(wish.objects, views, wish.scene_from_capture)
    yield from hole_filled(splats.to_gaussians(), hole, paint)


@dataclass(frozen=True, eq=False)
class SettleWish:
    """The object `thing` is to be where photos show the object `shown`, which may be the same.

    `masks` and `photos` by name; `floor`: ids of what is one; `ground`: leads to the frame whose
    floor is at y = 0.
    """

    thing: int
    shown: int
    placed: Sequence[PlacedPhoto]
    photos: Mapping[str, Photo]
    masks: Mapping[str, PhotoMask]
    floor: tuple[int, ...]
    ground: Pose


@dataclass(frozen=True)
class Things:
    """What can be taken from `path`: ids and names."""

    path: Path
    named: tuple[tuple[int, str], ...]


def settle_thing(
    control: Control, wish: SettleWish, splats: SplatArrays
) -> "Iterator[Progress | Settled]":
    """Where it belongs; the `Settled` comes last. `splats`: capture frame. Raises `UserError`."""
    from core.scene.fill.holes import reach  # heavy: only when asked for
    from core.scene.placing.settle import Unsettled, settled

    scene = splats.to_gaussians()
    shown = []
    for k, each in enumerate(wish.placed):
        if each.name in wish.masks:
            shown.append(_shown(each, wish))
        yield Progress("Settling", k, 2 * len(wish.placed))
    own = scene.object_id == wish.thing
    rest = scene.rows(~own & (scene.object_id != wish.shown))
    depth = reach(scene, [each.view for each in shown])
    known = wish.thing == wish.shown
    yield from settled(Unsettled(scene.rows(own), rest, shown, wish.ground, depth, known))


def _shown(placed: PlacedPhoto, wish: SettleWish) -> "Shown":
    import numpy as np

    from core.errors import UserError
    from core.pipeline.prepare import flat_photo
    from core.scene.placing.settle import Shown
    from core.segment.warp import flattening

    flat, view = flattening(placed, LONGEST)
    labels = flat.to_flat(wish.masks[placed.name].labels(), nearest=True)
    color = None
    photo = wish.photos.get(placed.name)
    if photo is not None and (labels == wish.shown).any():
        with suppress(UserError):  # where the photo is gone outlines have to do
            color = flat_photo(photo, placed, LONGEST).pixels.numpy()
    return Shown(view, labels == wish.shown, np.isin(labels, wish.floor), color)


def list_things(control: Control, path: Path) -> Iterator[Things]:
    """What can be taken from a project or a file. Raises `UserError`."""
    from core.scene.inserting import things_in  # heavy: only when asked for

    yield Things(path, things_in(path))


def insert_thing(
    control: Control, path: Path, object_id: int, id_: int, spot: Spot
) -> Iterator[Progress | Addition]:
    """The object `object_id` of a project, or a file's, as the object `id_`. Raises `UserError`."""
    from core.scene.inserting import inserted, read_thing  # heavy: only when asked for

    yield Progress("Reading", 0, 2, path.name)
    thing = read_thing(path, object_id)
    yield Progress("Reading", 1, 2, path.name)
    yield inserted(thing, id_, spot)


@dataclass(frozen=True, eq=False)
class Advised:
    """The camera of the photo that tells most: `camera_from_capture` [4, 4], seen by `pinhole`.

    `share` of what it shows is guessed today; None for no camera that helps.
    """

    pinhole: "Pinhole | None" = None
    camera_from_capture: "NDArray[np.float64] | None" = None
    share: float = 0.0
    depth: float = 1.0  # how far photos see


def complete_back(
    control: Control,
    object_id: int,
    placed: Sequence[PlacedPhoto],
    ground: Pose,
    splats: SplatArrays,
) -> Iterator[Progress | Addition]:
    """Of an object of `splats`, capture frame; the `Addition` comes last. Raises `UserError`."""
    from core.scene.backs import back_completed  # heavy: only when asked for
    from core.segment.warp import flattening

    views = [flattening(each, SMALL)[1] for each in placed]
    yield from back_completed(splats.to_gaussians(), object_id, views, ground)


def advise_photo(
    control: Control, placed: Sequence[PlacedPhoto], ground: Pose, splats: SplatArrays
) -> Iterator[Progress | Advised]:
    """Where to take the next photo of `splats`, capture frame; the `Advised` comes last."""
    import torch

    from core.scene.advice import guessed_by, photo_to_take, places_to_try
    from core.scene.fill.holes import reach
    from core.segment.warp import flattening

    scene = splats.to_gaussians()
    views = [flattening(each, SMALL)[1] for each in placed]
    yield Progress("Looking for a place", 0, 3)
    up = torch.from_numpy(ground.rotation.T @ [0.0, 1.0, 0.0])
    depth = reach(scene, views)
    unsure = guessed_by(scene, views)
    yield Progress("Looking for a place", 1, 3)
    found = photo_to_take(scene, places_to_try(views, up), depth, unsure)
    if found is None:
        yield Advised()
    else:
        pose = found.view.camera_from_scene.double().numpy()
        yield Advised(found.view.camera, pose, found.share, depth)
