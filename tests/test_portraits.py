"""One object drawn alone: its normals, what of it was seen, and where it is looked at from."""

import math
from dataclasses import replace

import pytest
import torch

from core.gaussians.table import Gaussians
from core.geometry.camera import View, project
from core.geometry.rotation import quat_facing, quat_multiply
from core.prior.object_cameras import (
    ELEVATION,
    ELEVATION_FIRST,
    FOV,
    Box,
    around,
    box_of,
    lens,
    within,
)
from core.prior.portraits import color_portrait, facing_normals, shape_portrait
from tests.prior_scenes import looking, sheet, vector

SQUARE = lens(48, math.radians(50))
FRONT = looking((0, 0, 0), (0, 0, 4), SQUARE)
LEAVES = ("means", "quats", "log_scales", "logit_opacity", "sh")


def wall() -> Gaussians:
    return sheet((-4, 3, 4), (8, 0, 0), (0, -6, 0))


def ball(count: int = 400, radius: float = 1.0) -> Gaussians:
    """Flat Gaussians on a sphere about the origin, evenly spread (Fibonacci's lattice)."""
    k = torch.arange(count, dtype=torch.float64) + 0.5
    height, turn = 1 - 2 * k / count, math.pi * (1 + math.sqrt(5)) * k
    flat = (1 - height**2).sqrt()
    out = torch.stack([flat * turn.cos(), height, flat * turn.sin()], dim=1).float()
    wide = math.log(1.6 * radius / math.sqrt(count))
    return Gaussians(
        means=radius * out,
        quats=quat_facing(out),
        log_scales=torch.tensor([wide, wide, wide - 4]).repeat(count, 1),
        logit_opacity=torch.full((count,), 6.0),
        sh=torch.zeros(count, 4, 3),
        object_id=torch.ones(count, dtype=torch.int64),
    )


def test_a_wall_before_the_camera_faces_it_whichever_way_its_axes_point() -> None:
    towards = torch.tensor([0.0, 0.0, 1.0]).expand(len(wall()), 3)
    half_turn = torch.tensor([0.0, 1.0, 0.0, 0.0])
    for rows in (wall(), replace(wall(), quats=quat_multiply(wall().quats, half_turn))):
        torch.testing.assert_close(facing_normals(rows, FRONT), towards, atol=1e-6, rtol=0)
    picture = shape_portrait(wall(), torch.ones(len(wall())), FRONT).picture[0, :, 24, 24]
    torch.testing.assert_close(picture, torch.tensor([0.0, 0, 1, 1]), atol=0.02, rtol=0)


@pytest.mark.parametrize("turn", [0.3, -0.5])
def test_what_leans_to_a_side_says_so(turn: float) -> None:
    # Scene's x points to the left here: with a turn above 0 the right edge is the nearer one,
    # and it looks to the left.
    across = (4 * math.cos(turn), 0, 4 * math.sin(turn))
    leaning = sheet((-across[0] / 2, 2, 4 - across[2] / 2), across, (0, -4, 0))
    wanted = torch.tensor([-math.sin(turn), 0.0, math.cos(turn)])
    torch.testing.assert_close(facing_normals(leaning, FRONT)[0], wanted, atol=1e-5, rtol=0)


def test_a_ball_looks_the_same_from_everywhere() -> None:
    rows, seen = ball(), torch.ones(400)
    places = ((4.0, 0.0, 0.0), (0.0, 2.0, -3.46), (-2.0, -3.0, 1.73))
    pictures = [
        shape_portrait(rows, seen, looking(place, (0, 0, 0), SQUARE)).picture for place in places
    ]
    for other in pictures[1:]:
        assert float((other - pictures[0]).abs().mean()) < 0.02
    # Its upper half looks up, its left half to the left.
    x, y, z, alpha = pictures[0][0]
    assert float(y[16, 24]) > 0.3 > -0.3 > float(y[32, 24])
    assert float(x[24, 32]) > 0.3 > -0.3 > float(x[24, 16])
    assert float(z[24, 24]) > 0.9
    assert float(alpha[2, 2]) == -1


def touched(rows: Gaussians, paints: bool) -> set[str]:
    """The columns that a picture's gradient reaches."""
    rows = replace(rows, **{name: getattr(rows, name).clone().requires_grad_() for name in LEAVES})
    draw = color_portrait if paints else shape_portrait
    picture = draw(rows, torch.ones(len(rows)), FRONT).picture
    weights = torch.rand(picture.shape, generator=torch.Generator().manual_seed(0))
    (weights * picture).sum().backward()
    gradients = {name: getattr(rows, name).grad for name in LEAVES}
    if gradients["sh"] is not None:
        assert not gradients["sh"][:, 1:].any()
    return {name for name, each in gradients.items() if each is not None and bool(each.any())}


def test_shapes_move_shapes_and_looks_move_plain_colours() -> None:
    rows = ball()
    rows = replace(rows, means=rows.means + torch.tensor([0.0, 0.0, 4.0]))
    assert touched(rows, False) == set(LEAVES) - {"sh"}
    assert touched(rows, True) == {"sh"}


def test_what_was_seen_counts_in_proportion_to_what_is_there() -> None:
    rows = ball()
    far = looking((0, 0, -4), (0, 0, 0), SQUARE)
    portrait = shape_portrait(rows, torch.full((400,), 0.6), far)
    seen = portrait.visibility(24)[0, 0]
    covered = portrait.picture[0, 3].detach()[::2, ::2] > -0.9
    torch.testing.assert_close(seen[covered], torch.full_like(seen[covered], 0.6))
    assert float(seen[0, 0]) == 0


def angles(view: View, box: Box) -> tuple[float, float]:
    """Elevation and field of view in degrees."""
    away = view.centre() - box.middle()
    fov = 2 * math.atan(view.camera.width / 2 / view.camera.fx)
    return math.degrees(math.asin(float(away[1] / away.norm()))), math.degrees(fov)


@pytest.mark.parametrize(("done", "heights"), [(0.3, ELEVATION_FIRST), (0.9, ELEVATION)])
def test_an_object_fills_most_of_its_pictures(done: float, heights: tuple[float, float]) -> None:
    box = Box(vector((1, 0, -2)), vector((2, 3, 0)))
    generator = torch.Generator().manual_seed(0)
    views = [around(box, 128, done, generator) for _ in range(200)]
    rises, fovs = zip(*(angles(view, box) for view in views), strict=True)
    assert heights[0] <= min(rises) < heights[0] + 2
    assert heights[1] - 4 < max(rises) <= heights[1]
    assert FOV[0] <= min(fovs) < max(fovs) <= FOV[1]
    sides = torch.stack([view.centre() - box.middle() for view in views])
    assert len({(bool(x > 0), bool(z > 0)) for x, _, z in sides}) == 4
    for view in views[:20]:
        middle, _ = project(box.middle(), view)
        torch.testing.assert_close(middle, torch.tensor([64.0, 64.0], dtype=torch.float64))
        # A bar as long as the box across the view: from 0.8 of the picture to all of it.
        right = view.camera_from_scene[0, :3]
        end, _ = project(box.middle() + box.half() * right, view)
        assert 0.8 * 64 * 0.999 <= float(end[0]) - 64 <= 64 * 1.001


def test_the_background_is_seen_from_where_photos_were_taken() -> None:
    box = Box(vector((-3, -1, -3)), vector((3, 2, 3)))
    photos = [looking((2, 0.5, 1), (0, 0, 0)), looking((-2, 0.5, 1), (0, 0, 0))]
    generator = torch.Generator().manual_seed(0)
    views = [within(box, photos, 64, generator) for _ in range(300)]
    places = torch.stack([*(photo.centre() for photo in photos), box.middle()])
    away = torch.cdist(torch.stack([view.centre() for view in views]), places)
    assert float(away.amin(dim=1).max()) <= 0.05 * box.half() * math.sqrt(3)
    shares = torch.bincount(away.argmin(dim=1), minlength=3) / 300
    torch.testing.assert_close(shares, torch.tensor([0.35, 0.35, 0.3]), atol=0.08, rtol=0)
    ahead = torch.stack([view.camera_from_scene[2, :3] for view in views])
    assert float(ahead[:, 1].max()) > 0.95
    assert float(ahead[:, 1].min()) < -0.95


def test_a_box_holds_what_is_solid_and_forgets_strays() -> None:
    rows = ball()
    stray = ball(1)
    stray = replace(stray, means=stray.means + 50)
    haze = replace(ball(50, 9.0), logit_opacity=torch.full((50,), -4.0))
    box = box_of(rows.followed_by(stray).followed_by(haze))
    assert box is not None
    torch.testing.assert_close(box.middle(), torch.zeros(3, dtype=torch.float64), atol=0.05, rtol=0)
    assert 1.0 <= box.half() <= 1.15
    assert box_of(haze) is None
