"""What the rasterizer bench measures, one function a question; each gives plain numbers."""

import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numba
import numpy as np
import torch
from torch import Tensor

from app.bench.baseline import Baseline
from app.bench.scenes import photo, scene_view, trained_scene
from core.gaussians.table import Gaussians
from core.geometry.camera import View
from core.render.cpu.frame import Frame
from core.render.cpu.layout import TILE_W
from core.render.cpu.pool import Array
from core.render.rasterize import rasterize
from core.train.losses import photometric_loss
from core.train.optimizer import Adam
from core.train.schedule import TrainConfig, rates_at

COLUMNS = ("means", "quats", "log_scales", "logit_opacity", "sh")
Clock = Callable[[], float]
Times = dict[str, list[float]]  # milliseconds of each repeat, by stage
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Numba on `count` threads and torch on one; as before afterwards."""
    before = numba.get_num_threads(), torch.get_num_threads()
    numba.set_num_threads(count)
    torch.set_num_threads(1)  # its threads spin beside Numba's
    try:
        yield
    finally:
        numba.set_num_threads(before[0])
        torch.set_num_threads(before[1])


class Laps:
    """Milliseconds from lap to lap by `clock`."""

    def __init__(self, clock: Clock = time.process_time) -> None:
        self.times: Times = {}
        self._clock = clock

    def start(self) -> None:
        self._last = self._clock()

    def lap(self, name: str) -> None:
        now = self._clock()
        self.times.setdefault(name, []).append(1e3 * (now - self._last))
        self._last = now

    def medians(self) -> dict[str, float]:
        return {name: statistics.median(times) for name, times in self.times.items()}

    def sums(self) -> list[float]:
        """Of all stages, repeat by repeat."""
        return [sum(parts) for parts in zip(*self.times.values(), strict=True)]


class _TimedFrame(Frame):
    """Says how long its parts took."""

    def __init__(self, columns: tuple[Tensor, ...], view: View, degree: int, laps: Laps) -> None:
        self._laps = laps
        super().__init__(columns, view, degree)

    def _project(self) -> tuple[Array, Array, Array]:
        found = super()._project()
        self._laps.lap("project")
        return found

    def _bin(self, depths: Array, visible: Array, found: Array) -> int:
        count = super()._bin(depths, visible, found)
        self._laps.lap("bin")
        return count


def leaves(scene: Gaussians, dtype: torch.dtype = torch.float32) -> Gaussians:
    """A copy whose columns collect gradients."""
    copies = {
        name: getattr(scene, name).detach().to(dtype).clone().requires_grad_() for name in COLUMNS
    }
    return Gaussians(**copies, object_id=scene.object_id)


def both_ways(scene: Gaussians, view: View, weight: Tensor, laps: Laps) -> None:
    """A picture and its gradient through the door; `weight` [H, W, 3] is dL/d(colour)."""
    rows = leaves(scene)
    laps.start()
    picture = rasterize(rows, view)
    laps.lap("forward")
    picture.color.backward(weight)  # type: ignore[no-untyped-call]
    laps.lap("backward")


def baseline_both_ways(
    baseline: Baseline, scene: Gaussians, view: View, weight: Tensor, laps: Laps
) -> None:
    """The same picture and gradient by the baseline."""
    rows = leaves(scene)
    laps.start()
    picture = baseline.render(rows, view)
    laps.lap("forward")
    picture[..., :3].backward(weight)  # type: ignore[no-untyped-call]
    laps.lap("backward")


def stages(scene: Gaussians, view: View, weight: Tensor, laps: Laps) -> None:
    """The kernels one by one."""
    laps.start()
    columns = tuple(getattr(scene, name) for name in COLUMNS)
    frame = _TimedFrame(columns, view, scene.sh_degree, laps)
    laps.start()
    picture = frame.draw(np.zeros(3, np.float32))
    laps.lap("draw")
    sums = frame.draw_gradient(picture, (weight.numpy(), None, None))
    laps.lap("draw_gradient")
    frame.columns_gradient(sums, False)
    laps.lap("columns_gradient")


def pairs(scene: Gaussians, view: View) -> dict[str, float]:
    """How much there is to draw: rows in sight, tile entries, pixel-Gaussian pairs looked at."""
    frame = Frame(tuple(getattr(scene, name) for name in COLUMNS), view, scene.sh_degree)
    frame.draw(np.zeros(3, np.float32))
    first = frame.starts[:-1]
    walked = [frame.entries[a : a + n] for a, n in zip(first, frame.walked, strict=True)]
    entries = np.concatenate(walked).astype(np.int64)
    rows = (entries & 31) - (entries >> 5 & 31) + 1
    looked_at = int(rows.sum()) * TILE_W
    pixels = view.camera.width * view.camera.height
    return {
        "visible": frame.visible,
        "entries": len(frame.entries),
        "looked_at": looked_at,
        "per_pixel": looked_at / pixels,
    }


def iteration(rows: int, view: View, laps: Laps, repeats: int) -> None:
    """Whole training steps: rasterize with the densification probe, loss, backward, Adam."""
    scene, camera = trained_scene(rows), view.camera
    target = photo(camera.width, camera.height)
    adam = Adam({name: getattr(scene, name) for name in COLUMNS})
    exposure = torch.tensor([[1.0] * 3, [0.0] * 3], requires_grad=True)
    rates = rates_at(1.0, 1e-3, TrainConfig())  # all bands move; a small extent keeps the scene
    for _ in range(repeats):
        laps.start()
        table = Gaussians(**adam.columns, object_id=scene.object_id)
        picture = rasterize(table, view, probe=True)
        laps.lap("rasterize")
        fit = photometric_loss(picture.color, target, exposure)
        laps.lap("loss")
        fit.loss.backward()  # type: ignore[no-untyped-call]
        laps.lap("backward")
        adam.step(rates)
        laps.lap("adam")


def scaling(scene: Gaussians, view: View, weight: Tensor, repeats: int) -> dict[str, float] | None:
    """Wall time of one thread over that of two, alternating; None where there is one core."""
    if _most_threads() < 2:
        return None
    walls: dict[int, list[float]] = {1: [], 2: []}
    busy: dict[int, list[float]] = {1: [], 2: []}
    for repeat, count in itertools.product(range(repeats + 1), (1, 2)):
        laps, began = Laps(time.perf_counter), time.process_time()
        with threads(count):
            both_ways(scene, view, weight, laps)
        if repeat > 0:
            walls[count] += laps.sums()
            busy[count].append(1e3 * (time.process_time() - began))
    ratios = [one / two for one, two in zip(walls[1], walls[2], strict=True)]
    return {
        "wall_ms_1": statistics.median(walls[1]),
        "wall_ms_2": statistics.median(walls[2]),
        "cpu_ms_1": statistics.median(busy[1]),
        "cpu_ms_2": statistics.median(busy[2]),
        "ratio": statistics.median(ratios),
        "ratio_of_best": min(walls[1]) / min(walls[2]),
    }


def _most_threads() -> int:
    most: int = numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]
    return most


def gradient_errors(rows: int = 1000, width: int = 96, height: int = 160) -> dict[str, float]:
    """Norm of the error over the norm of the float64 reference's gradient, by column and pose."""
    scene = trained_scene(rows)
    generator = torch.Generator().manual_seed(2)
    weights = torch.randn(height, width, 5, generator=generator, dtype=torch.float64)
    found: dict[torch.dtype, dict[str, Tensor]] = {}
    for dtype in (torch.float32, torch.float64):
        table = leaves(scene, dtype)
        straight = scene_view(width, height)
        pose = straight.camera_from_scene.to(torch.float64).clone().requires_grad_()
        picture = rasterize(table, View(straight.camera, pose), probe=True)
        planes = [picture.color, picture.depth_sum[..., None], picture.alpha[..., None]]
        stacked = torch.cat(planes, dim=-1).double()
        (stacked * weights).sum().backward()  # type: ignore[no-untyped-call]
        assert picture.means2d is not None
        probed = {name: getattr(table, name) for name in COLUMNS}
        probed |= {"means2d": picture.means2d, "pose": pose}
        slopes = {
            name: leaf.grad.double() for name, leaf in probed.items() if leaf.grad is not None
        }
        found[dtype] = {"picture": stacked.detach(), **slopes}
    right = found[torch.float64]
    return {
        name: float((value - right[name]).norm() / right[name].norm())
        for name, value in found[torch.float32].items()
    }


def start_times() -> dict[str, dict[str, float]]:
    """A child process with an empty kernel cache, then two more with what it left there."""
    with tempfile.TemporaryDirectory() as folder:
        runs = [_start_in(folder) for _ in range(3)]
    return {"cold": runs[0], "warm": min(runs[1:], key=lambda run: run["first_frame_s"])}


def _start_in(cache: str) -> dict[str, float]:
    command = [sys.executable, "-m", "app.bench.start"]
    environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
    answer = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    found: dict[str, float] = json.loads(answer.stdout)
    return found
