"""Jobs about files: opening a scene of any kind, and saving a project."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import torch

from app.jobs.values import Opened, ProjectFacts, Saved
from core.capture.photos import Capture
from core.capture.reconstruction import Reconstruction, SparsePoints
from core.errors import UserError
from core.export.any_file import read_any_file
from core.gaussians.arrays import SplatArrays
from core.gaussians.table import Gaussians
from core.pipeline.outputs import PROJECT
from core.pipeline.settings import settings_from_json
from core.pipeline.split import Split
from core.progress import Progress
from core.project.folder import Project, is_project, open_project, save_project, training_in
from core.scene.plan import Plan
from core.scene.upright import Upright, stands
from core.train.standing import standing_step
from core.train.steps import Kept, Step

OPENING, WRITING = "Opening", "Writing"
NO_POINTS = SparsePoints.none()


def opened(path: Path) -> Iterator[Progress | Opened]:
    """What is at `path`, last. Raises `UserError`."""
    yield Progress(OPENING, 0, 1, path.name)
    if not path.exists():
        raise UserError(f"There is no file or folder {path}.", hint="Check the spelling.")
    if path.is_file():
        content = read_any_file(path)
        upright = Upright.RIGHT  # SPZ and GLB are so by definition
        if isinstance(content, SplatArrays) and path.suffix.lower() == ".ply":
            upright = stands(content)
        yield Opened(path, content, None, upright)
        return
    inside = path / PROJECT
    folder = inside if is_project(inside) and not is_project(path) else path
    yield _from_project(folder, open_project(folder))


def saved(
    folder: Path, facts: ProjectFacts, work: Path, splats: SplatArrays | None
) -> Iterator[Progress | Saved]:
    """Write a project to `folder`. Raises `UserError`."""
    yield Progress(WRITING, 0, 1, folder.name)
    save_project(folder, _project(facts, splats), copy_below=work)
    yield Progress(WRITING, 1, 1, folder.name)
    yield Saved(_kept(training_in(folder)))


def _project(facts: ProjectFacts, splats: SplatArrays | None) -> Project:
    plan, split = facts.plan, facts.split or Split((), ())
    exposures = np.zeros((0, 2, 3), np.float32) if facts.exposures is None else facts.exposures
    decided = {"excluded": sorted(plan.excluded), "held_out": sorted(plan.held_out)}
    metrics = dict(facts.metrics)
    if facts.step is not None:
        # JSON has no NaN, which a running mean is before the first photo.
        step = {name: _number(value) for name, value in asdict(facts.step).items()}
        metrics |= {"step": step, "not_registered": list(split.not_placed)}
    return Project(
        capture=plan.capture or Capture(()),
        reconstruction=facts.reconstruction or Reconstruction((), NO_POINTS, ()),
        gaussians=_none() if splats is None else splats.to_gaussians(),
        exposures=torch.tensor(exposures),
        trained=split.train,
        held_out=split.test,
        settings={**plan.settings.as_json(), **decided},
        metrics=metrics,
        masks=plan.masks,
        layout=plan.layout,
        path=plan.path,
        additions=plan.additions,
        reworks=plan.reworks,
        training=None if facts.training is None else facts.training.path,
        stances=plan.stances,
    )


def _kept(path: Path | None) -> Kept | None:
    """What the file of a project says of where training stood; None where it says nothing."""
    if path is None:
        return None
    try:
        return Kept(path, standing_step(path).iteration, path.stat().st_size)
    except (UserError, OSError):
        return None


def _from_project(folder: Path, project: Project) -> Opened:
    names = {photo.name for photo in project.capture.photos}

    def known(listed: object) -> frozenset[str]:
        return (
            frozenset(map(str, listed)) & names if isinstance(listed, list | tuple) else frozenset()
        )

    plan = Plan(
        capture=project.capture if names else None,
        excluded=known(project.settings.get("excluded")),
        held_out=known(project.settings.get("held_out", project.held_out)),
        settings=settings_from_json(project.settings),
        masks=project.masks,
        layout=project.layout,
        path=project.path,
        additions=project.additions,
        reworks=project.reworks,
        stances={name: each for name, each in project.stances.items() if name in names},
    )
    not_placed = tuple(sorted(known(project.metrics.get("not_registered"))))
    facts = ProjectFacts(
        plan=plan,
        reconstruction=project.reconstruction if project.reconstruction.photos else None,
        split=Split(project.trained, project.held_out, not_placed) if project.trained else None,
        step=_step(project, plan.settings.iterations),
        exposures=project.exposures.numpy() if len(project.exposures) else None,
        metrics=project.metrics,
        training=_kept(project.training),
    )
    rows = len(project.gaussians)
    content = SplatArrays.from_gaussians(project.gaussians) if rows else None
    return Opened(folder, content, facts)


def _step(project: Project, iterations: int) -> Step | None:
    """Where training stood; what `maquette reconstruct` wrote tells only the iteration."""
    told = project.metrics.get("step")
    if isinstance(told, Mapping) and {field.name for field in fields(Step)} <= told.keys():
        values = {f.name: math.nan if told[f.name] is None else told[f.name] for f in fields(Step)}
        return Step(**values)  # type: ignore[arg-type]
    reached = project.metrics.get("iterations")
    if not isinstance(reached, int):
        return None
    spent = min(1.0, reached / max(1, iterations))
    return Step(reached, iterations, spent, math.nan, math.nan, len(project.gaussians))


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _none() -> Gaussians:
    empty = torch.zeros
    return Gaussians(
        empty(0, 3), empty(0, 4), empty(0, 3), empty(0), empty(0, 1, 3), empty(0, dtype=torch.int64)
    )
