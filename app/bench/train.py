"""`maquette bench train`: how training's cost grows, what it holds, and how soon it is good.

Milliseconds of an iteration are process CPU time on one thread, medians after a warm-up. The
time to quality is wall time of the sample's photos on all cores, one in four held out;
measuring them does not count.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.bench.growth import exponent
from app.bench.measure import Laps, iteration, threads
from app.bench.rasterizer import machine
from app.bench.scenes import photo, scene_view, trained_scene
from app.cli.console import say, say_json, tell
from app.commands.places import solved
from app.memory import peak_memory_mb
from app.threads import set_threads
from core.capture.find import find_photos
from core.capture.photos import Capture
from core.capture.reconstruction import Reconstruction
from core.pipeline.begin import first_gaussians
from core.pipeline.evaluate import picture, score
from core.pipeline.prepare import Flat, Pictures, flatten
from core.pipeline.settings import PRESETS, Preset
from core.pipeline.split import Choice, split
from core.train.schedule import TrainConfig
from core.train.steps import Snapshot
from core.train.trainer import train

SAMPLE = Path(__file__).resolve().parents[2] / "resources" / "sample" / "photos"
ROWS = (10_000, 30_000, 100_000, 300_000, 1_000_000)  # at SIZE
SIZE = (270, 480)
SIZES = ((270, 480), (540, 960), (810, 1440), (1080, 1920))  # with FEW rows
FEW = 50_000
GOOD = (20.0, 22.0, 24.0)  # dB on the held-out photos
Hear = Callable[[str], None]


def run(arguments: argparse.Namespace) -> int:
    """Measure and print: lines for people, or with `arguments.json` one JSON object."""
    set_threads()
    found = measure(hear=tell)
    if arguments.json:
        say_json(found)
    else:
        say("\n".join(report(found)))
    return 0


def measure(
    rows: Sequence[int] = ROWS,
    sizes: Sequence[tuple[int, int]] = SIZES,
    few: int = FEW,
    *,
    repeats: int = 5,
    hear: Hear = lambda _: None,
) -> dict[str, Any]:
    """All figures as plain numbers and strings. `hear` is told what is being measured."""
    hear(f"Training {max(rows)} Gaussians for their memory")
    memory = memory_mb(max(rows))  # first: the peak is the whole process's
    hear("Measuring iterations with more and more Gaussians")
    by_rows = [(count, iteration_ms(count, SIZE, repeats)) for count in rows]
    hear("Measuring iterations with more and more pixels")
    by_pixels = [(w * h, iteration_ms(few, (w, h), repeats)) for w, h in sizes]
    hear("Training on the sample's photos")
    return {
        "bench": "train",
        "machine": machine(),
        "memory": {"gaussians": max(rows), "peak_mb": memory},
        "by_gaussians": by_rows,
        "by_pixels": by_pixels,
        "exponents": {"gaussians": exponent(by_rows), "pixels": exponent(by_pixels)},
        "quality": time_to_quality(),
    }


def memory_mb(rows: int) -> float | None:
    """Peak of this process once `rows` Gaussians were trained, with growth and pruning."""
    view, target = scene_view(*SIZE), photo(*SIZE)
    config = TrainConfig(
        iterations=6, max_gaussians=rows, grow_every=2, grow_from=0.0, snapshot_seconds=1e9
    )
    for _ in train(trained_scene(rows), [view], [target], config):
        pass
    return peak_memory_mb()


def iteration_ms(rows: int, size: tuple[int, int], repeats: int) -> float:
    """Median CPU time of a whole training iteration on one thread."""
    laps = Laps()
    with threads(1):
        iteration(rows, scene_view(*size), Laps(), 2)
        iteration(rows, scene_view(*size), laps, repeats)
    return statistics.median(laps.sums())


def time_to_quality() -> dict[str, Any]:
    """Seconds of training until the held-out photos of the sample reach each of GOOD."""
    settings = PRESETS[Preset.QUICK]
    with tempfile.TemporaryDirectory() as folder:
        *_, capture = find_photos([SAMPLE], Path(folder))
        assert isinstance(capture, Capture)
        *_, placed = solved(0)(capture, Path(folder) / "places")
        assert isinstance(placed, Reconstruction)
    names = [shot.name for shot in placed.photos]
    parts = split(names, [shot.name for shot in capture.photos], Choice(test_every=4))
    *_, pictures = flatten(capture, placed, parts, settings.max_size)
    assert isinstance(pictures, Pictures)
    start = first_gaussians(placed.points, names, pictures.train, settings.max_gaussians, 0)
    views = [flat.view for flat in pictures.train]
    photos = [flat.pixels for flat in pictures.train]
    config = replace(settings.training(), snapshot_seconds=0.5)
    curve: list[tuple[float, float]] = []
    trained, began = 0.0, time.perf_counter()
    for event in train(start, views, photos, config):
        trained += time.perf_counter() - began
        if isinstance(event, Snapshot):
            curve.append((trained, _psnr(event, pictures.test)))
        began = time.perf_counter()
    reached = {f"{level:.0f}": _reached(curve, level) for level in GOOD}
    return {"seconds_to_db": reached, "seconds": curve[-1][0], "psnr": curve[-1][1]}


def _psnr(snapshot: Snapshot, test: Sequence[Flat]) -> float:
    scores = [score(picture(snapshot.gaussians, flat.view), flat.pixels.numpy()) for flat in test]
    return statistics.fmean(each.psnr for each in scores)


def _reached(curve: Sequence[tuple[float, float]], level: float) -> float | None:
    return next((seconds for seconds, psnr in curve if psnr >= level), None)


def report(found: dict[str, Any]) -> list[str]:
    """The figures of `measure` as lines to read."""
    memory, quality, powers = found["memory"], found["quality"], found["exponents"]
    lines = [f"{found['machine']['cpu']}, {found['machine']['cores']} cores"]
    if memory["peak_mb"] is not None:
        lines.append(f"{memory['gaussians']} Gaussians in training: {memory['peak_mb']:.0f} MB")
    lines.append("An iteration, CPU ms of one thread:")
    lines += [f"  {rows} Gaussians: {each:.0f}" for rows, each in found["by_gaussians"]]
    lines += [f"  {pixels / 1e6:.2f} megapixels: {each:.0f}" for pixels, each in found["by_pixels"]]
    lines.append(
        f"  growing with Gaussians to the power of {powers['gaussians']:.2f}, "
        f"with pixels {powers['pixels']:.2f}"
    )
    times = quality["seconds_to_db"].items()
    reached = [f"{level} dB after {s:.1f} s" for level, s in times if s is not None]
    lines.append(
        f"The sample's held-out photos: {''.join(each + ', ' for each in reached)}"
        f"{quality['psnr']:.2f} dB at the end, after {quality['seconds']:.0f} s"
    )
    return lines
