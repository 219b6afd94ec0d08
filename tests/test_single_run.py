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
from tests.test_layers import Meaning, saved


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


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:`torch.jit")
def test_depth_and_a_painter_make_layers(tmp_path: Path) -> None:
    """A chair before a wall: behind it the network has painted, at the wall's depth."""
    y, x = np.mgrid[:90, :120]
    depth = np.minimum(5.0, 1.6 * 100 / np.maximum(y - 30, 1)).astype(np.float32)
    chair = (np.abs(x - 40) < 14) & (y > 30) & (y < 66)
    depth[chair] = 2.5
    photo = np.full((90, 120, 3), (120, 140, 160), np.uint8)
    photo[y > 62] = (110, 80, 60)
    photo[chair] = (200, 30, 30)
    Image.fromarray(photo).save(tmp_path / "room.png")
    np.save(tmp_path / "depth.npy", depth)
    (tmp_path / "masks").mkdir()
    labels = np.where(chair, 255, 0).astype(np.uint8)
    Image.fromarray(labels).save(tmp_path / "masks" / "room.png")
    fill = saved(Meaning(), tmp_path / "lama.pt")
    out = tmp_path / "out"
    words = ["reconstruct", str(tmp_path / "room.png"), "-o", str(out), "--preset", "quick"]
    words += ["--depth", str(tmp_path / "depth.npy"), "--fill", fill]
    assert main([*words, "--masks", str(tmp_path / "masks")]) == 0
    scene = open_project(out / "scene.maquette").gaussians
    view = open_project(out / "scene.maquette").reconstruction.photos[0].camera_from_scene
    rest = scene.rows((scene.object_id == 0) & (scene.origin == Origin.FILLED))
    seen = rest.means.double().numpy() @ view[:3, :3].T + view[:3, 3]
    column = 100 * seen[:, 0] / seen[:, 2]  # whatever the focal length, the chair is left of it
    behind = seen[column < 10]
    assert len(behind) > 200
    assert np.median(behind[:, 2]) > 3.0


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
