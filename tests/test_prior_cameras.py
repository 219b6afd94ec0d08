"""Captures are told apart by their poses, and what is looked from is free, fair and repeatable."""

import math

import pytest
import torch

from core.geometry.camera import View, project
from core.geometry.rotation import rotation_vector_matrix
from core.prior.cameras import JITTER, TILT, CameraPath, Kind, nearest, path_of, place_on, walked
from core.prior.choice import Photographed, is_behind, is_free, open_place
from core.prior.visibility import sight, surface, visibility_picture
from core.render.rasterize import rasterize
from tests.prior_scenes import looking, room, sheet, vector

FORWARD = [looking((x, y, 0), (0.2 * x, 0, 4)) for x, y in ((-1, 0), (0, 0.5), (1, 0), (0, -0.4))]
ORBIT = [
    looking((3 * math.sin(a), 1.0, 3 * math.cos(a)), (0, 0.2, 0)) for a in (0.1, 1.2, 2.5, 4.0, 5.3)
]
HALF_ORBIT = [looking((3 * math.sin(a), 1.0, 3 * math.cos(a)), (0, 0, 0)) for a in (0, 1.1, 2.3)]
CORRIDOR = [looking((0.05 * k, 0, 2.0 * k), (0.05 * k, 0, 2.0 * k + 5)) for k in range(5)]
PANORAMA = [
    looking((0.2 * math.sin(a), 0, 0.2 * math.cos(a)), (4 * math.sin(a), 0, 4 * math.cos(a)))
    for a in (0, 1.0, 2.2, 3.9, 5.0)
]
CAPTURES = {
    "forward": (FORWARD, 4.0, Kind.FORWARD),
    "one photo": (FORWARD[:1], 4.0, Kind.FORWARD),
    "orbit": (ORBIT, 3.1, Kind.ORBIT),
    "half an orbit": (HALF_ORBIT, 3.1, Kind.ORBIT),
    "corridor": (CORRIDOR, 5.0, Kind.WALK),
    "panorama": (PANORAMA, 3.0, Kind.WALK),
}


def path(name: str) -> CameraPath:
    views, depth, _ = CAPTURES[name]
    return path_of(views, [depth] * len(views))


def places(name: str, count: int = 60, seed: int = 0) -> list[View]:
    generator = torch.Generator().manual_seed(seed)
    return [place_on(path(name), generator) for _ in range(count)]


@pytest.mark.parametrize("name", CAPTURES)
def test_the_kind_of_a_capture_is_found(name: str) -> None:
    assert path(name).kind is CAPTURES[name][2]


@pytest.mark.parametrize("name", CAPTURES)
def test_the_kind_does_not_hang_on_where_the_scene_lies_or_how_large_it_is(name: str) -> None:
    views, depth, kind = CAPTURES[name]
    turn = rotation_vector_matrix(vector((0.4, -1.9, 0.7)))
    moved = []
    for view in views:
        world = torch.eye(4, dtype=torch.float64)
        world[:3, :3] = view.camera_from_scene[:3, :3] @ turn.T
        centre = 7 * turn @ view.centre() + vector((3, -20, 11))
        world[:3, 3] = -world[:3, :3] @ centre
        moved.append(View(view.camera, world))
    assert path_of(moved[::-1], [7 * depth] * len(views)).kind is kind


def test_the_focus_is_where_the_axes_meet_and_before_them_where_they_do_not() -> None:
    torch.testing.assert_close(path("orbit").focus, vector((0, 0.2, 0)), atol=0.05, rtol=0)
    ahead = path("one photo").focus
    pixel, depth = project(ahead, FORWARD[0])
    torch.testing.assert_close(pixel, vector((32, 24, 0))[:2], atol=1e-6, rtol=0)
    assert float(depth) == pytest.approx(4.0)


def test_one_seed_one_camera() -> None:
    for name in CAPTURES:
        for one, same, other in zip(
            places(name, 3), places(name, 3), places(name, 3, 1), strict=True
        ):
            assert torch.equal(one.camera_from_scene, same.camera_from_scene)
            assert not torch.equal(one.camera_from_scene, other.camera_from_scene)


def test_before_a_scene_all_look_at_its_focus_from_near_the_photos() -> None:
    way = path("forward")
    for view in places("forward"):
        pixel, depth = project(way.focus, view)
        assert depth > 2
        assert (pixel - vector((32, 24, 0))[:2]).norm() < 16
        offset = view.centre() - vector((0, 0, 0))
        assert offset.norm() < 2
        assert abs(float(offset[2])) < 0.5


def test_an_orbit_is_closed_and_keeps_its_distance() -> None:
    way = path("orbit")
    turns = []
    for view in places("orbit", 200):
        offset = view.centre() - way.focus
        turns.append(math.atan2(float(offset[0]), float(offset[2])))
        assert 1.9 < float(offset.norm()) < 4.2
        assert -view.camera_from_scene[1, 1] > 0.5, "up stays up"
    counts = torch.histc(torch.tensor(turns), 8, -math.pi, math.pi)
    assert (counts > 8).all()


def test_a_walk_goes_from_photo_to_photo() -> None:
    zs = [float(view.centre()[2]) for view in places("corridor", 200)]
    assert min(zs) > -1
    assert max(zs) < 9
    assert (torch.histc(torch.tensor(zs), 8, 0, 8) > 5).all()
    for view in places("corridor"):
        assert view.camera_from_scene[2, 2] > 0.9
        assert abs(float(view.centre()[0])) < 1


def test_jitter_stays_within_its_bounds() -> None:
    way = path("one photo")
    assert way.size == pytest.approx(0.4)
    for view in places("one photo"):
        up = view.camera_from_scene[:3, :3] @ way.up
        assert abs(math.atan2(float(up[0]), -float(up[1]))) < TILT + 0.01
        away = (view.centre() - FORWARD[0].centre()).norm()
        assert away < 1.5 * 0.4 + 3**0.5 * JITTER * way.size


def test_a_way_goes_through_all_places_without_jumping_back() -> None:
    centres = torch.stack([vector((x, 0, 0)) for x in (3, 0, 4, 1, 2)])
    assert walked(centres) in ([1, 3, 4, 0, 2], [2, 0, 4, 3, 1])


def test_the_nearest_photo_stands_near_and_looks_the_same_way() -> None:
    assert nearest(ORBIT[2], ORBIT, 3.0, 1) == [2]
    turned_away = looking((0.1, 0, 0), (0, 0, -4))
    assert nearest(looking((0, 0, 0), (0, 0, 4)), [turned_away, FORWARD[0]], 4.0, 2) == [1, 0]


def test_nobody_stands_in_things() -> None:
    wall = sheet((-3, 2, 4), (6, 0, 0), (0, -3, 0))
    assert is_free(wall, vector((0, 0, 3)), 0.5)
    assert not is_free(wall, vector((0, 0, 3.7)), 0.5)
    wall.log_scales.fill_(0.5)
    assert not is_free(wall, vector((0, 0, 1.5)), 0.5)
    wall.logit_opacity.fill_(-5)
    assert is_free(wall, vector((0, 0, 3.7)), 0.5), "what can be seen through is no obstacle"


def test_nobody_stands_behind_a_wall() -> None:
    photo = looking((0, 0.5, 0), (0, 0.5, 4))
    depth = surface(rasterize(room(), photo))
    assert is_behind(vector((1.5, 0.5, 5.0)), photo, depth)
    assert not is_behind(vector((1.5, 0.5, 3.0)), photo, depth)
    assert not is_behind(vector((0, 0.5, -3.0)), photo, depth), "out of its sight"


def known(views: list[View]) -> Photographed:
    seen = sight(room(), views)
    depths = [float(depth[depth > 0].median()) for depth in seen.depths]
    return Photographed(views, path_of(views, depths), seen)


def openness(view: View, photographed: Photographed) -> float:
    render = rasterize(room(), view, features=photographed.sight.visible[:, None])
    return 1 - float(visibility_picture(render).mean())


def test_places_are_free_and_rather_where_photos_left_something_open() -> None:
    photographed = known([looking((x, 0.5, -0.5), (x, 0.3, 4)) for x in (-1.5, -1.2, 1.5)])
    generator = torch.Generator().manual_seed(0)
    chosen = [open_place(room(), photographed, generator) for _ in range(25)]
    views = [view for view in chosen if view is not None]
    assert len(views) > 20
    assert all(is_free(room(), view.centre(), 0.1) for view in views)
    generator = torch.Generator().manual_seed(0)
    plain = [place_on(photographed.path, generator) for _ in range(60)]
    mean = [sum(openness(v, photographed) for v in each) / len(each) for each in (views, plain)]
    assert mean[0] > mean[1] + 0.01


def test_where_nothing_is_to_be_seen_there_is_no_place() -> None:
    nothing = room().rows(torch.arange(0))
    views = [looking((x, 0.5, -0.5), (x, 0.3, 4)) for x in (-0.3, 0.3)]
    photographed = Photographed(views, path_of(views, [4.0] * 2), sight(nothing, views))
    assert open_place(nothing, photographed, torch.Generator().manual_seed(0)) is None
