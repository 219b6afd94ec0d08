"""`maquette train-prior`: captures to a prior in a folder, stopped and gone on with."""

import json
from pathlib import Path

import pytest
from PIL import Image

from app.__main__ import main
from core.prior.reconfusion.folder import load_reconfusion
from tests.reconfusion_scenes import CAMERA, needed, painting, shown, views


def write_capture(folder: Path, seed: int) -> Path:
    """Photos of a wall with their cameras.json."""
    (folder / "photos").mkdir(parents=True)
    photos = []
    for k, view in enumerate(views()):
        pixels = (255 * shown(view, painting(seed))).byte().numpy()
        name = f"{k}.png"
        Image.fromarray(pixels).resize((128, 96)).save(folder / "photos" / name)
        photos.append({"name": name, "camera_from_scene": view.camera_from_scene.tolist()})
    params = [4 * CAMERA.fx, 4 * CAMERA.fy, 4 * CAMERA.cx, 4 * CAMERA.cy]
    lens = {"model": "PINHOLE", "width": 128, "height": 96, "params": params}
    (folder / "cameras.json").write_text(json.dumps({"lens": lens, "photos": photos}))
    return folder


def test_it_learns_is_judged_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    needed()
    captures = [str(write_capture(tmp_path / f"wall-{seed}", seed)) for seed in (1, 2)]
    out = tmp_path / "prior"
    asked = ["train-prior", *captures, "--out", str(out), "--held-out", "1"]
    assert main([*asked, "--size", "16", "--steps", "2"]) == 0
    assert "wall-2: samples" in capsys.readouterr().out
    assert (out / "validation-000002.png").is_file()
    assert main(asked) == 1  # the folder is not empty
    assert "already" in capsys.readouterr().err
    assert main([*asked, "--resume", "--steps", "3"]) == 0
    steps = [row.split(",")[0] for row in (out / "losses.csv").read_text().split()]
    assert steps == ["1", "2", "3"]
    assert load_reconfusion(out).config.side == 16


def test_what_cannot_be_learned_from_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    needed()
    (tmp_path / "photos").mkdir()
    Image.new("RGB", (128, 96), (90, 120, 60)).save(tmp_path / "photos" / "a.png")
    out = str(tmp_path / "out")
    assert main(["train-prior", str(tmp_path), "--out", out]) == 1
    assert "No cameras are known" in capsys.readouterr().err
    assert main(["train-prior", "--out", str(tmp_path / "other")]) == 1
    assert "no capture to learn from" in capsys.readouterr().err
