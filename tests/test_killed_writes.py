"""What writes projects, exports and where training stands is killed in the midst of it."""

import multiprocessing
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.capture.photos import Capture
from core.capture.reconstruction import Reconstruction, SparsePoints
from core.export.any_file import read_splats
from core.export.job import Material, exported
from core.export.wish import Wish
from core.project.arrays import read_gaussians
from core.project.folder import Project, open_project, save_project
from core.train.standing import Standing, read_standing, write_standing
from core.train.steps import Step
from tests.scenes import cloud

ROWS = 20_000
KILLS = 300
KINDS = ("project", "export", "standing")


def write_without_end(folder: Path, seed: int) -> None:
    """Whole things under final names, each with one more than before."""
    dice, count = random.Random(seed), seed
    torch.set_num_threads(1)
    standing = folder / "standing"
    project = Project(
        Capture(()), Reconstruction((), SparsePoints.none(), ()), cloud(ROWS),
        torch.zeros(0, 2, 3), (),
    )  # fmt: skip
    while True:
        count += 1
        kind = dice.choice(KINDS)
        if kind == "project":
            told = {"seed": count}
            known = standing if standing.exists() else None
            save_project(folder / "a.maquette", replace(project, settings=told, training=known))
        elif kind == "export":
            for _ in exported(folder / dice.choice(NAMES), Material(cloud(2_000)), Wish()):
                pass
        else:
            step = Step(count, 2, 0.5, 0.1, 20.0, 1)
            write_standing(standing, Standing(step, {"x": torch.full((100_000,), count)}, {}))


NAMES = ("a.ply", "a.compressed.ply", "a.spz", "a.glb")


def whole(folder: Path) -> Iterator[str]:
    """What can be read of what carries a final name; raises where something cannot."""
    for path in folder.iterdir():
        if path.name.startswith(".unfinished"):
            continue
        if path.name == "standing":
            standing = read_standing(path)
            assert (standing.tensors["x"] == standing.step.iteration).all()
        elif path.suffix == ".maquette":
            project = open_project(path)
            for data in path.glob("data-*"):
                assert len(read_gaussians(data / "gaussians.safetensors")) == ROWS
            assert len(project.gaussians) == ROWS
            if project.training is not None:
                read_standing(project.training)
        else:
            assert len(read_splats(path)) == 2_000
        yield path.name


@pytest.mark.skipif(sys.platform != "linux", reason="processes made by fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
@pytest.mark.slow
def test_whatever_has_a_final_name_is_whole(tmp_path: Path) -> None:
    dice, seen = random.Random(KILLS), set()
    context = multiprocessing.get_context("fork")
    for k in range(KILLS):
        writer = context.Process(target=write_without_end, args=(tmp_path, 1000 * k))
        writer.start()
        time.sleep(dice.uniform(0.0, 0.6))
        assert writer.is_alive()
        writer.kill()
        writer.join()
        seen |= set(whole(tmp_path))
    sys.stdout.write(f"{KILLS} kills, {sorted(seen)}\n")
    project = open_project(tmp_path / "a.maquette") if "a.maquette" in seen else None
    if project is not None:  # and it can be saved again, which takes away what was left
        save_project(tmp_path / "a.maquette", project)
        assert not [p for p in (tmp_path / "a.maquette").iterdir() if "unfinished" in p.name]
