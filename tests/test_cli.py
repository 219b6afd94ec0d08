"""The command line: what goes wrong is one sentence, and answers come at once."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from app.__main__ import WAITING, main
from app.commands.models import downloaded
from tests.small_room import REPOSITORY, arguments, make_room


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_room(tmp_path_factory.mktemp("room"))


def bad_photos(folder: Path, kind: str, sample: Path) -> None:
    """Put photos of a `kind` that cannot serve in `folder`."""
    folder.mkdir()
    whole = sample.read_bytes()
    for i in (1, 2):
        path = folder / f"{i}.jpg"
        match kind:
            case "empty folder":
                pass
            case "alike":
                path.write_bytes(whole)
            case "zero bytes":
                path.touch()
            case "text":
                path.write_text("not a picture", encoding="utf-8")
            case "cut off":
                path.write_bytes(whole[:3000])
            case "one pixel":
                Image.new("RGB", (1, 1)).save(path)
            case "long and thin":
                Image.new("RGB", (20_000, 3)).save(path)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("empty folder", "nothing is there"),
        ("alike", "same picture"),
        ("zero bytes", "The file is empty"),
        ("text", "not a picture"),
        ("cut off", "cut off"),
        ("one pixel", "too small"),
        ("long and thin", "too small"),
    ],
)
def test_photos_that_cannot_serve(
    room: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    words: str,
) -> None:
    bad_photos(tmp_path / "photos", kind, room[0] / "IMG_0001.jpg")
    out = tmp_path / "out"
    assert main(["reconstruct", str(tmp_path / "photos"), "-o", str(out)]) == 1
    told = capsys.readouterr().err
    assert words in told
    assert "Traceback" not in told
    assert [path.name for path in tmp_path.iterdir()] == ["photos"]


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        ("reconstrct photos", 2, "did you mean reconstruct"),
        ("reconstruct PHOTOS", 2, "-o"),
        ("reconstruct -o OUT", 2, "PHOTOS"),
        ("reconstruct PHOTOS -o OUT --iteratons 3", 2, "did you mean --iterations"),
        ("reconstruct PHOTOS -o OUT --iterations many", 2, "not a whole number"),
        ("reconstruct PHOTOS -o OUT --iterations 0", 2, "not between"),
        ("reconstruct PHOTOS -o OUT --time-limit nan", 2, "not a time"),
        ("reconstruct PHOTOS -o OUT --preset fast", 2, "invalid choice"),
        ("reconstruct PHOTOS -o OUT --test-every 1", 2, "not between"),
        ("reconstruct PHOTOS -o OUT --test-every 2 --test a", 2, "not allowed"),
        ("reconstruct PHOTOS -o OUT --num-train 2 --train a", 2, "not allowed"),
        ("reconstruct PHOTOS -o OUT --poses guessed", 2, "none of auto"),
        ("reconstruct PHOTOS -o OUT --poses colmap:NOWHERE", 1, "no COLMAP model"),
        ("reconstruct PHOTOS -o OUT --poses transforms:NOWHERE", 1, "cannot be read"),
        ("reconstruct PHOTOS -o OUT --prior NOWHERE", 1, "no folder"),
        ("reconstruct PHOTOS -o OUT --prior-strength 11", 2, "not between"),
        ("reconstruct PHOTOS -o OUT --masks NOWHERE", 1, "cannot be read"),
        ("reconstruct PHOTOS -o OUT --test IMG_9999", 1, "no photo named"),
        ("reconstruct PHOTOS -o PHOTOS", 1, "not empty"),
        ("reconstruct PHOTOS -o NOWHERE/out", 1, "does not exist"),
        ("reconstruct NOWHERE -o OUT", 1, "no file or folder"),
        ("render NOWHERE.ply --cameras MODEL -o OUT", 1, "no file or folder"),
        ("render PHOTOS/IMG_0001.jpg --cameras MODEL -o OUT", 1, "not a PLY"),
        ("render PHOTOS --cameras MODEL -o OUT", 1, "no project"),
        ("export PHOTOS -o OUT.doc", 1, "names no format"),
        ("evaluate PHOTOS", 1, "no test picture"),
        ("evaluate NOWHERE", 1, "no folder"),
        ("bench everything", 2, "invalid choice"),
        ("--colour", 2, "no option"),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    room: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: str,
    status: int,
    told: str,
) -> None:
    places = {
        "PHOTOS": str(room[0]),
        "MODEL": str(room[1]),
        "OUT": str(tmp_path / "out"),
        "NOWHERE": str(tmp_path / "nowhere"),
    }
    for name, path in places.items():
        words = words.replace(name, path)
    if told == "PHOTOS":
        words = "reconstruct -o out"
    assert main(words.split()) == status
    output = capsys.readouterr()
    assert told in output.err
    assert "Traceback" not in output.err
    assert output.out == ""
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_place_that_may_not_be_written_to(room: tuple[Path, Path], tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert main(arguments(room, tmp_path / "out")) == 1
    finally:
        tmp_path.chmod(0o700)


def test_no_room_on_the_disk(
    room: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: Full())
    assert main(arguments(room, tmp_path / "out")) == 1
    assert "are free" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


class Full:
    free = 1_000_000


def test_an_error_in_the_program_is_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(path: Path) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("app.commands.evaluate.scores_on_disk", broken)
    assert main(["evaluate", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert "ZeroDivisionError" in told
    assert "Traceback" not in told
    assert main(["evaluate", str(tmp_path), "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_models_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    table = capsys.readouterr().out
    for part in ("gsplat", "diffusers", "segment-anything", "transformers"):
        assert part in table


def test_weights_that_are_here_are_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("HF_HUB_CACHE", "HF_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    hub = tmp_path / "huggingface" / "hub"
    (hub / "models--nvidia--difix_ref" / "snapshots" / "4d").mkdir(parents=True)
    assert downloaded("nvidia/difix_ref") is None  # begun, and nothing in it
    (hub / "models--nvidia--difix_ref" / "snapshots" / "4d" / "model_index.json").write_text("{}")
    assert main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if line.endswith("  yes")] == ["nvidia/difix_ref"]
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "other"))
    assert downloaded("nvidia/difix_ref") is None


def test_help_answers_at_once() -> None:
    began = time.monotonic()
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "app", "--help"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "reconstruct" in told.stdout
    assert "torch" not in told.stderr
    assert time.monotonic() - began < 5


def test_threads_wait_asleep_unless_the_user_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name, policy = WAITING
    for told, wanted in ((None, policy), ("active", "active")):
        monkeypatch.delenv(name, raising=False)
        if told is not None:
            monkeypatch.setenv(name, told)
        assert main(["models"]) == 0
        assert os.environ[name] == wanted
