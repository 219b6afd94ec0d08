"""`maquette bench project`: how long a large project takes to save and to open."""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import torch

from app.bench.scenes import trained_scene
from app.cli.console import tell
from app.threads import set_threads
from core.capture.photos import Capture
from core.capture.reconstruction import Reconstruction, SparsePoints
from core.gaussians.table import Gaussians
from core.project.folder import Project, open_project, save_project
from core.segment.labels import SceneObject
from core.segment.masks import FIRST_OBJECTS, Masks
from core.train.standing import Standing, write_standing
from core.train.steps import Step

ROWS, OBJECTS, TIMES = 1_000_000, 20, 5


def run(args: argparse.Namespace) -> int:
    """Measure and tell, with and without where training stands."""
    set_threads()
    found: dict[str, object] = {"gaussians": ROWS, "objects": OBJECTS}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        project = _project()
        standing = folder / "standing"
        write_standing(standing, _standing(project.gaussians))
        for name, each in (
            ("plain", project),
            ("with training", replace(project, training=standing)),
        ):
            path = folder / f"{name}.maquette"
            save = _seconds(lambda path=path, each=each: save_project(path, each))  # type: ignore[misc]
            opened = _seconds(lambda path=path: _read(path))  # type: ignore[misc]
            size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
            found[name] = {"save": save, "open": opened, "megabytes": round(size / 1e6)}
    if args.json:
        tell(json.dumps(found))
    else:
        for name, values in found.items():
            tell(f"{name}: {values}")
    return 0


def _project() -> Project:
    gaussians = trained_scene(ROWS)
    ids = torch.arange(ROWS) % OBJECTS + 2
    objects = tuple(SceneObject(k + 2, f"Object {k}", "#808080") for k in range(OBJECTS))
    return Project(
        capture=Capture(()),
        reconstruction=Reconstruction((), SparsePoints.none(), ()),
        gaussians=replace(gaussians, object_id=ids),
        exposures=torch.zeros(0, 2, 3),
        trained=(),
        masks=Masks((*FIRST_OBJECTS, *objects), {}, OBJECTS + 2),
    )


def _standing(gaussians: Gaussians) -> Standing:
    """As large as that of a training run: the columns, and two memories of each."""
    names = ("means", "quats", "log_scales", "logit_opacity", "sh")
    kinds = ("column", "first", "second")
    tensors = {
        f"{kind}.{name}": getattr(gaussians, name).clone() for kind in kinds for name in names
    }
    return Standing(Step(1, 2, 0.5, 0.1, 20.0, len(gaussians)), tensors, {})


def _read(path: Path) -> list[float]:
    """Open a project and look at every number: arrays are read when they are looked at."""
    gaussians = open_project(path).gaussians
    return [float(getattr(gaussians, column.name).sum()) for column in fields(Gaussians)]


def _seconds(act: Callable[[], object]) -> float:
    """The median of a few times, by the clock."""
    times = []
    for _ in range(TIMES):
        began = time.monotonic()
        act()
        times.append(time.monotonic() - began)
    return round(statistics.median(times), 2)
