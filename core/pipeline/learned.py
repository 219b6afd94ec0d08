"""A prior learned from the photos themselves, used only where photos left out say that it helps."""

import math
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import torch

from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.pipeline.folds import LONGEST, Folds, Share, Small, left_out_errors
from core.prior.cameras import nearest
from core.prior.drafts import draft_of
from core.prior.embedded.blend import PHOTOS, Lesson, decibels, learned
from core.prior.embedded.evidence import evidence
from core.prior.embedded.prior import EmbeddedPrior
from core.prior.protocol import Prior
from core.prior.sample_loss import SampleConfig, SampleLoss
from core.prior.visibility import Sight, sight
from core.progress import Progress
from core.train.ignored import at_size
from core.train.labels import Ignored

LEARNING, STAGE = "Learning from photos left out", "Trying what was learned"
EVERY = 8  # steps of small scenes until a target is replaced
LEAST = 0.1  # dB that photos left out must gain on average


@dataclass(frozen=True)
class Tried:
    """By photo left out, the PSNR in dB with which small scenes of the others show it.

    `after` is with the prior, where it was tried; `drafts` and `pictures`: of the pictures that
    the prior is given, and of what it makes of them, learned from other photos.
    """

    before: Mapping[str, float]
    drafts: Mapping[str, float]
    pictures: Mapping[str, float]
    after: Mapping[str, float]

    @property
    def promising(self) -> bool:
        """Whether its pictures are better than those it is given."""
        return _gain(self.drafts, self.pictures) >= LEAST

    @property
    def used(self) -> bool:
        """Whether scenes are better with it."""
        return _gain(self.before, self.after) >= LEAST

    def words(self) -> str:
        """A sentence for the user."""
        pairs = (self.before, self.after) if self.after else (self.drafts, self.pictures)
        gain = _gain(*pairs)
        if self.used:
            return (
                f"With what was learned from the photos, those left out are shown {gain:.1f} dB "
                "better, so it is used."
            )
        return (
            "What can be learned from these photos shows those left out no better "
            f"({gain:+.2f} dB), so it is not used."
        )

    def as_json(self) -> dict[str, object]:
        told = {name: dict(value) for name, value in vars(self).items()}
        return {**told, "used": self.used}


def learn_prior(
    small: Small, folds: Folds, config: SampleConfig, stop: Callable[[], bool]
) -> Generator[Progress, None, tuple[Prior | None, Tried] | None]:
    """What the photos teach, if using it betters scenes at photos that neither of them saw.

    The photos left out by every other one of `folds` teach how to blend, and so do the rest.
    Where what comes of it for the others' drafts is nearer to the photos by `LEAST`, the scenes
    of these folds are trained again with it as `config` says; where these show the photos left
    out better by `LEAST`, the prior is what all lessons together teach. None once `stop()`.
    """
    groups = _left_out(small, folds)
    lessons = []
    for k, (group, scene) in enumerate(groups):
        yield Progress(LEARNING, k, len(groups))
        lessons.append(_lessons(small, group, scene))
    ways = [learned(_all(lessons[1 - half :: 2])) for half in (0, 1)]
    tried = Tried(
        dict(left_out_errors(folds, small.pictures.train, small.ignored)),
        {name: decibels(lesson) for part in lessons for name, lesson in part.items()},
        {
            name: decibels(lesson, ways[k % 2])
            for k, part in enumerate(lessons)
            for name, lesson in part.items()
        },
        {},
    )
    if not tried.promising:
        return None, tried
    made = []
    for k, (group, _) in enumerate(groups):
        term = small_term(small.without(group), EmbeddedPrior(ways[k % 2]), config)
        share = Share(STAGE, k, len(groups))
        better = yield from small.made_without(group, share, stop, (term,))
        if better is None:
            return None
        made.append(better)
    again = replace(folds, parts=tuple(made))
    after = dict(left_out_errors(again, small.pictures.train, small.ignored))
    tried = replace(tried, after=after)
    return EmbeddedPrior(learned(_all(lessons))) if tried.used else None, tried


def small_term(small: Small, prior: Prior, config: SampleConfig) -> SampleLoss:
    """The sample loss of small scenes, whose few steps are to see as many targets."""
    flats = small.pictures.train
    pool = replace(config.pool, every=EVERY, longest=LONGEST)
    return SampleLoss(
        prior,
        [flat.view for flat in flats],
        [flat.pixels for flat in flats],
        replace(config, pool=pool),
        seed=small.settings.seed,
        ignored=Ignored(small.ignored).ignored,
    )


def _left_out(small: Small, folds: Folds) -> list[tuple[list[int], Gaussians]]:
    """Of each fold the numbers of the photos left out, and the scene without them."""
    numbers = {flat.name: i for i, flat in enumerate(small.pictures.train)}
    groups = [[numbers[name] for name in names] for names in folds.left_out]
    return list(zip(groups, folds.parts, strict=True))


def _lessons(small: Small, group: Sequence[int], scene: Gaussians) -> dict[str, Lesson]:
    """The photos of `group` by name, as `scene` shows them, which was made without them."""
    left = small.without(group)
    kept, kept_masks = left.pictures.train, left.ignored
    views = [flat.view for flat in kept]
    photos = [flat.pixels.float() / 255 for flat in kept]
    gone = [
        at_size(mask, flat.view.camera.height, flat.view.camera.width)
        for mask, flat in zip(kept_masks, kept, strict=bool(kept_masks))
    ]
    seen = sight(scene, views, gone)
    depth = _median(seen)
    lessons = {}
    for number in group:
        flat = small.pictures.train[number]
        near = nearest(flat.view, views, depth, PHOTOS)
        shown = Sight(seen.visible, tuple(seen.depths[k] for k in near))
        places: list[View] = [views[k] for k in near]
        blind = [gone[k] for k in near] if gone else []
        draft = draft_of(scene, shown, flat.view, places, [photos[k] for k in near], blind)
        height, width = flat.pixels.shape[:2]
        counted = torch.ones(height, width)
        if small.ignored:
            counted = (~at_size(small.ignored[number], height, width)).float()
        truth = flat.pixels.permute(2, 0, 1).float() / 255
        lessons[flat.name] = Lesson(evidence(draft, PHOTOS), truth, counted)
    return lessons


def _median(seen: Sight) -> float:
    known = torch.cat([depth[depth > 0] for depth in seen.depths])
    return float(known.median()) if len(known) else 1.0


def _all(lessons: Sequence[Mapping[str, Lesson]]) -> list[Lesson]:
    return [lesson for part in lessons for lesson in part.values()]


def _gain(before: Mapping[str, float], after: Mapping[str, float]) -> float:
    """In dB, the mean over photos; minus infinity for none."""
    gains = [after[name] - before[name] for name in after if name in before]
    return fmean(gains) if gains else -math.inf
