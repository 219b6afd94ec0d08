"""The sample capture's photos one by one, with what is true of each: for scenes of one photo."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps

from core.capture.find import find_photos
from core.capture.photos import Capture
from core.geometry.camera import Pinhole, View
from core.pipeline.build import Built, Host, Task
from core.pipeline.lone import build_lone
from core.pipeline.settings import PRESETS, Preset
from core.pipeline.split import Choice
from core.render.devices import choose_device
from core.segment.labels import UNLABELLED, PhotoMask, Role, SceneObject, Standing
from core.single.diorama import EYE_HEIGHT, Diorama, Marked, diorama
from core.single.lines import straight_edges
from core.single.perspective import Perspective, perspective
from core.single.stance import UNTOLD, Stance

Array = NDArray[np.float64]
Pixels = NDArray[np.uint8]

SAMPLE = Path(__file__).resolve().parents[1] / "resources" / "sample"
COUNT = 12
FLOOR = 1


@dataclass(frozen=True, eq=False)
class Truth:
    """A photo [H, W, 3], upright, its labels [H, W], focal length in pixels and true camera."""

    name: str
    photo: Pixels
    labels: NDArray[np.int64]
    focal: float
    camera_from_scene: Array

    def floor_depth(self) -> Array:
        """True z [H, W] of the floor, infinite where a ray misses it; as by a straight lens."""
        height, width = self.labels.shape
        x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
        rays = np.stack(
            [(x - width / 2) / self.focal, (y - height / 2) / self.focal, np.ones_like(x)], axis=-1
        )
        slope = (rays @ self.camera_from_scene[:3, :3])[..., 1]
        with np.errstate(divide="ignore"):
            return np.where(slope < 0, -self.eye[1] / slope, np.inf)

    @property
    def eye(self) -> Array:
        return np.asarray(-self.camera_from_scene[:3, :3].T @ self.camera_from_scene[:3, 3])


@lru_cache
def truth(k: int) -> Truth:
    """Of the `k`-th photo, counted from 0."""
    facts = json.loads((SAMPLE / "cameras.json").read_text(encoding="utf-8"))
    entry = facts["photos"][k]
    with Image.open(SAMPLE / "photos" / entry["name"]) as image:
        photo = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    with Image.open(SAMPLE / "masks" / Path(entry["name"]).with_suffix(".png")) as image:
        labels = np.asarray(image).astype(np.int64)
    pose = np.array(entry["camera_from_scene"])
    return Truth(entry["name"], photo, labels, facts["lens"]["params"][0], pose)


def objects() -> tuple[SceneObject, ...]:
    """The sample's, by its masks' numbers."""
    names = json.loads((SAMPLE / "objects.json").read_text(encoding="utf-8"))
    roles = {0: Role.BACKGROUND, FLOOR: Role.FLOOR}
    return tuple(
        SceneObject(int(id_), name, "#000000", roles.get(int(id_), Role.OBJECT))
        for id_, name in names.items()
    )


@lru_cache
def looked_at(k: int) -> tuple[Perspective, Diorama]:
    """What is found in the `k`-th photo without its EXIF data, with its true masks."""
    true = truth(k)
    height, width = true.labels.shape
    edges = straight_edges(true.photo)
    found = perspective(edges, width, height, None)
    things = tuple(each.id for each in objects() if each.role is Role.OBJECT)
    marked = Marked(true.labels, things, (FLOOR,))
    return found, diorama(found, true.photo, edges, width, marked)


def made(
    photo: Path,
    labels: NDArray[np.int64] | None = None,
    max_size: int = 240,
    stance: Stance = UNTOLD,
) -> Built:
    """The scene of one photo file, with the sample's objects where `labels` [H, W] are given."""
    events = find_photos((photo,), photo.parent)
    capture = next(event for event in events if isinstance(event, Capture))
    masks = {}
    if labels is not None:
        name = capture.photos[0].name
        masks[name] = PhotoMask.from_arrays(labels, labels != UNLABELLED, Standing.USER)
    settings = PRESETS[Preset.QUICK]
    settings = type(settings)(Preset.QUICK, settings.iterations, max_size, settings.max_gaussians)
    device, stances = choose_device("cpu"), {capture.photos[0].name: stance}
    task = Task(settings, Choice(), device, masks=masks, objects=objects(), stances=stances)
    found: list[Built] = []

    def kept() -> Iterator[object]:
        found.append((yield from build_lone(capture, task, Host())))

    for _ in kept():
        pass
    return found[0]


def seen_from(view: View, here: Truth, there: Truth) -> View:
    """The camera of another photo in the scene made of one, whose `view` is that photo's."""
    share = EYE_HEIGHT / here.eye[1]
    turn = there.camera_from_scene @ np.linalg.inv(here.camera_from_scene)
    turn[:3, 3] *= share
    height, width = there.labels.shape
    size = max(view.camera.width, view.camera.height) / max(height, width)
    wide, tall = round(width * size), round(height * size)
    camera = Pinhole(wide, tall, there.focal * size, there.focal * size, wide / 2, tall / 2)
    return View(camera, torch.from_numpy(turn).float() @ view.camera_from_scene)


def flat_warp(photo: Pixels, one: View, other: View, distance: float) -> tuple[Pixels, Array]:
    """`photo` as seen from `other`, were it a plane across the view of `one` so far away.

    And which of the pixels [H, W] it reaches.
    """
    turn = (other.camera_from_scene @ torch.linalg.inv(one.camera_from_scene)).double().numpy()
    plane = turn[:3, :3] + np.outer(turn[:3, 3], [0.0, 0.0, 1.0]) / distance
    first, second = one.camera.matrix().numpy(), other.camera.matrix().numpy()
    homography = second @ plane @ np.linalg.inv(first)
    size = (other.camera.width, other.camera.height)
    small = cv2.resize(photo, (one.camera.width, one.camera.height), interpolation=cv2.INTER_AREA)
    warped = cv2.warpPerspective(small, homography, size, flags=cv2.INTER_LINEAR)
    reached = cv2.warpPerspective(np.ones(small.shape[:2], np.uint8), homography, size)
    return np.asarray(warped, np.uint8), np.asarray(reached > 0)
