"""Things that are described in words: a network completes what no photo shows of them."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from core.errors import UserError
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.pipeline.events import Remark
from core.pipeline.settings import Settings
from core.prior.allowance import picture_work
from core.prior.distill import Teacher
from core.prior.effort import Effort, counted
from core.prior.object_distillation import (
    DistillConfig,
    ObjectDistillation,
    Prompt,
    asked,
)
from core.progress import Progress
from core.segment.labels import SceneObject
from core.segment.masks import Masks
from core.train.terms import Added, Manner, Term

STAGE = "Reading what things are"
SHARE = 3.0  # times the photos' work may go into questions to the network
FEWEST = 50  # questions about each thing: of fewer nothing comes
NOTHING_SAID = (
    "A network for words is chosen, but nothing is described in words, so it is not used. Describe "
    "a thing in its menu in Masks, or by --words NAME=WORDS."
)


def with_words(masks: Masks, words: Mapping[str, str]) -> Masks:
    """`masks`, whose objects of these names are described so. Raises `UserError` for others."""
    known = {each.name.casefold() for each in masks.objects}
    for name in words:
        if name.casefold() not in known:
            there = ", ".join(each.name for each in masks.objects)
            raise UserError(f'No mask is called "{name}".', hint=f"Describe one of these: {there}.")
    told = {name.casefold(): text for name, text in words.items()}
    objects = tuple(
        replace(each, words=told.get(each.name.casefold(), each.words)) for each in masks.objects
    )
    return replace(masks, objects=objects)


def completing(
    settings: Settings,
    objects: Sequence[SceneObject],
    start: Gaussians,
    views: Sequence[View],
    stop: Callable[[], bool],
) -> Generator[Progress | Remark, None, tuple[Term, ...]]:
    """What `settings.words_prior` asks of a training from `start`, for `objects` with words.

    After DP-Recon (Ni et al., CVPR 2025): see `ObjectDistillation`. What that takes is told first;
    where too few questions could be asked, none is. Raises as `load_teacher` does.
    """
    if not settings.words_prior or settings.prior_strength <= 0 or stop():
        return ()
    prompts = {each.id: Prompt(each.words, each.words) for each in objects if each.words}
    if not prompts:
        yield Remark(NOTHING_SAID)
        return ()
    from core.prior.backends.teacher import load_teacher  # heavy: only when asked for

    yield Progress(STAGE, 0, 0, "loading the network")
    config = DistillConfig()
    config = replace(
        config,
        shape=settings.prior_strength * config.shape,
        look=settings.prior_strength * config.look,
    )
    device = start.means.device.type
    texts = dict.fromkeys([*(each.look for each in prompts.values()), config.negative, ""])
    teacher = load_teacher(settings.words_prior, tuple(texts), device=device)
    shape, look = (_effort(teacher, config, device, paints) for paints in (False, True))
    pixels = sum(view.camera.width * view.camera.height for view in views) / len(views)
    step = picture_work(pixels, len(start))
    most = int((1 - config.begin) * settings.iterations)
    count = min(most, int(SHARE * settings.iterations * step / shape.work))
    used = count >= FEWEST * len(prompts)
    yield Remark(_told(shape, count, used))
    if not used:
        return ()
    term = ObjectDistillation(teacher, views, prompts, config, seed=settings.seed)
    return (Paced(term, lambda spent: (look if spent >= config.paint else shape).work, pixels),)


class Paced:
    """`term`, asked as often as the work on photos allows: the clock decides nothing.

    `work(spent)`: units that a question takes when so much of the budget is gone; a photo has so
    many `pixels`. See `core.prior.allowance`.
    """

    def __init__(self, term: Term, work: Callable[[float], float], pixels: float) -> None:
        self._term, self._work, self._pixels = term, work, pixels
        self._left = 0.0  # units

    def added(self, scene: Gaussians, spent: float, manner: Manner) -> Added | None:
        """See `Term`."""
        self._left += SHARE * picture_work(self._pixels, len(scene))
        work = self._work(spent)
        found = self._term.added(scene, spent, manner) if work <= self._left else None
        if found is not None:
            self._left -= work
        return found

    def after(self, columns: Mapping[str, Tensor]) -> None:
        """See `Term`."""
        self._term.after(columns)


def _effort(teacher: Teacher, config: DistillConfig, device: str, paints: bool) -> Effort:
    """What a question takes, found by asking one about nothing."""
    side = config.pixels
    picture = torch.zeros(1, 3 if paints else 4, side, side, device=device, requires_grad=True)
    generator = torch.Generator().manual_seed(0)

    def ask() -> None:
        loss = asked(
            teacher,
            picture,
            lambda side: torch.zeros(1, 1, side, side, device=device),
            Prompt("", ""),
            config,
            0.0,
            generator,
        )
        loss.backward()  # type: ignore[no-untyped-call]

    return counted(ask, device)[1]


def _told(effort: Effort, count: int, used: bool) -> str:
    each = f"{effort.seconds:.1g} s" if effort.seconds < 1 else f"{effort.seconds:.0f} s"
    if not used:
        return (
            f"A question to the network for words takes {each} here: too long beside training, so "
            "nothing is completed by words. A smaller network, more iterations or a graphics "
            "card help."
        )
    minutes = count * effort.seconds / 60
    longer = f"{60 * minutes:.0f} s" if minutes < 1.5 else f"{minutes:.0f} min"
    return f"Things described in words are completed: that makes training {longer} longer."
