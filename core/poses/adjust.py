"""Known cameras that do not fit their photos, moved to where the matches say they are."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.capture.colmap_library import pycolmap
from core.geometry.pose import Pose

Array = NDArray[np.float64]
Native = pycolmap.Reconstruction

ROUNDS = 3


def adjust(native: Native, triangulated: Callable[[Native], Native]) -> Native:
    """`native` bundle adjusted, its lenses held, and as a whole where it was.

    `triangulated` finds the points of cameras anew: with better cameras there are more.
    """
    before = _cameras(native)
    for _ in range(ROUNDS):
        problem = pycolmap.BundleAdjustmentConfig()
        for image_id in native.reg_image_ids():
            problem.add_image(image_id)
        problem.fix_gauge(pycolmap.BundleAdjustmentGauge.TWO_CAMS_FROM_WORLD)
        options = pycolmap.BundleAdjustmentOptions()
        options.print_summary = False
        options.refine_focal_length = options.refine_extra_params = False
        # Not pycolmap.bundle_adjustment, which prints whatever the log level is.
        pycolmap.create_default_bundle_adjuster(options, problem, native).solve()
        native = triangulated(native)
    back = nearest_motion(_cameras(native), before)
    turn = pycolmap.Rotation3d(back.rotation)
    native.transform(pycolmap.Sim3d(back.scale, turn, back.translation))
    return native


def nearest_motion(source: Array, target: Array) -> Pose:
    """The similarity that takes cameras [P, 4, 4] nearest to those of `target`.

    Each counts as four points, its centre and the ends of its axes, which are as long as
    the cameras are spread (Umeyama, PAMI 1991).
    """
    a, b = (_points(cameras) for cameras in (source, target))
    middle_a, middle_b = a.mean(0), b.mean(0)
    a, b = a - middle_a, b - middle_b
    left, sizes, right = np.linalg.svd(b.T @ a)
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    rotation = left @ np.diag(sign) @ right
    scale = float((sizes * sign).sum() / (a * a).sum())
    return Pose(rotation, middle_b - scale * rotation @ middle_a, scale)


def _points(cameras: Array) -> Array:
    centres = -(cameras[:, :3, :3].transpose(0, 2, 1) @ cameras[:, :3, 3, None])[..., 0]
    spread = np.sqrt(((centres - centres.mean(0)) ** 2).sum(-1).mean())
    ends = centres[:, None] + spread * cameras[:, :3, :3]
    return np.concatenate([centres[:, None], ends], axis=1).reshape(-1, 3)


def _cameras(native: Native) -> Array:
    cameras = np.tile(np.eye(4), (native.num_reg_images(), 1, 1))
    for camera, image_id in zip(cameras, sorted(native.reg_image_ids()), strict=True):
        camera[:3] = native.image(image_id).cam_from_world().matrix()
    return cameras
