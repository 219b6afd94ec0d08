"""The likely error of cameras is what noise in their points does to them, times what it hides."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.capture.colmap_library import pycolmap
from core.poses.certainty import UNEXPLAINED, likely_error
from core.poses.compare import pair_errors
from core.poses.mapping import Model, Start, measured

Array = NDArray[np.float64]
IDS = (1, 2, 3)
FOCAL = 900.0


def _native(apart: float, noise: float, seed: int, points: int = 60) -> pycolmap.Reconstruction:
    """Three photos `apart` metres from each other see points 3 to 7 m away, with noisy pixels."""
    random = np.random.default_rng(7)
    where = random.uniform((-2, -1.5, 3), (2, 1.5, 7), (points, 3))
    shifts = np.random.default_rng(seed).normal(0, noise, (len(IDS), points, 2))
    native = pycolmap.Reconstruction()
    camera = pycolmap.Camera(
        model="SIMPLE_RADIAL", width=1200, height=900, params=[FOCAL, 600, 450, 0.0], camera_id=1
    )
    native.add_camera_with_trivial_rig(camera)
    for k, image_id in enumerate(IDS):
        turn = Rotation.from_euler("y", 4.0 * (k - 1), degrees=True).as_matrix()
        centre = np.array([apart * (k - 1), 0.1 * k, 0.0])
        matrix = np.column_stack([turn, -turn @ centre])
        seen = where @ turn.T + matrix[:, 3]
        pixels = FOCAL * seen[:, :2] / seen[:, 2:] + (600, 450) + shifts[k]
        image = pycolmap.Image(name=str(k), camera_id=1, image_id=image_id)
        image.points2D = pycolmap.Point2DList([pycolmap.Point2D(xy) for xy in pixels])
        native.add_image_with_trivial_frame(image, pycolmap.Rigid3d(matrix))
    for i, xyz in enumerate(where):
        track = pycolmap.Track()
        for image_id in IDS:
            track.add_element(image_id, i)
        native.add_point3D(xyz, track)
    return native


def _fitted(apart: float, noise: float, seed: int) -> Model:
    native = _native(apart, noise, seed)
    options = pycolmap.BundleAdjustmentOptions()
    options.print_summary = False
    problem = pycolmap.BundleAdjustmentConfig()
    for image_id in IDS:
        problem.add_image(image_id)
    problem.fix_gauge(pycolmap.BundleAdjustmentGauge.TWO_CAMS_FROM_WORLD)
    pycolmap.create_default_bundle_adjuster(options, problem, native).solve()
    native.update_point_3d_errors()
    return measured(native, IDS, Start(None, 0.75))


def _cameras(model: Model) -> dict[str, Array]:
    return {str(i): camera for i, camera in model.cameras.items()}


def test_it_is_the_spread_of_what_noise_does() -> None:
    apart, noise = 0.6, 0.5
    truth = _cameras(measured(_native(apart, 0.0, 0), IDS, Start(None, 0.75)))
    fitted = [_fitted(apart, noise, seed) for seed in range(40)]
    errors = np.array([np.stack(pair_errors(_cameras(model), truth)) for model in fitted])
    happened = np.sqrt((errors**2).mean(0)).max()
    told = np.median([likely_error(model) for model in fitted]) / UNEXPLAINED
    assert told == pytest.approx(happened, rel=0.3)


def test_it_grows_with_noise_and_where_photos_are_close() -> None:
    usual = likely_error(_fitted(0.6, 0.5, 3))
    assert likely_error(_fitted(0.6, 1.0, 3)) == pytest.approx(2 * usual, rel=0.2)
    assert likely_error(_fitted(0.15, 0.5, 3)) > 1.5 * usual


def test_a_known_lens_leaves_less_open() -> None:
    model = _fitted(0.3, 0.5, 3)
    assert likely_error(model, fixed_lens=True) < 0.95 * likely_error(model)


def test_no_more_points_than_unknowns_leave_everything_open() -> None:
    native = _native(0.6, 0.5, 0, points=6)
    assert likely_error(measured(native, IDS, Start(None, 0.75))) < float("inf")
    few = _native(0.6, 0.5, 0, points=4)
    assert likely_error(measured(few, IDS, Start(None, 0.75))) == float("inf")


def test_it_does_not_depend_on_the_frame() -> None:
    model = _fitted(0.6, 0.5, 1)
    native = pycolmap.Reconstruction(model.native)
    turn = Rotation.from_euler("xyz", (0.4, 1.0, -2.0)).as_matrix()
    native.transform(pycolmap.Sim3d(2.5, pycolmap.Rotation3d(turn), np.array([3.0, -1.0, 7.0])))
    moved = replace(measured(native, IDS, model.start))
    assert likely_error(moved) == pytest.approx(likely_error(model), rel=1e-3)
