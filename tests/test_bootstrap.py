"""The set-up: what it decides before anything is installed."""

import sys
from pathlib import Path

import pytest

from app import bootstrap, machine


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


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that would have run, on a Linux without a screen."""
    commands: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "run", lambda command: commands.append(command) or 0)
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("CI", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    return commands


@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_results_are_shown_where_there_is_a_screen(
    name: str,
    ran: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(name, "some")
    bootstrap.show(Path("/venv/python"), Path("/out/sample"))
    scene = str(Path("/out/sample/scene.maquette"))
    assert ran == [[str(Path("/venv/python")), "-m", "app", scene]]
    assert scene in capsys.readouterr().out.splitlines()[-1]


def test_without_a_screen_they_are_named(
    ran: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bootstrap.show(Path("/venv/python"), Path("/out/sample"))
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("CI", "true")  # nobody would close it
    bootstrap.show(Path("/venv/python"), Path("/out/sample"))
    assert ran == []
    told = capsys.readouterr().out
    assert told.count(f"The results are in {Path('/out/sample')}") == 2
    assert told.count("To open them in the window, run in") == 2


def test_other_systems_always_have_a_screen(
    ran: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for system in ("darwin", "win32"):
        monkeypatch.setattr(sys, "platform", system)
        assert machine.has_screen()


def test_a_window_that_fails_or_is_stopped_leaves_the_results(
    ran: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(bootstrap, "run", lambda command: 1)
    bootstrap.show(Path("/venv/python"), Path("/out/sample"))
    assert "ended with a problem" in capsys.readouterr().out

    def interrupted(command: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap, "run", interrupted)
    bootstrap.show(Path("/venv/python"), Path("/out/sample"))
    assert "To open them in the window" in capsys.readouterr().out


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
