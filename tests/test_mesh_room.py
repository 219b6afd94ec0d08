"""The empty room of one photo as a mesh: its polygons, its picture, and what of it is made up."""

import json
from dataclasses import replace
from types import ModuleType

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.capture.reconstruction import Reconstruction, SparsePoints
from core.export.glb import pivot_of
from core.export.parts import placed_parts
from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.camera import Pinhole, View
from core.geometry.planes import Plane
from core.geometry.pose import Pose
from core.mesh.build import Meshed
from core.mesh.looking import picture
from core.mesh.looks import looked
from core.mesh.polygons import polygons
from core.mesh.room import emptied
from core.mesh.values import MeshSettings
from core.scene.fill.faces import Face, first_faces
from core.scene.fill.shots import rays_through
from core.scene.layout import Layout, Placement
from core.segment.labels import Role, SceneObject
from core.single.lift import lifted
from core.single.room import Room, remembered, room_of
from core.single.standing import Footing, Standing

Array = NDArray[np.float64]
Pixels = NDArray[np.bool_]

FLOOR, THING = 1, 5
WIDE, TALL = 240, 180
PLANES = (
    Plane(np.array([0.0, 1.0, 0.0]), 0.0),
    Plane(np.array([0.0, 0.0, 1.0]), 4.0),
    Plane(np.array([1.0, 0.0, 0.0]), 1.6),
)


def camera() -> View:
    """1.5 m above the floor, looking down by 15 degrees, a wall ahead and one to the left."""
    c, s = np.cos(np.radians(15.0)), np.sin(np.radians(15.0))
    world = torch.eye(4)
    world[:3, :3] = torch.tensor([[1, 0, 0], [0, -c, s], [0, -s, -c]])
    world[:3, 3] = -world[:3, 1] * 1.5
    return View(Pinhole(WIDE, TALL, 200.0, 200.0, WIDE / 2, TALL / 2), world)


def room_seen(view: View) -> tuple[NDArray[np.float32], Array, NDArray[np.int64]]:
    """What a photo of the room shows [H, W, 3], its z and which plane it is."""
    y, x = np.mgrid[: view.camera.height, : view.camera.width].reshape(2, -1)
    centre, rays = rays_through(view, x, y)
    face, times = first_faces([Face(plane, 0) for plane in PLANES], centre, rays)
    times = np.where(face < 0, 9.0, times)
    places = centre + times[:, None] * rays
    waves = np.stack([np.sin(places @ way) for way in np.array([[4, 2, 3], [3, 5, 1], [2, 1, 6]])])
    color = 0.5 + 0.2 * waves.T + 0.1 * np.array([[0, 1, -1], [1, 0, 1], [-1, 1, 0]])[face]
    shape = (view.camera.height, view.camera.width)
    return color.reshape(*shape, 3).astype(np.float32), times.reshape(shape), face.reshape(shape)


def thing() -> Pixels:
    """The pixels that something before the room takes up: parts of floor and wall."""
    mask = np.zeros((TALL, WIDE), bool)
    mask[60:130, 100:150] = True
    return mask


def scene() -> tuple[Gaussians, NDArray[np.float32]]:
    """One Gaussian a pixel, those behind the thing filled in; and the photo of it all."""
    view, mask = camera(), thing()
    color, z, face = room_seen(view)
    sure = np.zeros(mask.shape, np.float32)
    ids = np.where(face == 0, FLOOR, 0)

    def table(colors: NDArray[np.float32], depth: Array, own: NDArray[np.integer], origin: Origin):
        depths = depth.astype(np.float32)
        return lifted(torch.from_numpy(colors), depths, view, own, face, origin, sure)

    behind = torch.from_numpy(mask).reshape(-1)
    room = table(color, z, ids, Origin.REGULARISED).rows(~behind)
    filled = table(color, z, ids, Origin.FILLED).rows(behind)
    red = np.zeros_like(color) + np.float32([0.9, 0.1, 0.1])
    before = table(red, 0.6 * z, np.full_like(ids, THING), Origin.REGULARISED).rows(behind)
    return room.followed_by(filled).followed_by(before), np.where(mask[..., None], red, color)


def made(planes: tuple[Plane, ...], size: int = 1024) -> tuple[Meshed, ...]:
    gaussians, photo = scene()
    looks = [looked(gaussians, camera(), [0, FLOOR, THING], photo)]
    steps = emptied(gaussians, looks, Room(planes, FLOOR), MeshSettings(20_000, size))
    while True:
        try:
            next(steps)
        except StopIteration as end:
            answer: tuple[Meshed, ...] = end.value
            return answer


def decibels(one: NDArray[np.floating], other: NDArray[np.floating], where: Pixels) -> float:
    return float(-10 * np.log10(((one - other)[where] ** 2).mean()))


def check_picture(meshes: tuple[Meshed, ...], least: float, filled: float) -> None:
    """The photo comes back where nothing stands before the room, and what does not is marked."""
    color, _, _ = room_seen(camera())
    shown, hit = picture([each.mesh for each in meshes], camera(), 3)
    kernel = np.ones((9, 9), np.uint8)
    around = cv2.dilate(thing().astype(np.uint8), kernel) > 0
    within = cv2.erode(thing().astype(np.uint8), kernel) > 0
    inside = np.zeros_like(hit)
    inside[3:-3, 3:-3] = True
    assert hit[inside].all()
    assert decibels(shown, color, inside & ~around) > least
    assert decibels(shown, color, within) > filled
    marks = [
        replace(each.mesh, texture=np.repeat(255 * each.mesh.unseen[..., None].astype("u1"), 3, 2))
        for each in meshes
    ]
    unseen = picture(marks, camera())[0][..., 0] > 0.5
    assert unseen[within].mean() > 0.99
    assert unseen[inside & ~around].mean() < 0.01


def test_floor_and_walls_are_polygons_with_the_photo_on_them() -> None:
    meshes = made(PLANES)
    assert [each.object_id for each in meshes] == [FLOOR, 0]
    floor, walls = (each.mesh.surface for each in meshes)
    assert np.abs(PLANES[0].heights(floor.vertices)).max() < 1e-5
    assert len(floor) < 8
    assert len(walls) < 16
    off = np.stack([plane.heights(walls.vertices) for plane in PLANES[1:]])
    assert np.abs(off).min(axis=0).max() < 1e-5
    assert off.min() > -1e-4  # nothing lies behind a wall
    assert walls.vertices[:, 1].min() == pytest.approx(0, abs=1e-4)
    check_picture(meshes, 33, 25)


def test_where_depth_was_told_the_room_is_a_sheet(open3d: ModuleType) -> None:
    (sheet,) = made(())
    places = sheet.mesh.surface.vertices.astype(np.float64)
    off = np.stack([np.abs(plane.heights(places)) for plane in PLANES]).min(axis=0)
    assert np.median(off) < 0.01
    assert np.percentile(off, 99) < 0.05
    assert len(sheet.mesh.surface) <= 20_000
    check_picture((sheet,), 30, 22)


def test_small_pictures_are_made_of_coarser_texels() -> None:
    for each in made(PLANES, 128):
        assert max(each.mesh.texture.shape[:2]) <= 128
        assert (each.mesh.uvs >= 0).all()
        assert (each.mesh.uvs <= 1).all()


def test_a_thing_whose_feet_are_hidden_has_its_origin_on_the_floor() -> None:
    gaussians, _ = scene()
    up = Pose(np.eye(3), np.array([0.0, 0.5, 0.0]))
    lifted_up = Layout().with_placements([Placement(THING, THING, pose=up)])
    for layout, foot in ((Layout(), 0.0), (lifted_up, 0.5)):
        for standing, base in (((), None), ({THING}, foot)):
            parts = placed_parts(gaussians, layout, {}, {}, splats=True, standing=standing)
            (part,) = (each for each in parts if each.object_id == THING)
            lowest = float(np.percentile(part.splats.means[:, 1], 1))
            assert pivot_of(part)[1] == pytest.approx(lowest if base is None else base, abs=1e-6)
            assert lowest > foot + 0.1


def test_what_a_project_remembers_of_its_room() -> None:
    nothing = np.zeros((0, 2), np.int64)
    things = [
        Standing(id_, footing, np.zeros((2, 2), np.float32), nothing)
        for id_, footing in ((5, Footing.FLOOR), (6, Footing.THING), (7, Footing.BEHIND))
    ]
    details = remembered([Face(plane, 0) for plane in PLANES], things)
    kept = json.loads(json.dumps(details))
    objects = [SceneObject(FLOOR, "Floor", "#000000", Role.FLOOR)]
    room = room_of(Reconstruction((), SparsePoints.none(), (), details=kept), objects)
    assert room is not None
    assert (room.floor, room.standing) == (FLOOR, {5, 7})
    for found, plane in zip(room.planes, PLANES, strict=True):
        assert np.array_equal(found.normal, plane.normal)
        assert found.offset == plane.offset
    assert room_of(Reconstruction((), SparsePoints.none(), ()), objects) is None
    for broken in ([[1.0, 2.0]], [["a", 0, 0, 0]], 7):
        spoilt = Reconstruction((), SparsePoints.none(), (), details={**kept, "room": broken})
        assert room_of(spoilt, objects) is None


def test_facets_of_a_box() -> None:
    """Six planes inwards: each facet is the box's side, anticlockwise from inside."""
    size = np.array([4.0, 2.5, 6.0])
    planes = [Plane(axis, 0.0) for axis in np.eye(3)]
    planes += [Plane(-axis, float(side)) for axis, side in zip(np.eye(3), size, strict=True)]
    for k, corners in enumerate(polygons(planes, np.full(3, -1.0), size + 1)):
        assert len(corners) == 4
        one, two = corners[1] - corners[0], corners[2] - corners[1]
        across = np.cross(one, two)
        assert across @ planes[k].normal == pytest.approx(np.prod(size) / size[k % 3], 1e-4)
    (cut,) = polygons(planes[:1], np.full(3, -1.0), size)
    assert len(cut) == 4
    hidden = Plane(np.array([1.0, 0.0, 0.0]), 3.0)  # behind the first: nothing of it is left
    assert not len(polygons([planes[0], hidden], np.full(3, -5.0), size)[1])
