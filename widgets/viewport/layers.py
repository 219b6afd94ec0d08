"""What of a state the viewport shows, as values for the renderer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.capture.lens import SPHERICAL_MODELS, Lens, undistorted_pinhole
from core.capture.reconstruction import PlacedPhoto, Reconstruction
from core.gaussians.arrays import SplatArrays
from core.geometry.camera import Pinhole
from core.scene.document import State
from core.scene.layout import Layout
from core.scene.shown import Content, PointCloud, TriangleMesh, bounds
from widgets.viewport.flight import PhotoCamera
from widgets.viewport.grounding import moved_box
from widgets.viewport.line_layer import Segments, joined
from widgets.viewport.options import Color
from widgets.viewport.placing import Placed, poses
from widgets.viewport.renderer import Frustum, Renderer
from widgets.viewport.worker import Ready

Array = NDArray[np.float64]
Pixels = NDArray[np.uint8]
Box = tuple[Array, Array]  # its lowest and highest corner, [3] each

TRAINED: Color = (0.45, 0.68, 1.0)
HELD_OUT: Color = (1.0, 0.70, 0.28)
EXCLUDED: Color = (0.50, 0.50, 0.52)


@dataclass(frozen=True, eq=False)
class FlatPhoto:
    """A photo without its lens's distortion, [h, w, 3], as `pinhole` sees it."""

    pixels: Pixels
    pinhole: Pinhole


@dataclass(frozen=True, eq=False)
class Floor:
    """A disc at y = 0 around `centre` [3]."""

    centre: Array
    radius: float


@dataclass(frozen=True, eq=False)
class Shown:
    """All that the renderer is given; parts are replaced, never changed.

    `awaited` counts the changes that are to be seen at once: all but the newer splats of a
    scene that is being built.
    """

    splats: Ready | None = None
    points: PointCloud | None = None
    mesh: TriangleMesh | None = None
    sparse: PointCloud | None = None
    frustums: tuple[Frustum, ...] = ()
    selected: str | None = None
    photo: FlatPhoto | None = None
    box: Box | None = None
    floor: Floor | None = None
    palette: Pixels | None = None  # colours of objects [L, 4] by their ids
    layout: Layout = field(default_factory=Layout)
    chosen: frozenset[int] = frozenset()  # ids of placements with an outline
    handles: Segments | None = None
    volume: Segments | None = None
    awaited: int = 0


NOTHING = Shown()


def upload(renderer: Renderer, old: Shown, new: Shown) -> None:
    """Give the renderer, which has `old`, what of `new` is another."""
    if new.splats is not old.splats:
        packed = new.splats.packed if new.splats else None
        if packed is not (old.splats.packed if old.splats else None):
            renderer.set_splats(packed)
        if new.splats is not None:
            renderer.set_order(new.splats.order)
    newer = new.splats is not old.splats or new.layout is not old.layout
    if new.splats is not None and newer:
        listed = new.splats.instances
        renderer.set_placed(Placed(listed, poses(new.layout, listed.placements)))
    dims = None if new.splats is None else new.splats.dims
    if dims is not (None if old.splats is None else old.splats.dims):
        renderer.set_dims(dims)
    if new.chosen != old.chosen:
        renderer.set_chosen(new.chosen)
    if (new.handles, new.volume) != (old.handles, old.volume):
        renderer.set_handles(joined(new.handles, new.volume))
    marks = None if new.splats is None else new.splats.marks
    if marks is not (None if old.splats is None else old.splats.marks):
        renderer.set_marks(marks)
    if new.palette is not old.palette and new.palette is not None:
        renderer.set_palette(new.palette)
    if new.points is not old.points:
        renderer.set_points(new.points)
    if new.mesh is not old.mesh:
        renderer.set_mesh(new.mesh)
    if new.sparse is not old.sparse:
        positions, colors = (
            (new.sparse.positions, new.sparse.colors) if new.sparse else (None, None)
        )
        renderer.set_sparse(positions, colors)
    if new.frustums is not old.frustums:
        renderer.set_frustums(new.frustums)
    if new.selected != old.selected:
        renderer.set_selected_frustum(new.selected)
    if new.photo is not old.photo:
        flat = (new.photo.pixels, new.photo.pinhole) if new.photo else (None, None)
        renderer.set_photo(*flat)
    if new.box is not old.box:
        renderer.set_bounds(*(new.box or (None, None)))
    if new.floor is not old.floor:
        renderer.set_floor(*((new.floor.centre, new.floor.radius) if new.floor else (None, 1.0)))


def frustums(state: State, thumbnails: Mapping[str, Pixels]) -> tuple[Frustum, ...]:
    """The cameras of all placed photos, coloured by what the photo is for."""
    if state.reconstruction is None:
        return ()
    held_out = state.plan.held_out | set(state.split.test if state.split else ())

    def color(name: str) -> Color:
        if name in state.plan.excluded:
            return EXCLUDED
        return HELD_OUT if name in held_out else TRAINED

    return tuple(
        Frustum(
            name=photo.name,
            camera_from_scene=photo.camera_from_scene,
            pinhole=_rough_pinhole(photo.lens),
            pixels=thumbnails.get(photo.name),
            color=color(photo.name),
        )
        for photo in state.reconstruction.photos
    )


def sparse_points(reconstruction: Reconstruction | None) -> PointCloud | None:
    """The points that the photos' matches gave."""
    if reconstruction is None or not len(reconstruction.points.positions):
        return None
    points = reconstruction.points
    return PointCloud(points.positions.astype(np.float32), points.colors)


def floor(reconstruction: Reconstruction | None) -> Floor | None:
    """Where a floor was found, a disc as large as what stands on it."""
    points = sparse_points(reconstruction)
    if points is None or reconstruction is None or not reconstruction.floor_found:
        return None
    low, high = bounds(points)
    radius = float(np.linalg.norm((high - low)[[0, 2]])) / 2
    return Floor((low + high) / 2 * (1, 0, 1), radius)


def main_part(state: State) -> Box | None:
    """A box around the content, else around the sparse points."""
    if state.content is not None and len(state.content):
        return content_box(state.content, state.plan.layout)
    points = sparse_points(state.reconstruction)
    return None if points is None else bounds(points)


def content_box(content: Content, layout: Layout) -> Box:
    """Corners of a box around `content` as it was captured, on the ground of `layout`."""
    if not isinstance(content, SplatArrays):
        return bounds(content)
    return moved_box(bounds(content), layout.ground.scene_from_capture)


def around_cameras(reconstruction: Reconstruction | None) -> Box | None:
    """The box of where the photos were taken."""
    if reconstruction is None or not reconstruction.photos:
        return None
    cameras = np.stack([photo.camera_from_scene for photo in reconstruction.photos])
    places = -np.einsum("nji,nj->ni", cameras[:, :3, :3], cameras[:, :3, 3])
    return places.min(axis=0), places.max(axis=0)


def placed_photo(reconstruction: Reconstruction | None, name: str) -> PlacedPhoto | None:
    """The photo of that name, if it has a place."""
    photos = reconstruction.photos if reconstruction is not None else ()
    return next((photo for photo in photos if photo.name == name), None)


def photo_camera(photo: PlacedPhoto) -> PhotoCamera:
    """The pinhole that a photo flattens to. Raises `UserError` for lenses without one."""
    lens = photo.lens
    pinhole = undistorted_pinhole(lens, lens.width, lens.height)
    return PhotoCamera(photo.name, pinhole, photo.camera_from_scene)


def photo_depth(reconstruction: Reconstruction, name: str, otherwise: float) -> float:
    """Median z of the sparse points that a photo saw."""
    index = next(i for i, photo in enumerate(reconstruction.photos) if photo.name == name)
    points = reconstruction.points
    seen = points.positions[points.track_points[points.track_photos == index]]
    row = reconstruction.photos[index].camera_from_scene[2]
    depths = seen @ row[:3] + row[3]
    depths = depths[depths > 0]
    return float(np.median(depths)) if len(depths) else otherwise


@lru_cache(maxsize=4096)
def _rough_pinhole(lens: Lens) -> Pinhole:
    """The lens without its distortion: near enough for a frustum, and at once."""
    width, height = lens.width, lens.height
    if lens.model in SPHERICAL_MODELS:  # asked for its focal length, pycolmap ends the process
        return Pinhole(width, height, height / 2, height / 2, width / 2, height / 2)
    camera = lens.camera()
    return Pinhole(
        width,
        height,
        camera.focal_length_x,
        camera.focal_length_y,
        camera.principal_point_x,
        camera.principal_point_y,
    )
