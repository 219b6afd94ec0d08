"""`maquette complete` and pictures drawn from words, as they are asked for."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.__main__ import main
from core.gaussians.provenance import Origin
from core.pictured import opened
from core.pictured import whole as whole_of
from core.project.folder import open_project, save_project
from core.scene.additions import FIRST_INSERTED, Kind
from core.scene.placing import settle
from core.scene.placing.fit import FitSettings
from tests import pictured_scenes as scenes
from tests import pipeline_networks as pipelines
from tests import prior_networks as networks


@pytest.fixture
def project(tmp_path: Path) -> Path:
    scene, photos = scenes.captured(Origin.REGULARISED, 1, scenes.CRATE)
    save_project(tmp_path / "room.maquette", scenes.project_of(tmp_path, scene, photos))
    return tmp_path / "room.maquette"


def test_a_made_body_takes_the_objects_place(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = FitSettings(turns=1, first_steps=1, coarse_steps=2, steps=2)
    monkeypatch.setattr(settle, "FitSettings", lambda turns: quick)
    monkeypatch.setattr(whole_of, "WORST", 1.0)
    knowing = scenes.Knowing(scenes.chair_parts(scenes.CRATE))
    monkeypatch.setattr(opened, "open_maker", lambda place, device: knowing)
    out = tmp_path / "out"
    words = ["complete", str(project), "--object", "chair", "--model", "any", "-o", str(out)]
    assert main(words) == 0
    found = open_project(next(out.glob("*.maquette")))
    (addition,) = found.additions
    assert addition.kind is Kind.THING
    assert addition.objects == (FIRST_INSERTED,)
    assert scenes.CHAIR in found.layout.removed
    one, two = (np.asarray(Image.open(out / f"{name}.png")) for name in ("before", "after"))
    assert one.shape == two.shape
    assert (out / "scene.ply").is_file()
    assert main(words) == 1  # it is there already


@pytest.mark.slow
def test_a_body_by_shap_e_stands_where_the_photo_shows_the_crate(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = pipelines.saved(tmp_path / "shap-e", pipelines.shap_e())
    out = tmp_path / "out"
    words = ["complete", str(project), "--object", "3", "--model", str(place), "-o", str(out)]
    assert main(words) == 0, capsys.readouterr().err
    (addition,) = open_project(next(out.glob("*.maquette"))).additions
    low, high = addition.splats.means.min(axis=0), addition.splats.means.max(axis=0)
    assert low[1] == pytest.approx(0, abs=0.05)
    assert high[1] == pytest.approx(1, abs=0.12)
    assert 0.5 * (low + high)[[0, 2]] == pytest.approx([0.3, 3.0], abs=0.15)


def test_what_cannot_be_completed_is_told(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["complete", str(project), "-o", str(tmp_path / "out")]
    assert main([*words, "--object", "sofa"]) == 1
    assert 'no object "sofa"' in capsys.readouterr().err
    assert main([*words, "--object", "chair", "--model", str(tmp_path / "nowhere")]) == 1
    assert "There is no folder" in capsys.readouterr().err
    assert main([*words, "--object", "chair"]) in (0, 1)
    assert "mirror image" in capsys.readouterr().err
    assert not (tmp_path / "out").exists() or (tmp_path / "out" / "after.png").exists()


@pytest.mark.slow
def test_words_become_a_room(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = networks.stable()
    parts["unet"].register_to_config(sample_size=16)
    pipeline = networks.pipeline("StableDiffusionPipeline", parts)
    place = pipelines.saved(tmp_path / "sd", pipeline)
    out = tmp_path / "out"
    words = ["reconstruct", "--text", "a room", "--preset", "quick", "--max-size", "64"]
    assert main([*words, "--text-model", str(place), "-o", str(out)]) == 0, capsys.readouterr().err
    done = json.loads((out / "metrics.json").read_text())
    assert done["settings"]["text"] == "a room"
    found = open_project(next(out.glob("*.maquette")))
    (photo,) = found.capture.photos
    assert photo.path.is_file()
    assert photo.path.is_relative_to(out)
    assert (found.gaussians.origin != int(Origin.OBSERVED)).all()
    assert main([*words, "--text-model", str(tmp_path / "none"), "-o", str(tmp_path / "no")]) == 1
    assert not (tmp_path / "no").exists()
    assert main(["reconstruct", "-o", str(out)]) == 2
    assert main(["reconstruct", "--text", "a room", "-o", str(out)]) == 2
    assert main(["reconstruct", "photos", "--text", "a room", "-o", str(out)]) == 2
