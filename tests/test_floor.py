"""The floor, up and the scale of scenes where they are known, and what can be stood on."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.errors import UserError
from core.gaussians.arrays import SplatArrays
from core.geometry.planes import Fit, Plane, fitted_plane, through
from core.geometry.pose import Pose
from core.scene.floor import (
    Floor,
    FloorSource,
    find_floor,
    floor_through,
    metres_per_unit,
    surface_points,
)
from core.scene.supports import find_supports, support_below
from tests.ground_scenes import DEPTH, discs, names, surfaces

Array = NDArray[np.float64]
NONE = np.zeros((0, 3))
# The room as a pose solver may leave it: turned a little, elsewhere, of another unit.
ELSEWHERE = Pose(
    Rotation.from_euler("xyz", [7.0, 40.0, -5.0], degrees=True).as_matrix(),
    np.array([0.3, -0.2, 1.1]),
    0.4,
)


def seen(part: int = 7, noise: float = 0.008) -> tuple[Array, NDArray[np.int64]]:
    """Every `part`-th of the room's points, `noise` metres off, and their ids."""
    points, _, ids, _ = surfaces()
    random = np.random.default_rng(0)
    return points[::part] + random.normal(scale=noise, size=points[::part].shape), ids[::part]


def errors(found: Floor, pose: Pose) -> tuple[float, float]:
    """Degrees between the normals, and the largest error in offset in parts of the depth."""
    true = pose.rotation[:, 1]
    degrees = float(np.degrees(np.arccos(np.clip(found.plane.normal @ true, -1, 1))))
    corners = np.array([[-1.0, 0, -1], [1, 0, -1], [-1, 0, 1], [1, 0, 1]])
    off = np.abs(found.plane.heights(pose.apply(corners))).max()
    return degrees, float(off) / (DEPTH * pose.scale)


@pytest.mark.parametrize("pose", [Pose.identity(), ELSEWHERE])
@pytest.mark.parametrize("outliers", [0.0, 0.3])
@pytest.mark.parametrize("labelled", [True, False])
def test_the_samples_floor_is_found(pose: Pose, outliers: float, labelled: bool) -> None:
    points, ids = seen()
    points = pose.apply(points)
    depth = DEPTH * pose.scale
    floor = points[np.isin(ids, [names()["floor"], names()["rug"]])]
    if labelled:
        random = np.random.default_rng(1)
        wrong = random.random(len(floor)) < outliers
        floor[wrong] = random.uniform(points.min(axis=0), points.max(axis=0), (wrong.sum(), 3))
    found = find_floor(points, floor if labelled else NONE, depth, up=pose.rotation[:, 1])
    degrees, off = errors(found, pose)
    assert found.source is (FloorSource.MASKS if labelled else FloorSource.LOWEST)
    assert degrees < 0.5
    assert off < 0.01
    assert found.confidence > (0.95 if not outliers and labelled else 0.6)


def level(count: int, noise: float = 0.003) -> Array:
    random = np.random.default_rng(2)
    points = random.uniform((-1, 0, -1), (1, 0, 1), (count, 3))
    return points + random.normal(scale=noise, size=points.shape)


@pytest.mark.parametrize(
    ("fit", "noise", "outliers"),
    [(Fit.PCA, 0.003, 0.0), (Fit.SVD, 0.003, 0.08), (Fit.RANSAC, 0.003, 0.3)],
)
def test_every_way_to_fit_a_plane_is_taken_where_it_should(
    fit: Fit, noise: float, outliers: float
) -> None:
    points = level(800, noise)
    random = np.random.default_rng(3)
    wrong = random.random(len(points)) < outliers
    points[wrong] = random.uniform((-1, 0, -1), (1, 1.5, 1), (wrong.sum(), 3))
    found = fitted_plane(points, 0.01, 0)
    assert found is not None
    assert found.fit is fit
    assert abs(found.plane.normal[1]) > np.cos(np.radians(0.3))
    assert abs(found.plane.offset) < 0.005
    assert found.share == pytest.approx(1 - outliers, abs=0.06)


def test_a_table_above_the_floor_is_not_the_floor_but_holds_things() -> None:
    random = np.random.default_rng(5)
    table = random.uniform((-1.0, 0.7, -0.5), (1.0, 0.7, 0.5), (1200, 3))
    ground = random.uniform((-2.0, 0.0, -2.0), (2.0, 0.0, 2.0), (1000, 3))
    points = np.vstack([table, ground])
    found = find_floor(points, NONE, 2.0)
    assert abs(found.plane.offset) < 1e-3
    ids = np.repeat([5, 1], [1200, 1000])
    (top,) = find_supports(points, ids, found.capture_from_ground(), 2.0)
    assert top.height == pytest.approx(0.7, abs=0.005)
    assert top.object_id == 5
    assert top.area == pytest.approx(2.0, rel=0.15)
    falling = np.array([0.2, 1.3, 0.1])
    assert support_below((top,), falling, 0.01) == top.height
    assert support_below((top,), falling, 0.01, without=5) == 0
    assert support_below((top,), np.array([1.6, 1.3, 0.1]), 0.01) == 0
    assert support_below((top,), np.array([0.2, 0.5, 0.1]), 0.01) == 0


def test_the_samples_tables_and_shelves_are_found() -> None:
    points, ids = seen(2, 0.003)
    found = find_supports(
        points, ids, Floor(Plane(np.array([0.0, 1, 0]), 0.0)).capture_from_ground(), DEPTH
    )
    tops = {(each.object_id, round(each.height, 2)) for each in found}
    table, board = names()["coffee table"], names()["sideboard"]
    assert any(id_ == table and abs(height - 0.449) < 0.015 for id_, height in tops)
    assert any(id_ == board and abs(height - 0.62) < 0.015 for id_, height in tops)
    largest = next(each for each in found if each.object_id == table)
    assert largest.area == pytest.approx(1.05 * 0.58, rel=0.2)
    assert largest.holds(np.array([[0.02, -0.25], [1.5, -0.25]])).tolist() == [True, False]


def test_nothing_found_is_said() -> None:
    random = np.random.default_rng(0)
    for points in (NONE, random.normal(size=(500, 3))):
        found = find_floor(points, NONE, 1.0)
        assert found.source is FloorSource.ASSUMED
        assert found.confidence == 0


def test_three_clicks_are_the_floor() -> None:
    clicks = ELSEWHERE.apply(np.array([[0.0, 0, 0], [0, 0, 1], [1, 0, 0]]))
    found = floor_through(clicks, ELSEWHERE.rotation[:, 1])
    degrees, off = errors(found, ELSEWHERE)
    assert degrees < 1e-5
    assert off < 1e-9
    assert found.confidence == 1
    with pytest.raises(UserError, match="on one line"):
        floor_through(np.array([[0.0, 0, 0], [1, 1, 1], [2, 2, 2.0]]))
    assert through(np.zeros((3, 3))) is None


def test_two_points_and_a_length_tell_the_unit() -> None:
    ends = np.array([[0.0, 0, 0], [0, 0.5, 0]])
    assert metres_per_unit(ends, 2.0) == 4.0
    for wrong in (np.nan, 0.0, -1.0, np.inf):
        with pytest.raises(UserError, match="not one"):
            metres_per_unit(ends, wrong)
    with pytest.raises(UserError, match="same point"):
        metres_per_unit(np.zeros((2, 3)), 1.0)


def test_the_scene_frame_has_the_floor_at_zero_and_metres() -> None:
    found = floor_through(ELSEWHERE.apply(np.array([[0.0, 0, 0], [0, 0, 1], [1, 0, 0]])))
    unit = metres_per_unit(ELSEWHERE.apply(np.array([[0.0, 0, 0], [0, 1, 0]])), 1.0)
    scene = found.scene_from_capture(unit) @ ELSEWHERE
    np.testing.assert_allclose(scene.rotation[1], [0, 1, 0], atol=1e-9)
    assert scene.scale == pytest.approx(1.0)
    assert scene.apply(np.array([0.0, 0.44, 0]))[1] == pytest.approx(0.44)


def test_only_solid_gaussians_tell_where_surfaces_are() -> None:
    splats = discs(surfaces()[2] == names()["mug"])
    splats.logit_opacity[::2] = -3.0
    arrays = SplatArrays.from_gaussians(splats)
    assert len(surface_points(arrays)) == len(splats) // 2
    assert len(surface_points(arrays, [names()["vase"]])) == 0
    assert len(surface_points(arrays, most=20)) < 40
