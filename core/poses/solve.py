"""Where each photo was taken, worked out from the photos alone."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from core.capture.colmap_library import pycolmap
from core.capture.photos import Capture
from core.capture.reconstruction import Reconstruction
from core.poses.answer import reconstruction_of, seen_points
from core.poses.cache import Cache
from core.poses.certainty import likely_error
from core.poses.choice import Choice, choose, disagreement
from core.poses.config import USUAL_FOCAL_LENGTHS, PoseConfig
from core.poses.evidence import PairFit, pair_fits
from core.poses.features import (
    Workspace,
    copy_photos,
    find_features,
    fresh_workspace,
    image_ids,
)
from core.poses.lenses import refine_lenses
from core.poses.mapping import Matches, Model, Start, grow, load_matches
from core.poses.matching import Overlap, Pair, forget_pairs, likely_pairs, match_pairs, overlaps
from core.poses.upright import upright
from core.poses.verdicts import (
    FEW_PLACED,
    check_capture,
    only_turned,
    refusal,
    verdicts,
    warnings,
)
from core.progress import Progress

# Of so few photos every start is tried, whatever the first ones say.
ALL_STARTS = 4
# Of a few more, so many models that agree with the best and place every photo are enough.
ENOUGH_AGREEING = 2
# Of many photos, one model with this part of them is; at most so many pairs are tried for it.
ENOUGH_PLACED = 0.5
MOST_STARTS = 10
# Quick features are enough where this part of the photos or less is missing.
FEW_MISSING = 0.02
# Up to so many photos the missing ones are matched with all, above with so many times more.
MOST_WITH_ALL = 60
MORE_NEIGHBORS = 2
# Least angles in degrees between the rays of the first pair, one after the other where none begins.
START_ANGLES = (4.0, 2.0, 1.0)
# Models of the same photos that turn by more than this against each other contradict each other.
CONTRADICTION_DEGREES = 5.0


def solve(
    capture: Capture,
    work: Path,
    config: PoseConfig = PoseConfig(),  # noqa: B008
) -> Iterator[Progress | Reconstruction]:
    """Place the photos of `capture`; the answer, last, is in the scene frame.

    `work` is a folder for pictures and features, emptied of what an earlier run
    left. Lenses in the answer have the size of the photos. Photos that could not
    be placed have a verdict that says why; doubts about the whole are warnings.
    pycolmap can crash or hang on odd input, so run this in a child process that
    can be killed (`app/engine/in_child.py`). Raises `UserError` where nothing can be placed.
    """
    check_capture(capture)
    pycolmap.set_random_seed(config.seed)
    workspace = fresh_workspace(work)
    count = len(capture.photos)
    few = count <= config.few
    yield from copy_photos(capture, workspace, config)
    choice = None
    # The careful features of few photos; of more, OpenCV's, and COLMAP's where these do not do.
    for quick in (False,) if few else (True, False):
        yield from find_features(workspace, count, config, careful=few, quick=quick)
        yield from match_pairs(workspace, likely_pairs(workspace, config), config)
        shared = overlaps(workspace)
        turned = only_turned(shared)
        choice = None if turned else (yield from _place(workspace, config, few))
        if choice is not None and not choice.doubtful and _all_placed(capture, choice):
            break
    features = _feature_counts(workspace)
    if turned:
        raise refusal(capture, features, shared)
    if choice is None or len(choice.model.cameras) < count:
        choice = yield from _place_missing(workspace, config, choice, few)
        shared = overlaps(workspace)
    if choice is None:
        raise refusal(capture, features, shared)
    Cache(config.cache).trim()
    refined = refine_lenses(choice.model, config)
    fits = pair_fits(load_matches(workspace), refined)
    # Among many photos the single pair tells nothing: others hold it.
    unsure = 2 < len(refined.cameras) <= FEW_PLACED
    likely = likely_error(refined, fixed_lens=config.lens is not None) if unsure else 0.0
    found = reconstruction_of(capture, workspace, refined)
    yield upright(
        replace(
            found,
            verdicts=verdicts(capture, seen_points(found), features, shared),
            warnings=warnings(capture, choice, fits, shared, likely),
            details={**found.details, **_reasons(choice, fits), **_likely(likely)},
        )
    )


def _all_placed(capture: Capture, choice: Choice) -> bool:
    """Whether every photo is placed that can be expected to be; of very many, nearly every one."""
    missing = set(range(len(capture.photos))) - set(choice.model.cameras)
    photos = [capture.photos[i] for i in missing]
    wanted = [p for p in photos if not p.quality.blurred and p.quality.duplicate_of is None]
    return len(wanted) <= FEW_MISSING * len(capture.photos)


def _place(
    work: Workspace, config: PoseConfig, few: bool
) -> Generator[Progress, None, Choice | None]:
    """Grow models from different starts and choose among them; None where no pair can begin."""
    matches = load_matches(work)
    shared = overlaps(work)
    for angle in START_ANGLES:
        models: list[Model] = []
        for start in _starts(matches, shared, few, angle):
            if models and _enough(choose(models, matches.lens_known), matches, few):
                break
            if not few and start.pair and any(_holds(model, start.pair) for model in models):
                continue
            grown = yield from grow(
                matches, start, fixed_lens=config.lens is not None, seed=config.seed
            )
            if grown is not None:
                models.append(grown)
        if models:
            return choose(models, matches.lens_known)
    return None


def _starts(matches: Matches, shared: Sequence[Overlap], few: bool, angle: float) -> list[Start]:
    """Where to begin, likeliest first.

    Few photos: every pair with every usual focal length. Many: COLMAP's own
    choice first, which is nearly always enough.
    """
    focals = USUAL_FOCAL_LENGTHS[:1] if matches.lens_known else USUAL_FOCAL_LENGTHS
    good = sorted(shared, key=lambda overlap: (overlap.flat, -overlap.matches))
    pairs = [(overlap.first, overlap.second) for overlap in good]
    if few:
        # The focal lengths take turns, so that the first models that agree had different ones.
        turns = range(len(focals))
        return [
            Start(pair, focals[(i + turn) % len(focals)], angle)
            for turn in turns
            for i, pair in enumerate(pairs)
        ]
    own = [Start(None, focal, angle) for focal in focals]
    return own + [Start(pair, focals[0], angle) for pair in pairs[:MOST_STARTS]]


def _holds(model: Model, pair: Pair) -> bool:
    """Whether growing from `pair` would most likely end in `model` again."""
    return set(pair) <= set(model.cameras)


def _enough(choice: Choice, matches: Matches, few: bool) -> bool:
    """Whether more starts would be a waste of time."""
    placed, count = len(choice.model.cameras), len(matches.ids)
    if count <= ALL_STARTS:
        return False
    if few:
        return placed == count and not choice.doubtful and choice.agreeing >= ENOUGH_AGREEING
    return placed >= ENOUGH_PLACED * count


def _place_missing(
    work: Workspace, config: PoseConfig, before: Choice | None, few: bool
) -> Generator[Progress, None, Choice | None]:
    """Match the photos that were not placed more thoroughly, and grow again.

    Few photos are matched once more along the epipolar lines, many with all others, and very
    many with more of them.
    The new model must place more and not contradict the one `before`.
    """
    with pycolmap.Database.open(work.database) as database:
        count = database.num_images()
    placed = set(before.model.cameras) if before is not None else set()
    missing = set(range(count)) - placed
    if count <= MOST_WITH_ALL:
        pairs = list(combinations(range(count), 2))
    else:
        pairs = likely_pairs(work, replace(config, neighbors=MORE_NEIGHBORS * config.neighbors))
    pairs = [pair for pair in pairs if missing & set(pair)]
    known = {(overlap.first, overlap.second) for overlap in overlaps(work)}
    if few:
        pairs = [pair for pair in pairs if pair in known]
        forget_pairs(work, pairs)
    else:
        pairs = [pair for pair in pairs if pair not in known]
    if not pairs:
        return before
    yield from match_pairs(work, pairs, config, guided=few)
    after = yield from _place(work, config, few)
    return after if _better(after, before) else before


def _better(after: Choice | None, before: Choice | None) -> bool:
    if after is None or before is None:
        return after is not None
    more = len(after.model.cameras) > len(before.model.cameras)
    same = disagreement(before.model, after.model) <= CONTRADICTION_DEGREES
    return more and same and not (after.doubtful and not before.doubtful)


def _reasons(choice: Choice, fits: Sequence[PairFit]) -> dict[str, object]:
    return {
        "rival_models": choice.rivals,
        "rival_models_agreeing": choice.agreeing,
        "rival_degrees_apart": round(choice.apart, 2),
        "matches": sum(fit.verified for fit in fits),
        "matches_fitting": sum(fit.fitting for fit in fits),
    }


def _likely(degrees: float) -> dict[str, object]:
    return {"likely_error_degrees": round(degrees, 2)} if 0.0 < degrees < float("inf") else {}


def _feature_counts(work: Workspace) -> list[int]:
    with pycolmap.Database.open(work.database) as database:
        return [database.num_keypoints_for_image(image_id) for image_id in image_ids(database)]
