"""Photos that see the same surface confirm each other; a misplaced one is found."""

import pytest
import torch

from core.dense.confirm import confirmed
from core.dense.depth import DepthMap
from core.geometry.camera import Pinhole, View
from tests.turned import turned

CAMERA = Pinhole(64, 48, 60.0, 60.0, 32.0, 24.0)


def at(x: float, degrees: float = 0.0) -> View:
    return turned(CAMERA, x, degrees)


def of_room(view: View) -> DepthMap:
    """Depth of a wavy wall z = 4 + 0.4 sin(3 x) from `view`, by steps along the rays."""
    y, x = torch.meshgrid(torch.arange(48) + 0.5, torch.arange(64) + 0.5, indexing="ij")
    rays = torch.stack([(x - 32) / 60, (y - 24) / 60, torch.ones_like(x)], -1)
    turn, centre = view.camera_from_scene[:3, :3], view.centre()
    depth = torch.full((48, 64), 2.0)
    for _ in range(200):
        place = rays * depth[..., None] @ turn + centre
        depth = depth + 0.3 * (4 + 0.4 * torch.sin(3 * place[..., 0]) - place[..., 2])
    normal = torch.tensor([0.0, 0.0, -1.0]).expand(48, 64, 3).contiguous()
    return DepthMap(depth, normal, torch.ones(48, 64))


def test_photos_in_their_places_confirm_each_other() -> None:
    views = [at(0.3 * k) for k in range(4)]
    shares = confirmed(views, [of_room(view) for view in views])
    assert all(share is not None and share > 0.95 for share in shares)


@pytest.mark.parametrize("wrong", [at(0.9, 12.0), at(0.9, -12.0), at(2.5)])
def test_a_photo_in_a_wrong_place_confirms_least(wrong: View) -> None:
    views = [at(0.3 * k) for k in range(5)]
    maps = [of_room(view) for view in views]
    views[3] = wrong
    shares = confirmed(views, maps)
    found = [share if share is not None else 1.0 for share in shares]
    assert found.index(min(found)) == 3
    assert found[3] < 0.7 * min(share for k, share in enumerate(found) if k != 3)


def test_nothing_is_said_of_photos_that_measured_nothing_or_share_nothing() -> None:
    views = [at(0.0), at(0.3), at(0.6), at(500.0)]
    maps = [of_room(view) for view in views[:2]]
    maps += [DepthMap.unknown(48, 64), maps[0]]
    shares = confirmed(views, maps)
    assert shares[0] is not None
    assert shares[2:] == [None, None]
    assert confirmed(views[:1], maps[:1]) == [None]
