"""The empty room of a scene of one photo as a mesh: floor and walls without what stands there.

After 3D-RE-GEN (Sautter et al., 2025, section 3.6 of the methods): its picture is the photo thrown
back onto it, and what the photo does not show of it is what the scene was filled with.
"""

from collections.abc import Generator, Sequence
from dataclasses import replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.aim import facing
from core.geometry.camera import Pinhole, View, project, unproject
from core.mesh.build import Meshed, texture_size
from core.mesh.fuse import simplified
from core.mesh.holes import Closing
from core.mesh.looks import Look, alone, looked
from core.mesh.polygons import laid_out, polygons
from core.mesh.texture import textured
from core.mesh.turns import ROUGHLY, twice
from core.mesh.unwrap import Flattened, flattened
from core.mesh.values import Floats, MeshSettings, Surface
from core.progress import Progress
from core.scene.fill.faces import Face, first_faces
from core.scene.fill.painter import by_patches
from core.scene.fill.shots import rays_through
from core.segment.labels import BACKGROUND
from core.single.beyond import ABOVE, ASIDE, STEEPEST
from core.single.layers import background_depth
from core.single.room import Room

Array = NDArray[np.float64]

STAGE = "Making the empty room"
STRAYS = 0.2  # percent of its Gaussians on either side that do not say how far it reaches
MARGIN = 0.02  # of its size: how far a box around it is from them
FINE = 20  # percent of a face's pixels in the photo that are smaller on it than its texels
WIDEST = 900  # pixels of the picture that shows what is hidden or outside the photo
GRID = 300  # the same, of which a surface is made
AROUND = 240  # pixels a side of each of six pictures all around
OUTSIDE = 0.02  # of its Gaussians outside that: so many, and the scene has grown


def emptied(
    gaussians: Gaussians, looks: Sequence[Look], room: Room, settings: MeshSettings
) -> Generator[Progress, None, tuple[Meshed, ...]]:
    """Meshes of the `room` that `gaussians` show, all of the scene, of which `looks` are photos.

    Where its planes are known these, floor and walls apart, else one surface as deep as the
    background's own Gaussians, and of its object. Texels that the photo does not show are marked.
    Raises `Unavailable`.
    """
    yield Progress(STAGE, 0, 3)
    inside = torch.isin(gaussians.object_id, torch.tensor(sorted(room.ids)))
    ids = torch.where(inside, BACKGROUND, gaussians.object_id)
    whole = replace(gaussians, object_id=ids)
    own = whole.rows(inside)
    known = sorted(set(ids.tolist()))
    photos = [looked(whole, look.view, known, look.colors) for look in looks]
    view = looks[0].view
    wide = View(_wider(view.camera), view.camera_from_scene)
    yield Progress(STAGE, 1, 3)
    hidden = [_filled(alone(own, wide, BACKGROUND), view)]
    if _outside(own, wide) > OUTSIDE:
        hidden += [alone(own, each, BACKGROUND) for each in _around(view)]
    yield Progress(STAGE, 2, 3)
    if not room.planes:
        flat = _relief(hidden[0], own, settings)
        mesh = textured(flat, BACKGROUND, twice(photos), [(hidden, ROUGHLY)])
        return (Meshed(BACKGROUND, mesh, Closing()),)
    faces = [Face(plane, BACKGROUND) for plane in room.planes]
    hidden = [replace(each, depth=_depth(faces, each.view)) for each in hidden]
    corners = polygons(room.planes, *_reach(own))
    texels = _texels(faces, view)
    made = []
    for id_, mine in _owners(room, gaussians):
        there = [k for k in mine if len(corners[k]) > 2]
        if there:
            planes, parts = [room.planes[k] for k in there], [corners[k] for k in there]
            flat = laid_out(planes, parts, [texels[k] for k in there], settings.texture)
            mesh = textured(flat, BACKGROUND, twice(photos), [(hidden, ROUGHLY)])
            made.append(Meshed(id_, mesh, Closing()))
    yield Progress(STAGE, 3, 3)
    return tuple(made)


def _owners(room: Room, gaussians: Gaussians) -> list[tuple[int, list[int]]]:
    """Objects, and which of the room's planes each of them is."""
    every = list(range(len(room.planes)))
    if room.floor is None or not bool((gaussians.object_id == room.floor).any()):
        return [(BACKGROUND, every)]
    return [(room.floor, every[:1]), (BACKGROUND, every[1:])]


def _filled(look: Look, photo: View) -> Look:
    """`look`, painted where nothing is that the `photo` shows: what lies on the floor, say."""
    camera, wide = photo.camera, look.view.camera
    share = wide.fx / camera.fx
    left, top = wide.cx - share * camera.cx, wide.cy - share * camera.cy
    x, y = np.meshgrid(np.arange(wide.width) + 0.5 - left, np.arange(wide.height) + 0.5 - top)
    frame = (x > 0) & (y > 0) & (x < share * camera.width) & (y < share * camera.height)
    there = look.owner == BACKGROUND
    hole = frame & ~there
    if not hole.any() or not there.any():
        return look
    return replace(
        look,
        colors=by_patches(look.colors, there, hole),
        owner=np.where(hole, np.int32(BACKGROUND), look.owner),
        depth=np.where(hole, background_depth(look.depth, ~there), look.depth),
    )


def _relief(look: Look, own: Gaussians, settings: MeshSettings) -> Flattened:
    """A sheet through all that `look` shows of `own`, and through what is painted between."""
    camera = look.view.camera
    coarse = look.view.resized(GRID, max(2, round(GRID * camera.height / camera.width)))
    again = alone(own, coarse, BACKGROUND)
    there = again.owner == BACKGROUND
    depth = background_depth(np.where(there, again.depth, 0), ~there)
    # What nothing is known of beyond the photo's edges is left away.
    size = (coarse.camera.width, coarse.camera.height)
    kept = cv2.resize((look.owner == BACKGROUND).astype(np.uint8), size) > 0
    places = unproject(torch.from_numpy(depth), coarse).numpy().reshape(-1, 3)
    number = np.arange(len(places)).reshape(kept.shape)
    a, b, c, d = number[:-1, :-1], number[:-1, 1:], number[1:, :-1], number[1:, 1:]
    whole = kept[:-1, :-1] & kept[:-1, 1:] & kept[1:, :-1] & kept[1:, 1:]
    faces = np.concatenate([np.stack([a, c, b], -1)[whole], np.stack([b, c, d], -1)[whole]])
    normals = np.zeros_like(places)
    sheet = Surface(places.astype(np.float32), normals, faces.astype(np.int32))
    sheet = simplified(sheet, settings.triangles)
    return flattened(sheet, texture_size(sheet, [look], settings.texture))


def _depth(faces: Sequence[Face], view: View) -> Floats:
    """z [H, W] of what of `faces` is first; 0 where none is."""
    camera = view.camera
    y, x = np.mgrid[: camera.height, : camera.width].reshape(2, -1)
    _, times = first_faces(faces, *rays_through(view, x, y))
    depth = np.where(np.isfinite(times), times, 0).reshape(camera.height, camera.width)
    return depth.astype(np.float32)


def _texels(faces: Sequence[Face], view: View) -> list[float]:
    """How long texels on each of `faces` are to show what a photo from `view` does."""
    some = view.resized(GRID, max(2, round(GRID * view.camera.height / view.camera.width)))
    y, x = np.mgrid[: some.camera.height, : some.camera.width].reshape(2, -1)
    first, times = first_faces(faces, *rays_through(some, x, y))
    pixels = [times[first == k] / view.camera.fx for k in range(len(faces))]
    found = [float(np.percentile(each, FINE)) if len(each) else 0.0 for each in pixels]
    coarsest = max(*found, 1e-6)
    return [each or coarsest for each in found]


def _reach(own: Gaussians) -> tuple[Array, Array]:
    """Corners [3] of the box around a room's Gaussians: as high as the photo shows it."""
    means = own.means.double().numpy()
    low, high = np.percentile(means, (STRAYS, 100 - STRAYS), axis=0)
    seen = means[own.origin.numpy() < Origin.FILLED]
    top = float(seen[:, 1].max()) if len(seen) else high[1]
    margin = MARGIN * float(np.linalg.norm(high - low))
    return low - margin, np.array([high[0] + margin, top, high[2] + margin])


def _wider(camera: Pinhole) -> Pinhole:
    """`camera` with a picture that reaches as far beyond its edges as scenes are painted."""
    x = np.tan(min(np.arctan(camera.width / 2 / camera.fx) + ASIDE, STEEPEST))
    y = np.tan(min(np.arctan(camera.height / 2 / camera.fy) + ABOVE, STEEPEST))
    focal = WIDEST / (2 * x)
    height = max(2, round(2 * y * focal))
    return Pinhole(WIDEST, height, focal, focal, WIDEST / 2, height / 2)


def _outside(own: Gaussians, view: View) -> float:
    """The part of `own` that lies outside what `view` shows."""
    pixels, z = project(own.means, view)
    size = torch.tensor([view.camera.width, view.camera.height])
    inside = (z > 0) & ((pixels >= 0) & (pixels < size)).all(dim=1)
    return 1 - float(inside.double().mean())


def _around(view: View) -> list[View]:
    """Six views in all directions from where `view` is from."""
    camera = Pinhole(AROUND, AROUND, AROUND / 2, AROUND / 2, AROUND / 2, AROUND / 2)
    centre = view.centre().double()
    found = []
    for way in torch.cat([torch.eye(3), -torch.eye(3)]).double():
        turned = facing(camera, centre, centre + way, torch.tensor([0.0, 1.0, 0.0]).double())
        found.append(View(camera, turned.camera_from_scene.float()))
    return found
