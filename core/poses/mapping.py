"""Growing a model photo by photo, from a pair of photos that is given.

COLMAP's incremental mapper taken step by step, as in its example
`custom_incremental_pipeline.py`, so that each step can be told and stopped, and
with one difference: two photos say too little about the focal length, so it stays
as it began until the third. Left free, it runs off, and this is what makes a few photos
end in a consistent and wrong model.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.capture.colmap_library import pycolmap
from core.capture.lens import Lens
from core.poses.features import Workspace, image_ids
from core.poses.matching import FEWEST_MATCHES, Pair
from core.progress import Progress

PLACING = "Placing photos"

# A lens with a focal length outside this range (in longer sides) is no lens of a phone.
SHORTEST_FOCAL = 0.3
LONGEST_FOCAL = 4.0
# Up to so many photos everything is refined after each; above, when the model grew by a part, so
# that all refinements together cost about as much as three of the last; and no further than the
# residuals fall by this part in a step, since the last one makes up for it.
REFINE_EACH = 8
REFINE_GROWTH = 1.4
GROWING_TOLERANCE = 1e-5
# Above so many residuals bundle adjustment uses all cores (COLMAP: 50000). Below, one thread
# keeps the models of few photos the same in each run.
RESIDUALS_FOR_THREADS = 20000


@dataclass(frozen=True, eq=False)
class Matches:
    """The verified matches of all photos, in memory. `ids[i]`: COLMAP's id of photo i."""

    cache: pycolmap.DatabaseCache
    ids: tuple[int, ...]

    @property
    def lens_known(self) -> bool:
        return all(camera.has_prior_focal_length for camera in self.cache.cameras.values())


@dataclass(frozen=True)
class Start:
    """How a model begins: a pair of photos and a focal length.

    `focal` in longer sides of the photo, for lenses of unknown focal length;
    `angle`: least angle in degrees between the rays of a new point of the pair.
    """

    pair: Pair | None
    focal: float
    angle: float = 4.0


@dataclass(frozen=True, eq=False)
class Model:
    """A grown model, frozen: `cameras` [4, 4] `camera_from_world` of the photos placed.

    Photos are named by their places in the capture. `shared`: points seen in
    three photos or more; `error`: root mean square reprojection error in pixels.
    """

    start: Start
    native: pycolmap.Reconstruction
    ids: tuple[int, ...]
    cameras: dict[int, NDArray[np.float64]]
    lenses: dict[int, Lens]
    shared: int
    points: int
    error: float

    def focal(self, photo: int) -> float:
        """Focal length in longer sides of the photo."""
        lens = self.lenses[photo]
        return float(lens.camera().mean_focal_length()) / max(lens.width, lens.height)


def load_matches(work: Workspace) -> Matches:
    """What the database holds of features and verified matches, read once for all models."""
    options = pycolmap.DatabaseCacheOptions()
    options.min_num_matches = FEWEST_MATCHES
    with pycolmap.Database.open(work.database) as database:
        cache = pycolmap.DatabaseCache.create(database, options)
        return Matches(cache, tuple(image_ids(database)))


def grow(
    matches: Matches, start: Start, *, fixed_lens: bool = False, seed: int = 0
) -> Generator[Progress, None, Model | None]:
    """Grow one model from `start`; returns None where that pair cannot begin one.

    `fixed_lens`: the lens is calibrated and is not refined. A start without a
    pair takes COLMAP's choice. No photo is placed by its matches with a single
    other photo ("structure-less"): how far away it stands would be open.
    """
    options = _options(fixed_lens, start.angle, seed)
    _set_focal(matches, start.focal)
    mapper = pycolmap.IncrementalMapper(matches.cache)
    native = pycolmap.Reconstruction()
    mapper.begin_reconstruction(native)
    pair = _begin(mapper, native, matches, options, start)
    if pair is None:
        mapper.end_reconstruction(True)
        return None
    refined_at = 2
    total = len(matches.ids)
    while _add_photo(mapper, native, options):
        count = native.num_reg_images()
        yield Progress(PLACING, count, total)
        if count <= REFINE_EACH or count >= REFINE_GROWTH * refined_at:
            _refine(mapper, options, GROWING_TOLERANCE if count > REFINE_EACH else 0.0)
            refined_at = count
    if native.num_reg_images() > 2:
        _refine(mapper, options, 0.0)
    usable = native.num_reg_images() >= 2 and native.num_points3D() > 0
    mapper.end_reconstruction(not usable)
    if not usable:
        return None
    grown = measured(native, matches.ids, replace(start, pair=pair))
    return grown if fixed_lens or _has_lenses(grown) else None


def measured(native: pycolmap.Reconstruction, ids: tuple[int, ...], start: Start) -> Model:
    """What `native` says, as values; `ids[i]` is its id of photo i."""
    lengths = np.array([p.track.length() for p in native.points3D.values()], np.int64)
    errors = np.array([p.error for p in native.points3D.values()], np.float64)
    cameras, lenses = {}, {}
    registered = set(native.reg_image_ids())
    for i, image_id in enumerate(ids):
        if image_id in registered:
            image = native.image(image_id)
            cameras[i] = np.vstack([image.cam_from_world().matrix(), [0.0, 0.0, 0.0, 1.0]])
            camera = native.camera(image.camera_id)
            lenses[i] = Lens(
                camera.model.name, camera.width, camera.height, tuple(map(float, camera.params))
            )
    return Model(
        start,
        native,
        ids,
        cameras,
        lenses,
        shared=int(np.sum(lengths >= 3)),
        points=len(lengths),
        error=float(np.sqrt(np.sum(errors**2 * lengths) / max(lengths.sum(), 1))),
    )


def _has_lenses(grown: Model) -> bool:
    """Whether all focal lengths are possible; the mapper itself looks at them too early."""
    return all(SHORTEST_FOCAL <= grown.focal(i) <= LONGEST_FOCAL for i in grown.cameras)


def _options(fixed_lens: bool, angle: float, seed: int) -> pycolmap.IncrementalPipelineOptions:
    """Settings for few photos, measured; two-view tracks are the most important of them."""
    options = pycolmap.IncrementalPipelineOptions()
    options.random_seed = seed
    options.min_focal_length_ratio = SHORTEST_FOCAL
    options.max_focal_length_ratio = LONGEST_FOCAL
    options.ba_refine_focal_length = not fixed_lens
    options.ba_refine_extra_params = not fixed_lens
    options.ba_min_num_residuals_for_cpu_multi_threading = RESIDUALS_FOR_THREADS
    options.triangulation.ignore_two_view_tracks = False
    options.triangulation.min_angle = 0.5
    mapper = options.mapper
    mapper.init_min_num_inliers = 30
    mapper.init_min_tri_angle = angle
    mapper.init_max_reg_trials = 5
    mapper.abs_pose_min_num_inliers = 12
    mapper.abs_pose_min_inlier_ratio = 0.1
    mapper.abs_pose_refine_focal_length = not fixed_lens
    mapper.abs_pose_refine_extra_params = not fixed_lens
    mapper.filter_min_tri_angle = 0.5
    mapper.max_reg_trials = 10
    return options


def _set_focal(matches: Matches, focal: float) -> None:
    """Set lenses of unknown focal length back to `focal` longer sides, without distortion."""
    for camera in matches.cache.cameras.values():
        if not camera.has_prior_focal_length:
            length = focal * max(camera.width, camera.height)
            camera.params = [length, camera.width / 2.0, camera.height / 2.0, 0.0]


def _begin(
    mapper: pycolmap.IncrementalMapper,
    native: pycolmap.Reconstruction,
    matches: Matches,
    options: pycolmap.IncrementalPipelineOptions,
    start: Start,
) -> Pair | None:
    """Place the first two photos; the pair taken, or None."""
    rules, triangulation = options.get_mapper(), options.get_triangulation()
    if start.pair is None:
        found = mapper.find_initial_image_pair(rules, -1, -1)
        if found is None:
            return None
        (first, second), relative = found
    else:
        first, second = (matches.ids[i] for i in start.pair)
        estimate = mapper.estimate_initial_two_view_geometry(rules, first, second)
        if estimate is None:
            return None
        relative = estimate
    mapper.register_initial_image_pair(rules, first, second, relative)
    for image_id in (first, second):
        mapper.triangulate_image(triangulation, image_id)
    adjustment = options.get_global_bundle_adjustment()
    adjustment.refine_focal_length = False
    adjustment.refine_extra_params = False
    mapper.adjust_global_bundle(rules, adjustment)
    native.normalize()
    mapper.filter_points(rules)
    mapper.filter_frames(rules)
    if native.num_reg_images() < 2 or native.num_points3D() == 0:
        return None
    return matches.ids.index(first), matches.ids.index(second)


def _add_photo(
    mapper: pycolmap.IncrementalMapper,
    native: pycolmap.Reconstruction,
    options: pycolmap.IncrementalPipelineOptions,
) -> bool:
    """Place one more photo and refine what lies near it; False when none can be placed."""
    rules, triangulation = options.get_mapper(), options.get_triangulation()
    for image_id in mapper.find_next_images(rules, structure_less=False):
        if mapper.register_next_image(rules, image_id):
            break
    else:
        return False
    mapper.triangulate_image(triangulation, image_id)
    if native.num_reg_images() > REFINE_EACH:
        mapper.iterative_local_refinement(
            options.ba_local_max_refinements,
            options.ba_local_max_refinement_change,
            rules,
            options.get_local_bundle_adjustment(),
            triangulation,
            image_id,
        )
    return True


def _refine(
    mapper: pycolmap.IncrementalMapper,
    options: pycolmap.IncrementalPipelineOptions,
    tolerance: float,
) -> None:
    """Adjust all cameras and points until a step gains less than the part `tolerance`."""
    rules = options.get_mapper()
    options.ba_global_function_tolerance = tolerance
    mapper.iterative_global_refinement(
        options.ba_global_max_refinements,
        options.ba_global_max_refinement_change,
        rules,
        options.get_global_bundle_adjustment(),
        options.get_triangulation(),
    )
    mapper.filter_frames(rules)
