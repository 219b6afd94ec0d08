"""Who paints what a scene of one photo leaves open, and tells how far away it is.

Without any network the room's own faces go on, painted as the layout fills holes. With one a
picture is made anew around what is known, and its depth is guessed from the picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.errors import UserError
from core.gaussians.table import Gaussians
from core.geometry.camera import Pinhole, View
from core.geometry.planes import Plane
from core.geometry.pose import Pose
from core.geometry.sh import SH_C0
from core.prior.backends.files import HUB_NAME
from core.prior.backends.load import BESIDE, Kind, kind_at, load_prior
from core.prior.protocol import Draft, PosedPhoto, Prior
from core.render.rasterize import rasterize
from core.scene.fill.behind import painted
from core.scene.fill.faces import Face, first_faces
from core.scene.fill.holes import faces_of, reach
from core.scene.fill.painter import Painter as FacesPainter
from core.scene.fill.painter import by_patches
from core.scene.fill.patches import patch_filled
from core.scene.fill.shots import rays_through, shot_of
from core.single.depth import DepthModel
from core.single.lama import load_painter

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
    """See `Painter`: a network for inpainting, told what is covered and the `photos` beside it.

    `depth` [H, W]: z, in holes of what is likely there, for networks that heed it.
    """

    prior: Prior
    depth: Floats
    photos: tuple[PosedPhoto, ...]
    seed: int = 0

    def __call__(self, picture: Floats, hole: Pixels, view: View) -> Floats:
        known = torch.from_numpy((~hole).astype(np.float32))
        depth = torch.from_numpy(self.depth.astype(np.float32))
        color = torch.from_numpy(np.where(hole[..., None], 0, picture).astype(np.float32))
        draft = Draft(view, color, known, depth, known, self.photos)
        steps = self.prior.refine(draft, 1.0, self.seed)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                color = end.value.color.cpu().numpy()
                return np.where(hole[..., None], color, picture).astype(np.float32)


@dataclass(frozen=True, eq=False)
class PriorFill:
    """A painter of what is hidden (`core.scene.fill.painter`): the network paints it.

    `depth` [H, W], z as seen from `view`, is what it is to keep to; a flat picture without.
    """

    prior: Prior
    view: View | None = None
    depth: Floats | None = None

    def __call__(self, picture: Floats, known: Pixels, wanted: Pixels) -> Floats:
        hole = wanted & ~known
        if not hole.any() or not known.any():
            return picture.copy()
        height, width = hole.shape
        flat = View(Pinhole(width, height, width, width, width / 2, height / 2), torch.eye(4))
        depth = np.ones(hole.shape, np.float32) if self.depth is None else self.depth
        paint = PriorPainter(self.prior, depth, ())
        painted = paint(picture, ~known, flat if self.view is None else self.view)
        return np.where(hole[..., None], painted, picture).astype(np.float32)

    def seeing(self, depth: Floats, view: View) -> "PriorFill":
        """The same of a picture from `view` that shows what is `depth` [H, W] away."""
        return replace(self, view=view, depth=depth)


def open_painter(place: str) -> FacesPainter:
    """LaMa's file at `place`, or the folder or hub name of a Stable Diffusion, see `load_prior`.

    Raises `Unavailable` and `UserError`.
    """
    path = Path(place).expanduser()
    spoken = BESIDE in place or (not path.exists() and HUB_NAME.fullmatch(place) is not None)
    if not spoken and not (path / "model_index.json").is_file():
        return load_painter(place)
    kind = kind_at(place)
    if kind not in (Kind.STABLE, Kind.FLOW):
        raise UserError(
            f"{place} is a {kind.value}, which paints nothing that is hidden.",
            hint="Choose a Stable Diffusion, best one for inpainting, or LaMa.",
        )
    return PriorFill(load_prior(place))


@dataclass(frozen=True, eq=False)
class ModelDepth:
    """See `DepthGuess`: a network for the depth of single pictures."""

    model: DepthModel

    def __call__(self, picture: Floats, view: View) -> Floats:
        found = self.model((255 * picture).round().astype(np.uint8)).depth
        return np.maximum(found, 1e-3).astype(np.float32)
