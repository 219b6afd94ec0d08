"""A fuller lens model where there are photos enough to measure it, kept only where it pays."""

from core.capture.colmap_library import pycolmap
from core.poses.config import PoseConfig
from core.poses.mapping import RESIDUALS_FOR_THREADS, Model, measured

# From so many photos on a lens with four distortion terms is determined.
FEWEST_PHOTOS = 10
# The reprojection error must fall by this part; less is the fitting of noise.
LEAST_GAIN = 0.02
FULL_MODEL = pycolmap.CameraModelId.OPENCV


def refine_lenses(model: Model, config: PoseConfig) -> Model:
    """`model` with OPENCV lenses (k1, k2, p1, p2) where these fit clearly better.

    Unchanged for few photos and for a calibrated lens.
    """
    if config.lens is not None or len(model.cameras) < FEWEST_PHOTOS:
        return model
    native = pycolmap.Reconstruction(model.native)
    for camera in native.cameras.values():
        if camera.model.name == "SIMPLE_RADIAL":
            focal, *center, radial = camera.params
            camera.model = FULL_MODEL
            camera.params = [focal, focal, *center, radial, 0.0, 0.0, 0.0]
    options = pycolmap.BundleAdjustmentOptions()
    options.print_summary = False
    options.ceres.min_num_residuals_for_cpu_multi_threading = RESIDUALS_FOR_THREADS
    problem = pycolmap.BundleAdjustmentConfig()
    for image_id in native.reg_image_ids():
        problem.add_image(image_id)
    problem.fix_gauge(pycolmap.BundleAdjustmentGauge.TWO_CAMS_FROM_WORLD)
    # Not pycolmap.bundle_adjustment, which prints whatever the log level is.
    pycolmap.create_default_bundle_adjuster(options, problem, native).solve()
    native.update_point_3d_errors()
    refined = measured(native, model.ids, model.start)
    return refined if refined.error < (1.0 - LEAST_GAIN) * model.error else model
