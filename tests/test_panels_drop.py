"""What dropped things are taken for."""

from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtCore", exc_type=ImportError)

from PySide6.QtCore import QMimeData, QUrl

from core.capture.sources import PHOTO_SUFFIXES, UNREAD_SUFFIXES, VIDEO_SUFFIXES
from core.pipeline.outputs import PROJECT
from widgets.panels import drop
from widgets.panels.drop import Dropped, paths_of, sort_drop


def made(path: Path, *files: str) -> Path:
    """A folder with these files, or a file where none are named."""
    if not files:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    for file in files:
        made(path / file)
    return path


def test_photos_videos_and_folders(tmp_path: Path) -> None:
    paths = [
        made(tmp_path / "a.JPG"),
        made(tmp_path / "b.heic"),
        made(tmp_path / "c.MOV"),
        made(tmp_path / "fox", "notes.txt", "1.jpg"),
        made(tmp_path / "deep", "inner/2.png"),
    ]
    assert sort_drop(paths) == Dropped(sources=tuple(paths))


@pytest.mark.parametrize("suffix", sorted(PHOTO_SUFFIXES | VIDEO_SUFFIXES))
def test_every_kind_that_is_read_may_be_dropped(tmp_path: Path, suffix: str) -> None:
    path = made(tmp_path / f"file{suffix}")
    assert sort_drop([path]).sources == (path,)


@pytest.mark.parametrize("suffix", sorted(UNREAD_SUFFIXES))
def test_pictures_that_are_not_read_are_told_of(tmp_path: Path, suffix: str) -> None:
    found = sort_drop([made(tmp_path / f"file{suffix}")])
    assert not found
    assert found.problem == (
        f"file{suffix} is a {suffix[1:].upper()} picture, which is not read; save it as JPEG."
    )
    assert found.hint


def test_projects_by_folder_manifest_and_result(tmp_path: Path) -> None:
    project = made(tmp_path / "fox.maquette", "manifest.json")
    assert sort_drop([project]) == Dropped(project=project)
    assert sort_drop([project / "manifest.json"]) == Dropped(project=project)
    renamed = made(tmp_path / "renamed", "manifest.json", "photos/1.jpg")
    assert sort_drop([renamed]) == Dropped(project=renamed)
    result = made(tmp_path / "out", "scene.ply", "scene.maquette/manifest.json")
    assert sort_drop([result]) == Dropped(project=result / "scene.maquette")
    assert drop.RESULT == PROJECT


@pytest.mark.parametrize("name", ["scene.PLY", "a.compressed.ply", "b.spz", "c.GLB"])
def test_a_scene(tmp_path: Path, name: str) -> None:
    file = made(tmp_path / name)
    assert sort_drop([file]) == Dropped(file=file)


def test_things_that_cannot_be_used(tmp_path: Path) -> None:
    text = made(tmp_path / "notes.txt")
    found = sort_drop([text])
    assert not found
    assert found.problem == "notes.txt is neither a photo nor a video, project or scene file."
    assert found.hint.startswith("Drop photos (JPEG")
    empty = made(tmp_path / "letters", "a.txt", "b/c.pdf", ".hidden.jpg")
    assert sort_drop([empty]).problem == "The folder letters holds no photos or videos."
    gone = sort_drop([tmp_path / "gone.jpg"])
    assert gone.problem == "There is no file gone.jpg (any more)."
    assert sort_drop([]) == Dropped()


def test_a_mixture_is_used_as_far_as_it_can_be(tmp_path: Path) -> None:
    photo, text = made(tmp_path / "a.jpg"), made(tmp_path / "b.txt")
    found = sort_drop([text, photo])
    assert found.sources == (photo,)
    assert "b.txt" in found.problem
    many = sort_drop([made(tmp_path / f"{i}.txt") for i in range(6)])
    assert "(3 more cannot be used.)" in many.problem
    assert "5.txt" not in many.problem


def test_one_project_or_scene_at_a_time(tmp_path: Path) -> None:
    project = made(tmp_path / "fox.maquette", "manifest.json")
    other = made(tmp_path / "cat.maquette", "manifest.json")
    ply, photo = made(tmp_path / "s.ply"), made(tmp_path / "a.jpg")
    found = sort_drop([photo, ply, project, other])
    assert (found.project, found.file, found.sources) == (project, None, ())
    assert found.problem == "Only fox.maquette is opened, not the 3 others dropped with it."
    found = sort_drop([photo, ply])
    assert (found.file, found.sources) == (ply, ())
    assert found.problem == "Only s.ply is opened, not the 1 other dropped with it."


def test_large_folders_are_not_searched_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drop, "LOOKED_AT", 3)
    folder = made(tmp_path / "disk", *[f"{i}.txt" for i in range(8)])
    assert sort_drop([folder]).sources == (folder,)


def test_paths_of_a_drag(tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "a b.jpg")), QUrl("https://example.org/c.jpg")])
    assert paths_of(mime) == (tmp_path / "a b.jpg",)
    assert paths_of(QMimeData()) == ()
