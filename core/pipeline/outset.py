"""What training sets out with: Gaussians on the surfaces found, and what is to help it."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from core.capture.reconstruction import Reconstruction, SparsePoints
from core.dense.depth import DepthMap, DepthSource
from core.dense.fuse import fuse
from core.dense.start import surfels
from core.dense.stereo import StereoConfig, stereo_depths
from core.gaussians.backdrop import backdrop
from core.gaussians.table import Gaussians
from core.pipeline.begin import first_gaussians
from core.pipeline.coverage import coverage
from core.pipeline.exposure import RATE_EXPOSURE, UNEVEN, exposure_spread
from core.pipeline.parts import Part
from core.pipeline.poses import MISFIT, RATE_POSE, misfit
from core.pipeline.prepare import Flat, Pictures
from core.pipeline.settings import Preset, Settings
from core.progress import Progress
from core.train.schedule import TrainConfig

DENSE = 0.5  # of the Gaussians allowed, at most, are there from the start
# Photos that agree on a place: all help up to the first number, none from the second.
FEW, MANY = 3.0, 6.0
NEVER = 2.0  # of the budget
DECAY, DROPOUT, REACH, DEPTH, SMOOTH = 0.005, 0.2, 0.1, 1.0, 0.5


@dataclass(frozen=True, eq=False)
class Outset:
    """`depths`: one map a training photo, none without stereo. `backdrop` is not trained.

    `coverage`: see there.
    """

    gaussians: Gaussians
    config: TrainConfig
    depths: tuple[DepthMap, ...]
    backdrop: Gaussians
    coverage: float


def sparse_start(
    reconstruction: Reconstruction, pictures: Pictures, settings: Settings
) -> Gaussians:
    """Gaussians at the points of the photos' matches: what there is to see before stereo.

    Raises `UserError` for too few points.
    """
    taken = 0 if Part.DENSE in settings.without else int(DENSE * settings.max_gaussians)
    names = [photo.name for photo in reconstruction.photos]
    room = settings.max_gaussians - taken
    return first_gaussians(reconstruction.points, names, pictures.train, room, settings.seed)


def outset(
    sparse: Gaussians,
    reconstruction: Reconstruction,
    pictures: Pictures,
    settings: Settings,
    stop: Callable[[], bool],
    depth_of: DepthSource | None = None,
) -> Generator[Progress, None, Outset]:
    """Look for surfaces in the pictures trained on, and choose by how well they are covered.

    `sparse`: see `sparse_start`. `depth_of` takes the place of stereo.
    """
    names = [photo.name for photo in reconstruction.photos]
    points, flats = reconstruction.points, pictures.train
    views, photos = [flat.view for flat in flats], [flat.pixels for flat in flats]
    depths: tuple[DepthMap, ...] = ()
    if Part.DENSE not in settings.without:
        source = depth_of or _stereo(settings.preset)
        for step in source(views, photos, _seen(reconstruction, flats), stop):
            if isinstance(step, Progress):
                yield step
            else:
                depths = step
    dense = fuse(views, photos, depths, int(DENSE * settings.max_gaussians))
    start = surfels(dense, sparse.means).followed_by(sparse)
    covered = coverage(dense, views, depths) if len(dense.positions) else _track_length(points)
    config = _config(
        settings, covered, exposure_spread(points, names, flats), misfit(reconstruction)
    )
    behind = backdrop(views, photos, start.means.double().numpy())
    if Part.BACKDROP in settings.without:
        behind = behind.rows(torch.zeros(0, dtype=torch.int64))
    return Outset(start, config, depths, behind, covered)


def help_wanted(covered: float) -> float:
    """In [0, 1]: 1 where so few photos see a place that they could be learned by heart."""
    return float(np.clip((MANY - covered) / (MANY - FEW), 0, 1))


def _config(settings: Settings, covered: float, spread: float, off: float) -> TrainConfig:
    """The settings as training takes them.

    Exposures move only where the photos' differ, cameras only where they do not fit the photos.
    """
    share = help_wanted(covered)
    on = {part: float(part not in settings.without) for part in Part}
    config = settings.training()
    return replace(
        config,
        # Seen from few and far places, surfaces change their brightness as exposures would.
        rate_exposure=RATE_EXPOSURE if spread > UNEVEN * (1 + share) else 0.0,
        rate_pose=on[Part.POSES] * RATE_POSE if off > MISFIT else 0.0,
        # What is learned by heart tells nothing of whether more training would help.
        settle_from=NEVER if share > 0.5 else config.settle_from,
        opacity_decay=on[Part.DECAY] * share * DECAY,
        dropout=on[Part.DROPOUT] * share * DROPOUT,
        random_ground=Part.BACKDROP not in settings.without,
        depth_weight=on[Part.DEPTH] * DEPTH,
        smooth_weight=on[Part.SMOOTH] * share * SMOOTH,
        reach=on[Part.SCALE] * REACH,
    )


def _stereo(preset: Preset) -> DepthSource:
    """Quick is for a first look: coarser maps of fewer photos."""
    quick = preset is Preset.QUICK
    config = StereoConfig(longest=320, cover=2) if quick else StereoConfig()
    return partial(stereo_depths, config=config)


def _seen(reconstruction: Reconstruction, flats: Sequence[Flat]) -> list[NDArray[np.float64]]:
    """The sparse points that each picture saw."""
    points, photos = reconstruction.points, reconstruction.photos
    seen = dict(zip((p.name for p in photos), points.seen_by(len(photos)), strict=True))
    return [points.positions[seen[flat.name]] for flat in flats]


def _track_length(points: SparsePoints) -> float:
    """How many photos saw a typical one of `points`."""
    lengths = np.bincount(points.track_points, minlength=1)
    return float(np.median(lengths[lengths > 0])) if lengths.any() else 0.0
