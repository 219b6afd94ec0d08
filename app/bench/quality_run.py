"""One case of the quality bench: train, look at the test photos, and write down what was seen."""

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray
from scipy.stats import spearmanr

from app.bench.quality_cases import Case
from app.bench.quality_input import Input
from app.engine.in_child import in_child
from app.memory import peak_memory_mb
from core.capture.photos import Capture
from core.capture.reconstruction import Reconstruction
from core.errors import UserError
from core.pipeline.build import Built, Host, Task, build
from core.pipeline.evaluate import PHOTOS, RENDERS, picture, score, write_png
from core.pipeline.events import Placed
from core.pipeline.settings import Settings
from core.pipeline.split import Choice, picture_names
from core.pipeline.trust import expected_psnr
from core.progress import Progress
from core.render.devices import choose_device
from core.train.steps import Step

RESULT = "case.json"
Result = dict[str, Any]
Pixels = NDArray[np.uint8]


def finished(folder: Path, asked: str, code: str | None) -> Result | None:
    """What an earlier run of the same case wrote to `folder`; of any code where that is None."""
    try:
        result: Result = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    same = code is None or result.get("code") == code
    return result if same and result.get("asked") == asked else None


def run_case(
    case: Case, given: Input, settings: Settings, device: str, folder: Path
) -> Iterator[Progress | Result]:
    """Do `case` in a process of its own; its result, last, is not written yet.

    `folder` is emptied, and gets the pictures as `maquette evaluate` reads them.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    told: Result = {"case": vars(case), "settings": settings.as_json(), "input": given.facts}
    if given.places is None:
        yield {**told, "refused": given.facts["refused"]}
        return
    choice = Choice(train=given.train, test=given.test)
    steps = in_child(_case, given.capture, given.places, settings, choice, device, folder)
    try:
        for step in steps:
            yield {**told, **step} if isinstance(step, dict) else step
    except UserError as error:
        yield {**told, "failed": str(error)}


def write_result(folder: Path, result: Result) -> None:
    """Last of all: its presence says that the case is finished."""
    (folder / RESULT).write_text(json.dumps(result, indent=1), encoding="utf-8")


def _case(
    capture: Capture,
    places: Reconstruction,
    settings: Settings,
    choice: Choice,
    device: str,
    folder: Path,
) -> Iterator[Progress | Result]:
    from app.threads import set_threads
    from core.train.rehearsal import rehearse

    set_threads()
    rehearse()  # compiling is not what is measured
    busy = {"start": _busy()}
    events = build(capture, places, folder, Task(settings, choice, choose_device(device)), Host())
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            built: Built = end.value
            break
        if isinstance(event, Placed):
            busy["placed"] = _busy()
        elif isinstance(event, Step):
            busy.setdefault("ready", _busy())
            yield Progress("Training", event.iteration, event.iterations)
        elif isinstance(event, Progress):
            yield event
    busy["trained"] = _busy()
    times = built.times
    yield {
        "seconds": {"start": times.ready - times.placed, "training": times.trained - times.ready},
        "cpu_seconds": {
            "start": busy["ready"] - busy["placed"],
            "training": busy["trained"] - busy["ready"],
        },
        "peak_memory_mb": peak_memory_mb(),
        "gaussians": len(built.last.gaussians.means),
        "iterations": built.last.step.iteration,
        "trained_on": list(built.split.train),
        **({} if built.tried is None else {"prior": built.tried.as_json()}),
        **_tested(built, folder),
    }


def _tested(built: Built, folder: Path) -> Result:
    """Scores of the test photos, whose renders and truths are written to `folder`."""
    for name in (RENDERS, PHOTOS):
        (folder / name).mkdir()
    files = picture_names([flat.name for flat in built.pictures.test])
    photos: dict[str, dict[str, float]] = {}
    for flat in built.pictures.test:
        truth = flat.pixels.numpy()
        render = picture(built.last.gaussians, flat.view)
        write_png(folder / RENDERS / files[flat.name], render)
        write_png(folder / PHOTOS / files[flat.name], truth)
        plain, fitted = score(render, truth), score(color_fitted(render, truth), truth)
        photos[flat.name] = {
            "psnr": plain.psnr,
            "ssim": plain.ssim,
            "psnr_color_fitted": fitted.psnr,
            "ssim_color_fitted": fitted.ssim,
        }
        if built.folds is not None:
            photos[flat.name]["expected"] = expected_psnr(built.folds, flat.view)
    return {**_means(list(photos.values())), **_foreseen(photos), "test": photos}


def _foreseen(photos: dict[str, dict[str, float]]) -> dict[str, float]:
    """Rank correlation (Spearman) over the test photos of the PSNR expected and that found."""
    pairs = [(each["expected"], each["psnr"]) for each in photos.values() if "expected" in each]
    if len(pairs) < 3:
        return {}
    expected, found = zip(*pairs, strict=True)
    return {"rank": float(spearmanr(expected, found).statistic)}


def _means(scores: Sequence[dict[str, float]]) -> dict[str, float]:
    return {key: fmean(each[key] for each in scores) for key in (scores[0] if scores else ())}


def color_fitted(render: Pixels, truth: Pixels) -> Pixels:
    """`render` [H, W, 3] in the affine mapping of its colours nearest to `truth`.

    Takes differences of exposure and white balance away, which say nothing about the scene.
    """
    seen = np.column_stack([render.reshape(-1, 3) / 255.0, np.ones(render[..., 0].size)])
    wanted = truth.reshape(-1, 3) / 255.0
    mapped, *_ = np.linalg.lstsq(seen, wanted, rcond=None)
    fitted = np.clip(seen @ mapped, 0, 1).reshape(render.shape)
    return np.asarray(np.round(fitted * 255), np.uint8)


def _busy() -> float:
    return float(sum(psutil.Process().cpu_times()[:2]))
