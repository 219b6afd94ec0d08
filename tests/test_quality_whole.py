"""The quality bench from the command line to its tables, and again without doing anything."""

import json
from pathlib import Path

import pytest

from app.__main__ import main

SAMPLE = Path(__file__).resolve().parents[1] / "resources" / "sample"


@pytest.mark.slow
@pytest.mark.parametrize("poses", ["known", "own"])
def test_a_measurement_is_made_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], poses: str
) -> None:
    words = f"bench quality {SAMPLE} --photos 4 --settings plain --test-every 4 --poses {poses}"
    words += f" --max-size 160 --iterations 60 --out {tmp_path} --json"
    assert main(words.split()) == 0
    first = capsys.readouterr()
    (case,) = json.loads(first.out)["cases"]
    assert len(case["test"]) == 3
    assert case["psnr"] > 10
    assert case["input"]["seconds"] > 0
    assert (poses == "own") == ("pose" in case["input"])
    assert main(words.split()) == 0
    again = capsys.readouterr()
    assert "finished before" in again.err
    assert json.loads(again.out)["cases"] == [case]
