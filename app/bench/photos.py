"""`maquette bench photos`: how the stages of a reconstruction grow with the number of photos.

Photos of a made-up hall, one in eight held out, few iterations. "CPU" seconds are those of all
cores together, and are what the exponents are fitted to, since other work hardly changes them.
Placing, which has a process of its own elsewhere, is done in the one that is measured.
"""

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from app.bench.hall import write_photos
from app.bench.poses import CHOOSING, SIZES, Hear, exponents
from app.cli.console import say, say_json, tell
from app.engine.in_child import in_child
from app.memory import peak_memory_mb
from core.capture.photos import Capture
from core.capture.reconstruction import Reconstruction
from core.poses.config import PoseConfig
from core.progress import Progress

BEGINNING = "First Gaussians, exposures"
DEPTH = "Measuring depth"
TRAINING = "Training"
TESTING, PROJECT = "Testing", "Writing the project"
TEST_EVERY, ITERATIONS = 8, 60


def run(arguments: argparse.Namespace) -> int:
    """Measure and print: lines for people, or with `arguments.json` one JSON object."""
    found = measure(hear=tell)
    if arguments.json:
        say_json(found)
    else:
        say("\n".join(report(found)))
    return 0


def measure(sizes: Sequence[int] = SIZES, *, hear: Hear = lambda _: None) -> dict[str, Any]:
    """All figures as plain numbers and strings. `hear` is told what is being measured."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        hear(f"Drawing {max(sizes)} photos")
        (folder / "photos").mkdir()
        photos = list(write_photos(folder / "photos", max(sizes)))
        cases = []
        for size in sizes:
            hear(f"Reconstructing from {size} photos")
            *_, case = in_child(measured, photos[:size], folder / f"out{size}")
            assert isinstance(case, dict)
            cases.append(case)
    # Only now: it brings PyTorch, and Linux counts what the parent held in its children's peak.
    from app.bench.rasterizer import cpu_name

    return {
        "bench": "photos",
        "cpu": cpu_name(),
        "cores": psutil.cpu_count(),
        "load": psutil.getloadavg()[0],
        "cases": cases,
        "exponents": exponents(cases) if len(cases) > 1 else {},
    }


def report(found: dict[str, Any]) -> list[str]:
    """The figures of `measure` as lines to read."""
    lines = [f"{found['cpu']}, {found['cores']} cores, load {found['load']:.1f}"]
    for case in found["cases"]:
        lines += ["", f"{case['photos']} photos: {case['placed']} placed, {case['seconds']:.0f} s"]
        for stage, seconds in case["cpu_seconds"].items():
            peak = case["peak_mb_after"][stage]
            lines.append(f"  {stage}: {seconds:.2f} CPU s" + _megabytes(peak))
    lines += ["", "CPU time grows with the number of photos to the power of:"]
    lines += [f"  {stage}: {power:.2f}" for stage, power in found["exponents"].items()]
    return lines


def _megabytes(peak: float | None) -> str:
    return "" if peak is None else f", {peak:.0f} MB at most so far"


def measured(photos: list[Path], out: Path) -> Iterator[Progress | dict[str, Any]]:
    """Reconstruct from `photos`, in a child of its own so that its memory can be told."""
    # Imported here: the parent is to hold little.
    from app.threads import set_threads
    from core.pipeline.build import Host
    from core.pipeline.run import Finished, Job, reconstruct
    from core.pipeline.settings import PRESETS, Preset
    from core.pipeline.split import Choice
    from core.poses.solve import solve
    from core.render.devices import Device
    from core.train.rehearsal import rehearse

    def place(capture: Capture, work: Path) -> Iterator[Progress | Reconstruction]:
        return solve(capture, work, PoseConfig())

    set_threads()
    rehearse()
    settings = replace(PRESETS[Preset.QUICK], iterations=ITERATIONS)
    choice = Choice(test_every=TEST_EVERY)
    job = Job(tuple(photos), out, settings, choice, place, Device("cpu"))
    clock = Clock(_cpu_seconds)
    for event in reconstruct(job, Host(peak_memory_mb=peak_memory_mb)):
        clock.hear(event)
        if isinstance(event, Progress):
            yield event
        elif isinstance(event, Finished):
            yield {
                "photos": len(photos),
                "placed": event.metrics["registered"],
                "gaussians": event.metrics["gaussians"],
                "seconds": time.monotonic() - clock.began,
                "cpu_seconds": dict(clock.seconds),
                "peak_mb_after": clock.peaks,
                "peak_memory_mb": peak_memory_mb(),
            }


class Clock:
    """Adds the CPU time between two events to the stage that the first of them began."""

    def __init__(self, cpu_seconds: Callable[[], float]) -> None:
        self.began = time.monotonic()
        self._cpu_seconds = cpu_seconds
        self.seconds: dict[str, float] = defaultdict(float)
        self.peaks: dict[str, float | None] = {}
        self._stage, self._last = "Reading photos", cpu_seconds()

    def hear(self, event: object) -> None:
        now = self._cpu_seconds()
        self.seconds[self._stage] += now - self._last
        self.peaks[self._stage] = peak_memory_mb()
        self._stage, self._last = _stage(event, self._stage), now


def _cpu_seconds() -> float:
    return float(sum(psutil.Process().cpu_times()[:2]))


def _stage(event: object, before: str) -> str:
    """What is done after `event`; some stages have no progress of their own."""
    if not isinstance(event, Progress):
        return TRAINING if before in (BEGINNING, DEPTH) else before
    ended = event.done == event.total
    if event.stage == "Finding features" and ended:
        return CHOOSING
    if event.stage == "Undistorting photos" and ended:
        return BEGINNING
    if event.stage == "Writing the scene" and event.done > 0:
        return PROJECT if event.note == "project" else TESTING
    return event.stage
