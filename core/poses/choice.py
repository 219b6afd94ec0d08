"""Which of several models to believe, and how far.

Neither the reprojection error nor a plausible focal length gives a wrong model of few photos
away. What does: points seen in three photos or more, whether models that began from
other pairs and focal lengths arrive at the same cameras, and whether all matches fit these.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.poses.compare import pair_errors
from core.poses.config import USUAL_FOCAL_LENGTHS
from core.poses.evidence import PairFit
from core.poses.mapping import Model

# Models within this part of the most shared points are equally good as far as points can tell.
AS_GOOD = 0.9
# Cameras of two models that turn less than this against each other are the same, in degrees.
SAME_DEGREES = 3.0
# Fewer points than this in three photos or more do not hold a model together.
FEW_SHARED = 20
# Of this many matches or more, a pair whose cameras are right has at least this part fitting.
PAIR_MATCHES = 25
PAIR_FITS = 0.8
# Among many photos some pairs have false matches; those of a whole photo are mostly true.
PHOTO_FITS = 0.5
# Phones' lenses without EXIF, wide-angle and zoomed ones aside, in longer sides of the photo.
USUAL_RANGE = (0.55, 1.6)


@dataclass(frozen=True, eq=False)
class Choice:
    """The model believed, and the reasons for doubt.

    `agreeing` of `rivals`: models from other starts, placing as many photos with
    about as many shared points, that have the same cameras. `apart`: greatest
    relative rotation in degrees by which a rival differs. `focal_range`: least
    and greatest focal length among the rivals, in longer sides of the photo.
    `lens_known`: the focal length was given, and not worked out.
    """

    model: Model
    rivals: int
    agreeing: int
    apart: float
    focal_range: tuple[float, float]
    lens_known: bool

    @property
    def disputed(self) -> bool:
        """Models that fit the photos about equally well have other cameras."""
        return self.apart > SAME_DEGREES

    @property
    def loose(self) -> bool:
        """Hardly a point ties three photos together, so distances are uncertain."""
        return len(self.model.cameras) > 2 and self.model.shared < FEW_SHARED

    @property
    def odd_lens(self) -> bool:
        """A focal length that was worked out, and that few photos have."""
        least, most = USUAL_RANGE
        return not self.lens_known and not least <= typical_focal(self.model) <= most

    @property
    def doubtful(self) -> bool:
        return self.disputed or self.loose or self.odd_lens


def choose(models: Sequence[Model], lens_known: bool) -> Choice:
    """The model with most photos, then most shared points; among equals the likeliest lens.

    `models` is not empty. "Likeliest": a focal length near that of phones' main
    cameras, which decides between models that fit the photos equally well.
    """
    most = max(len(model.cameras) for model in models)
    complete = [model for model in models if len(model.cameras) == most]
    best = max(_weight(model) for model in complete)
    rivals = [model for model in complete if _weight(model) >= AS_GOOD * best]
    chosen = min(rivals, key=lambda model: (round(_oddity(model), 2), -_weight(model)))
    differences = [disagreement(chosen, model) for model in rivals if model is not chosen]
    focals = [typical_focal(model) for model in rivals]
    return Choice(
        chosen,
        len(differences),
        sum(degrees <= SAME_DEGREES for degrees in differences),
        max(differences, default=0.0),
        (min(focals), max(focals)),
        lens_known,
    )


def disagreement(a: Model, b: Model) -> float:
    """Greatest difference in degrees of the relative rotations of photos that both placed."""
    common = sorted(set(a.cameras) & set(b.cameras))
    if len(common) < 2:
        return 0.0
    rotation, _ = pair_errors(
        {str(i): b.cameras[i] for i in common}, {str(i): a.cameras[i] for i in common}
    )
    return float(rotation.max())


def contradicted_pairs(fits: Sequence[PairFit]) -> tuple[PairFit, ...]:
    """Pairs of photos most of whose matches should fit the cameras, and do not."""
    return tuple(
        fit
        for fit in fits
        if fit.verified >= PAIR_MATCHES and fit.fitting < PAIR_FITS * fit.verified
    )


def contradicted_photos(fits: Sequence[PairFit]) -> tuple[int, ...]:
    """Photos whose matches, all together, do not fit the cameras."""
    verified: Counter[int] = Counter()
    fitting: Counter[int] = Counter()
    for fit in fits:
        for photo in (fit.first, fit.second):
            verified[photo] += fit.verified
            fitting[photo] += fit.fitting
    return tuple(sorted(i for i in verified if fitting[i] < PHOTO_FITS * verified[i]))


def typical_focal(model: Model) -> float:
    """Median focal length of the photos, in their longer sides."""
    return float(np.median([model.focal(i) for i in model.cameras]))


def _oddity(model: Model) -> float:
    """How far the focal length is from that of a phone's main camera, in factors of e."""
    return abs(float(np.log(typical_focal(model) / USUAL_FOCAL_LENGTHS[0])))


def _weight(model: Model) -> int:
    """Points in three photos or more; of two photos, all points."""
    return model.shared if len(model.cameras) > 2 else model.points
