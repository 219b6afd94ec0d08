"""One photo from the command line to files, and the odd pictures that people try."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from app.__main__ import main
from core.gaussians.provenance import Origin
from core.project.folder import open_project
from tests.single_scenes import made, truth


def test_one_photo_on_the_command_line(tmp_path: Path) -> None:
    photo = tmp_path / "room.jpg"
    Image.fromarray(truth(0).photo).resize((160, 120)).save(photo, quality=95)
    out = tmp_path / "out"
    assert main(["reconstruct", str(photo), "-o", str(out), "--preset", "quick"]) == 0
    metrics = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert (metrics["photos"], metrics["registered"]) == (1, 1)
    assert metrics["provenance"]["observed"] == 0
    assert metrics["poses"]["single"] is True
    project = open_project(out / "scene.maquette")
    assert len(project.gaussians) == metrics["gaussians"] > 19_000
    assert project.reconstruction is not None
    assert project.reconstruction.floor_found


ODD = ["night", *(pytest.param(each, marks=pytest.mark.slow) for each in ("face", "panorama"))]


def drawn(kind: str) -> np.ndarray:
    """A picture that is no photo of a room."""
    random = np.random.default_rng(0)
    if kind == "night":
        return random.integers(0, 12, (90, 120, 3), dtype=np.uint8)
    picture = Image.new("RGB", (480, 80) if kind == "panorama" else (120, 90), "#88aacc")
    pen = ImageDraw.Draw(picture)
    if kind == "face":
        pen.ellipse((30, 5, 90, 85), fill="#d8a890")
    else:
        pen.rectangle((0, 40, 480, 80), fill="#806040")
    return np.asarray(picture)


@pytest.mark.parametrize("kind", ODD)
def test_odd_pictures_make_a_scene_all_the_same(kind: str, tmp_path: Path) -> None:
    photo = tmp_path / "odd.png"
    Image.fromarray(drawn(kind)).save(photo)
    scene = made(photo, max_size=120).last.gaussians
    assert scene.finite().all()
    assert (scene.origin != Origin.OBSERVED).all()
    depth = scene.means.norm(dim=1)
    assert float(depth.max()) < 200 * float(depth.median())
