"""What is remembered comes back as it was, and damaged memories do no harm."""

import random
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QImage

from app import preferences
from app.preferences import (
    FORMS,
    MOST_RECENTS,
    THUMBNAIL_WIDTH,
    Preferences,
    Recent,
    load,
    read_thumbnail,
    save,
    with_recent,
    without_recent,
    write_thumbnail,
)

FULL = Preferences(
    theme="dark",
    language="de",
    device="cuda",
    geometry=bytes(range(256)),
    docks=b"\x00, =[]%@ByteArray()",
    panels=("photos", "curves"),
    folders={"photos": Path("/a b/ä,;=\\"), "export": Path("/x")},
    view={"grid": True, "background": [0.1, 0.2, 0.3], "shading": "colour", "wipe": None},
    recents=(
        Recent(Path("/scenes/räum.maquette"), "project", 1.8e9, Path("/cache/1.png")),
        Recent(Path("/x.ply"), "ply", 1.7e9 + 0.25),
    ),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "maquette.ini"


@pytest.mark.parametrize("kept", [Preferences(), FULL, Preferences(panels=())])
def test_what_is_saved_comes_back(file: Path, kept: Preferences) -> None:
    assert save(kept, file)
    assert load(file) == kept


def test_nothing_saved_is_as_at_first(file: Path) -> None:
    assert load(file) == Preferences()


def test_without_a_file_it_is_the_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[object, ...]] = []

    class Settings(QSettings):
        def __init__(self, *where: object) -> None:
            made.append(where)
            super().__init__(str(tmp_path / "own.ini"), QSettings.Format.IniFormat)

    monkeypatch.setattr(preferences, "QSettings", Settings)
    load()
    kind, scope = QSettings.Format.IniFormat, QSettings.Scope.UserScope
    assert made == [(kind, scope, "Maquette", "Maquette")]


@pytest.mark.parametrize("name", list(FORMS))
@pytest.mark.parametrize(
    "value",
    ["", "{", "12", '"neon"', "null", '{"path": 1}', '[{"path": "/a"}]', "a, b", "@Invalid()"],
)
def test_one_damaged_value_spoils_no_other(file: Path, name: str, value: str) -> None:
    save(FULL, file)
    settings = QSettings(str(file), QSettings.Format.IniFormat)
    settings.setValue(name, value)
    settings.sync()
    found = load(file)
    for other in FORMS:
        if other != name:
            assert getattr(found, other) == getattr(FULL, other)
    kinds = {field: type(getattr(FULL, field)) for field in FORMS}
    assert isinstance(getattr(found, name), (kinds[name], type(getattr(Preferences(), name))))


def test_any_damage_is_survived(file: Path) -> None:
    save(FULL, file)
    whole = file.read_bytes()
    chance = random.Random(3)
    for _ in range(300):
        content = bytearray(whole)
        for _ in range(chance.randint(1, 20)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        del content[chance.randrange(len(content)) :]
        file.write_bytes(bytes(content))
        assert isinstance(load(file), Preferences)


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert not save(FULL, tmp_path / "file" / "maquette.ini")


def test_the_newest_comes_first_and_once() -> None:
    kept = Preferences()
    for k in range(MOST_RECENTS + 5):
        kept = with_recent(kept, Recent(Path(f"/{k}"), "project", k))
    assert [recent.path.name for recent in kept.recents] == [str(k) for k in range(16, 4, -1)]
    kept = with_recent(kept, Recent(Path("/9"), "project", 99))
    assert len(kept.recents) == MOST_RECENTS
    assert kept.recents[0] == Recent(Path("/9"), "project", 99)
    assert Path("/9") not in [recent.path for recent in without_recent(kept, Path("/9")).recents]


def test_what_has_gone_is_kept_and_marked(tmp_path: Path, file: Path) -> None:
    there, gone = tmp_path / "there.ply", tmp_path / "gone.ply"
    there.touch()
    kept = Preferences(recents=(Recent(there, "ply", 2), Recent(gone, "ply", 1)))
    save(kept, file)
    assert [recent.missing for recent in load(file).recents] == [False, True]


def test_thumbnails_are_small_and_come_back(tmp_path: Path) -> None:
    pixels = np.zeros((300, 800, 3), np.uint8)
    pixels[:, :400] = (200, 100, 50)
    image = QImage(pixels.data, 800, 300, 2400, QImage.Format.Format_RGB888)
    file = write_thumbnail(tmp_path / "a.ply", image, tmp_path / "cache")
    assert file is not None
    assert file != write_thumbnail(tmp_path / "b.ply", image, tmp_path / "cache")
    found = read_thumbnail(Recent(tmp_path / "a.ply", "ply", 0, file))
    assert found is not None
    assert found.shape == (149, THUMBNAIL_WIDTH, 3)
    assert found[70, 50].tolist() == [200, 100, 50]
    assert found[70, 350].tolist() == [0, 0, 0]


def test_missing_and_damaged_thumbnails_are_none(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    for thumbnail in (None, tmp_path / "absent.png", tmp_path / "a.png"):
        assert read_thumbnail(Recent(tmp_path, "project", 0, thumbnail)) is None
    assert write_thumbnail(tmp_path, QImage(), tmp_path) is None
    assert (
        write_thumbnail(
            tmp_path, QImage(2, 2, QImage.Format.Format_RGB888), tmp_path / "a.png" / "x"
        )
        is None
    )
