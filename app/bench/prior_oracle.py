"""One room, trained on with priors that know what is truly to be seen there."""

import importlib
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean, median
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from core.capture.photos import Capture
from core.capture.reconstruction import Reconstruction
from core.dense.depth import DepthMap
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.pipeline.build import answer
from core.pipeline.evaluate import picture, score
from core.pipeline.outset import Outset, outset, sparse_start
from core.pipeline.prepare import Flat, Pictures, flatten
from core.pipeline.settings import PRESETS, Preset, Settings
from core.pipeline.split import Choice, split
from core.prior.pool import PoolConfig
from core.prior.protocol import Draft, Target
from core.prior.sample_loss import SampleConfig, SampleLoss
from core.progress import Progress
from core.train.steps import Snapshot, Step
from core.train.terms import Term
from core.train.trainer import train

NONE, TOLD, TRUE, WRONG = "alone", "told", "true", "wrong"
NOISE = 0.05
SAMPLE_ROOM, OTHER_ROOMS = "resources.room.build", "resources.room.others"
Result = dict[str, Any]
Change = Callable[[Tensor, torch.Generator], Tensor]


@dataclass(frozen=True, eq=False)
class Ready:
    """What all ways to train have in common."""

    pictures: Pictures
    begin: Outset
    settings: Settings


@dataclass(eq=False)
class Oracle:
    """A prior that knows: `change` spoils what it says. `told`: the views and the truth there."""

    stage: Any
    gain: float
    change: Change
    told: list[tuple[View, Tensor]] = field(default_factory=list)

    def refine(self, draft: Draft, level: float, seed: int) -> Generator[Progress, None, Target]:
        yield Progress("Remembering", 1, 1)
        pixels = self.stage.photo(*_through(draft.view), self.gain, seed)
        truth = torch.from_numpy(pixels)
        self.told.append((draft.view, truth))
        color = self.change(truth.float() / 255, torch.Generator().manual_seed(seed))
        return Target(color, torch.ones(color.shape[:2]))


def compared(
    capture: Capture,
    places: Reconstruction,
    choice: Choice,
    number: int,
    asked: tuple[int, int, int],
) -> Iterator[Progress | Result]:
    """Every way to train on room `number`; their scores come last.

    `asked`: pixels of the longer side, iterations, seed.
    """
    from app.threads import set_threads

    set_threads()
    size, iterations, seed = asked
    settings = replace(
        PRESETS[Preset.QUICK], max_size=size, iterations=iterations, seed=seed, judge=False
    )
    ready = yield from _ready(capture, places, choice, settings)
    yield Progress("Lighting the room", 0, 1)
    stage = importlib.import_module(OTHER_ROOMS if number else SAMPLE_ROOM).stage(
        *([number] if number else [])
    )
    # A prior follows the photos' exposure, and would not know what a phone makes of each view.
    gain = median(stage.gain(*_through(flat.view)) for flat in ready.pictures.train)
    told, wrong = Oracle(stage, gain, blurred), Oracle(stage, gain, swapped)
    found: Result = {}
    found[NONE] = yield from _trained(NONE, ready)
    found[TOLD] = yield from _trained(TOLD, ready, _term(told, ready))
    found[TRUE] = yield from _trained(TRUE, _with(ready, told.told))
    found[WRONG] = yield from _trained(WRONG, ready, _term(wrong, ready))
    yield {**found, "targets": len(told.told)}


def blurred(truth: Tensor, generator: torch.Generator) -> Tensor:
    """Over 3 x 3 pixels, with noise of `NOISE`."""
    soft = avg_pool2d(truth.permute(2, 0, 1)[None], 3, 1, 1, count_include_pad=False)[0]
    noise = torch.randn(truth.shape, generator=generator)
    return (soft.permute(1, 2, 0) + NOISE * noise).clamp(0, 1)


def swapped(truth: Tensor, generator: torch.Generator) -> Tensor:
    """The right shapes in the wrong colours."""
    return truth[..., [1, 2, 0]]


def _ready(
    capture: Capture, places: Reconstruction, choice: Choice, settings: Settings
) -> Generator[Progress, None, Ready]:
    names = [photo.name for photo in places.photos]
    parts = split(names, [photo.name for photo in capture.photos], choice)
    pictures = yield from answer(flatten(capture, places, parts, settings.max_size), Pictures)
    sparse = sparse_start(places, pictures, settings)
    begin = yield from outset(sparse, places, pictures, settings, lambda: False)
    return Ready(pictures, begin, settings)


def _term(oracle: Oracle, ready: Ready) -> SampleLoss:
    flats = ready.pictures.train
    config = SampleConfig(pool=PoolConfig(longest=ready.settings.max_size))
    return SampleLoss(
        oracle,
        [flat.view for flat in flats],
        [flat.pixels for flat in flats],
        config,
        seed=ready.settings.seed,
    )


def _with(ready: Ready, told: Sequence[tuple[View, Tensor]]) -> Ready:
    """The truths as photos among the others; what they show stereo has not seen."""
    dtype = ready.pictures.train[0].view.camera_from_scene.dtype
    flats = tuple(
        replace(
            ready.pictures.train[0],
            name=f"true-{k}",
            view=View(view.camera, view.camera_from_scene.to(dtype)),
            pixels=pixels,
        )
        for k, (view, pixels) in enumerate(told)
    )
    unknown = tuple(
        DepthMap.unknown(flat.view.camera.height, flat.view.camera.width) for flat in flats
    )
    depths = (*ready.begin.depths, *unknown) if ready.begin.depths else ()
    pictures = replace(ready.pictures, train=(*ready.pictures.train, *flats))
    return replace(ready, pictures=pictures, begin=replace(ready.begin, depths=depths))


def _trained(way: str, ready: Ready, *terms: Term) -> Generator[Progress, None, Result]:
    flats, begin = ready.pictures.train, ready.begin
    steps = train(
        begin.gaussians,
        [flat.view for flat in flats],
        [flat.pixels for flat in flats],
        begin.config,
        depths=begin.depths,
        terms=terms,
    )
    last: Gaussians | None = None
    for step in steps:
        if isinstance(step, Step):
            yield Progress(f"Training, {way}", step.iteration - 1, step.iterations)
        elif isinstance(step, Snapshot):
            last = step.gaussians
    assert last is not None
    scene = last.followed_by(begin.backdrop)
    own = [flat for flat in flats if not flat.name.startswith("true-")]
    held, mine = _scores(scene, ready.pictures.test), _scores(scene, own)
    return {**held, "own_psnr": mine["psnr"], "own_ssim": mine["ssim"], "gaussians": len(scene)}


def _scores(scene: Gaussians, flats: Sequence[Flat]) -> Result:
    found = [score(picture(scene, flat.view), flat.pixels.numpy()) for flat in flats]
    return {"psnr": fmean(s.psnr for s in found), "ssim": fmean(s.ssim for s in found)}


def _through(view: View) -> tuple[Any, np.ndarray[Any, Any]]:
    """The tracer's lens, without distortion, and its pose."""
    camera = view.camera
    lens = importlib.import_module("resources.room.camera").Lens(
        camera.width, camera.height, camera.fx, camera.fy, camera.cx, camera.cy, 0, 0, 0, 0
    )
    return lens, view.camera_from_scene.double().cpu().numpy()
