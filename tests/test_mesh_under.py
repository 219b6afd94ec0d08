"""A flat sheet goes on under what hides it, and nowhere else."""

from types import ModuleType

import numpy as np
import torch

from core.geometry.aim import facing
from core.geometry.camera import Pinhole, View
from core.mesh.looking import fronts
from core.mesh.looks import NOBODY, Look
from core.mesh.under import continued
from core.mesh.values import Surface

RUG, TABLE, FLOOR = 3, 4, 2
LEVEL = 0.3  # of the table's top


def board(side: float, height: float, but: float = 0.0) -> Surface:
    """A level square of `side`, without the square `but` in its middle."""
    n = 41
    x, z = np.meshgrid(*[np.linspace(-side / 2, side / 2, n)] * 2, indexing="ij")
    vertices = np.stack([x.ravel(), np.full(n * n, height), z.ravel()], 1).astype(np.float32)
    a = (np.arange(n - 1)[:, None] * n + np.arange(n - 1)).ravel()
    faces = np.concatenate([np.stack([a, a + 1, a + n], 1), np.stack([a + 1, a + n + 1, a + n], 1)])
    kept = (np.abs(vertices[faces].mean(axis=1)[:, [0, 2]]) > but / 2).any(axis=1)
    normals = np.tile([[0, 1, 0]], (n * n, 1)).astype(np.float32)
    return Surface(vertices, normals, faces[kept].astype(np.int32))


def look(surfaces: dict[int, Surface], x: float, y: float, z: float) -> Look:
    """What a camera sees that looks at the middle from (x, y, z), with true depths."""
    camera = Pinhole(240, 180, 180.0, 180.0, 120.0, 90.0)
    at = torch.tensor([x, y, z]).double()
    seen = facing(camera, at, 0 * at, torch.tensor([0.0, 1.0, 0.0]).double())
    view = View(camera, seen.camera_from_scene.float())
    (front,) = fronts(list(surfaces.values()), [view])
    owner = np.array([*surfaces, NOBODY], np.int32)[front.part]
    depth = np.where(front.part >= 0, front.depth, 0).astype(np.float32)
    return Look(view, np.full((*owner.shape, 3), 0.5, np.float32), depth, owner)


ABOVE = [(x, 1.6, z) for x in (-0.3, 0.0, 0.3) for z in (-0.3, 0.1, 0.3)]


def laid(surface: Surface, looks: list[Look]) -> np.ndarray:
    """The vertices [V, 3] of what was put to `surface`, which itself is as it was."""
    found = continued(surface, looks, RUG)
    assert np.array_equal(found.vertices[: len(surface.vertices)], surface.vertices)
    assert np.array_equal(found.faces[: len(surface)], surface.faces)
    more = found.faces[len(surface) :]
    sides = found.vertices[more[:, 1:]] - found.vertices[more[:, :1]]
    assert (np.cross(sides[:, 0], sides[:, 1])[:, 1] > 0).all()
    return found.vertices[len(surface.vertices) :]


def test_a_rug_goes_on_under_its_table(open3d: ModuleType) -> None:
    """On its own plane, within the hole that the table leaves in it; its outline is as it was."""
    holed, table = board(2.0, 0.0, but=0.4), board(0.8, LEVEL)
    looks = [look({RUG: board(2.0, 0.0), TABLE: table}, *each) for each in ABOVE]
    found = laid(holed, looks)
    assert np.abs(found[:, 1]).max() < 1e-3
    assert 0.19 < np.abs(found[:, [0, 2]]).max() < 0.24
    (front,) = fronts([continued(holed, looks, RUG)], [looks[4].view])
    assert (front.part[looks[4].owner >= 0] == 0).mean() > 0.995


def test_nothing_is_laid_where_a_photo_looks_past(open3d: ModuleType) -> None:
    """At a hole in the rug that one photo sees the floor or nothing through, under the table."""
    holed, table = board(2.0, 0.0, but=0.4), board(0.8, LEVEL)
    below = {RUG: holed, TABLE: table, FLOOR: board(6.0, -0.05)}
    for scene in (below, {RUG: holed, TABLE: table}):
        looks = [look(scene, *each) for each in ABOVE]
        assert len(laid(holed, looks))
        aside = laid(holed, [*looks, look(scene, 2.0, 0.8, 0.0)])
        assert (np.abs(aside[:, 0]) > 0.15).all()  # a pixel's width beside what is there
        open_ = [look({k: s for k, s in scene.items() if k != TABLE}, 0.0, 1.6, 0.1)]
        assert not len(laid(holed, open_))


def test_what_is_no_sheet_or_hidden_beyond_its_outline_gets_nothing(open3d: ModuleType) -> None:
    rug, table = board(1.0, 0.0), board(1.6, LEVEL)
    hung = Surface(table.vertices + np.float32([0.9, 0, 0]), table.normals, table.faces)
    looks = [look({RUG: rug, TABLE: hung}, *each) for each in ABOVE]
    assert not len(laid(rug, looks))
    random = np.random.default_rng(2)
    holed = board(2.0, 0.0, but=0.4)
    rough = random.normal(0, 0.1, len(holed.vertices)).astype(np.float32)
    holed.vertices[:, 1] += rough
    looks = [look({RUG: board(2.0, 0.0), TABLE: board(0.8, LEVEL)}, *each) for each in ABOVE]
    assert not len(laid(holed, looks))
