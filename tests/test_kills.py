"""The whole program is killed at random moments, and the project opens every time."""

import contextlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest
import torch

from app.projects.unsaved import found
from core.capture.colmap import read_colmap
from core.capture.find import find_photos
from core.capture.names import match_names
from core.capture.photos import Capture
from core.errors import UserError
from core.export.any_file import read_splats
from core.pipeline.settings import PRESETS, Preset
from core.project.arrays import read_gaussians
from core.project.files import removed
from core.project.folder import Project, open_project, save_project
from tests.killed_program import EVERY
from tests.scenes import cloud
from tests.small_room import REPOSITORY, make_room

KILLS = int(os.environ.get("MAQUETTE_KILLS", "2"))
ROWS = 60_000  # Gaussians: a save takes long enough to be hit
MOST_SECONDS = 4.0  # from the first file on to the kill
SLACK = 20.0  # seconds that keeping may take; with the program's own pace it makes two minutes


@dataclass(frozen=True)
class Places:
    """`home`: of preferences and unsaved work."""

    home: Path
    project: Path
    export: Path


@pytest.fixture
def places(tmp_path: Path) -> Places:
    photos, model = make_room(tmp_path / "room")
    capture = next(step for step in find_photos([photos], tmp_path) if isinstance(step, Capture))
    settings = replace(PRESETS[Preset.QUICK], max_size=96, seed=0)
    project = Project(
        capture=capture,
        reconstruction=match_names(read_colmap(model), capture),
        gaussians=cloud(ROWS),
        exposures=torch.zeros(0, 2, 3),
        trained=(),
        settings=settings.as_json(),
    )
    made = Places(tmp_path / "home", tmp_path / "a.maquette", tmp_path / "exported.ply")
    made.home.mkdir()
    save_project(made.project, project)
    return made


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.slow
def test_a_killed_program_loses_no_project(places: Places, qapp: object) -> None:
    dice = random.Random(KILLS)
    lost: list[float] = []
    for k in range(KILLS):
        edits, ended = killed(places, k, dice.uniform(0.0, MOST_SECONDS))
        kept = max(number(each) for each in (places.project, *left(places)))
        unkept = [when for count, when in edits if count > kept]
        lost.append(ended - min(unkept) if unkept else 0.0)
        sys.stdout.write(f"kill {k}: change {kept} of {edits[-1][0]}, {lost[-1]:.1f} s lost\n")
        check_whole(places)
        assert lost[-1] <= EVERY + SLACK
        for each in found(places.home / "unsaved"):
            removed(each.folder)


def killed(places: Places, seed: int, seconds: float) -> tuple[list[tuple[int, float]], float]:
    """Run the program, kill it with all below it; its changes with their times, and when."""
    arguments = [str(places.home), str(places.project), str(places.export), str(seed)]
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.killed_program", *arguments],
        cwd=REPOSITORY, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with program:
        assert program.stdout is not None
        edits: list[tuple[int, float]] = []
        for line in program.stdout:
            what, count, when = line.split()
            if what == "edit":
                edits.append((int(count), float(when)))
            if what == "busy":
                break
        assert edits, "the program ended by itself"
        time.sleep(seconds)
        below = psutil.Process(program.pid).children(recursive=True)
        program.kill()
        ended = time.time()
        for process in below:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(below)
        for line in program.stdout:
            with contextlib.suppress(ValueError):
                what, count, when = line.split()
                if what == "edit":
                    edits.append((int(count), float(when)))
    return edits, ended


def left(places: Places) -> Iterator[Path]:
    for each in found(places.home / "unsaved"):
        yield each.scene


def number(folder: Path) -> int:
    """The change that a project holds, of which all can be read."""
    project = open_project(folder)
    assert len(project.gaussians) > 0
    seed = project.settings["seed"]
    assert isinstance(seed, int)
    return seed


def check_whole(places: Places) -> None:
    """Whatever carries a final name is whole."""
    if places.export.exists():
        assert len(read_splats(places.export)) > 0
    for folder in (places.project, *left(places)):
        for data in folder.glob("data-*"):
            try:
                read_gaussians(data / "gaussians.safetensors")
            except UserError as error:
                raise AssertionError(data) from error
