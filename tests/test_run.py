"""Whole runs: photos and cameras in, all files out, and what they hold."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.__main__ import main
from app.engine.control import Control
from app.jobs.kinds import Opened, open_file
from core.capture.colmap import read_colmap, write_colmap_text
from core.export.ply import read_ply
from core.gaussians.arrays import SplatArrays
from core.project.folder import open_project
from tests.small_room import HEIGHT, ITERATIONS, SAMPLE, WIDTH, arguments, make_room
from tests.test_ply import same


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_room(tmp_path_factory.mktemp("room"))


@pytest.fixture(scope="module")
def done(room: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("done") / "out"
    assert main([*arguments(room, out), "--max-size", "128"]) == 0
    return out


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image).astype(float)


def psnr(first: Path, second: Path) -> float:
    error = np.mean((pixels(first) - pixels(second)) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def test_all_outputs_are_there(done: Path) -> None:
    names = sorted(path.name for path in done.iterdir())
    assert names == ["metrics.json", "photos", "renders", "scene.maquette", "scene.ply", "sparse"]
    tests = ["IMG_0001.png", "IMG_0005.png"]
    for folder in ("renders", "photos"):
        assert sorted(path.name for path in (done / folder).iterdir()) == tests
        assert pixels(done / folder / tests[0]).shape == (96, 128, 3)
    model = read_colmap(done / "sparse" / "0")
    assert len(model.photos) == 8
    assert {photo.lens.model for photo in model.photos} == {"PINHOLE"}
    assert {(photo.lens.width, photo.lens.height) for photo in model.photos} == {(128, 96)}
    assert not list(done.parent.glob(".*"))


def test_metrics(done: Path) -> None:
    metrics = json.loads((done / "metrics.json").read_text(encoding="utf-8"))
    assert (metrics["photos"], metrics["registered"]) == (8, 8)
    assert metrics["iterations"] == ITERATIONS
    assert metrics["gaussians"] == len(read_ply(done / "scene.ply"))
    kinds = ("observed", "regularised", "filled")
    assert metrics["gaussians"] == sum(metrics["provenance"][kind] for kind in kinds)
    assert metrics["device"] in ("cpu", "cuda")
    assert metrics["settings"]["test_every"] == 4
    assert metrics["peak_memory_mb"] > 50
    seconds = metrics["seconds"]
    parts = [seconds[part] for part in ("poses", "init", "train")]
    assert 0 < sum(parts) <= seconds["total"]
    assert set(metrics["test"]["photos"]) == {"IMG_0001.jpg", "IMG_0005.jpg"}
    for measure in ("psnr", "ssim"):
        each = [photo[measure] for photo in metrics["test"]["photos"].values()]
        assert metrics["test"][measure] == pytest.approx(np.mean(each))
    assert not metrics["stopped"]


def test_the_test_pictures_are_measured_as_anybody_would(done: Path) -> None:
    metrics = json.loads((done / "metrics.json").read_text(encoding="utf-8"))
    for name, found in metrics["test"]["photos"].items():
        picture = f"{Path(name).stem}.png"
        ours = psnr(done / "renders" / picture, done / "photos" / picture)
        assert found["psnr"] == pytest.approx(ours, abs=1e-3)


def test_evaluating_again_gives_the_same(done: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(done), "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    metrics = json.loads((done / "metrics.json").read_text(encoding="utf-8"))
    assert again["psnr"] == pytest.approx(metrics["test"]["psnr"], abs=1e-6)
    assert again["ssim"] == pytest.approx(metrics["test"]["ssim"], abs=1e-6)
    assert main(["evaluate", str(done)]) == 0
    assert "IMG_0005" in capsys.readouterr().out


@pytest.mark.parametrize("scene", ["scene.ply", "scene.maquette", "."])
def test_rendering_again_gives_the_same(done: Path, tmp_path: Path, scene: str) -> None:
    cameras, out = str(done / "sparse" / "0"), tmp_path / "again"
    assert main(["render", str(done / scene), "--cameras", cameras, "-o", str(out)]) == 0
    assert len(list(out.iterdir())) == 8
    for path in (done / "renders").iterdir():
        assert psnr(out / path.name, path) >= 40
    # A second time there is something to lose.
    assert main(["render", str(done / scene), "--cameras", cameras, "-o", str(out)]) == 1


def test_cameras_that_do_not_fit_are_refined_and_written_everywhere(
    room: tuple[Path, Path], tmp_path: Path
) -> None:
    given, out = read_colmap(room[1]), tmp_path / "out"
    points = replace(given.points, errors=np.full(len(given.points.errors), 2.0))
    write_colmap_text(tmp_path / "model", replace(given, points=points))
    words = arguments((room[0], tmp_path / "model"), out)
    assert main([*words, "--max-size", "96", "--iterations", "12"]) == 0
    written, project = read_colmap(out / "sparse" / "0"), open_project(out / "scene.maquette")
    listed = zip(given.photos, written.photos, project.reconstruction.photos, strict=True)
    for before, after, kept in listed:
        np.testing.assert_allclose(after.camera_from_scene, kept.camera_from_scene, atol=1e-9)
        same_place = np.allclose(before.camera_from_scene, after.camera_from_scene, atol=1e-6)
        assert same_place == (before.name in project.held_out)
    assert project.metrics["poses"]["turned_in_training_degrees"] > 0  # type: ignore[index]


def test_the_model_sees_the_scene_as_it_was_given(room: tuple[Path, Path], done: Path) -> None:
    given, written = read_colmap(room[1]), read_colmap(done / "sparse" / "0")
    for before, after in zip(given.photos, written.photos, strict=True):
        assert before.name == after.name
        assert np.allclose(before.camera_from_scene, after.camera_from_scene, atol=1e-9)


def test_the_project_holds_the_scene(done: Path, room: tuple[Path, Path]) -> None:
    project = open_project(done / "scene.maquette")
    assert same(project.gaussians, read_ply(done / "scene.ply"))
    assert project.held_out == ("IMG_0001.jpg", "IMG_0005.jpg")
    assert len(project.trained) == len(project.exposures) == 6
    assert project.capture.photos[0].path.parent == room[0]


def test_the_window_can_open_it(done: Path) -> None:
    for path in (done, done / "scene.maquette"):
        opened = list(open_file(Control(), path))[-1]
        assert isinstance(opened, Opened)
        assert opened.path == done / "scene.maquette"
        assert opened.facts is not None
        assert opened.facts.plan.held_out == {"IMG_0001.jpg", "IMG_0005.jpg"}
        assert opened.facts.plan.settings.iterations == ITERATIONS
        assert opened.facts.step is not None
        assert opened.facts.step.iteration == ITERATIONS
        assert isinstance(opened.content, SplatArrays)


def test_exporting(done: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.ply"
    assert main(["export", str(done / "scene.maquette"), "-o", str(out)]) == 0
    assert out.read_bytes() == (done / "scene.ply").read_bytes()
    assert main(["export", str(done / "scene.ply"), "-o", str(out)]) == 1
    assert main(["export", str(done / "scene.ply"), "-o", str(tmp_path / "a.obj")]) == 1


def test_held_out_pixels_change_nothing(room: tuple[Path, Path], tmp_path: Path) -> None:
    scenes = []
    for seed in (0, 1):
        photos, model = make_room(tmp_path / f"room{seed}")
        noise = np.random.default_rng(seed).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
        Image.fromarray(noise).save(photos / "IMG_0005.jpg")
        out = tmp_path / f"out{seed}"
        words = [*arguments((photos, model), out), "--iterations", "3", "--max-size", "96"]
        assert main(words) == 0
        scenes.append((out / "scene.ply").read_bytes())
    assert scenes[0] == scenes[1]


def test_json_is_all_there_is_on_stdout(
    room: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*arguments(room, tmp_path / "out"), "--json", "--iterations", "3", "--max-size", "96"]
    assert main(words) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    kinds = [event["event"] for event in events]
    assert set(kinds) == {"progress", "placed", "step", "finished"}
    assert kinds[-1] == "finished"
    assert events[-1]["metrics"]["registered"] == 8


def test_an_empty_folder_may_be_filled(room: tuple[Path, Path], tmp_path: Path) -> None:
    assert main([*arguments(room, tmp_path), "--iterations", "2", "--max-size", "96"]) == 0
    assert (tmp_path / "metrics.json").exists()
    assert not list(tmp_path.glob(".*"))


def test_a_time_limit_ends_training_well(room: tuple[Path, Path], tmp_path: Path) -> None:
    words = [*arguments(room, tmp_path / "out"), "--iterations", "100000", "--time-limit", "1"]
    assert main([*words, "--max-size", "96"]) == 0
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text(encoding="utf-8"))
    assert 0 < metrics["iterations"] < 100_000
    assert metrics["seconds"]["train"] < 20


@pytest.mark.slow
def test_a_run_from_photos_alone(tmp_path: Path) -> None:
    photos = SAMPLE / "photos"
    out = tmp_path / "out"
    words = ["reconstruct", str(photos), "-o", str(out), "--preset", "quick", "--test-every", "8"]
    assert main([*words, "--iterations", "300", "--max-size", "320"]) == 0
    metrics = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["registered"] == 12
    assert metrics["test"]["psnr"] > 18


@pytest.mark.slow
def test_cameras_without_points_get_some(tmp_path: Path) -> None:
    facts = json.loads((SAMPLE / "cameras.json").read_text(encoding="utf-8"))
    names = ("fl_x", "fl_y", "cx", "cy", "k1", "k2", "p1", "p2")
    content = dict(zip(names, facts["lens"]["params"], strict=True)) | {"w": 640, "h": 480}
    content["camera_convention"] = "opencv"
    content["frames"] = [
        {
            "file_path": entry["name"],
            "transform_matrix": np.linalg.inv(entry["camera_from_scene"]).tolist(),
        }
        for entry in facts["photos"]
    ]
    (tmp_path / "cameras.json").write_text(json.dumps(content), encoding="utf-8")
    out = tmp_path / "out"
    words = ["reconstruct", str(SAMPLE / "photos"), "-o", str(out), "--preset", "quick"]
    words += ["--poses", f"transforms:{tmp_path / 'cameras.json'}", "--iterations", "5"]
    assert main([*words, "--max-size", "160"]) == 0
    model = read_colmap(out / "sparse" / "0")
    assert len(model.points.positions) > 2000
    # The table's top is 0.449 m above the floor at y = 0.
    assert np.percentile(model.points.positions[:, 1], 2) > -0.1
