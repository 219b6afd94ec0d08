"""Whatever is dropped on the window: it is opened as what it is, or a sentence says why not."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.dialogs import Answer
from app.program import Program
from core.gaussians.arrays import SplatArrays
from core.scene.edits import SetIncluded
from core.scene.plan import names
from core.scene.shown import PointCloud, TriangleMesh
from tests.window_files import (
    bare_glb,
    cut_off,
    liar,
    mesh,
    no_photos,
    nonsense,
    nothing,
    of_tomorrow,
    packed,
    points,
    splats,
    squeezed,
    standard,
    text,
    torn_header,
    torn_project,
    torn_spz,
)
from tests.window_parts import (
    Answers,
    Room,
    at_rest,
    cleared,
    drop,
    notice,
    opened,
    pause,
    said,
    shown_part,
    small_room,
    take_photos,
    until,
)
from widgets.panels.photo_status import Standing, photo_status

Make = Callable[[Path], Path]  # something in a folder


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    return small_room(tmp_path_factory.mktemp("room"))


@pytest.fixture(scope="module")
def shared(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with opened(tmp_path_factory.mktemp("home")) as program:
        yield program


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def program(shared: Program, answers: Answers) -> Program:
    cleared(shared)
    shared.dialogs = answers
    return shared


BAD: list[tuple[Make, str]] = [
    (text, "notes.txt is neither a photo nor a video, project or scene file."),
    (nothing, "The folder bare holds no photos or videos."),
    (no_photos, "The folder papers holds no photos or videos."),
    (nonsense, "nonsense.ply is not a PLY file."),
    (torn_header, "torn.ply"),
    (cut_off, "cut off"),
    (liar, "promises"),
    (torn_spz, "squeezed.spz is cut off"),
    (bare_glb, "bare.glb"),
    (of_tomorrow, "was written by a later Maquette (project version 99"),
    (torn_project, "is damaged: it is not JSON"),
]


@pytest.mark.parametrize(("make", "words"), BAD, ids=[make.__name__ for make, _ in BAD])
def test_what_cannot_be_used_is_told_and_costs_nothing(
    make: Make,
    words: str,
    program: Program,
    answers: Answers,
    room: Room,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    take_photos(program, room)
    program.document.commit(SetIncluded(("IMG_0002.jpg",), False))
    before = program.state
    answers.keep = Answer.DISCARD  # the worst that can be said to what is then no scene
    drop(program, make(tmp_path))
    box = notice(program, words)
    assert box.notice.problem.endswith(".")
    assert box.notice.hint.endswith(".")
    assert box.notice.log == ""
    until(lambda: at_rest(program))
    assert len(said(program)) == 1
    assert program.state is before
    assert program.document.undo_label == "Exclude IMG_0002.jpg"
    assert program.document.modified
    assert "Traceback" not in "".join(capfd.readouterr())


def test_a_photo_that_is_cut_off_is_named_and_the_others_come(
    program: Program, room: Room, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for photo in room.photos.iterdir():
        (folder / photo.name).write_bytes(photo.read_bytes())
    bad = folder / "IMG_0003.jpg"
    bad.write_bytes(bad.read_bytes()[:600])
    drop(program, folder)
    until(lambda: len(names(program.state.plan)) == 7 and at_rest(program))
    box = notice(program, "A file cannot be used.")
    assert box.notice.kind == "warning"
    assert "IMG_0003.jpg" in box.notice.hint
    assert photo_status(program.state, "IMG_0003.jpg").standing is Standing.LEFT_OUT
    assert photo_status(program.state, "IMG_0004.jpg").standing is Standing.WAITING


def test_among_other_things_the_photos_are_taken_and_the_rest_is_told(
    program: Program, room: Room, tmp_path: Path
) -> None:
    drop(program, text(tmp_path), *sorted(room.photos.iterdir())[:3])
    until(lambda: len(names(program.state.plan)) == 3)
    assert notice(program, "notes.txt is neither").notice.kind == "warning"


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (splats, SplatArrays),
        (packed, SplatArrays),
        (squeezed, SplatArrays),
        (standard, SplatArrays),
        (points, PointCloud),
        (mesh, TriangleMesh),
    ],
)
def test_a_file_is_shown_as_what_it_is(
    make: Make, kind: type, program: Program, tmp_path: Path
) -> None:
    viewport = program.window.viewport
    program.show_options(grid=False, axes=False)
    program.show_workspace("build")
    drop(program, make(tmp_path))
    until(lambda: program.state.content is not None)
    assert isinstance(program.state.content, kind)
    assert viewport.isVisible()
    until(lambda: not viewport.busy)
    assert shown_part(program) > 0.005
    program.show_options(content=False)
    pause(0.1)
    until(lambda: not viewport.busy)
    assert shown_part(program) == 0
    program.show_options(content=True)
    # Blobs have no floor.
    assert [words for words in said(program) if "does not say which way is up" not in words] == []
    assert not program.document.modified
    assert program.window.windowTitle().startswith(make(tmp_path).stem)


# Dropping beside unsaved work


def test_a_drop_on_unsaved_work_asks_first(
    program: Program, answers: Answers, room: Room, tmp_path: Path
) -> None:
    take_photos(program, room)
    before = program.state
    drop(program, splats(tmp_path))
    until(lambda: answers.asked)
    pause(0.2)
    assert at_rest(program)
    assert program.state is before
    answers.keep, answers.file = Answer.SAVE, tmp_path / "kept.maquette"
    drop(program, splats(tmp_path))
    until(lambda: isinstance(program.state.content, SplatArrays))
    assert answers.asked == ["keep", "keep", "project"]
    assert (tmp_path / "kept.maquette" / "manifest.json").is_file()
    assert program.state.plan.capture is None
    drop(program, tmp_path / "kept.maquette")  # nothing is unsaved: nobody is asked
    until(lambda: len(names(program.state.plan)) == 8)
    assert len(answers.asked) == 3


def test_a_project_beside_unsaved_work_may_take_its_place(
    program: Program, answers: Answers, room: Room, tmp_path: Path
) -> None:
    take_photos(program, room)
    program.session.save_to(tmp_path / "a.maquette")
    until(lambda: not program.document.modified and at_rest(program))
    program.document.commit(SetIncluded(("IMG_0001.jpg",), False))
    answers.keep = Answer.DISCARD
    drop(program, tmp_path / "a.maquette")
    until(lambda: not program.document.modified)
    assert answers.asked == ["keep"]
    assert program.state.plan.excluded == frozenset()
    assert program.document.undo_label is None


def test_photos_do_not_join_a_file_that_is_only_looked_at(
    program: Program, answers: Answers, room: Room, tmp_path: Path
) -> None:
    drop(program, splats(tmp_path))
    until(lambda: program.state.content is not None)
    take_photos(program, room)
    assert program.state.content is None
    assert answers.asked == []
    assert program.document.modified


def test_more_photos_join_those_there_are(program: Program, room: Room, tmp_path: Path) -> None:
    first, *others = sorted(room.photos.iterdir())
    drop(program, first)
    until(lambda: len(names(program.state.plan)) == 1 and at_rest(program))
    drop(program, *others)
    until(lambda: len(names(program.state.plan)) == 8)
    assert program.document.undo_label == "Add 7 photos"
