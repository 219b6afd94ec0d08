"""Who paints what a scene of one photo leaves open, and tells how far away it is.

Without any network the room's own faces go on, painted as the layout fills holes. With one a
picture is made anew around what is known, and its depth is guessed from the picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.geometry.planes import Plane
from core.geometry.pose import Pose
from core.geometry.sh import SH_C0
from core.prior.protocol import Draft, PosedPhoto, Prior
from core.render.rasterize import rasterize
from core.scene.fill.behind import painted, rays_through, shot_of
from core.scene.fill.faces import Face, first_faces
from core.scene.fill.holes import faces_of, reach
from core.scene.fill.painter import Painter as FacesPainter
from core.scene.fill.painter import by_patches
from core.scene.fill.patches import patch_filled
from core.single.depth import DepthModel

Floats = NDArray[np.float32]
Pixels = NDArray[np.bool_]

TEXELS = 200  # a side of a face: what is guessed need not be sharp
CLOSED = 1.15  # times as far as what is known: walls that nothing tells of
NOWHERE = 10.0  # times as far as the scene: what no face is behind
FEWEST = 20  # pixels on a face, to be painted on it
SIDES = ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0))  # x and z


def closed_room(scene: Gaussians, view: View) -> tuple[Face, ...]:
    """The floor and walls of `scene`, y up and the floor at 0, and walls where none is known."""
    depth = reach(scene, [view])
    found = faces_of(scene, Pose.identity(), [view], depth)
    centre = view.centre().double().numpy()
    places = scene.means[:: max(1, len(scene) // 20_000)].double().numpy() - centre
    more = []
    for x, z in SIDES:
        way = np.array([x, 0.0, z])
        known = float(np.percentile(places @ way, 98))
        away = CLOSED * max(known, depth) + float(centre @ way)
        more.append(Face(Plane(-way, away), 0))
    return (*found, *more)


@dataclass(frozen=True, eq=False)
class FacePainter:
    """See `Painter` and `DepthGuess` of `expand`: `faces` go on as photos from `views` show them.

    `gone` [N] bool: rows of `scene` that are not of the faces. `paint` paints each face.
    """

    scene: Gaussians
    gone: Tensor
    faces: Sequence[Face]
    views: Sequence[View]
    paint: FacesPainter = by_patches

    def __call__(self, picture: Floats, hole: Pixels, view: View) -> Floats:
        y, x = np.nonzero(hole)
        centre, rays = rays_through(view, x, y)
        face, times = first_faces(self.faces, centre, rays)
        places = centre + np.where(np.isfinite(times), times, 0)[:, None] * rays
        shots = [shot_of(self.scene, self.gone, each) for each in (*self.views, view)]
        whole = self.scene.rows(torch.zeros(0, dtype=torch.int64))
        for k, each in enumerate(self.faces):
            here = places[face == k]
            if len(here) >= FEWEST:
                found = painted(each, each.along(here), shots, self.scene, TEXELS, self.paint)
                # Of a face of which nothing is seen nothing can be told.
                if bool((0.5 + SH_C0 * found.sh[:, 0] > 1e-3).any()):
                    whole = whole.followed_by(found)
        laid, told = picture.copy(), ~hole
        if len(whole):
            render = rasterize(whole, view)
            solid = hole & (render.alpha.numpy() > 0.5)
            shown = (render.color / render.alpha.clamp(min=0.5)[..., None]).clamp(0, 1).numpy()
            laid[solid] = shown[solid]
            told |= solid
        filled = self.paint(laid, told, ~told)
        return np.where(hole[..., None], filled, picture).clip(0, 1).astype(np.float32)

    def depth(self, picture: Floats, view: View) -> Floats:
        """z [H, W] of the faces."""
        y, x = np.mgrid[: view.camera.height, : view.camera.width].reshape(2, -1)
        _, times = first_faces(self.faces, *rays_through(view, x, y))
        far = NOWHERE * reach(self.scene, [view, *self.views])
        return (
            np.where(np.isfinite(times), times, far).reshape(picture.shape[:2]).astype(np.float32)
        )


def otherwise(seed: int) -> FacesPainter:
    """What paints faces where nothing else is chosen; other seeds take other patches."""
    if not seed:
        return by_patches
    return lambda picture, known, wanted: patch_filled(picture, known, wanted, seed)


@dataclass(frozen=True, eq=False)
class PriorPainter:
    """See `Painter`: a network for inpainting, told what is covered and the `photos` beside it."""

    prior: Prior
    depth: Floats
    photos: tuple[PosedPhoto, ...]
    seed: int = 0

    def __call__(self, picture: Floats, hole: Pixels, view: View) -> Floats:
        known = torch.from_numpy((~hole).astype(np.float32))
        depth = torch.from_numpy(np.where(hole, 0, self.depth).astype(np.float32))
        draft = Draft(view, torch.from_numpy(picture), known, depth, known, self.photos)
        steps = self.prior.refine(draft, 1.0, self.seed)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                color = end.value.color.cpu().numpy()
                return np.where(hole[..., None], color, picture).astype(np.float32)


@dataclass(frozen=True, eq=False)
class ModelDepth:
    """See `DepthGuess`: a network for the depth of single pictures."""

    model: DepthModel

    def __call__(self, picture: Floats, view: View) -> Floats:
        found = self.model((255 * picture).round().astype(np.uint8)).depth
        return np.maximum(found, 1e-3).astype(np.float32)
