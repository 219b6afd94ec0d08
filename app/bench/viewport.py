"""`maquette bench viewport`: how fast the 3D view draws on this machine, now; without a window.

Medians after a warm-up, wall time. Pictures are drawn in slices as in the window, and include
the sorting, which the window leaves to another thread.
"""

import argparse
import math
import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from app.bench.rasterizer import cpu_name
from app.bench.scenes import FARTHEST, NEAREST, scene_view, trained_scene
from app.cli.console import say, say_json, tell
from app.threads import set_threads
from core.gaussians.arrays import SplatArrays
from widgets.viewport.context import standalone
from widgets.viewport.eye import Eye
from widgets.viewport.options import Options
from widgets.viewport.packing import PackedSplats, pack
from widgets.viewport.quality import FULL, Pace, Quality, measured, next_quality
from widgets.viewport.renderer import Renderer
from widgets.viewport.sorting import Sorter

Hear = Callable[[str], None]

SORTED = (100_000, 1_000_000, 3_000_000)
SLICE = 0.010  # seconds a window leaves to the drawing at once
SETTLING, FRAMES = 12, 30  # pictures, before the measured ones and of them
DEGREES = 15.0  # the orbit swings so far to both sides
PIVOT = np.array([0.0, 0.0, math.sqrt(NEAREST * FARTHEST)])
SOFTWARE = ("llvmpipe", "softpipe", "swiftshader", "software")  # in the names of renderers


@dataclass(frozen=True)
class Case:
    """So many splats in a picture of this size."""

    rows: int
    width: int
    height: int


CASES = (Case(100_000, 960, 540), Case(500_000, 960, 540))
HARDWARE_CASES = (Case(1_000_000, 1920, 1080), Case(3_000_000, 1920, 1080))


def run(arguments: argparse.Namespace) -> int:
    """Measure and print: lines for people, or with `arguments.json` one JSON object.

    Raises `Unavailable` where there is no OpenGL without a window.
    """
    set_threads()
    found = measure(hear=tell)
    if bool(getattr(arguments, "json", False)):
        say_json(found)
    else:
        say("\n".join(report(found)))
    return 0


def measure(
    cases: tuple[Case, ...] | None = None,
    sorted_rows: tuple[int, ...] = SORTED,
    *,
    hear: Hear = lambda _: None,
) -> dict[str, Any]:
    """All figures as plain numbers and strings. `hear` is told what is being measured."""
    with standalone() as context:
        name, version = str(context.info["GL_RENDERER"]), context.version_code
        software = any(word in name.lower() for word in SOFTWARE)
        if cases is None:
            cases = CASES if software else CASES + HARDWARE_CASES
        hear("Sorting")
        sorts = {str(rows): _sort_time(rows) for rows in sorted_rows}
        pictures = []
        for case in cases:
            hear(f"Drawing {_title(case.rows, case.width, case.height)}")
            pictures.append(_measure_case(context, case))
    return {
        "bench": "viewport",
        "machine": {"cpu": cpu_name(), "cores": os.cpu_count(), "load": _load()},
        "opengl": {"renderer": name, "version": version, "software": software},
        "sort_ms": sorts,
        "pictures": pictures,
    }


def _sort_time(rows: int) -> float:
    random = np.random.default_rng(0)
    means = random.uniform(-3, 3, (rows, 3)).astype(np.float32)
    sorter, eye = Sorter(), replace(_eye(960, 540), camera_from_scene=_turned(0.1, back=6.0))
    return _median_ms(lambda: sorter.order(means, eye), repeats=7)


def _measure_case(context: moderngl.Context, case: Case) -> dict[str, Any]:
    splats = SplatArrays.from_gaussians(trained_scene(case.rows))
    renderer = Renderer(context)
    screen = context.simple_framebuffer((case.width, case.height))
    pack_ms = _median_ms(lambda: pack(splats), repeats=3)
    packed = pack(splats)
    stage = _Stage(context, renderer, screen, packed)
    try:
        eye = _eye(case.width, case.height)
        upload_ms = _median_ms(lambda: stage.upload(eye), repeats=3)
        still_ms = _median_ms(lambda: stage.frame(eye, FULL), repeats=5)
        return {
            "rows": case.rows,
            "width": case.width,
            "height": case.height,
            "pack_ms": pack_ms,
            "upload_ms": upload_ms,
            "still_ms": still_ms,
            **_orbit(stage, eye),
        }
    finally:
        renderer.release()
        screen.release()


def _orbit(stage: "_Stage", eye: Eye) -> dict[str, Any]:
    """Pictures a second while the eye swings around the scene, at the quality that adapts."""
    pace, took, used = Pace(), [], []
    for i, pose in enumerate(_swing(SETTLING + FRAMES)):
        quality = next_quality(pace, moving=True)
        seconds, longest = stage.frame(replace(eye, camera_from_scene=pose), quality)
        pace = measured(pace, quality, seconds)
        if i >= SETTLING:
            took.append((seconds, longest))
            used.append(quality)
    usual: Quality = statistics.mode(used)
    return {
        "orbit_fps": len(took) / sum(seconds for seconds, _ in took),
        "orbit_scale": usual.scale,
        "orbit_thin": usual.thin,
        "longest_slice_ms": statistics.median(longest for _, longest in took) * 1e3,
    }


class _Stage:
    """A renderer with splats, and a screen to show them on."""

    def __init__(
        self,
        context: moderngl.Context,
        renderer: Renderer,
        screen: moderngl.Framebuffer,
        packed: PackedSplats,
    ) -> None:
        self._context = context
        self._renderer = renderer
        self._screen = screen
        self._packed = packed
        self._sorter = Sorter()
        self._options = Options(grid=False)

    def upload(self, eye: Eye) -> None:
        """Send the splats and their order."""
        self._renderer.set_splats(replace(self._packed))  # the same one is not sent twice
        self._renderer.set_order(self._sorter.order(self._packed.means, eye))
        self._renderer.begin(eye, self._options)
        self._context.finish()

    def frame(self, eye: Eye, quality: Quality) -> tuple[float, float]:
        """Sort, draw and show; how long it took, and the longest that a window would wait."""
        begun = time.perf_counter()
        self._renderer.set_order(self._sorter.order(self._packed.means, eye))
        drawing = self._renderer.begin(eye, self._options, quality)
        longest, finished = 0.0, False
        while not finished:
            before = time.perf_counter()
            finished = drawing.advance(SLICE)
            longest = max(longest, time.perf_counter() - before)
        self._renderer.present(self._screen)
        self._context.finish()
        return time.perf_counter() - begun, longest


def _load() -> float | None:
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def _eye(width: int, height: int) -> Eye:
    return Eye.of_photo(scene_view(width, height).camera, np.eye(4))


def _swing(count: int) -> Iterator[NDArray[np.float64]]:
    for i in range(count):
        yield _turned(math.radians(DEGREES) * math.sin(2 * math.pi * i / count))


def _turned(angle: float, back: float = 0.0) -> NDArray[np.float64]:
    """camera_from_scene [4, 4] of an eye led by `angle` around the pivot; `back` further off."""
    pose = np.eye(4)
    c, s = math.cos(angle), math.sin(angle)
    pose[:3, :3] = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    pose[:3, 3] = PIVOT - pose[:3, :3] @ PIVOT + np.array([0, 0, back])
    return pose


def _median_ms(action: Callable[[], object], repeats: int) -> float:
    action()
    took = []
    for _ in range(repeats):
        begun = time.perf_counter()
        action()
        took.append(time.perf_counter() - begun)
    return statistics.median(took) * 1e3


def _title(rows: int, width: int, height: int) -> str:
    return f"{rows // 1000}k splats, {width}x{height}"


def report(found: dict[str, Any]) -> list[str]:
    """The figures of `measure` as lines to read."""
    about, opengl = found["machine"], found["opengl"]
    load = "" if about["load"] is None else f", load {about['load']:.1f}"
    kind = "in software" if opengl["software"] else "graphics card"
    sorts = ", ".join(f"{int(rows) // 1000}k {ms:.1f}" for rows, ms in found["sort_ms"].items())
    lines = [
        f"{about['cpu']}, {about['cores']} cores{load}; {opengl['renderer']} ({kind})",
        "Medians, wall time; pictures with SH of degree 3, in slices of "
        f"{SLICE * 1e3:.0f} ms, sorting included.",
        f"sort, ms on one thread: {sorts}",
    ]
    for case in found["pictures"]:
        lines += [
            "",
            _title(case["rows"], case["width"], case["height"]),
            f"  pack {case['pack_ms']:.0f} ms, upload {case['upload_ms']:.0f} ms",
            f"  still, full quality: {case['still_ms']:.0f} ms",
            f"  orbiting: {case['orbit_fps']:.1f} pictures a second at 1/{case['orbit_scale']} of "
            f"the size and 1/{case['orbit_thin']} of the splats; longest wait "
            f"{case['longest_slice_ms']:.0f} ms",
        ]
    return lines
