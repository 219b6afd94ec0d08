"""`maquette bench rasterizer`: how fast and how right the CPU rasterizer is, on this machine, now.

Figures are medians, after a warm-up, of process CPU time on one thread unless they say
wall. Only ratios taken in the same run carry over to another machine.
"""

import argparse
import os
import platform
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba
import torch

from app.bench.baseline import find_baseline
from app.bench.measure import (
    Laps,
    baseline_both_ways,
    both_ways,
    gradient_errors,
    iteration,
    pairs,
    scaling,
    stages,
    start_times,
    threads,
)
from app.bench.scenes import scene_view, trained_scene
from app.cli.console import say, say_json, tell

Hear = Callable[[str], None]


@dataclass(frozen=True)
class Case:
    """A scene and a picture size. `baseline`: repeats of the baseline, seconds each."""

    rows: int
    width: int
    height: int
    baseline: int = 0


CASES = (
    Case(50_000, 270, 480, baseline=5),
    Case(50_000, 540, 960),
    Case(200_000, 270, 480),
    Case(200_000, 540, 960),
)


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
    cases: tuple[Case, ...] = CASES, *, repeats: int = 15, hear: Hear = lambda _: None
) -> dict[str, Any]:
    """All figures as plain numbers and strings. `hear` is told what is being measured."""
    hear("Starting fresh processes: cold, then warm")
    starts = start_times()
    hear("Comparing gradients with the float64 reference")
    gradients = gradient_errors()
    measured = []
    for case in cases:
        hear(f"Measuring {title(case.rows, case.width, case.height)}")
        measured.append(_measure_case(case, repeats))
    return {
        "bench": "rasterizer",
        "machine": machine(),
        "repeats": repeats,
        "start": starts,
        "gradient_errors": gradients,
        "cases": measured,
    }


def _measure_case(case: Case, repeats: int) -> dict[str, Any]:
    scene, view = trained_scene(case.rows), scene_view(case.width, case.height)
    generator = torch.Generator().manual_seed(3)
    weight = torch.randn(case.height, case.width, 3, generator=generator)
    ours, theirs, kernels, steps = Laps(), Laps(), Laps(), Laps()
    baseline = find_baseline() if case.baseline else None
    with threads(1):
        for lap in (both_ways, stages):  # compile, and fill the pool of arrays
            lap(scene, view, weight, Laps())
        for repeat in range(repeats):
            # In turns, so that what else the machine does falls on both alike.
            both_ways(scene, view, weight, ours)
            if baseline and repeat < case.baseline:
                baseline_both_ways(baseline, scene, view, weight, theirs)
                both_ways(scene, view, weight, ours)
            stages(scene, view, weight, kernels)
        iteration(case.rows, view, Laps(), 2)
        iteration(case.rows, view, steps, repeats)
        looked_at = pairs(scene, view)
    sums = ours.sums()
    return {
        "rows": case.rows,
        "width": case.width,
        "height": case.height,
        "pairs": looked_at,
        "cpu_ms": {**ours.medians(), "both": statistics.median(sums), "best": min(sums)},
        "stages_cpu_ms": kernels.medians(),
        "iteration_cpu_ms": {**steps.medians(), "whole": statistics.median(steps.sums())},
        "scaling": scaling(scene, view, weight, repeats),
        "baseline": None
        if baseline is None
        else {
            "name": baseline.name,
            "cpu_ms": statistics.median(theirs.sums()),
            "ratio": statistics.median(theirs.sums()) / statistics.median(sums),
        },
    }


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    return {
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
        "load": list(os.getloadavg()) if hasattr(os, "getloadavg") else None,
        "system": platform.platform(),
        "python": platform.python_version(),
        "numba": numba.__version__,
        "threading_layer": numba.threading_layer(),  # type: ignore[attr-defined]
        "torch": torch.__version__,
    }


def cpu_name() -> str:
    """The processor's model, as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def title(rows: int, width: int, height: int) -> str:
    return f"{rows // 1000}k Gaussians, {width}x{height}"


def report(found: dict[str, Any]) -> list[str]:
    """The figures of `measure` as lines to read."""
    about = found["machine"]
    load = "" if about["load"] is None else f", load {about['load'][0]:.1f}"
    lines = [
        f"{about['cpu']}, {about['cores']} cores{load}; Python {about['python']}, "
        f"numba {about['numba']} ({about['threading_layer']}), torch {about['torch']}",
        f"Medians of {found['repeats']} repeats; CPU ms of one thread unless they say wall.",
    ]
    for case in found["cases"]:
        lines += ["", *_report_case(case)]
    lines += ["", "Gradients against the float64 reference, relative error of the norm:"]
    lines.append("  " + _listed(found["gradient_errors"], "{:.1e}"))
    lines.append("A fresh process, wall s from the first import:")
    lines += [f"  {kind}: {_listed(times, '{:.2f}')}" for kind, times in found["start"].items()]
    return lines


def _report_case(case: dict[str, Any]) -> list[str]:
    work = case["pairs"]
    lines = [
        f"{title(case['rows'], case['width'], case['height'])} ({work['visible']} in sight, "
        f"{work['looked_at'] / 1e6:.1f} million pairs looked at, {work['per_pixel']:.0f} a pixel)",
        f"  forward and backward: {_listed(case['cpu_ms'], '{:.1f}')}",
        f"  kernels: {_listed(case['stages_cpu_ms'], '{:.1f}')}",
        f"  training iteration: {_listed(case['iteration_cpu_ms'], '{:.1f}')}",
    ]
    if case["scaling"] is not None:
        lines.append(f"  one thread to two, wall: {_listed(case['scaling'], '{:.2f}')}")
    if case["baseline"] is not None:
        other = case["baseline"]
        lines.append(f"  against {other['name']}: {other['cpu_ms']:.0f} ms, {other['ratio']:.1f}x")
    return lines


def _listed(values: dict[str, float], shape: str) -> str:
    return ", ".join(f"{name} {shape.format(value)}" for name, value in values.items())
