"""The set-up: what it decides before anything is installed."""

import sys
from pathlib import Path

import pytest

from app import bootstrap


def test_results_are_never_written_over(tmp_path: Path) -> None:
    wanted = tmp_path / "sample"
    assert bootstrap.fresh_folder(wanted) == wanted
    wanted.mkdir()
    (tmp_path / "sample-2").mkdir()
    assert bootstrap.fresh_folder(wanted) == tmp_path / "sample-3"


def test_a_python_too_old_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    assert bootstrap.main(["test"]) == 1
    told = capsys.readouterr().err
    assert "needs Python 3.11 to 3.13 and this is 3.9" in told
    assert len(told.strip().splitlines()) == 1


def test_other_pins_are_installed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_text((bootstrap.ROOT / name).read_text())
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    before = bootstrap.inputs_digest()
    assert bootstrap.inputs_digest() == before
    (tmp_path / "constraints.txt").write_text("numpy==1.0\n")
    assert bootstrap.inputs_digest() != before


def test_a_torn_stamp_counts_as_nothing_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = tmp_path / "stamp"
    monkeypatch.setattr(bootstrap, "STAMP", stamp)
    assert bootstrap.read_stamp() == ("", ())
    stamp.write_text('{"inputs": "x"')
    assert bootstrap.read_stamp() == ("", ())


def test_every_pin_is_exact() -> None:
    lines = (bootstrap.ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if line.strip() and not line.startswith("#")]
    assert len(pins) > 30
    assert all("==" in pin for pin in pins)
    assert any(pin.startswith("torch==2.13.0") for pin in pins)
