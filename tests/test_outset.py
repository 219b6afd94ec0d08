"""What training is helped with follows from how well photos cover the scene."""

import torch

from core.dense.depth import DepthMap
from core.dense.fuse import DensePoints
from core.geometry.camera import Pinhole, View
from core.pipeline.coverage import coverage
from core.pipeline.outset import help_wanted

CAMERA = Pinhole(64, 64, 64.0, 64.0, 32.0, 32.0)
PLACES = torch.cartesian_prod(*[torch.linspace(-1, 1, 9)] * 2, torch.tensor([4.0]))
MEASURED = DepthMap(torch.ones(4, 4), torch.zeros(4, 4, 3), torch.ones(4, 4))
UNKNOWN = DepthMap.unknown(4, 4)


def wall(seen: int, facing: float = -1.0) -> DensePoints:
    """Points of a wall before the cameras on which so many photos agree."""
    rows = len(PLACES)
    normals = torch.tensor([0.0, 0.0, facing]).repeat(rows, 1)
    colors, ones = torch.zeros(rows, 3, dtype=torch.uint8), torch.ones(rows)
    return DensePoints(PLACES, normals, colors, ones, ones, torch.full((rows,), seen))


def beside(x: float) -> View:
    pose = torch.eye(4)
    pose[0, 3] = -x
    return View(CAMERA, pose)


def test_photos_that_agree_on_a_place_are_counted() -> None:
    views = [beside(0.1 * k) for k in range(4)]
    assert coverage(wall(3), views, [MEASURED] * 4) == 3


def test_photos_that_were_not_measured_count_as_the_others_do() -> None:
    views = [beside(0.1 * k) for k in range(4)]
    assert coverage(wall(2), views, [MEASURED, MEASURED, UNKNOWN, UNKNOWN]) == 4


def test_what_faces_away_or_lies_outside_is_not_covered() -> None:
    assert coverage(wall(2, facing=1.0), [beside(0.0)] * 2, [MEASURED] * 2) == 0
    assert coverage(wall(2), [beside(0.0), beside(50.0)], [MEASURED] * 2) == 1


def test_nothing_found_is_nothing_covered() -> None:
    nothing = wall(2).rows(torch.zeros(0, dtype=torch.int64))
    assert coverage(nothing, [beside(0.0)], [UNKNOWN]) == 0


def test_help_falls_from_whole_to_none_as_more_photos_agree() -> None:
    shares = [help_wanted(float(photos)) for photos in range(12)]
    assert shares[0] == shares[2] == 1
    assert shares[-1] == 0
    assert shares == sorted(shares, reverse=True)
