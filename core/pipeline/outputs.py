"""The files of a finished reconstruction."""

import json
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from core.capture.colmap import write_colmap_text
from core.capture.photos import Capture
from core.capture.reconstruction import Reconstruction
from core.export.ply import write_ply
from core.gaussians.provenance import provenance_summary
from core.pipeline.evaluate import PHOTOS, RENDERS, Score, picture, score, summary, write_png
from core.pipeline.prepare import Flat
from core.pipeline.split import Split, picture_names
from core.pipeline.tried import Tried
from core.pipeline.trust import Trust
from core.progress import Progress
from core.project.files import told
from core.project.folder import Project, save_project
from core.segment.masks import Masks
from core.single.stance import Stance
from core.train.steps import Snapshot

SCENE = "scene.ply"
PROJECT = "scene.maquette"
MODEL = "sparse/0"
METRICS = "metrics.json"
WRITING = "Writing the scene"


@dataclass(frozen=True)
class Seconds:
    """How long each part took."""

    poses: float
    init: float
    train: float


@dataclass(frozen=True, eq=False)
class Outcome:
    """All that a run found out. `flat`: `reconstruction` as pinholes at training size.

    `settings`: what was asked for, as JSON holds it; `device`: its name. `stances`: what was
    said of how photos were taken.
    """

    capture: Capture
    flat: Reconstruction
    reconstruction: Reconstruction
    split: Split
    last: Snapshot
    seconds: Seconds
    stopped: bool
    settings: Mapping[str, object]
    device: str
    trust: Trust | None
    masks: Masks = field(default_factory=Masks)
    tried: Tried | None = None
    stances: Mapping[str, Stance] = field(default_factory=dict)


def write_outputs(
    folder: Path,
    outcome: Outcome,
    test: Sequence[Flat],
    began: float,
    peak_memory_mb: Callable[[], float | None],
) -> Generator[Progress, None, Mapping[str, object]]:
    """Write all files to `folder`; the content of metrics.json is returned.

    `began`: when the work did, by `time.monotonic`. Raises `UserError`.
    """
    yield Progress(WRITING, 0, len(test) + 2)
    write_ply(folder / SCENE, outcome.last.gaussians)
    with told(folder):
        write_colmap_text(folder / MODEL, outcome.flat)
    scores = yield from _tested(folder, outcome, test)
    yield Progress(WRITING, len(test) + 1, len(test) + 2, "project")
    metrics = _metrics(outcome, scores)
    metrics["peak_memory_mb"] = peak_memory_mb()
    metrics["seconds"] = {**asdict(outcome.seconds), "total": time.monotonic() - began}
    project = Project(
        capture=outcome.capture,
        reconstruction=outcome.reconstruction,
        gaussians=outcome.last.gaussians,
        exposures=outcome.last.exposures,
        trained=outcome.split.train,
        held_out=outcome.split.test,
        settings=outcome.settings,
        metrics=metrics,
        masks=outcome.masks,
        stances=outcome.stances,
    )
    save_project(folder / PROJECT, project, copy_below=folder)
    with told(folder):
        text = json.dumps(metrics, indent=1, ensure_ascii=False, allow_nan=False)
        (folder / METRICS).write_text(text + "\n", encoding="utf-8")
    return metrics


def _tested(
    folder: Path, outcome: Outcome, test: Sequence[Flat]
) -> Generator[Progress, None, dict[str, Score]]:
    """Render and measure each test photo."""
    names = picture_names([place.name for place in outcome.flat.photos])
    scores: dict[str, Score] = {}
    for part in (RENDERS, PHOTOS):
        (folder / part).mkdir()
    for i, flat in enumerate(test):
        yield Progress(WRITING, i + 1, len(test) + 2, flat.name)
        # The picture as it is written is what is measured, so that anybody can measure it again.
        render, photo = picture(outcome.last.gaussians, flat.view), flat.pixels.numpy()
        write_png(folder / RENDERS / names[flat.name], render)
        write_png(folder / PHOTOS / names[flat.name], photo)
        scores[flat.name] = score(render, photo)
    return scores


def _metrics(outcome: Outcome, scores: Mapping[str, Score]) -> dict[str, object]:
    capture, reconstruction = outcome.capture, outcome.reconstruction
    gaussians = outcome.last.gaussians
    return {
        "photos": len(capture.photos),
        "registered": len(reconstruction.photos),
        "iterations": outcome.last.step.iteration,
        "gaussians": len(gaussians),
        "provenance": provenance_summary(gaussians.origin, gaussians.confidence),
        "stopped": outcome.stopped,
        "seconds": {},
        "peak_memory_mb": None,
        "device": outcome.device,
        "settings": outcome.settings,
        "test": {**summary(scores), "not_registered": list(outcome.split.not_placed)},
        "trust": outcome.trust.as_json() if outcome.trust else None,
        "prior": outcome.tried.as_json() if outcome.tried else None,
        "trained_on": list(outcome.split.train),
        "warnings": list(reconstruction.warnings),
        "verdicts": [asdict(verdict) for verdict in reconstruction.verdicts],
        "left_out": [asdict(file) for file in capture.left_out],
        "poses": dict(reconstruction.details),
    }
