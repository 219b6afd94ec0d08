"""DP-Recon's distillation on Gaussians: each object by itself, where the photos saw little."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from core.dense.cameras import fitted
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.prior.distill import (
    DP_RECON_SCALE,
    EVERY_TIME,
    Teacher,
    TimeRange,
    Weighting,
    distillation_gradient,
    distillation_loss,
    random_row,
)
from core.prior.hiding import Hiding
from core.prior.object_cameras import Box, around, box_of, within
from core.prior.portraits import Portrait, color_portrait, shape_portrait, sized
from core.prior.view_weights import Blend, ViewWeights
from core.prior.visibility import sight
from core.segment.labels import BACKGROUND
from core.train.terms import Added, Manner

# What a picture should not be of: an object's colour is to be its own.
LIGHTING = "shadow, highlight, reflection, glare, backlight, overexposed, underexposed"
SMALL = 256  # pixels on the longer side of the views that say what was seen


@dataclass(frozen=True)
class Prompt:
    """What an object is, in words: its shape and its look."""

    shape: str
    look: str


@dataclass(frozen=True)
class DistillConfig:
    """How much a network of words has to say, when and how; DP-Recon's unless said otherwise."""

    # Beside the photos' loss; 0 for none. What no photo sees moves at Adam's pace whatever it is.
    shape: float = 1e-5
    look: float = 1e-4  # 1 beside the 1e4 of the photos' colours
    begin: float = 0.44  # of the budget: shapes from here ...
    paint: float = 0.94  # ... and looks from here on
    guidance: float = DP_RECON_SCALE
    weighting: Weighting = Weighting.BOTH
    shape_times: TimeRange = field(default_factory=TimeRange)
    look_times: TimeRange = EVERY_TIME
    weights: ViewWeights | None = field(default_factory=ViewWeights)  # None: seen or not
    negative: str = LIGHTING  # for looks
    pixels: int = 128  # the side of a picture drawn
    batch: int = 1  # views an iteration; DP-Recon 8
    refresh: int = 100  # times that an iteration asks until what was seen is looked at again


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of a scene's rows for a while. `visible` [N] is what the photos saw of each."""

    object_id: Tensor  # the column itself: another one means other rows
    visible: Tensor
    boxes: Mapping[int, Box]
    hiding: Hiding | None  # None where all rows may move


class ObjectDistillation:
    """A `core.train.terms.Term`: one object an iteration, in turns, is to look like its prompt.

    First shapes: (normals, alpha) drawn alone serves as the network's latent; only rows that no
    photo sees are moved, and none into sight. Then looks, the background's excepted. The gradient
    w(V) w(t) (e' - e) is the network's, weighted by what the photos saw (Ni et al., CVPR 2025,
    sections 3.2 and 3.3). Objects without a prompt are left alone. With weights of 0 it does
    nothing at all.
    """

    def __init__(
        self,
        teacher: Teacher,
        views: Sequence[View],
        prompts: Mapping[int, Prompt],
        config: DistillConfig = DistillConfig(),
        *,
        seed: int = 0,
    ) -> None:
        """`views`: the photos'. `prompts`: by object id; the background may have one too."""
        self._teacher, self._prompts, self._config = teacher, prompts, config
        self._views = [view.resized(*fitted(view.camera, SMALL)) for view in views]
        # Its own, so that the photos' order is the same with and without it.
        self._generator = torch.Generator().manual_seed(seed)
        self._shares = config.weights is not None and config.weights.blend is Blend.SHARED
        self._known: Known | None = None
        self._before: Gaussians | None = None  # the scene when this began, for `Blend.SHARED`
        self._asked = 0
        self._held: Hiding | None = None  # of the scene's rows as they are in this step

    def added(self, scene: Gaussians, spent: float, manner: Manner) -> Added | None:
        config, known = self._config, self._known
        same = known is not None and known.object_id is scene.object_id
        self._held = known.hiding if known is not None and same else None
        paints = spent >= config.paint
        weight = config.look if paints else config.shape
        if spent < config.begin or weight <= 0:
            return None
        known = self._up_to_date(scene)
        self._held = known.hiding
        ids = [each for each in known.boxes if not (paints and each == BACKGROUND)]
        if not ids:
            return None
        id_ = ids[self._asked % len(ids)]
        self._asked += 1
        done = 1.0 if paints else (spent - config.begin) / (config.paint - config.begin)
        box = known.boxes[id_]
        views = [self._place(id_, box, done) for _ in range(config.batch)]
        background = manner["background"] if paints else None
        chosen = torch.nonzero(known.object_id == id_)[:, 0]
        rows = scene.rows(chosen)
        if known.hiding is not None and not paints:
            rows = _free(rows, torch.isin(chosen, known.hiding.rows))
        drawn = portraits(rows, known.visible[chosen], views, paints, background)
        loss = taught(self._teacher, drawn, self._prompts[id_], config, done, self._generator)
        loss = weight * loss
        if self._shares:
            loss = loss + self._kept(drawn, id_, paints, background)
        return Added(loss, drawn[-1].render, views[-1])

    def after(self, columns: Mapping[str, Tensor]) -> None:
        """Put back what no photo saw and what is about to be seen; see `Term`."""
        if self._held is not None:
            self._held.restore(columns)

    def _place(self, id_: int, box: Box, done: float) -> View:
        side = self._config.pixels
        if id_ == BACKGROUND:
            return within(box, self._views, side, self._generator)
        return around(box, side, done, self._generator)

    def _up_to_date(self, scene: Gaussians) -> Known:
        """What is known of `scene`, looked at again now and then and whenever rows have changed."""
        known = self._known
        current = known is not None and known.object_id is scene.object_id
        if known is not None and current and self._asked % self._config.refresh:
            return known
        boxes = {}
        for id_ in sorted(self._prompts):
            box = box_of(scene.rows(scene.object_id == id_))
            if box is not None:
                boxes[id_] = box
        hiding = None
        if self._config.weights is not None and not self._shares:
            ours = torch.isin(scene.object_id, torch.tensor(list(boxes)).to(scene.object_id))
            hiding = Hiding(scene, self._views, ours)
        self._known = Known(scene.object_id, sight(scene, self._views).visible, boxes, hiding)
        if self._before is None and self._shares:
            self._before = scene.detached()
        return self._known

    def _kept(
        self, drawn: Sequence[Portrait], id_: int, paints: bool, background: Tensor | None
    ) -> Tensor:
        """V |x - x0|, x0 what the object was when this began, by photos alone."""
        assert self._before is not None
        rows = self._before.rows(self._before.object_id == id_)
        unseen = torch.zeros(len(rows)).to(rows.means)
        total = drawn[0].picture.new_zeros(())
        for portrait in drawn:
            old = portraits(rows, unseen, [portrait.view], paints, background)[0]
            seen = portrait.visibility(self._config.pixels)
            total = total + (seen * (portrait.picture - old.picture).abs()).mean()
        return total / len(drawn)


def _free(rows: Gaussians, free: Tensor) -> Gaussians:
    """`rows` [N], of which only those that are `free` [N] can be moved."""
    live = {}
    for name in ("means", "quats", "log_scales", "logit_opacity"):
        column = getattr(rows, name)
        chosen = free.reshape(-1, *[1] * (column.dim() - 1))
        live[name] = torch.where(chosen, column, column.detach())
    return replace(rows, **live)


def portraits(
    rows: Gaussians,
    visible: Tensor,
    views: Sequence[View],
    paints: bool,
    background: Tensor | None = None,
) -> list[Portrait]:
    """Of one object, its look where one `paints`, else its shape."""
    if paints:
        return [color_portrait(rows, visible, view, background) for view in views]
    return [shape_portrait(rows, visible, view) for view in views]


def taught(
    teacher: Teacher,
    drawn: Sequence[Portrait],
    prompt: Prompt,
    config: DistillConfig,
    done: float,
    generator: torch.Generator,
) -> Tensor:
    """The loss of all `drawn`, which are looks or shapes alike, as `teacher` has it: a scalar.

    `done` in [0, 1] of the work.
    """
    return asked(
        teacher,
        torch.cat([portrait.picture for portrait in drawn]),
        lambda side: torch.cat([portrait.visibility(side) for portrait in drawn]),
        prompt,
        config,
        done,
        generator,
    )


def asked(
    teacher: Teacher,
    pictures: Tensor,
    seen: Callable[[int], Tensor],
    prompt: Prompt,
    config: DistillConfig,
    done: float,
    generator: torch.Generator,
) -> Tensor:
    """The loss of `pictures` [B, C, H, W]: looks where C is 3, else shapes. See `taught`.

    `seen(side)`: how much the photos saw of what is in each pixel [B, 1, side, side].
    """
    paints = pictures.shape[1] == 3
    if paints:
        latent = teacher.encode(sized(pictures, teacher.picture))
    else:
        latent = sized(pictures, teacher.latent)
    times = config.look_times if paints else config.shape_times
    row = random_row(teacher.denoiser.schedule, times.at(done), generator)
    noise = torch.randn(latent.shape, generator=generator).to(latent)
    words, negative = (prompt.look, config.negative) if paints else (prompt.shape, "")
    guidance = teacher.guidance(words, negative, config.guidance, len(pictures))
    gradient = distillation_gradient(
        teacher.denoiser, latent, row, noise, guidance, config.weighting
    )
    if config.weights is not None:
        weigh = config.weights.of_color if paints else config.weights.of_shape
        gradient = weigh(seen(latent.shape[-1])).to(gradient) * gradient
    return distillation_loss(latent, gradient)
