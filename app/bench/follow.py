"""`maquette bench follow`: how soon the view shows whose the Gaussians are by a corrected mask.

Builds a scene of the sample photos, whose true masks are known, in the window; while training
goes on, masks are corrected, and the losses before and after are compared.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.bench.rasterizer import cpu_name
from app.bench.window import run_in_window, until, wait
from app.cli.console import tell
from app.program import SAMPLE, Program
from core.errors import Unavailable
from core.gaussians.arrays import SplatArrays
from core.pipeline.settings import PRESETS, Preset
from core.scene.edits import ChangeSettings
from core.scene.mask_edits import AddObject, PaintMask, Together
from core.scene.plan import names
from core.segment import regions
from core.segment.tiles import Area
from core.train.steps import Step
from widgets.viewport.kernels import NO_OBJECT
from widgets.viewport.options import Shading
from widgets.viewport.packing import SHAPE_TEXELS

GROWN = 600  # iterations before the first correction
CORRECTIONS = 8
BETWEEN = 4.0  # seconds
STEPS = 60  # before and after a correction, whose losses are compared
ENOUGH = 30.0  # seconds: what has not come by then does not come


def run(arguments: argparse.Namespace) -> int:
    """Measure and print: lines for people, or with `arguments.json` one JSON object."""
    return run_in_window(arguments, measure, report)


def measure(program: Program) -> dict[str, Any]:
    """All figures as plain numbers. Raises `Unavailable` where the sample cannot be built."""
    settings = replace(PRESETS[Preset.QUICK], iterations=12_000, max_size=480)
    program.document.commit(ChangeSettings(settings))
    tell("Building a scene of the sample photos")
    program.take([SAMPLE])
    until(program, lambda: program.state.plan.capture is not None)
    program.masking.work.import_from(SAMPLE.parent / "masks")
    until(program, lambda: bool(program.state.plan.masks.photos))
    program.build()
    losses: list[float] = []

    def note(step: object) -> None:
        if isinstance(step, Step):
            losses.append(step.loss)

    program.building.stepped.connect(note)
    until(program, lambda: program.building.activity.done > GROWN)
    program.shade(Shading.OBJECTS)
    tell("Correcting masks")
    turns = [_corrected(program, k, losses) for k in range(CORRECTIONS)]
    splats = program.state.content
    assert isinstance(splats, SplatArrays)
    width, height = program.window.viewport.physical_size()
    return {
        "bench": "follow",
        "cpu": cpu_name(),
        "gaussians": len(splats),
        "photos": len(program.state.plan.masks.photos),
        "viewport": [width, height],
        "told_seconds": [told for told, _, _ in turns],
        "seen_seconds": [seen for _, seen, _ in turns],
        "loss_after_over_before": [ratio for _, _, ratio in turns],
    }


def _corrected(program: Program, turn: int, losses: list[float]) -> tuple[float, float, float]:
    """Seconds until the Gaussians are told and seen, and the loss after over that before."""
    wait(BETWEEN)
    masks = program.state.plan.masks
    photo = names(program.state.plan)[turn]
    height, width = masks.photos[photo].height, masks.photos[photo].width
    middle = Area(width // 3, height // 3, 2 * width // 3, 2 * height // 3)
    thing = masks.new_object(f"Correction {turn}")
    painted = PaintMask(photo, regions.box(middle, height, width), thing.id)
    count, before = len(losses), statistics.fmean(losses[-STEPS:])
    began = time.perf_counter()
    program.document.commit(Together((AddObject(thing), painted), "Correct"))
    told = _seconds(began, lambda: thing.id in _ids(program))
    seen = _seconds(began, lambda: thing.id in _drawn_ids(program))
    until(program, lambda: len(losses) >= count + STEPS)
    return told, seen, statistics.fmean(losses[count : count + STEPS]) / before


def _seconds(began: float, true: Callable[[], bool]) -> float:
    while not true():
        if time.perf_counter() - began > ENOUGH:
            raise Unavailable("The scene does not follow its masks.", hint="Please report this.")
        wait(0.005)
    return time.perf_counter() - began


def _ids(program: Program) -> NDArray[np.integer]:
    """Whose the Gaussians are that have arrived [N]."""
    splats = program.state.content
    return splats.object_id if isinstance(splats, SplatArrays) else np.zeros(0, np.int32)


def _drawn_ids(program: Program) -> NDArray[np.integer]:
    """And whose those are in the picture that was finished last."""
    easel = program.window.viewport.easel
    sheet = easel.finished if easel is not None else None
    splats = sheet.subject.shown.splats if sheet is not None else None
    if splats is None:
        return np.zeros(0, np.uint32)
    packed = splats.packed
    words = packed.shapes.reshape(-1, 4 * SHAPE_TEXELS)[: packed.count, 3]
    return np.asarray(words & NO_OBJECT)


def report(found: dict[str, Any]) -> list[str]:
    """The figures of `measure` as lines to read."""

    def spread(name: str) -> str:
        return f"median {statistics.median(found[name]):.2f}, at most {max(found[name]):.2f}"

    width, height = found["viewport"]
    return [
        f"{found['cpu']}; {found['gaussians']} Gaussians in training, masks of {found['photos']} "
        f"photos, viewport {width}x{height}",
        f"Seconds from a corrected mask to whose the Gaussians are: {spread('told_seconds')}",
        f"  to the picture that shows it: {spread('seen_seconds')}",
        f"Loss of {STEPS} steps after over {STEPS} before: {spread('loss_after_over_before')}",
    ]
