"""What was behind: membranes, patches, faces, and a wall that comes back when a screen goes."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.gaussians.provenance import Origin
from core.gaussians.table import Gaussians
from core.geometry.planes import Plane
from core.geometry.sh import sh_basis, sh_from_color
from core.render.rasterize import rasterize
from core.scene.fill.behind import Fill, apart, filled_behind, painted
from core.scene.fill.faces import Face, beside, ended, find_faces, first_faces, support_faces
from core.scene.fill.laying import laid
from core.scene.fill.membrane import membrane
from core.scene.fill.patches import patch_filled
from core.scene.fill.sheen import Look, sheen
from core.scene.fill.shots import shot_of, standing
from core.scene.floor import Floor
from core.scene.supports import Support
from core.train.evidence import shares_seen
from tests.ground_scenes import DEPTH, names, surfaces
from tests.prior_scenes import looking, screen, sheet

FLOOR = Floor(Plane(np.array([0.0, 1.0, 0.0]), 0.0))


def hole(height: int, width: int) -> NDArray[np.bool_]:
    known = np.ones((height, width), bool)
    known[height // 3 : 2 * height // 3, width // 3 : 2 * width // 3] = False
    return known


def test_a_membrane_continues_a_slope_exactly() -> None:
    y, x = np.mgrid[:40, :50].astype(np.float32)
    picture = np.stack([0.01 * x, 0.02 * y, 0.01 * x - 0.01 * y], axis=-1)
    known = hole(40, 50)
    broken = np.where(known[..., None], picture, 9.0).astype(np.float32)
    np.testing.assert_allclose(membrane(broken, known), picture, atol=1e-3)


def test_a_membrane_of_nothing_or_of_all_is_the_picture() -> None:
    picture = np.random.default_rng(0).random((6, 7, 3)).astype(np.float32)
    for known in (np.zeros((6, 7), bool), np.ones((6, 7), bool)):
        np.testing.assert_array_equal(membrane(picture, known), picture)


def test_patches_continue_a_pattern_where_a_membrane_cannot() -> None:
    y, x = np.mgrid[:72, :96].astype(np.float32)
    stripes = 0.5 + 0.4 * np.sign(np.sin(2 * np.pi * x / 12))
    picture = np.repeat((stripes * (0.6 + 0.004 * y))[..., None], 3, axis=2).astype(np.float32)
    known = hole(72, 96)
    broken = np.where(known[..., None], picture, 0).astype(np.float32)
    errors = [
        float(np.sqrt(((found - picture)[~known] ** 2).mean()))
        for found in (patch_filled(broken, known), membrane(broken, known))
    ]
    assert errors[0] < 0.12
    assert errors[0] < 0.5 * errors[1]
    np.testing.assert_array_equal(patch_filled(broken, known)[known], picture[known])


def test_the_samples_walls_are_found() -> None:
    points, _, ids, _ = surfaces()
    near = (points[:, 2] < 0.6) & (points[:, 1] < 2.2)
    some = np.flatnonzero(near)[::11]
    centres = np.array([[-1.5, 1.4, 1.2], [0.0, 1.4, 1.6], [1.5, 1.4, 1.2]])
    faces = find_faces(points[some], ids[some], FLOOR, centres, DEPTH)
    assert faces[0].object_id in (names()["floor"], names()["rug"])
    north = [each for each in faces[1:] if each.plane.normal[2] > 0.999 and each.outline is None]
    assert any(abs(each.plane.offset - 1.9) < 0.03 for each in north)
    times = first_faces(faces, centres[1], np.array([[0.0, -1.0, 0.0], [0.0, 1.0, 0.0]]))
    assert times[0].tolist() == [0, -1]
    assert times[1][0] == pytest.approx(1.4)


def test_a_face_with_an_outline_is_hit_inside_it_only() -> None:
    square = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32)
    face = Face(Plane(np.array([0.0, 0.0, 1.0]), 0.0), 3, square)
    rays = np.array([[0.0, 0.0, -1.0], [0.9, 0.0, -1.0], [0.0, 0.0, 1.0]])
    np.testing.assert_allclose(face.hits(np.array([0.0, 0.0, 2.0]), rays), [2.0, np.inf, np.inf])
    places = np.array([[0.3, -0.2, 0.0], [0.5, 0.5, 0.0]])
    np.testing.assert_allclose(face.places(face.along(places)), places, atol=1e-12)


def test_a_table_top_is_a_face_where_the_table_is() -> None:
    tilted = Floor(Plane(np.array([0.6, 0.8, 0.0]), -0.4))
    pose = tilted.capture_from_ground()
    outline = np.array([[-1.0, -0.5], [1.0, -0.5], [1.0, 0.5], [-1.0, 0.5]])
    (top,) = support_faces(tilted, [Support(0.7, outline, 2.0, 5)])
    above = pose.apply(np.array([[0.0, 2.7, 0.0], [0.9, 2.7, 0.4], [1.2, 2.7, 0.0]]))
    down = np.broadcast_to(-tilted.plane.normal, (1, 3))
    ways = [float(top.hits(place, down)[0]) for place in above]
    assert ways == pytest.approx([2.0, 2.0, np.inf])


def room() -> tuple[Gaussians, torch.Tensor]:
    """A wall and a floor, a screen that stands before them, and which rows are the screen."""
    wall = sheet((-3, 2, 4), (6, 0, 0), (0, -3, 0), 0.1)
    floor = sheet((-3, -1, 0), (6, 0, 0), (0, 0, 4), 0.1)
    room = wall.followed_by(floor)
    slope = 0.5 + 0.1 * room.means  # light that changes slowly, which can be told from around
    room.sh[:, 0] = sh_from_color(slope.clamp(0.1, 0.9))
    whole = room.followed_by(screen())
    gone = torch.zeros(len(whole), dtype=torch.bool)
    gone[-len(screen()) :] = True
    return whole, gone


def test_a_screen_taken_away_leaves_a_wall() -> None:
    scene, gone = room()
    views = [looking((x, 0.3, -1.0), (0.0, 0.0, 3.0)) for x in (-0.5, 0.0, 0.5)]
    whole = rasterize(scene.rows(~gone), views[1])
    # No photo saw what lies behind the screen: it is wrong there, as it may be after training.
    behind = (scene.means[:, 0].abs() < 0.55) & (scene.means[:, 1] < 0.2) & (scene.means[:, 2] > 3)
    broken = scene.rows(~(behind & ~gone))
    removed = gone[~(behind & ~gone)]
    ground = Face(Plane(np.array([0.0, 1.0, 0.0]), 1.0), 1)
    wall = Face(Plane(np.array([0.0, 0.0, -1.0]), 4.0), 0)
    *_, fill = filled_behind(broken, removed, views, (ground, wall))
    assert isinstance(fill, Fill)
    assert (fill.added.origin == Origin.FILLED).all()
    assert (fill.added.confidence == 0).all()
    assert not (fill.hides & removed).any()
    left = rasterize(broken.rows(~removed), views[1])
    after = broken.rows(~removed & ~fill.hides).followed_by(fill.added)
    found = rasterize(after, views[1])
    hole = (left.alpha < 0.5) & (whole.alpha > 0.95)
    assert int(hole.sum()) > 20
    assert float(found.alpha[hole].mean()) > 0.9
    worse, better = (
        float(((each.color - whole.color)[hole] ** 2).mean()) for each in (left, found)
    )
    assert better < worse / 4  # 6 dB
    # It is the same from everywhere: it lies on the faces.
    assert float((fill.added.means[:, 2] - 4).abs().minimum(
        (fill.added.means[:, 1] + 1).abs()
    ).max()) < 1e-3  # fmt: skip


def test_what_is_laid_covers_its_face() -> None:
    along = np.stack(np.meshgrid(np.arange(20), np.arange(20)), axis=-1).reshape(-1, 2) * 0.05
    places = np.concatenate([along - 0.5, np.full((400, 1), 2.0)], axis=1)
    colors = np.full((400, 3), 0.7, np.float32)
    tiles = laid(places, np.array([0.0, 0.0, -1.0]), colors, 0.05, 5, 4)
    render = rasterize(tiles, looking((0, 0, 0), (0, 0, 1)))
    assert float(render.alpha[20:28, 28:36].min()) > 0.95
    assert float((render.color[20:28, 28:36] - 0.7).abs().max()) < 0.03
    assert tiles.sh.shape == (400, 4, 3)


def test_a_plane_that_photos_look_through_is_a_face_of_nothing() -> None:
    scene, gone = room()
    views = [looking((x, 0.3, -1.0), (0.0, 0.0, 3.0)) for x in (-0.5, 0.0, 0.5)]
    shots = [shot_of(scene, gone, view) for view in views]
    ground = Face(Plane(np.array([0.0, 1.0, 0.0]), 1.0), 1)
    wall = Face(Plane(np.array([0.0, 0.0, -1.0]), 4.0), 0)
    square = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32)
    air = Face(Plane(np.array([0.0, 0.0, -1.0]), 1.0), 0, square)
    assert standing((ground, wall, air), shots) == (ground, wall)
    # Nor is anything laid beyond an edge, where photos show what is farther away.
    shelf = Face(Plane(np.array([0.0, 1.0, 0.0]), 0.2), 0)
    over = np.array([[0.9, 1.5, 1.0], [-0.9, -1.5, 1.0]]) * [1, 0, 1] + [0.0, -0.2, 0.0]
    assert not len(painted(shelf, shelf.along(over), shots, scene))


def blob(at: tuple[float, float, float], id_: int = 0) -> Gaussians:
    """A red ball of Gaussians."""
    some = sheet((0, 0, 0), (0.3, 0, 0), (0, -0.3, 0), 0.05)
    random = torch.Generator().manual_seed(0)
    some.means[:] = torch.tensor(at) + 0.1 * torch.randn(len(some), 3, generator=random)
    some.sh[:, 0] = sh_from_color(torch.tensor([0.9, 0.1, 0.1]).expand(len(some), 3))
    some.object_id[:] = id_
    return some


def test_what_floats_where_a_thing_was_goes_along_with_it_and_other_things_stay() -> None:
    scene, gone = room()
    x, y, z = scene.means[gone].median(dim=0).values.tolist()
    edge = float(scene.means[gone][:, 0].max())
    # Told as background, in the screen's outline and seen; and another thing, before it.
    junk, other = blob((x, y, z - 0.2)), blob((edge, y, z - 0.2), 9)
    whole = scene.followed_by(junk).followed_by(other)
    away = torch.cat([gone, torch.zeros(len(junk) + len(other), dtype=torch.bool)])
    views = [looking((x, 0.3, -1.0), (0.0, 0.0, 3.0)) for x in (-0.5, 0.0, 0.5)]
    ground = Face(Plane(np.array([0.0, 1.0, 0.0]), 1.0), 0)
    wall = Face(Plane(np.array([0.0, 0.0, -1.0]), 4.0), 0)
    *_, fill = filled_behind(whole, away, views, (ground, wall))
    assert isinstance(fill, Fill)
    hidden = fill.hides[len(scene) :]
    assert hidden[: len(junk)].float().mean() > 0.7
    shown = torch.stack([shares_seen(whole, view) for view in views]).amax(dim=0) > 0.06
    assert not hidden[len(junk) :][shown[-len(other) :]].any()
    assert shown[-len(other) :].any()
    assert not fill.hides[: len(scene)][~gone & (scene.means[:, 0].abs() > 1.5)].any()


def test_a_floor_ends_where_nothing_of_it_is_known_but_for_what_stood_on_it() -> None:
    random = np.random.default_rng(0)
    top = np.concatenate(
        [random.uniform(0, 2, (4000, 2)), random.uniform(-0.01, 0.01, (4000, 1))], 1
    )
    points = top[:, [0, 2, 1]]
    face = Face(Plane(np.array([0.0, 1.0, 0.0]), 0.0), 0)
    feet = np.array([[2.6, 0.4, 1.0]])
    bounded = ended(face, points, feet, 2.0)
    down = np.array([[0.0, -1.0, 0.0]])
    hit = [
        bool(np.isfinite(bounded.hits(np.array([x, 1.0, 1.0]), down))[0])
        for x in (0.05, 1.0, 2.55, 2.8, 5.0)
    ]
    assert hit == [True, True, True, False, False]
    assert ended(face, points + 5, feet, 2.0) is face


def test_faces_far_from_a_thing_are_left_as_they_are() -> None:
    square = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32)
    floor, wall = (Face(Plane(np.array(n), d), 0) for n, d in (((0, 1.0, 0), 0), ((0, 0, 1.0), 9)))
    table = Face(Plane(np.array([0.0, 1.0, 0.0]), -0.7), 1, square)
    chair = Face(Plane(np.array([0.0, 0.0, 1.0]), 3.0), 2, square)
    mug = np.array([0.0, 0.75, 0.0]) + np.random.default_rng(0).uniform(-0.1, 0.1, (50, 3))
    assert beside((floor, wall, table, chair), mug) == (floor, wall, table)


def test_parts_of_a_hole_that_lie_apart_are_looked_at_apart() -> None:
    random = np.random.default_rng(0)
    one, other = (random.uniform((low, 0), (low + 1, 1), (4000, 2)) for low in (0, 3))
    stray = np.array([[9.0, 9.0]])
    found = apart(np.concatenate([one, other, stray]), 10)
    assert sorted(len(part) for part in found) == [4000, 4000]
    assert apart(np.zeros((0, 2)), 0) == []


def test_what_shines_around_a_hole_shines_in_it() -> None:
    """Colours that change with the way they are seen along come out again, from all ways."""
    random = np.random.default_rng(0)
    ways = random.normal(size=(9, 3)) * (0.6, 0.6, 0.1) + (0, 0, 1)
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    coefficients = random.normal(0, 0.1, (3, 3))
    basis = sh_basis(torch.from_numpy(ways), 1)[:, 1:].numpy()
    color = np.full((40, 50, 3), 0.5) + 0.1 * random.random((40, 50, 1))
    known = hole(40, 50)
    looks = [
        Look(
            np.float32(color + y @ coefficients),
            np.broadcast_to(way, (40, 50, 3)).astype(np.float32),
            np.float32(known * (0.2 + k % 3)),
        )
        for k, (way, y) in enumerate(zip(ways, basis, strict=True))
    ]
    weights = np.array([0.2 + k % 3 for k in range(9)])
    there = weights @ basis / weights.sum() @ coefficients
    found, in_mean = sheen(looks, np.float32(color + there), ~known)
    for k in range(9):
        seen = np.einsum("b,pbc->pc", basis[k], found) - in_mean
        off = np.abs(seen - (basis[k] @ coefficients - there)).max()
        assert off < 0.35 * np.abs(basis @ coefficients - there).max()


def test_where_nothing_goes_nothing_is_filled() -> None:
    scene, gone = room()
    ground = Face(Plane(np.array([0.0, 1.0, 0.0]), 1.0), 1)
    wall = Face(Plane(np.array([0.0, 0.0, -1.0]), 4.0), 0, np.zeros((3, 2), np.float32))
    views = [looking((0.0, 0.3, -1.0), (0.0, 0.0, 3.0))]
    *_, fill = filled_behind(scene, torch.zeros_like(gone), views, (ground, wall))
    assert isinstance(fill, Fill)
    assert not len(fill.added)
    assert not fill.hides.any()
