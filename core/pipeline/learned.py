"""A prior tried on photos left out, and used only where they say that it helps."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

import torch
from torch import Tensor

from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.pipeline.folds import LONGEST, Folds, Share, Small, left_out_errors
from core.pipeline.tried import Tried
from core.prior.cameras import nearest
from core.prior.drafts import draft_of, shown
from core.prior.embedded.blend import PHOTOS
from core.prior.protocol import Draft, Prior
from core.prior.sample_loss import SampleConfig, SampleLoss
from core.prior.visibility import Sight, sight
from core.progress import Progress
from core.train.ignored import at_size
from core.train.labels import Ignored

LEARNING, STAGE = "Learning from photos left out", "Trying it on photos left out"
EVERY = 8  # steps of small scenes until a target is replaced

L = TypeVar("L")
W = TypeVar("W")


class School(Protocol[L, W]):
    """A kind of prior that photos left out can teach something."""

    def lesson(self, draft: Draft, truth: Tensor, counted: Tensor) -> Generator[Progress, None, L]:
        """A photo left out [3, H, W] in [0, 1] beside the `draft` that scenes of the others give.

        `counted` [H, W] in {0, 1}: the pixels that count.
        """
        ...

    def best(self, lessons: Sequence[L]) -> W:
        """What all of them together teach."""
        ...

    def psnr(self, lesson: L, way: W | None) -> float:
        """dB of the picture that comes of it; without a `way` of the draft as it is."""
        ...

    def helper(self, way: W) -> Prior:
        """The prior that goes that way."""
        ...


@dataclass(frozen=True, eq=False)
class Question:
    """A photo left out by number and name, as `School.lesson` is asked about it."""

    name: str
    draft: Draft
    truth: Tensor
    counted: Tensor


@dataclass(frozen=True, eq=False)
class Taught(Generic[L, W]):
    """What a trial found: the `prior`, None where it is not used, its `way`, and all `lessons`."""

    prior: Prior | None
    tried: Tried
    way: W
    lessons: Mapping[str, L]


def taught(
    school: School[L, W],
    small: Small,
    folds: Folds,
    config: SampleConfig,
    stop: Callable[[], bool],
) -> Generator[Progress, None, Taught[L, W] | None]:
    """What the photos teach, and whether using it betters scenes at photos that neither saw.

    The photos left out by every other one of `folds` teach, and so do the rest. Where what comes
    of it for the others' drafts is nearer to the photos, the scenes of these folds are trained
    again with it as `config` says; where these show the photos left out better, the prior is what
    all lessons together teach. None once `stop()`.

    What the scenes without a photo leave empty is not counted: the more photos, the fewer holes,
    and with three of them what helps most where two leave holes would be used, to no good.
    """
    groups = _left_out(small, folds)
    lessons: list[dict[str, L]] = []
    empty: dict[str, Tensor] = {}
    for k, (group, scene) in enumerate(groups):
        yield Progress(LEARNING, k, len(groups))
        heard = {}
        for each in questions(small, group, scene):
            heard[each.name] = yield from school.lesson(each.draft, each.truth, each.counted)
            empty[each.name] = (each.counted == 0) | ~shown(each.draft).cpu()
            if stop():
                return None
        lessons.append(heard)
    uncounted = [empty[flat.name] for flat in small.pictures.train]
    ways = [school.best(_all(lessons[1 - half :: 2])) for half in (0, 1)]
    told = [(k, name, each) for k, part in enumerate(lessons) for name, each in part.items()]
    tried = Tried(
        dict(left_out_errors(folds, small.pictures.train, uncounted)),
        {name: school.psnr(each, None) for _, name, each in told},
        {name: school.psnr(each, ways[k % 2]) for k, name, each in told},
        {},
    )
    way, every = school.best(_all(lessons)), {name: each for _, name, each in told}
    if not tried.promising:
        return Taught(None, tried, way, every)
    made = []
    for k, (group, _) in enumerate(groups):
        term = small_term(small.without(group), school.helper(ways[k % 2]), config)
        share = Share(STAGE, k, len(groups))
        better = yield from small.made_without(group, share, stop, (term,))
        if better is None:
            return None
        made.append(better)
    again = replace(folds, parts=tuple(made))
    after = dict(left_out_errors(again, small.pictures.train, uncounted))
    tried = replace(tried, after=after)
    return Taught(school.helper(way) if tried.used else None, tried, way, every)


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


def questions(
    small: Small, group: Sequence[int], scene: Gaussians
) -> Generator[Question, None, None]:
    """The photos of `group`, as `scene` shows them, which was made without them."""
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
        yield Question(flat.name, draft, truth, counted)


def _left_out(small: Small, folds: Folds) -> list[tuple[list[int], Gaussians]]:
    """Of each fold the numbers of the photos left out, and the scene without them."""
    numbers = {flat.name: i for i, flat in enumerate(small.pictures.train)}
    groups = [[numbers[name] for name in names] for names in folds.left_out]
    return list(zip(groups, folds.parts, strict=True))


def _median(seen: Sight) -> float:
    known = torch.cat([depth[depth > 0] for depth in seen.depths])
    return float(known.median()) if len(known) else 1.0


def _all(lessons: Sequence[Mapping[str, L]]) -> list[L]:
    return [lesson for part in lessons for lesson in part.values()]
