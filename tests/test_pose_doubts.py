"""What makes the solver believe one model, and doubt it."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.capture.colmap_library import pycolmap
from core.capture.lens import Lens
from core.capture.photos import Capture, Photo, Quality
from core.poses.choice import choose, contradicted_pairs, contradicted_photos, disagreement
from core.poses.evidence import PairFit, epipolar_distance
from core.poses.mapping import Model, Start
from core.poses.matching import Overlap
from core.poses.turning import only_turned
from core.poses.verdicts import warnings

Array = NDArray[np.float64]


def model(shared: int, focal: float = 0.75, turn_degrees: float = 0.0, photos: int = 3) -> Model:
    """A model whose last camera is turned by `turn_degrees`."""
    cameras = {i: np.eye(4) for i in range(photos)}
    for i in cameras:
        cameras[i][0, 3] = -float(i)
    last = Rotation.from_euler("y", turn_degrees, degrees=True).as_matrix()
    cameras[photos - 1][:3, :3] = last
    lens = Lens("SIMPLE_RADIAL", 1000, 750, (1000.0 * focal, 500.0, 375.0, 0.0))
    native = pycolmap.Reconstruction()
    lenses = dict.fromkeys(cameras, lens)
    ids = tuple(range(1, photos + 1))
    return Model(Start(None, focal), native, ids, cameras, lenses, shared, 4 * shared, 0.5)


def test_the_model_with_most_points_in_three_photos_is_believed() -> None:
    right, wrong = model(200), model(60, turn_degrees=50.0)
    choice = choose([wrong, right], lens_known=False)
    assert choice.model is right
    assert not choice.doubtful


def test_more_photos_count_before_more_points() -> None:
    whole, part = model(50, photos=4), model(500, photos=3)
    assert choose([part, whole], lens_known=False).model is whole


def test_among_equals_the_likelier_lens_wins_and_the_dispute_is_kept() -> None:
    usual, odd = model(238, focal=0.7), model(240, focal=1.1, turn_degrees=18.0)
    choice = choose([odd, usual], lens_known=False)
    assert choice.model is usual
    assert choice.disputed
    assert choice.apart == pytest.approx(18.0, abs=1e-6)
    assert choice.focal_range == pytest.approx((0.7, 1.1))


def test_starts_that_arrive_at_the_same_cameras_agree() -> None:
    choice = choose([model(100), model(99, turn_degrees=0.5), model(98)], lens_known=False)
    assert (choice.rivals, choice.agreeing, choice.disputed) == (2, 2, False)


def test_few_shared_points_and_odd_lenses_are_doubted() -> None:
    assert choose([model(10)], lens_known=False).loose
    assert choose([model(100, focal=2.6)], lens_known=False).odd_lens
    assert not choose([model(100, focal=2.6)], lens_known=True).doubtful


def test_one_common_photo_cannot_disagree() -> None:
    one = model(100, photos=2)
    other = model(100, photos=2, turn_degrees=90.0)
    assert disagreement(one, other) == pytest.approx(90.0)
    other.cameras.pop(1)
    assert disagreement(one, other) == 0.0


def test_pairs_and_photos_most_of_whose_matches_do_not_fit_are_named() -> None:
    fits = [PairFit(0, 1, 400, 398), PairFit(0, 2, 100, 3), PairFit(1, 2, 60, 58)]
    assert [(fit.first, fit.second) for fit in contradicted_pairs(fits)] == [(0, 2)]
    assert contradicted_photos(fits) == (2,)
    assert contradicted_pairs([PairFit(0, 1, 12, 0)]) == ()


def scene(baseline: float) -> tuple[Array, Array, Array]:
    """Rays [N, 3] in two cameras, z = 1, and `second_from_first`."""
    points = np.random.default_rng(2).uniform([-1, -1, 3], [1, 1, 6], (200, 3))
    second_from_first = np.eye(4)
    second_from_first[:3, :3] = Rotation.from_euler("xyz", [0.05, 0.1, 0.02]).as_matrix()
    second_from_first[:3, 3] = np.array([1.0, 0.2, 0.1]) * baseline
    moved = points @ second_from_first[:3, :3].T + second_from_first[:3, 3]
    return points / points[:, 2:], moved / moved[:, 2:], second_from_first


def test_true_matches_lie_on_their_epipolar_lines_and_wrong_cameras_show() -> None:
    first, second, camera = scene(0.5)
    assert epipolar_distance(first, second, camera).max() < 1e-12
    wrong = camera.copy()
    wrong[:3, :3] = Rotation.from_euler("y", 20.0, degrees=True).as_matrix() @ camera[:3, :3]
    assert np.median(epipolar_distance(first, second, wrong)) > 0.01
    here = camera.copy()
    here[:3, 3] = 0.0
    assert np.isinf(epipolar_distance(first, second, here)).all()


@pytest.mark.parametrize("focal_px", [None, 900.0])
def test_a_turn_is_told_from_a_step(focal_px: float | None) -> None:
    size, center = (1200, 900), np.array([600.0, 450.0])
    for baseline, turned in ((0.0, True), (0.5, False)):
        first, second, _ = scene(baseline)
        pixels = [900.0 * rays[:, :2] + center for rays in (first, second)]
        # A quarter of the matches is false.
        pixels[1][::4] += 150.0
        assert only_turned(pixels[0], pixels[1], size, focal_px) is turned


def test_places_that_the_points_leave_open_are_doubted() -> None:
    quality = Quality(1.0, 0.5, 0.0)
    photos = tuple(Photo(f"{i}.jpg", Path(), 1000, 750, None, "", quality) for i in range(3))
    choice = choose([model(200)], lens_known=False)
    overlap = [Overlap(0, 1, 200, flat=False)]
    for degrees, told in ((2.0, None), (7.0, "about 7 degrees"), (float("inf"), "any angle")):
        words = warnings(Capture(photos), choice, (), overlap, degrees)
        assert ("".join(words) == "") if told is None else (told in words[0])
