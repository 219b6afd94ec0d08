"""`maquette bench poses`: how the time to place photos grows with their number.

Photos of a made-up hall, without and with what the cache keeps. "CPU" seconds are those of all
cores together, and are what the exponents are fitted to, since other work hardly changes them.
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

from app.bench.growth import exponent
from app.bench.hall import write_photos
from app.cli.console import say, say_json, tell
from app.engine.in_child import in_child
from app.memory import peak_memory_mb
from core.capture.find import find_photos
from core.capture.photos import Capture
from core.capture.reconstruction import Reconstruction
from core.poses.config import PoseConfig
from core.poses.solve import solve
from core.progress import Progress

SIZES = (25, 50, 100, 200)
CHOOSING = "Choosing pairs"
Hear = Callable[[str], None]
# Shorter stages say more about the clock than about themselves.
LEAST_SECONDS = 0.2


def run(arguments: argparse.Namespace) -> int:
    """Measure and print: lines for people, or with `arguments.json` one JSON object."""
    as_json = bool(getattr(arguments, "json", False))
    found = measure(hear=tell)
    if as_json:
        say_json(found)
    else:
        say("\n".join(report(found)))
    return 0


def measure(
    sizes: Sequence[int] = SIZES,
    config: PoseConfig = PoseConfig(),  # noqa: B008
    *,
    hear: Hear = lambda _: None,
) -> dict[str, Any]:
    """All figures as plain numbers and strings. `hear` is told what is being measured."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        hear(f"Drawing {max(sizes)} photos")
        (folder / "photos").mkdir()
        photos = list(write_photos(folder / "photos", max(sizes)))
        measured = []
        for size in sizes:
            hear(f"Placing {size} photos")
            config = replace(config, cache=folder / f"cache{size}")
            for kind, chosen in (("cold", photos[:size]), ("one more", photos[: size + 1])):
                if kind == "one more" and size == max(sizes):
                    continue
                *_, figures = in_child(_measured, chosen, folder / "work", config)
                assert isinstance(figures, dict)
                measured.append({"kind": kind, **figures})
    # Only now: it brings PyTorch, and Linux counts what the parent held in its children's peak.
    from app.bench.rasterizer import cpu_name

    cold = [case for case in measured if case["kind"] == "cold"]
    return {
        "bench": "poses",
        "cpu": cpu_name(),
        "cores": psutil.cpu_count(),
        "load": psutil.getloadavg()[0],
        "cases": measured,
        "exponents": exponents(cold),
    }


def exponents(cases: Sequence[dict[str, Any]]) -> dict[str, float]:
    """By stage the power of the number of photos with which its CPU time grows, and memory."""
    series: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for case in cases:
        for stage, seconds in case["cpu_seconds"].items():
            series[stage].append((case["photos"], seconds))
        series["in all"].append((case["photos"], sum(case["cpu_seconds"].values())))
        if case["peak_memory_mb"]:
            series["memory"].append((case["photos"], case["peak_memory_mb"]))
    found = {}
    for stage, points in series.items():
        long = [point for point in points if point[1] >= LEAST_SECONDS]
        if len(long) > 1:
            found[stage] = exponent(long)
    return found


def report(found: dict[str, Any]) -> list[str]:
    """The figures of `measure` as lines to read."""
    lines = [f"{found['cpu']}, {found['cores']} cores, load {found['load']:.1f}"]
    for case in found["cases"]:
        stages = ", ".join(f"{stage} {s:.1f}" for stage, s in case["cpu_seconds"].items())
        memory = case["peak_memory_mb"]
        lines += [
            "",
            f"{case['photos']} photos, {case['kind']}: {case['placed']} placed, "
            f"{case['seconds']:.0f} s" + ("" if memory is None else f", {memory:.0f} MB"),
            f"  CPU s: {stages}",
        ]
    lines += ["", "CPU time grows with the number of photos to the power of:"]
    lines += [f"  {stage}: {power:.2f}" for stage, power in found["exponents"].items()]
    return lines


def _measured(
    photos: list[Path], work: Path, config: PoseConfig
) -> Iterator[Progress | dict[str, Any]]:
    """Place `photos`, in a child of its own so that its memory can be told."""
    *_, capture = find_photos(photos, work / "frames")
    assert isinstance(capture, Capture)
    process, began = psutil.Process(), time.monotonic()
    seconds: dict[str, float] = defaultdict(float)
    stage, last = "Reading photos", sum(process.cpu_times()[:2])
    for step in solve(capture, work / "poses", config):
        now = sum(process.cpu_times()[:2])
        seconds[stage] += now - last
        last = now
        if isinstance(step, Progress):
            # Between the last feature and the first match the pairs are chosen.
            ended = step.stage == "Finding features" and step.done == step.total
            stage = CHOOSING if ended else step.stage
            yield step
        else:
            assert isinstance(step, Reconstruction)
            yield {
                "photos": len(photos),
                "placed": len(step.photos),
                "points": len(step.points.positions),
                "seconds": time.monotonic() - began,
                "cpu_seconds": dict(seconds),
                "peak_memory_mb": peak_memory_mb(),
            }
