"""A scene that grows from one photo: look aside, paint what is not there, and put it in place.

Gen3d, section 4.2 of the methods. Each step looks from a new camera, has what is uncovered painted
and its depth guessed, fits the depth to what is there (`align`), and adds what is new.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.geometry.rotation import rotation_vector_matrix
from core.render.rasterize import rasterize
from core.single.align import aligned_to
from core.single.lift import lifted
from core.single.paths import Path

Floats = NDArray[np.float32]
Pixels = NDArray[np.bool_]

SOLID = 0.5  # alpha from which a pixel is covered
OPENED = 3  # pixels: thinner gaps between covered pixels are covered as well
RIM = 1  # pixels inside the covered part whose colours have run into what is not there
FEWEST = 0.002  # of the picture: less is not worth a step


class Painter(Protocol):
    """Paints what is missing in a picture."""

    def __call__(self, picture: Floats, hole: Pixels, view: View) -> Floats:
        """`picture` [H, W, 3] in [0, 1], painted in `hole` [H, W]; elsewhere it stays."""
        ...


class DepthGuess(Protocol):
    """Tells how far away what a lone picture shows is, up to a scale."""

    def __call__(self, picture: Floats, view: View) -> Floats:
        """z [H, W] of `picture` [H, W, 3], above 0."""
        ...


@dataclass(frozen=True, eq=False)
class Grown:
    """One step: the `picture` [H, W, 3] from `view`, where it was painted, and what was added."""

    view: View
    picture: Floats
    hole: Pixels
    added: Gaussians


def cameras(view: View, path: Path, depth: float) -> list[View]:
    """The cameras of a path from `view`, of a scene about `depth` away; nearer ones first.

    LucidDreamer's: three heights at seven directions to look around, ten to turn around.
    """
    if path is Path.LOOK_AROUND:
        yaws = [20.0, -20.0, 40.0, -40.0, 60.0, -60.0, 0.0]
        pitches = [0.0, 22.5, -22.5]
        turns = [(yaw, pitch) for pitch in pitches for yaw in yaws if yaw or pitch]
        return [_turned(view, *turn, 0.0) for turn in turns]
    if path is Path.TURN_AROUND:
        return [_turned(view, 36.0 * k, 0.0, 0.0) for k in range(1, 10)]
    return [_turned(view, 0.0, 0.0, part * depth) for part in (0.1, 0.2, 0.3)]


def expanded(
    scene: Gaussians, views: Sequence[View], paint: Painter, guess: DepthGuess
) -> Iterator[Grown]:
    """`scene` grown from each of `views` in turn, but where hardly anything would be added.

    Each `Grown` holds its own additions, so that any of them can be redone or left away; what comes
    later builds on those that came before.
    """
    for view in views:
        render = rasterize(scene, view)
        covered = _covered(render.alpha.numpy())
        hole = ~covered
        if hole.mean() < FEWEST:
            continue
        seen = np.where(hole[..., None], 0, render.color.clamp(0, 1).numpy()).astype(np.float32)
        picture = paint(seen, hole, view)
        known = render.depth.double().numpy()
        depth = aligned_to(known, guess(picture, view).astype(np.float64), covered)
        nothing = np.zeros(hole.shape, np.int64)
        every = lifted(
            torch.from_numpy(picture),
            depth.astype(np.float32),
            view,
            nothing,
            nothing,
            Origin.FILLED,
            np.zeros(hole.shape, np.float32),
        )
        added = every.rows(torch.from_numpy(hole).reshape(-1))
        scene = scene.followed_by(added)
        yield Grown(view, picture, hole, added)


def _covered(alpha: Floats) -> Pixels:
    """[H, W]: what is there, without thin gaps, and without the rim where it ends."""
    there = (alpha > SOLID).astype(np.uint8)
    closed = cv2.morphologyEx(there, cv2.MORPH_CLOSE, np.ones((OPENED, OPENED), np.uint8))
    rim = 2 * RIM + 1
    return np.asarray(cv2.erode(closed, np.ones((rim, rim), np.uint8)) > 0)


def _turned(view: View, yaw: float, pitch: float, ahead: float) -> View:
    """`view` turned by degrees about the vertical and its own level axis, and moved ahead."""
    world = view.camera_from_scene.double()
    aside, up = rotation_vector_matrix(
        torch.deg2rad(torch.tensor([[0.0, yaw, 0.0], [pitch, 0.0, 0.0]], dtype=torch.float64))
    )
    rotation = (aside @ world[:3, :3].T @ up).T
    centre = view.centre().double() + ahead * world[2, :3]
    moved = torch.eye(4, dtype=torch.float64)
    moved[:3, :3] = rotation
    moved[:3, 3] = -rotation @ centre
    return View(view.camera, moved.to(view.camera_from_scene))
