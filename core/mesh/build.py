"""Meshes of a scene's objects and its background, from its Gaussians and its photos."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.mesh.behind import shell
from core.mesh.depths import DepthView, depth_view, outward, pixel_width
from core.mesh.fuse import fused, simplified
from core.mesh.gaps import missed
from core.mesh.holes import Closing, closed
from core.mesh.looks import Look, orbit, to_the_edges
from core.mesh.order import ordered
from core.mesh.patches import patched
from core.mesh.texture import textured
from core.mesh.turns import made_up, of_photos
from core.mesh.under import continued
from core.mesh.unwrap import flattened
from core.mesh.values import Floats, MeshSettings, Surface, TexturedMesh
from core.progress import Progress
from core.segment.labels import BACKGROUND

Array = NDArray[np.float64]

STAGE = "Making meshes"
STEPS = 2  # an object, for its surface and again for its picture
CELLS = 400  # of the grid along the diagonal of what is made into a mesh, at most
FINER = 0.5  # a cell's side in widths of a photo's pixel, at least
STRAYS = (0.5, 99.5)  # percentiles: what is beyond is no part of the object
FEWEST = 40  # Gaussians that make an object
SHELL_PART = 0.15  # of the triangles of a background, for what closes it off
HOLE = 0.15  # of the object's diagonal: rims longer than this times pi are left open
# What photos measure counts as four views, what Gaussians show from their places as two: better
# known than what is seen besides. One photo is enough for a surface, while of the cameras all
# around two have to agree.
MEASURED_COUNT, PHOTOS_COUNT, FEWEST_VIEWS = 4, 2, 1.5


@dataclass(frozen=True, eq=False)
class Meshed:
    """One object's mesh, and what became of its holes."""

    object_id: int
    mesh: TexturedMesh
    closing: Closing


def meshed(
    gaussians: Gaussians, looks: Sequence[Look], ids: Sequence[int], settings: MeshSettings
) -> Generator[Progress, None, tuple[Meshed, ...]]:
    """A mesh for each of the objects `ids` of which there is enough; `looks` at all of the scene.

    What was filled in without evidence takes no part. Raises `Unavailable` where open3d or
    xatlas is missing.
    """
    shapes: dict[int, _Shape] = {}
    steps = 2 * STEPS * len(ids)
    for i, id_ in enumerate(ids):
        yield Progress(STAGE, STEPS * i, steps)
        own = _evident(gaussians, id_)
        surface = surface_of(own, looks, id_) if len(own) >= FEWEST else None
        if surface is None:
            continue
        yield Progress(STAGE, STEPS * i + 1, steps)
        shapes[id_] = _shaped(surface, gaussians, looks, id_, settings.triangles)
    if not shapes:
        return ()
    yield Progress(STAGE, steps // 2, steps)
    ends = ordered({id_: shape.whole for id_, shape in shapes.items()}, looks)
    shown = of_photos(looks, list(ends.values()), list(ends))
    made: list[Meshed] = []
    for i, (id_, shape) in enumerate(shapes.items()):
        yield Progress(STAGE, steps // 2 + STEPS * i, steps)
        surface, behind = shape.moved(ends[id_].vertices)
        flat = flattened(surface, texture_size(surface, looks, settings.texture), behind)
        yield Progress(STAGE, steps // 2 + STEPS * i + 1, steps)
        if id_ == BACKGROUND:
            # What was filled in is good enough for what is seen through holes.
            guesses = made_up(gaussians.rows(gaussians.object_id == id_), looks, [], id_)
        else:
            own = _evident(gaussians, id_)
            guesses = made_up(own, looks, orbit(*_bounds(own)), id_)
        made.append(Meshed(id_, textured(flat, id_, shown, guesses), shape.closing))
    yield Progress(STAGE, steps, steps)
    return tuple(made)


@dataclass(frozen=True, eq=False)
class _Shape:
    """A closed surface, and what closes it off `behind` its gaps."""

    surface: Surface
    behind: Surface | None
    closing: Closing

    @property
    def whole(self) -> Surface:
        return self.surface if self.behind is None else self.surface.followed_by(self.behind)

    def moved(self, vertices: Floats) -> tuple[Surface, Surface | None]:
        """Both with the `vertices` of the whole."""
        count = len(self.surface.vertices)
        surface = replace(self.surface, vertices=vertices[:count])
        if self.behind is None:
            return surface, None
        return surface, replace(self.behind, vertices=vertices[count:])


def _evident(gaussians: Gaussians, id_: int) -> Gaussians:
    """Those of object `id_`, but for what was filled in."""
    mine = (gaussians.object_id == id_) & (gaussians.origin != Origin.FILLED)
    return gaussians.rows(mine)


def _shaped(
    surface: Surface, gaussians: Gaussians, looks: Sequence[Look], id_: int, most: int
) -> _Shape:
    """`surface` of object `id_` with at most so many triangles, and its holes closed.

    A sheet goes on under what hides it.
    """
    behind = None
    if id_ == BACKGROUND:
        own = gaussians.rows(gaussians.object_id == id_)
        behind = shell(own, gaussians, looks, surface)
    if behind is not None:
        behind = simplified(behind, int(most * SHELL_PART))
        most -= len(behind)
    # Smaller than asked for: closing holes adds some.
    surface = simplified(surface, int(most * 0.97))
    surface, closing = closed(surface, HOLE * np.pi * _diagonal(surface.vertices))
    whole = continued(surface, looks, id_)
    closing = replace(closing, behind=behind is not None, under=len(whole) > len(surface))
    return _Shape(simplified(whole, most), behind, closing)


def surface_of(own: Gaussians, looks: Sequence[Look], id_: int) -> Surface | None:
    """The surface of object `id_`, whose Gaussians are `own`; None where none is seen.

    Photos measure it; cameras all around an object see what photos see at a flat angle, or not at
    all. They do not go round the background.
    """
    normals = outward(own, looks)
    every = [depth_view(own, normals, look.view, look, id_) for look in looks]
    photos = [view for view in every if (view.rough > 0).any()]
    if not photos:
        return None
    low, high = _bounds(own)
    pixel = pixel_width(photos)
    voxel = max(float(np.linalg.norm(high - low)) / CELLS, FINER * pixel)
    views = [replace(view, depth=view.measured) for view in photos] * MEASURED_COUNT
    shown = photos
    around = [] if id_ == BACKGROUND else orbit(low, high)
    beside = [_trimmed(depth_view(own, normals, view)) for view in around]
    # Gaussians lie some millimetres beside what photos measure: they say what those do not.
    surface = fused(views, voxel, pixel, FEWEST_VIEWS)
    if surface is not None:
        shown = [missed(view, view.depth, surface) for view in shown]
        beside = [missed(view, view.depth, surface) for view in beside]
    views += shown * PHOTOS_COUNT + beside
    surface = fused(views, voxel, pixel, FEWEST_VIEWS)
    if surface is None:
        return None
    # Where nothing measures it well a place is put where it roughly is: without it, what lies
    # behind would be seen through the gap.
    views += [missed(view, view.rough, surface) for view in photos] * PHOTOS_COUNT
    surface = fused(views, voxel, pixel, FEWEST_VIEWS)
    if surface is None:
        return None
    return patched(surface, every, [to_the_edges(look) for look in looks], id_)


def texture_size(surface: Surface, looks: Sequence[Look], most: int) -> int:
    """How many texels a side show what the photos show, and no more: a power of two."""
    area = float(surface.areas.sum())
    middle = surface.vertices.mean(axis=0)
    nearest = min(
        float(np.linalg.norm(look.view.centre().numpy() - middle)) / look.view.camera.fx
        for look in looks
    )
    # A quarter of the picture stays empty between the pieces.
    side = np.sqrt(area / 0.75) / max(nearest, 1e-9) * 1.25
    return int(min(max(2 ** int(np.ceil(np.log2(max(side, 1)))), 128), most))


def _trimmed(view: DepthView) -> DepthView:
    """Without the pixels beside what is not seen, where the surface ends in a slope."""
    known = cv2.erode((view.depth > 0).astype(np.uint8), np.ones((3, 3), np.uint8))
    return replace(view, depth=view.depth * known)


def _bounds(own: Gaussians) -> tuple[Array, Array]:
    """The lowest and the highest corner of a box around `own`, but for strays."""
    low, high = np.percentile(own.means.detach().double().numpy(), STRAYS, axis=0)
    return low, high


def _diagonal(vertices: Floats) -> float:
    return float(np.linalg.norm(vertices.max(axis=0) - vertices.min(axis=0)))
