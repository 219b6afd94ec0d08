"""Surfaces of several parts together: what covers what, gaps, and colours that no photo shows."""

from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest
import torch

from core.gaussians.table import Gaussians
from core.geometry.aim import facing
from core.geometry.camera import Pinhole, View
from core.geometry.rotation import quat_facing
from core.mesh.depths import DepthView
from core.mesh.holes import closed, rims
from core.mesh.looking import fronts
from core.mesh.looks import NOBODY, Look, to_the_edges
from core.mesh.order import ordered
from core.mesh.patches import patched
from core.mesh.texture import textured
from core.mesh.turns import made_up, of_photos
from core.mesh.unwrap import Flattened
from core.mesh.values import Surface

WALL, PICTURE = 0, 5


def square(n: int, side: float = 1.0, z: float = 0.0) -> Surface:
    """A square of n by n vertices about the axis z, facing its positive end."""
    x, y = np.meshgrid(*[np.linspace(-side / 2, side / 2, n)] * 2, indexing="ij")
    vertices = np.stack([x.ravel(), y.ravel(), np.full(n * n, z)], 1).astype(np.float32)
    a = (np.arange(n - 1)[:, None] * n + np.arange(n - 1)).ravel()
    faces = np.concatenate(
        [np.stack([a, a + n, a + 1], 1), np.stack([a + 1, a + n, a + n + 1], 1)]
    ).astype(np.int32)
    return Surface(vertices, np.tile([[0, 0, 1]], (n * n, 1)).astype(np.float32), faces)


def without(surface: Surface, low: float, high: float) -> Surface:
    """`surface` without the triangles whose middles are between."""
    middle = surface.vertices[surface.faces].mean(axis=1)[:, :2]
    gone = ((middle > low) & (middle < high)).all(axis=1)
    return replace(surface, faces=surface.faces[~gone])


def view(x: float, y: float) -> View:
    """From two units before the middle, aside by x and y."""
    camera = Pinhole(80, 60, 90.0, 90.0, 40.0, 30.0)
    at = torch.tensor([x, y, 2.0]).double()
    seen = facing(camera, at, 0 * at, torch.tensor([0.0, 1.0, 0.0]).double())
    return View(camera, seen.camera_from_scene.float())


def truth(surfaces: dict[int, Surface], there: View) -> Look:
    """What `there` sees of surfaces by id, all of it in one grey."""
    (front,) = fronts(list(surfaces.values()), [there])
    owner = np.array([*surfaces, NOBODY], np.int32)[front.part]
    depth = np.where(front.part >= 0, front.depth, 0).astype(np.float32)
    return Look(there, np.full((*owner.shape, 3), 0.5, np.float32), depth, owner)


VIEWS = [view(x, y) for x in (-0.8, 0.0, 0.8) for y in (-0.5, 0.5)]


def test_what_hangs_before_a_wall_is_seen_before_it(open3d: ModuleType) -> None:
    """A wall that is off by more than a picture's distance from it covers nothing of it."""
    picture = square(9, 0.5, 0.005)
    looks = [truth({WALL: square(2, 3.0), PICTURE: picture}, each) for each in VIEWS]
    wall = square(61, 3.0)
    noise = np.random.default_rng(1).normal(0, 0.01, len(wall.vertices))
    wall.vertices[:, 2] += noise.astype(np.float32)
    before = {WALL: wall, PICTURE: picture}
    after = ordered(before, looks)

    def covered(surfaces: dict[int, Surface]) -> int:
        seen = fronts(list(surfaces.values()), [look.view for look in looks])
        shown = [look.owner == PICTURE for look in looks]
        return sum(int((f.part[s] == 0).sum()) for f, s in zip(seen, shown, strict=True))

    assert covered(before) > 500
    assert covered(after) < 5
    moved = np.linalg.norm(after[WALL].vertices - wall.vertices, axis=1)
    assert moved.max() < 0.1
    away = (np.abs(wall.vertices[:, :2]) > 0.3).any(axis=1)
    assert not moved[away].any()
    assert np.array_equal(after[PICTURE].vertices, picture.vertices)


def test_gaps_that_photos_look_at_are_covered(open3d: ModuleType) -> None:
    """With what they show there, and nothing before what another of them shows."""
    whole = square(31)
    looks = [truth({PICTURE: whole}, each) for each in VIEWS]
    holed = without(whole, -0.2, 0.2)

    def seen(factor: float) -> list[DepthView]:
        deep = [(look, factor * look.depth) for look in looks]
        return [DepthView(look.view, 0 * depth, depth, 0 * depth) for look, depth in deep]

    found = patched(holed, seen(1.0), looks, PICTURE)
    assert len(found) > len(holed)
    assert np.abs(found.vertices[:, 2]).max() < 1e-3
    for front, look in zip(fronts([found], [each.view for each in looks]), looks, strict=True):
        assert ((front.part == 0) | (look.owner != PICTURE)).mean() > 0.995
    assert len(patched(whole, seen(1.0), looks, PICTURE)) == len(whole)
    assert len(patched(holed, seen(0.9), looks, PICTURE)) == len(holed)


def test_what_is_beside_an_edge_is_the_nearest_ones() -> None:
    owner = np.full((5, 30), NOBODY, np.int32)
    owner[:, 5:10] = PICTURE
    owner[:, 12:15] = WALL
    nothing = np.zeros((5, 30), np.float32)
    look = Look(VIEWS[0], np.zeros((5, 30, 3), np.float32), nothing, owner)
    found = to_the_edges(look).owner[2]
    assert (found[3:11] == PICTURE).all()
    assert (found[11:17] == WALL).all()
    assert (found[:3] == NOBODY).all()
    assert (found[17:] == NOBODY).all()


def test_what_no_photo_shows_has_the_colour_of_its_gaussians(open3d: ModuleType) -> None:
    """Of a wall behind a picture, and beside all that is photographed."""
    wall, picture = square(2, 6.0), square(2, 0.5, 0.3)
    looks = [truth({WALL: wall, PICTURE: picture}, each) for each in VIEWS[:1]]
    x, y = (a.flatten() for a in torch.meshgrid(*[torch.linspace(-3, 3, 90)] * 2, indexing="ij"))
    blue = torch.tensor([0.1, 0.2, 0.9])
    own = Gaussians(
        means=torch.stack([x, y, 0 * x], 1),
        quats=quat_facing(torch.tensor([0.0, 0.0, 1.0]).repeat(len(x), 1)),
        log_scales=torch.log(torch.tensor([0.06, 0.06, 0.002])).repeat(len(x), 1),
        logit_opacity=torch.full((len(x),), 5.0),
        sh=((blue - 0.5) / 0.28209479).repeat(len(x), 1)[:, None],
        object_id=torch.full((len(x),), WALL),
    )
    uvs = wall.vertices[:, :2] / 6 + 0.5
    shown = of_photos(looks, [wall, picture], [WALL, PICTURE])
    mesh = textured(Flattened(wall, uvs, 96, 96), WALL, shown, made_up(own, looks, [], WALL))
    seen = mesh.texture[~mesh.unseen] / 255
    assert np.abs(seen - 0.5).max() < 0.01
    hidden = mesh.texture[mesh.unseen] / 255
    assert 0.02 < 1 - mesh.unseen.mean() < 0.5
    # What is beyond even a field twice as wide is as what is near.
    assert (np.abs(hidden - blue.numpy()).max(axis=1) < 0.05).mean() > 0.3
    assert not (np.abs(hidden - 0.5).max(axis=1) < 0.01).mean() > 0.05


def test_holes_that_touch_are_closed_each() -> None:
    """Two squares that share a corner."""
    holed = without(without(square(21), -0.21, 0.01), 0.01, 0.21)
    assert sorted(len(rim) for rim in rims(holed)) == [16, 16, 80]
    _, told = closed(holed, 1.0)
    assert (told.closed, told.left) == (2, 1)
    assert told.area == pytest.approx(0.08, rel=1e-3)


def test_a_sheet_gets_no_back() -> None:
    """Neither one with a hole in it, which is closed, nor two, whose end is told once."""
    sheet = without(square(11), -0.11, 0.11)
    found, told = closed(sheet, 10.0)
    assert (told.closed, told.left) == (1, 0)
    assert (found.normals[found.faces][..., 2] > 0.9).all()
    assert sorted(len(rim) for rim in rims(found)) == [40]
    far = replace(square(11), vertices=square(11).vertices + np.float32([3, 0, 0]))
    assert closed(square(11).followed_by(far), 1.0)[1].left == 1
