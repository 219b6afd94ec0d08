"""An object made whole from its picture: asked for, made, and put where all photos show it.

3D-RE-GEN (Sautter et al., 2025), with all photos at once. Where photos measured the object, what
they saw of it stays, and the rest is added; where one photo alone tells of it, the new one takes
its place.
"""

import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import UserError
from core.gaussians.arrays import SplatArrays
from core.gaussians.moved import moved
from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.pose import Pose
from core.mesh.painted import strewn
from core.pictured.cutout import cut_out, square
from core.pictured.protocol import Body, Editor, Maker
from core.pictured.query import answered, asked
from core.progress import Progress
from core.scene.additions import Addition, Kind
from core.scene.backs import witness
from core.scene.bodies import body_points
from core.scene.fill.holes import reach
from core.scene.placing.settle import Shown, Unsettled, settled
from core.scene.symmetry import news_of

Picture = NDArray[np.uint8]
Pixels = NDArray[np.bool_]

DISCS, FEW = 20_000, 2500  # of a mesh; of what is tried in many places
CUT = 0.5  # of what a picture is worth, where its edge cuts the object off all around
FEWEST = 64  # pixels of a picture that may be asked of
APART = np.radians(20.0)  # between places of two pictures that are worth asking of
WORST = 0.35  # Dice loss: what fits no better is not the object


@dataclass(frozen=True, eq=False)
class Pictured:
    """The object `object_id` called `name`, and all that photos show of it.

    `ground`: leads to the frame whose floor is at y = 0. `new_id`: of what takes its place. From
    `tries` pictures bodies are made, and photos vote for one.
    """

    object_id: int
    name: str
    photos: tuple[Shown, ...]
    ground: Pose
    new_id: int
    tries: int = 1
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Whole:
    """What is added; `replaces`: in place of the object that was there. `dice`: how far its
    outlines are from the photos', 0 for not at all."""

    addition: Addition
    replaces: bool
    dice: float


def made_whole(
    scene: Gaussians, wish: Pictured, editor: Editor | None, maker: Maker
) -> Iterator[Progress | Whole]:
    """The object of `scene`, capture frame, made whole by `maker`; the `Whole` comes last.

    Its picture is completed by `editor`, or taken as it is where there is none. Raises `UserError`
    where no photo shows enough of it, or no body fits its outlines.
    """
    scene = scene.map(torch.Tensor.detach)
    own = scene.object_id == wish.object_id
    best: tuple[float, Gaussians] | None = None
    for k, shown in enumerate(best_pictures(wish.photos, wish.tries)):
        picture = yield from _pictured(shown, wish, editor)
        body: Body | None = None
        for step in maker.make(picture, wish.seed + k):
            if isinstance(step, Body):
                body = step
            else:
                yield step
        assert body is not None
        thing = _upright(body, wish.ground)
        for told in settled(_task(scene, own, thinned(thing, FEW), wish)):
            if isinstance(told, Progress):
                yield told
            elif best is None or told.dice < best[0]:
                best = (told.dice, moved(thing, told.pose))
    assert best is not None
    dice, there = best
    if dice > WORST:
        raise UserError(
            "What was made of its picture does not look like this object.",
            hint="Try again with another seed, or correct its masks first.",
        )
    yield _added(scene, own, there, wish, dice)


def best_pictures(photos: Sequence[Shown], most: int) -> tuple[Shown, ...]:
    """Those that show most of the object, from different sides; edges that cut it off count less.

    Raises `UserError` where none shows anything.
    """
    worth = {id(each): _worth(each) for each in photos if each.color is not None}
    order = sorted(
        (each for each in photos if worth.get(id(each), 0) >= FEWEST),
        key=lambda each: -worth[id(each)],
    )
    if not order:
        raise UserError(
            "No photo shows enough of this object.", hint="Mark it in a photo that does."
        )
    chosen = order[:1]
    for each in order[1:]:
        if len(chosen) < most and all(_angle(each, other) > APART for other in chosen):
            chosen.append(each)
    return tuple(chosen)


def _worth(shown: Shown) -> float:
    """Pixels of the object, fewer where the picture's edge cuts it off."""
    mask = shown.mask
    rim = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    lines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    around = max(1, sum(len(line) for line in lines))
    return float(mask.sum() * (1 - CUT * min(1.0, 4 * rim.sum() / around)))


def _angle(one: Shown, two: Shown) -> float:
    """Between what both look along."""
    ahead = [each.view.camera_from_scene[2, :3].double() for each in (one, two)]
    return float(torch.arccos((ahead[0] @ ahead[1]).clamp(-1, 1)))


def _pictured(
    shown: Shown, wish: Pictured, editor: Editor | None
) -> Generator[Progress, None, Picture]:
    assert shown.color is not None
    if editor is None:
        return square(cut_out(shown.color, shown.mask))
    query = asked(shown.color, shown.mask, wish.name)
    answer = query.picture
    for step in editor.edit(query.picture, query.words, wish.seed):
        if isinstance(step, Progress):
            yield step
        else:
            answer = step
    return answered(answer, query)


def _upright(body: Body, ground: Pose) -> Gaussians:
    """`body` in the frame of the capture, its up being the ground's."""
    splats = strewn(body.parts, DISCS) if body.splats is None else body.splats
    if not len(splats):
        raise UserError(
            "The network made nothing of the object's picture.", hint="Try another seed."
        )
    with torch.no_grad():
        return moved(splats.to_gaussians(), Pose(ground.rotation.T, np.zeros(3)))


def thinned(thing: Gaussians, most: int) -> Gaussians:
    """About `most` rows of `thing`, evenly, so much larger that they cover it as well."""
    each = max(1, len(thing) // most)
    fewer = thing.rows(torch.arange(0, len(thing), each))
    return replace(fewer, log_scales=fewer.log_scales + 0.5 * math.log(each))


def _task(scene: Gaussians, own: torch.Tensor, thing: Gaussians, wish: Pictured) -> Unsettled:
    cloud = body_points(SplatArrays.from_gaussians(scene.rows(own))) if own.any() else None
    depth = reach(scene, [each.view for each in wish.photos])
    return Unsettled(
        thing, scene.rows(~own), wish.photos, wish.ground, depth, known=False, cloud=cloud
    )


def _added(
    scene: Gaussians, own: torch.Tensor, there: Gaussians, wish: Pictured, dice: float
) -> Whole:
    thing = scene.rows(own)
    measured = thing.origin == Origin.OBSERVED
    replaces = not bool(measured.float().mean() > 0.5) if len(thing) else True
    if not replaces:
        photos = [witness(scene, own, each.view) for each in wish.photos]
        there = news_of(there, thing, photos)
    id_ = wish.new_id if replaces else wish.object_id
    rows = len(there)
    marked = replace(
        SplatArrays.from_gaussians(there),
        object_id=np.full(rows, id_, np.int32),
        origin=np.full(rows, Origin.IMAGINED, np.uint8),
        confidence=np.zeros(rows, np.float32),
    )
    kind = Kind.THING if replaces else Kind.BACK
    return Whole(Addition(kind, (id_,), marked, name=wish.name if replaces else ""), replaces, dice)
