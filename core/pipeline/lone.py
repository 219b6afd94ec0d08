"""From a single photo to a scene: nothing can be measured, so a likely room is made of it.

Its camera from straight edges, its walls from the floor's outline, its things upright where their
masks touch the floor; what is hidden or outside the picture is painted in the manner of what is
seen. Each is marked as what it is.
"""

import math
import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.capture.photos import Capture, Photo
from core.capture.pixels import fitted_size, load_pixels
from core.capture.reconstruction import PlacedPhoto, Reconstruction, SparsePoints, Verdict
from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.camera import Pinhole, View
from core.geometry.sh import SH_C0, sh_from_color
from core.pipeline.build import Built, Host, Task, Times
from core.pipeline.events import Placed, Remark
from core.pipeline.outward import grown
from core.pipeline.prepare import Flat, Pictures, pinhole_lens
from core.pipeline.settings import Settings
from core.pipeline.split import Split, check_choice
from core.progress import Progress
from core.render.rasterize import rasterize
from core.scene.fill.behind import Fill, filled_behind
from core.scene.fill.painter import Painter, by_patches
from core.segment.labels import IGNORE, UNLABELLED, Role
from core.single.background import background
from core.single.beyond import beyond
from core.single.depth_models import depth_of, open_depth_model
from core.single.diorama import EYE_HEIGHT, Diorama, Marked, diorama
from core.single.layers import layers
from core.single.lift import lifted
from core.single.lines import straight_edges
from core.single.looking import LONGER_SIDE
from core.single.mended import mended
from core.single.painters import ModelDepth, open_painter
from core.single.perspective import Perspective, perspective, told_by
from core.single.relief import floor_normal, relief
from core.single.room import remembered
from core.single.stance import UNTOLD, Source, Stance
from core.train.steps import Snapshot, Step

Event = Progress | Placed | Remark | Snapshot
Array = NDArray[np.uint8]

STAGE = "Looking at the photo"
LEAST = 150_000  # Gaussians: with fewer any photo is blurred
SHARE = 0.75  # of the Gaussians, for what the photo shows; the rest for what it does not
ROUNDS = 4  # of bringing the colours nearer to the photo's
BEYOND = 0.15  # of the range of colours: how far one may leave those around it
FLOOR_SURE, REST_SURE = 0.8, 0.4  # confidence: of the floor, and of what masks and edges suggest
STEPS = 3  # snapshots: what is seen; with what is behind it; with what is beyond it
PLACED, ASSUMED = "Placed by its own lines", "Taken to be level"
GIVEN = "Placed by the horizon that was told"
GUESSED = (
    "From one photo nothing can be measured: floor, walls and things are placed as masks and "
    f"edges suggest, as if it was taken {EYE_HEIGHT} m above the floor, and what is hidden "
    "is made up. More photos, or a mask of the floor and of each thing, make it better."
)
ESTIMATED = "How far away things are was told to it; what is hidden is made up."


def build_lone(capture: Capture, task: Task, host: Host) -> Generator[Event, None, Built]:
    """A scene of the one photo of `capture`; masks of `task` tell its floor and things.

    Raises `UserError` where the photo is gone, is to be trained on and held out at once, or where
    its depth cannot be read.
    """
    began = time.monotonic()
    (photo,) = capture.photos
    check_choice([photo.name], task.choice)
    yield Progress(STAGE, 0, STEPS + 1)
    pixels = load_pixels(photo, LONGER_SIDE)
    size = _size(photo, task.settings)
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    marked = _marked(task, photo.name, small)
    stance = task.stances.get(photo.name, UNTOLD)
    found, room, words = _looked_at(photo, pixels, small, marked, task.settings, stance)
    focal = found.focal * size[0] / pixels.shape[1]
    camera = Pinhole(*size, focal, focal, size[0] / 2, size[1] / 2)
    view = View(camera, torch.from_numpy(room.camera_from_room).float())
    lens = pinhole_lens(camera.resized(photo.width, photo.height))
    placed = PlacedPhoto(photo.name, lens, room.camera_from_room)
    plain = not task.settings.depth  # all lies on the room's faces, or stands there
    kept = remembered(room.faces, room.things.values()) if plain else remembered((), ())
    reconstruction = Reconstruction(
        (placed,),
        SparsePoints.none(),
        (Verdict(photo.name, True, _how_placed(found, stance)),),
        (words,),
        floor_found=True,
        details={"single": True, "focal": lens.params[0], "focal_spread": found.spread} | kept,
    )
    parts = Split((photo.name,), ())
    yield Placed(reconstruction, parts)
    if capture.left_out:
        yield Remark(" ".join(f"{file.name}: {file.reason}" for file in capture.left_out[:5]))
    ready = time.monotonic()
    flat_place = PlacedPhoto(photo.name, pinhole_lens(camera), room.camera_from_room)
    flat = Flat(photo.name, torch.from_numpy(small.copy()), view, flat_place)
    paint = open_painter(task.settings.fill) if task.settings.fill else by_patches
    # Patches know nothing of depth and are better off on the room's faces (docs/notes.md).
    layered = bool(task.settings.depth and task.settings.fill)
    drawn = Drawn(room, small, view, marked, paint, layered, task.settings.depth)
    last = yield from _snapshots(drawn, host)
    if task.settings.expand and not host.stop():
        last = yield from _outward(last, small, view, tuple(room.things), task, host)
    times = Times(began, ready, ready, time.monotonic())
    pictures = Pictures((flat,), (), (flat_place,))
    stopped = last.step.iteration < STEPS
    return Built(reconstruction, parts, pictures, last, stopped, times)


def _looked_at(
    photo: Photo, pixels: Array, small: Array, marked: Marked, settings: Settings, stance: Stance
) -> tuple[Perspective, Diorama, str]:
    """How `photo` was taken, as `pixels` show it, and what is in it; and words on both."""
    height, width = pixels.shape[:2]
    known = photo.focal_px * width / photo.width if photo.focal_px else None
    estimate = depth_of(settings.depth, small) if settings.depth else None
    if estimate is not None and estimate.focal is not None and known is None:
        known = estimate.focal * width / small.shape[1]
    edges = straight_edges(pixels)
    found = perspective(edges, width, height, known, settings.seed, stance)
    told = _told(found, told_by(found, known, stance))
    if estimate is None:
        return found, diorama(found, small, edges, width, marked), f"{told} {GUESSED}"
    up = floor_normal(estimate, marked) if stance.horizon is None else None
    up = found.up if up is None else up
    room = relief(estimate.depth, marked, found.focal * small.shape[1] / width, up)
    return found, room, f"{told} {ESTIMATED}"


def _how_placed(found: Perspective, stance: Stance) -> str:
    if stance.horizon is not None:
        return GIVEN
    return PLACED if found.leveled else ASSUMED


def _size(photo: Photo, settings: Settings) -> tuple[int, int]:
    """Of the picture whose pixels become Gaussians."""
    most = SHARE * max(settings.max_gaussians, LEAST)
    side = math.sqrt(most * max(photo.width, photo.height) / min(photo.width, photo.height))
    return fitted_size(photo.width, photo.height, min(settings.max_size, int(side)))


def _marked(task: Task, name: str, small: Array) -> Marked:
    """What masks say of the photo, at the size of its picture `small` [H, W, 3]."""
    mask, shape = task.masks.get(name), small.shape[:2]
    if mask is None:
        return Marked(np.full(shape, UNLABELLED, np.int64), (), ())
    labels = cv2.resize(mask.labels(), shape[::-1], interpolation=cv2.INTER_NEAREST)
    there = set(np.unique(labels).tolist())
    roles = {each.id: each.role for each in task.objects}
    floors = tuple(id_ for id_ in sorted(there) if roles.get(id_) is Role.FLOOR)
    things = tuple(id_ for id_ in sorted(there) if id_ == IGNORE or roles.get(id_) is Role.OBJECT)
    objects = [id_ for id_ in things if id_ != IGNORE]
    return Marked(mended(small, labels.astype(np.int64), objects, floors), things, floors)


@dataclass(frozen=True, eq=False)
class Drawn:
    """All that the scene is made of. `layered`: a layer behind what is near takes the faces' place,
    where its depth was told and a network paints; `depth`: who told it."""

    room: Diorama
    photo: Array
    view: View
    marked: Marked
    paint: Painter
    layered: bool
    depth: str


def _snapshots(drawn: Drawn, host: Host) -> Generator[Progress | Snapshot, None, Snapshot]:
    """The scene as it grows; the last one whole, unless it is stopped before."""
    room, view, marked = drawn.room, drawn.view, drawn.marked
    yield Progress(STAGE, 1, STEPS + 1)
    color = torch.from_numpy(drawn.photo.astype(np.float32) / 255)
    scene = _sharpened(_seen(room, color, view, marked), view, color)
    last = _snapshot(scene, view, color, 1)
    yield last
    rims = _rims(marked.labels, list(room.things))
    scene = scene.rows(torch.from_numpy(~rims).reshape(-1))
    near: tuple[int, ...] = ()
    if drawn.layered:
        found = layers(room.depth, [marked.labels == id_ for id_ in room.things])
        near = tuple(id_ for k, id_ in enumerate(room.things) if k in found.kept)
        things = np.isin(marked.labels, list(room.things))
        # A file holds the depth of the photo alone.
        file = Path(drawn.depth).expanduser().is_file()
        guess = None if file else ModelDepth(open_depth_model(drawn.depth))
        layer = background(color, room.depth, found, things, rims, view, drawn.paint, guess)
        scene = scene.followed_by(layer)
    for step, making in ((2, filled_behind), (3, beyond)):
        if host.stop():
            break
        away = [id_ for id_ in room.things if step > 2 or id_ not in near]
        gone = torch.isin(scene.object_id, torch.tensor(away, dtype=torch.int64))
        for event in making(scene, gone, [view], room.faces, drawn.paint):
            if isinstance(event, Progress):
                yield event
            else:
                added = event.added if isinstance(event, Fill) else event
        scene = scene.followed_by(added)
        last = _snapshot(scene.rows(scene.object_id != IGNORE), view, color, step)
        yield last
    return last


def _outward(
    last: Snapshot, photo: Array, view: View, things: tuple[int, ...], task: Task, host: Host
) -> Generator[Event, None, Snapshot]:
    """The scene grown as the settings want it, shown after each step."""
    color = torch.from_numpy(photo.astype(np.float32) / 255)
    steps = grown(last.gaussians, color, view, things, task.settings, host)
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            last = _snapshot(end.value, view, color, STEPS)
            yield last
            return last
        yield _snapshot(step, view, color, STEPS) if isinstance(step, Gaussians) else step


def _seen(room: Diorama, color: torch.Tensor, view: View, marked: Marked) -> Gaussians:
    """What the photo shows: how far away it is was not measured."""
    there = np.isin(marked.labels, (*marked.things, *marked.floors))
    ids = np.where(there, marked.labels, 0)
    sure = np.where(room.floor, FLOOR_SURE, REST_SURE).astype(np.float32)
    # Faces of the room are told apart here, or their edges would be rounded off.
    surfaces = np.where(np.isin(ids, list(room.things)), ids, -1 - room.face)
    return lifted(color, room.depth, view, ids, surfaces, Origin.REGULARISED, sure)


def _rims(labels: NDArray[np.int64], things: list[int]) -> NDArray[np.bool_]:
    """[H, W]: pixels beside things, with some of their colour: on a wall, a rim around them."""
    inside = np.isin(labels, things)
    return np.asarray(cv2.dilate(inside.astype(np.uint8), np.ones((3, 3), np.uint8)) > inside)


def _sharpened(scene: Gaussians, view: View, photo: torch.Tensor) -> Gaussians:
    """`scene`, one Gaussian a pixel, with colours so changed that it looks like the photo."""
    pixels = photo.numpy()
    around = np.ones((3, 3), np.uint8)
    least = torch.from_numpy(cv2.erode(pixels, around)).reshape(-1, 3) - BEYOND
    most = torch.from_numpy(cv2.dilate(pixels, around)).reshape(-1, 3) + BEYOND
    for _ in range(ROUNDS):
        off = photo - rasterize(scene, view).color
        color = 0.5 + SH_C0 * scene.sh[:, 0] + off.reshape(-1, 3)
        # Beyond what is around, colours would be seen as rims from everywhere else.
        sh = sh_from_color(torch.minimum(torch.maximum(color, least), most))[:, None]
        scene = replace(scene, sh=sh)
    return scene


def _snapshot(scene: Gaussians, view: View, photo: torch.Tensor, step: int) -> Snapshot:
    off = rasterize(scene, view).color.clamp(0, 1) - photo
    psnr = -10 * math.log10(max(float((off**2).mean()), 1e-10))
    done = Step(step, STEPS, step / STEPS, float(off.abs().mean()), psnr, len(scene))
    exposure = torch.tensor([[[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]])
    return Snapshot(done, scene, exposure, (view,))


def _told(found: Perspective, source: Source) -> str:
    """How the photo was taken, and how that is known."""
    lens = {
        Source.USER: "Its lens is as it was told.",
        Source.KNOWN: "Its lens is known.",
        Source.EDGES: "Its lens is told by lines that run together in the photo.",
        Source.USUAL: "Too few straight lines tell its lens, so a usual one is assumed.",
    }[source]
    level = "" if found.leveled else " Nothing tells how it was tilted; it is taken to be level."
    return lens + level
