"""The backdrop hangs behind everything, in the colours of the photos, and says what it is."""

import numpy as np
import torch

from core.gaussians.backdrop import MARGIN, backdrop
from core.gaussians.provenance import Origin
from core.geometry.camera import Pinhole, View
from core.render.rasterize import rasterize

Place = tuple[float, float, float]
CAMERA = Pinhole(48, 36, 40.0, 40.0, 24.0, 18.0)


def looking(at: Place, place: Place) -> View:
    forward = torch.nn.functional.normalize(
        torch.tensor(at, dtype=torch.float32) - torch.tensor(place, dtype=torch.float32), dim=0
    )
    right = torch.nn.functional.normalize(
        torch.linalg.cross(torch.tensor([0.0, 1, 0]), forward), dim=0
    )
    pose = torch.eye(4)
    pose[:3, :3] = torch.stack([right, torch.linalg.cross(forward, right), forward])
    pose[:3, 3] = -pose[:3, :3] @ torch.tensor(place, dtype=torch.float32)
    return View(CAMERA, pose)


def wall(count: int = 500) -> np.ndarray:
    """Points of a wall at z = 4."""
    random = np.random.default_rng(0)
    return np.column_stack([random.uniform(-3, 3, (count, 2)), np.full(count, 4.0)])


def photo(color: tuple[int, int, int]) -> torch.Tensor:
    return torch.tensor(color, dtype=torch.uint8).expand(36, 48, 3).contiguous()


VIEWS = [looking((0, 0, 4), (-0.5, 0, 0)), looking((0, 0, 4), (0.5, 0, 0))]
PHOTOS = [photo((200, 100, 50))] * 2


def test_it_is_filled_in_and_not_sure() -> None:
    behind = backdrop(VIEWS, PHOTOS, wall())
    assert len(behind) > 20
    assert (behind.origin == Origin.FILLED).all()
    assert (behind.confidence == 0).all()


def test_no_part_of_it_comes_before_what_is_seen() -> None:
    behind = backdrop(VIEWS, PHOTOS, wall())
    ahead = behind.means[behind.means[:, 2] > 0]
    reach = torch.exp(behind.log_scales).amax(dim=1)[behind.means[:, 2] > 0]
    seen = (ahead[:, :2].abs() < 2.5).all(dim=1)
    assert ((ahead[:, 2] - 3 * reach)[seen] > 4).all()


def test_it_covers_the_view_and_its_margin_in_the_photos_colour_and_no_more() -> None:
    behind = backdrop(VIEWS, PHOTOS, wall())
    ahead = rasterize(behind, VIEWS[0])
    assert float(ahead.alpha.min()) > 0.95
    assert torch.allclose(ahead.color[18, 24], torch.tensor([200, 100, 50]) / 255, atol=0.03)
    beside = rasterize(behind, looking((4 * np.tan(MARGIN), 0, 4), (0, 0, 0)))
    assert float(beside.alpha.min()) > 0.9
    assert float(rasterize(behind, looking((0, 0, -4), (0, 0, 0))).alpha.max()) < 0.5


def test_it_moves_and_grows_with_the_scene() -> None:
    behind = backdrop(VIEWS, PHOTOS, wall())
    far = [looking((0, 0, 40), (-5, 0, 0)), looking((0, 0, 40), (5, 0, 0))]
    larger = backdrop(far, PHOTOS, 10 * wall())
    assert torch.allclose(larger.means, 10 * behind.means, rtol=1e-3, atol=1e-3)


def test_without_any_photo_there_it_is_empty() -> None:
    away = [looking((0, 0, -4), (0.1 * k, 0, -1)) for k in range(2)]
    black = [photo((0, 0, 0))] * 2
    assert torch.isfinite(backdrop(away, black, wall()).means).all()
