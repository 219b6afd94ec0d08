"""The quality bench's tables and sheets say what the results say; captures are read whole."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.bench.quality_captures import read_subject, read_subjects
from app.bench.quality_run import color_fitted, finished, write_result
from app.bench.quality_sheet import write_sheets
from app.bench.quality_tables import ablation_table, gains_table, scores_table, summary
from app.bench.triples import DOUBTED, NOTICED, RIGHT, SILENT, shares_table, triples, verdict
from core.errors import UserError
from core.pipeline.evaluate import PHOTOS, RENDERS, score


def _result(setting: str, seed: int, psnr: float, photos: int = 3) -> dict[str, Any]:
    case = {"capture": "a", "poses": "known", "photos": photos, "setting": setting, "seed": seed}
    return {
        "case": case,
        "input": {"seconds": 2.0, "cpu_seconds": 3.0},
        "seconds": {"start": 1.0, "training": 4.0},
        "cpu_seconds": {"start": 1.0, "training": 6.0},
        "gaussians": 1000,
        "psnr": psnr,
        "ssim": psnr / 30,
        "psnr_color_fitted": psnr + 1,
        "test": {"0.jpg": {"psnr": psnr}, "1.jpg": {"psnr": psnr}},
    }


RESULTS = [
    _result("plain", 0, 20.0),
    _result("plain", 1, 21.0),
    _result("auto", 0, 22.0),
    _result("auto", 1, 24.0),
    _result("auto-decay", 0, 21.5),
    _result("auto-decay", 1, 21.0),
    {**_result("auto", 2, 0.0), "refused": "no"},
]
del RESULTS[-1]["psnr"]


def test_means_and_spreads_are_over_seeds() -> None:
    row = next(row for row in summary(RESULTS) if row["setting"] == "auto")
    assert (row["psnr"], row["seeds"], row["refused"]) == (23.0, 2, 1)
    assert row["psnr_spread"] == pytest.approx(2**0.5)
    assert (row["seconds"], row["cpu_seconds"]) == (7.0, 10.0)
    assert "| 23.00 ± 1.41 |" in scores_table(RESULTS)


def test_gains_compare_the_same_seed() -> None:
    text = gains_table(RESULTS)
    # 22 - 20 and 24 - 21.
    assert "| auto | 3 | 2 | +2.50 | 0.71 | +2.00 |" in text
    assert gains_table([_result("auto", 0, 20.0)]) == ""


def test_a_part_is_worth_what_auto_loses_without_it() -> None:
    text = ablation_table(RESULTS)
    # 22 - 21.5 and 24 - 21.
    assert "| decay | +1.75 | +1.75 |" in text
    assert "plain" not in text


def test_sheets_hold_the_truth_and_each_setting(tmp_path: Path) -> None:
    rows = []
    for result in RESULTS:
        folder = tmp_path / f"{result['case']['setting']}{result['case']['seed']}"
        for name in (RENDERS, PHOTOS):
            (folder / name).mkdir(parents=True)
            for photo in ("0.png", "1.png"):
                Image.new("RGB", (40, 30)).save(folder / name / photo)
        rows.append((folder, result))
    (path,) = write_sheets(rows, tmp_path / "sheets")
    with Image.open(path) as image:
        # Two photos wide; truth, plain, auto and auto-decay high.
        assert image.width > 2 * 320
        assert 4 * 240 < image.height < 5 * 280


def test_a_color_fit_takes_exposure_away() -> None:
    random = np.random.default_rng(0)
    truth = random.integers(40, 200, (20, 30, 3), dtype=np.uint8)
    darker = np.round(truth * 0.6 + 10).astype(np.uint8)
    assert score(darker, truth).psnr < 20
    assert score(color_fitted(darker, truth), truth).psnr > 45


def test_a_result_holds_for_its_code_and_question(tmp_path: Path) -> None:
    assert finished(tmp_path, "asked", "code") is None
    write_result(tmp_path, {"asked": "asked", "code": "code", "psnr": 1.0})
    assert finished(tmp_path, "asked", "code") is not None
    assert finished(tmp_path, "asked", "other") is None
    assert finished(tmp_path, "asked", None) is not None
    assert finished(tmp_path, "other", None) is None


def test_triples_are_neighbours_and_every_other_photo() -> None:
    listed = list(triples("abcdef"))
    assert listed[:2] == [("a", "b", "c"), ("b", "c", "d")]
    assert listed[-1] == ("b", "d", "f")
    assert len(listed) == 4 + 2


def test_a_triple_is_right_noticed_or_silently_wrong() -> None:
    placed = {"capture": "a", "photos": ["a", "b", "c"], "placed": 3, "warnings": []}
    good = {**placed, "rotation_worst": 1.0, "translation_worst": 4.9}
    bad = {**placed, "rotation_worst": 57.0, "translation_worst": 4.9}
    results = [
        good,
        {**good, "warnings": ["doubt"]},
        {**bad, "warnings": ["doubt"]},
        {"capture": "a", "photos": ["a"], "refused": "no", "warnings": []},
        bad,
    ]
    assert [verdict(each) for each in results] == [RIGHT, DOUBTED, NOTICED, NOTICED, SILENT]
    assert "| a | 5 | 1 (20.0 %) | 1 (20.0 %) | 2 (40.0 %) | 1 (20.0 %) |" in shares_table(results)


def _photos(folder: Path, names: tuple[str, ...]) -> None:
    random = np.random.default_rng(0)
    folder.mkdir(parents=True)
    for name in names:
        pixels = random.integers(0, 255, (96, 128, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / name)


def test_cameras_of_all_kinds_are_found(tmp_path: Path) -> None:
    names = ("0.jpg", "1.jpg")
    turn = np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]])  # scene from camera
    for kind in ("strecha", "room", "none"):
        _photos(tmp_path / kind / "images", names)
    (tmp_path / "strecha" / "gt_dense_cameras").mkdir()
    rows = ["200 0 128", "0 204 96", "0 0 1", "0 0 0", *(" ".join(map(str, r)) for r in turn)]
    for name in names:
        file = tmp_path / "strecha" / "gt_dense_cameras" / f"{name}.camera"
        file.write_text("\n".join([*rows, "1 2 3", "256 192", ""]))
    lens = {"model": "PINHOLE", "width": 128, "height": 96, "params": [100, 102, 64, 48]}
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = turn.T, -turn.T @ (1, 2, 3)
    listed = [{"name": name, "camera_from_scene": pose.tolist()} for name in names]
    (tmp_path / "room" / "cameras.json").write_text(json.dumps({"lens": lens, "photos": listed}))
    for kind in ("strecha", "room"):
        subject = read_subject(tmp_path / kind, tmp_path / "work")
        assert subject.reference is not None
        assert subject.names == list(names)
        for placed in subject.reference.photos:
            # At the size of the photos, half that of the cameras' file.
            assert placed.lens.params == pytest.approx((100, 102, 64, 48))
            np.testing.assert_allclose(placed.camera_from_scene, pose)
    subject = read_subject(tmp_path / "none", tmp_path / "work")
    assert subject.reference is None
    assert subject.names == list(names)
    with pytest.raises(UserError, match="Two captures"):
        read_subjects([tmp_path / "none", tmp_path / "none"], tmp_path / "work")
