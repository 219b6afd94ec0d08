"""What photos saw: the analytic shadow of a screen in a room, and laws of sight."""

import pytest
import torch

from core.geometry.camera import Pinhole, View, unproject
from core.prior.visibility import sight, surface, visibility_picture
from core.render.rasterize import rasterize
from tests.prior_scenes import looking, room, screen, sheet

PHOTO = looking((0, 0.5, -1), (0, 0.5, 4), Pinhole(160, 120, 100.0, 100.0, 80.0, 60.0))
SIDEWAYS = looking((2.2, 0.8, 0.5), (-0.5, 0.2, 4), PHOTO.camera)
EDGE = 0.3  # scene units: Gaussians have no sharp border


def shadow(points: torch.Tensor, margin: float) -> torch.Tensor:
    """Whether the screen, made wider by `margin`, is before `points` [..., 3] of the back wall."""
    eye = PHOTO.centre().to(points)
    part = (2 - eye[2]) / (points[..., 2] - eye[2])
    at = eye + part[..., None] * (points - eye)
    x, y = at[..., 0], at[..., 1]
    return (x.abs() < 0.6 + margin) & (y < 0.4 + margin) & (y > -1 - margin)


def seen_from(view: View) -> tuple[torch.Tensor, torch.Tensor]:
    """Visibility of the room's back wall with its screen, and the points [H, W, 3] shown."""
    scene = sheet((-3, 2, 4), (6, 0, 0), (0, -3, 0), 0.06).followed_by(screen())
    render = rasterize(scene, view, features=sight(scene, [PHOTO]).visible[:, None])
    return visibility_picture(render), unproject(surface(render), view)


def test_a_screen_casts_its_shadow_and_nothing_else_does() -> None:
    visibility, points = seen_from(SIDEWAYS)
    wall = (points[..., 2] - 4).abs() < 0.06
    within = wall & (points[..., 0].abs() < 2.6) & (points[..., 1] > -0.7) & (points[..., 1] < 1.7)
    lit, dark = within & ~shadow(points, EDGE), within & shadow(points, -EDGE)
    assert int(lit.sum()) > 1000
    assert int(dark.sum()) > 200
    assert float(visibility[lit].quantile(0.02)) >= 0.98
    assert float(visibility[lit].mean()) >= 0.99
    assert float(visibility[dark].max()) <= 0.01


def test_what_a_photo_shows_it_saw() -> None:
    visibility, _ = seen_from(PHOTO)
    assert float(visibility[30:-30, 40:-40].median()) > 0.99


def test_where_nothing_is_nothing_was_seen() -> None:
    visibility, _ = seen_from(looking((0, 0, -1), (0, 0, -5)))
    assert float(visibility.max()) == 0


def test_another_photo_never_takes_sight_away() -> None:
    scene = room()
    one = sight(scene, [PHOTO])
    both = sight(scene, [PHOTO, SIDEWAYS])
    assert (both.visible >= one.visible).all()
    assert float(both.visible.mean()) > float(one.visible.mean()) + 0.02
    torch.testing.assert_close(sight(scene, [SIDEWAYS, PHOTO]).visible, both.visible)
    assert [depth.shape for depth in both.depths] == [(120, 160)] * 2


def test_without_photos_nothing_was_seen() -> None:
    found = sight(room(), [])
    assert float(found.visible.max()) == 0
    assert found.depths == ()


def test_what_is_transparent_is_seen_in_part() -> None:
    scene = sheet((-3, 2, 4), (6, 0, 0), (0, -3, 0), 0.06)
    veil = sheet((-3, 2, 2), (6, 0, 0), (0, -3, 0), 0.06)
    shares = []
    for opacity in (0.02, 0.1, 0.3):
        veil.logit_opacity.fill_(float(torch.logit(torch.tensor(opacity))))
        visible = sight(scene.followed_by(veil), [PHOTO]).visible[: len(scene)]
        shares.append(float(visible.median()))
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] < 0.2


def test_the_depth_of_a_photo_is_that_of_the_wall() -> None:
    scene = sheet((-3, 2, 4), (6, 0, 0), (0, -3, 0), 0.06)
    depth = sight(scene, [PHOTO]).depths[0]
    assert float(depth[60, 80]) == pytest.approx(5.0, abs=0.01)
