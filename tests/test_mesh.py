"""Meshes: a ball and a floor become surfaces with their colours, closed where holes are small."""

from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest
import torch

from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.aim import facing
from core.geometry.camera import Pinhole, View, project
from core.geometry.rotation import quat_facing
from core.mesh import texture
from core.mesh.behind import shell
from core.mesh.build import Meshed, meshed
from core.mesh.depths import DepthView
from core.mesh.fuse import simplified
from core.mesh.gaps import missed
from core.mesh.holes import closed, rims
from core.mesh.likeness import distances
from core.mesh.looking import picture
from core.mesh.looks import Look, looked
from core.mesh.turns import twice
from core.mesh.unwrap import Flattened
from core.mesh.values import MeshSettings, Surface
from core.render.rasterize import rasterize

UP = torch.tensor([0.0, 1.0, 0.0])
BALL, RADIUS = 3, 0.4  # its id, and its size


def sheet(points: torch.Tensor, normals: torch.Tensor, colors: torch.Tensor, id_: int) -> Gaussians:
    """Flat, opaque Gaussians on a surface."""
    n = len(points)
    return Gaussians(
        means=points.float(),
        quats=quat_facing(normals.float()),
        log_scales=torch.log(torch.tensor([0.02, 0.02, 0.002])).repeat(n, 1),
        logit_opacity=torch.full((n,), 5.0),
        sh=((colors.float() - 0.5) / 0.28209479)[:, None],
        object_id=torch.full((n,), id_),
    )


def ball_on_floor() -> Gaussians:
    """A ball in red and blue on a floor in two greens; y up, floor at y = 0."""
    k = torch.arange(3000) + 0.5
    polar, turn = torch.acos(1 - 2 * k / 3000), torch.pi * (1 + 5**0.5) * k
    unit = torch.stack([polar.sin() * turn.cos(), polar.cos(), polar.sin() * turn.sin()], dim=1)
    red = torch.tensor([0.8, 0.2, 0.2])
    colors = torch.where((unit[:, 2] > 0)[:, None], red, red.flip(0))
    ball = sheet(unit * RADIUS + UP * RADIUS, unit, colors, BALL)
    x, z = (a.flatten() for a in torch.meshgrid(*[torch.linspace(-1, 1, 70)] * 2, indexing="ij"))
    green = torch.tensor([0.2, 0.7, 0.2])
    squares = ((x > 0) ^ (z > 0)).float()[:, None] * 0.3
    floor = sheet(torch.stack([x, 0 * x, z], 1), UP.repeat(len(x), 1), green + squares - 0.15, 0)
    return ball.followed_by(floor)


def view(turn: float, height: float = 0.7) -> View:
    at = torch.tensor([2.2 * np.sin(turn), 0.4 + 1.4 * height, 2.2 * np.cos(turn)]).double()
    camera = Pinhole(120, 90, 130.0, 130.0, 60.0, 45.0)
    seen = facing(camera, at, torch.tensor([0, 0.25, 0]).double(), UP.double())
    return View(camera, seen.camera_from_scene.float())


def looks(scene: Gaussians, count: int = 6) -> list[Look]:
    answer = []
    for k in range(count):
        there = view(2 * np.pi * k / count)
        with torch.no_grad():
            photo = rasterize(scene, there).color.clamp(0, 1).numpy()
        answer.append(looked(scene, there, [0, BALL], photo))
    return answer


@pytest.fixture(scope="module")
def scene() -> Gaussians:
    return ball_on_floor()


@pytest.fixture(scope="module")
def made(scene: Gaussians, open3d: ModuleType) -> tuple[Meshed, ...]:
    pytest.importorskip("xatlas")
    # A veil that was filled in must not show.
    veil = replace(
        sheet(torch.rand(50, 3) * 0.1 + UP, UP.repeat(50, 1), torch.ones(50, 3), BALL),
        origin=torch.full((50,), Origin.FILLED, dtype=torch.uint8),
    )
    steps = meshed(scene.followed_by(veil), looks(scene), [0, BALL, 9], MeshSettings(2000, 256))
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: tuple[Meshed, ...] = end.value
            return found


def test_each_object_is_a_mesh_within_its_budget(made: tuple[Meshed, ...]) -> None:
    assert [each.object_id for each in made] == [0, BALL]
    for each in made:
        assert 200 < len(each.mesh.surface) <= 2000
        assert max(each.mesh.texture.shape) < 2 * 256
        assert ((each.mesh.uvs >= 0) & (each.mesh.uvs <= 1)).all()


def test_surfaces_are_where_they_should_be_and_face_outwards(made: tuple[Meshed, ...]) -> None:
    floor, ball = (each.mesh.surface for each in made)
    away = ball.vertices - np.array([0, RADIUS, 0])
    length = np.linalg.norm(away, axis=1)
    corners = ball.vertices[ball.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    middle = corners.mean(axis=1) - np.array([0, RADIUS, 0])
    off = np.abs(np.linalg.norm(middle, axis=1) - RADIUS)
    assert np.average(off, weights=np.linalg.norm(normals, axis=1)) < 0.008 * 2 * RADIUS
    assert ((away / length[:, None] * ball.normals).sum(axis=1) > 0.7).mean() > 0.92
    inner = np.abs(floor.vertices[:, [0, 2]]).max(axis=1) < 0.9  # the rim is closed off roughly
    assert np.abs(floor.vertices[inner, 1]).mean() < 0.01
    assert (floor.normals[inner, 1] > 0.9).mean() > 0.95
    assert ((normals * middle).sum(axis=1) > 0).mean() > 0.97


def test_textured_meshes_look_like_the_gaussians(
    scene: Gaussians, made: tuple[Meshed, ...]
) -> None:
    """From a place between the photos."""
    there = view(0.5)
    with torch.no_grad():
        wanted = rasterize(scene, there).color.clamp(0, 1).numpy()
    found, hit = picture([each.mesh for each in made], there)
    assert hit.mean() > 0.5
    assert -10 * np.log10(((found - wanted)[hit] ** 2).mean()) > 23


def test_what_no_photo_shows_is_marked(scene: Gaussians, open3d: ModuleType) -> None:
    """Seen from one side only, the ball's far side gets no surface or is marked."""
    pytest.importorskip("xatlas")
    steps = meshed(scene, looks(scene)[:1], [BALL], MeshSettings(1000, 256))
    while True:
        try:
            next(steps)
        except StopIteration as end:
            (found,) = end.value
            break
    vertices = torch.from_numpy(found.mesh.surface.vertices)
    _, depth = project(vertices, view(0))
    seen = float((depth < 2.75).float().mean())  # before the ball's middle
    assert seen > 0.5
    assert found.mesh.unseen.any()


def test_a_background_is_closed_off_behind_its_gaps(scene: Gaussians, open3d: ModuleType) -> None:
    """Where its Gaussians show more than its surface has, and nowhere else."""
    floor = scene.rows(scene.object_id == 0)
    whole = square(41)
    wide = replace(whole, vertices=(whole.vertices - [0.5, 0, 0.5]).astype(np.float32) * 4)
    around = looks(floor, 3)
    assert shell(floor, floor, around, wide) is None
    middles = wide.vertices[wide.faces].mean(axis=1)[:, [0, 2]]
    holed = replace(wide, faces=wide.faces[~(np.abs(middles) < 0.35).all(axis=1)])
    found = shell(floor, floor, around, holed)
    assert found is not None
    assert np.abs(found.vertices[:, 1]).max() < 0.03
    assert np.abs(found.vertices[:, [0, 2]]).max() < 0.7
    corners = found.vertices[found.faces]
    up = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 1]
    assert (up >= 0).all()
    assert up.sum() / 2 > 0.7**2


def test_what_photos_show_roughly_fills_gaps_alone(scene: Gaussians, open3d: ModuleType) -> None:
    floor = square(41)
    there = view(0.0)
    depth = np.full((90, 120), 2.5, np.float32)
    seen = DepthView(there, 0 * depth, depth, 0 * depth)
    wide = replace(floor, vertices=(floor.vertices - [0.5, 0, 0.5]).astype(np.float32) * 60)
    near = replace(wide, vertices=wide.vertices + np.float32([0, 1.0, 0]))
    assert not missed(seen, depth, near).depth.any()  # it lies before what is seen
    assert (missed(seen, depth, replace(wide, faces=wide.faces[:0])).depth == depth).all()
    middles = near.vertices[near.faces].mean(axis=1)
    half = replace(near, faces=near.faces[middles[:, 0] > 0])
    given = missed(seen, depth, half).depth[70] > 0
    assert given[:55].all()
    assert not given[65:].any()


def square(n: int) -> Surface:
    """A flat square of n by n vertices, facing up."""
    x, z = np.meshgrid(np.linspace(0, 1, n), np.linspace(0, 1, n), indexing="ij")
    vertices = np.stack([x.ravel(), 0 * x.ravel(), z.ravel()], 1).astype(np.float32)
    a = (np.arange(n - 1)[:, None] * n + np.arange(n - 1)).ravel()
    faces = np.concatenate(
        [np.stack([a, a + 1, a + n], 1), np.stack([a + 1, a + n + 1, a + n], 1)]
    ).astype(np.int32)
    return Surface(vertices, np.tile([[0, 1, 0]], (n * n, 1)).astype(np.float32), faces)


def without(surface: Surface, low: float, high: float) -> Surface:
    """`surface` without the triangles whose middles are between."""
    middle = surface.vertices[surface.faces].mean(axis=1)[:, [0, 2]]
    gone = ((middle > low) & (middle < high)).all(axis=1)
    return replace(surface, faces=surface.faces[~gone])


def test_small_holes_are_closed_and_large_ones_told() -> None:
    whole = square(21)
    holed = without(whole, 0.39, 0.61)
    assert sorted(len(rim) for rim in rims(holed)) == [16, 80]
    found, told = closed(holed, 1.0)
    assert (told.closed, told.left) == (1, 1)
    assert told.area == pytest.approx(0.04, rel=1e-3)
    assert told.words == "1 hole closed, 1 left open, where no photo shows the surface"
    assert [len(rim) for rim in rims(found)] == [80]
    corners = found.vertices[found.faces]
    up = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 1]
    assert (up > 0).all()
    assert up.sum() / 2 == pytest.approx(1, rel=1e-3)


def test_a_surface_without_holes_stays_as_it_is(open3d: ModuleType) -> None:
    whole = square(5)
    found, told = closed(whole, 0.1)
    assert told.words == "1 left open, where no photo shows the surface"
    assert np.array_equal(found.faces, whole.faces)
    fewer = simplified(square(21), 100)
    assert len(fewer) <= 100
    assert distances(whole.vertices.astype(np.float64), fewer).max() < 1e-5


def test_a_texture_gives_its_photos_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two photos of stripes, half a pixel apart: fitted, they are sharper than their average."""
    flat = square(2)
    uvs = flat.vertices[:, [0, 2]].copy()
    camera = Pinhole(16, 16, 16.0, 16.0, 8.0, 8.0)
    shown = []
    for shift in (0.0, 0.5 / 16):
        at = torch.tensor([0.5 + shift, 1.0, 0.5]).double()
        there = facing(camera, at, at - UP.double(), torch.tensor([0, 0, -1.0]).double())
        light = (np.arange(16 * 8) + 0.5) / (16 * 8) - 0.5 + float(at[0])
        row = ((np.floor(light * 6) % 2).astype(np.float32) * 0.6 + 0.2).reshape(16, 8).mean(1)
        colors = np.repeat(np.tile(row, (16, 1))[..., None], 3, axis=2)
        depth, owner = np.ones((16, 16), np.float32), np.zeros((16, 16), np.int32)
        shown.append(
            Look(View(there.camera, there.camera_from_scene.float()), colors, depth, owner)
        )
    fitted = texture.textured(Flattened(flat, uvs, 32, 32), 0, twice(shown))
    monkeypatch.setattr(texture, "ROUNDS", 0)
    average = texture.textured(Flattened(flat, uvs, 32, 32), 0, twice(shown))
    x = (np.arange(32) + 0.5) / 32
    wanted = (np.floor(x * 6) % 2) * 0.6 + 0.2
    inner = slice(4, 28)
    off, before = (
        np.abs(mesh.texture[inner, inner, 0] / 255 - wanted[inner]).mean()
        for mesh in (fitted, average)
    )
    assert off < 0.85 * before
