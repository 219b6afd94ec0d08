"""Exports from the window: chosen by mouse and keys, written, read back, cancelled, refused."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QListWidget

from app.engine.events import EngineState
from app.program import Program
from core.export.any_file import read_splats
from core.export.glb_container import read_glb
from core.export.ply import read_ply, write_ply
from core.export.wish import estimated_bytes
from core.gaussians.arrays import SplatArrays
from core.project.files import UNFINISHED
from core.scene.layout_edits import Duplicate, SetVisible
from tests.viewport_scenes import three_blobs
from tests.window_parts import (
    BARE,
    CONTROL,
    LEFT,
    Answers,
    cleared,
    click,
    drop,
    notice,
    opened,
    press,
    until,
)
from widgets.panels.export_dialog import ExportDialog
from widgets.panels.export_form import Kind

Key = Qt.Key


class AnswersAndFolders(Answers):
    """Notes which folders were to be shown, too."""

    def show_folder(self, folder: Path) -> None:
        self.asked.append(f"folder {folder}")


def three_objects() -> SplatArrays:
    blobs = three_blobs()
    return replace(blobs, object_id=(np.arange(len(blobs)) // 400).astype(np.int32))


@pytest.fixture(scope="module")
def shared(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with opened(tmp_path_factory.mktemp("home")) as program:
        program.exporting.desk.engine.start()
        engines = (program.exporting.desk.engine, program.building.engine)
        until(lambda: all(engine.state is EngineState.READY for engine in engines), 300)
        yield program


@pytest.fixture
def answers() -> Answers:
    return AnswersAndFolders()


@pytest.fixture
def program(shared: Program, answers: Answers, tmp_path: Path) -> Iterator[Program]:
    """With three objects of Gaussians in it."""
    cleared(shared)
    shared.dialogs = answers
    source = tmp_path / "source.ply"
    write_ply(source, three_objects().to_gaussians())
    drop(shared, source)
    until(lambda: isinstance(shared.state.content, SplatArrays))
    yield shared
    if shared.exporting.dialog is not None:
        shared.exporting.dialog.close()


@pytest.fixture
def dialog(program: Program) -> ExportDialog:
    """Open, by its keys."""
    press(program.window, Key.Key_E, CONTROL)
    dialog = program.exporting.dialog
    assert dialog is not None
    assert dialog.isVisible()
    return dialog


def choose(box: QComboBox, row: int) -> None:
    """By the keyboard."""
    while box.currentIndex() != row:
        press(box, Key.Key_Down if box.currentIndex() < row else Key.Key_Up)


def tick(objects: QListWidget, row: int) -> None:
    place = objects.visualItemRect(objects.item(row))
    middle = QPoint(10, place.center().y())
    QTest.mouseClick(objects.viewport(), LEFT, BARE, middle)


def toggle(box: QCheckBox) -> None:
    QTest.mouseClick(box, LEFT, BARE, QPoint(8, box.height() // 2))


def export(dialog: ExportDialog) -> None:
    click(dialog.begin)
    assert dialog.pages.currentWidget() is dialog.progress
    until(lambda: dialog.pages.currentWidget() is dialog.end)


def test_of_a_file_alone_no_meshes_are_offered(dialog: ExportDialog) -> None:
    kinds = dialog.form.kinds
    offered = [kinds.itemData(row) for row in range(kinds.count())]
    assert offered == [Kind.PLY, Kind.COMPRESSED, Kind.SPZ, Kind.SPLATS]
    assert not dialog.form.triangles.isVisible()


@pytest.mark.parametrize("row", range(4))
def test_every_format_is_written_and_checked(
    row: int, dialog: ExportDialog, answers: Answers, tmp_path: Path
) -> None:
    choose(dialog.form.kinds, row)
    suffix = dialog.form.kind.form.value
    answers.file = tmp_path / "scene"
    export(dialog)
    assert dialog.end.head.text() == "Done and checked"
    path = tmp_path / f"scene{suffix}"
    assert f"scene{suffix} holds 1,200 Gaussians" in dialog.end.words.text()
    assert len(read_splats(path)) == 1200
    click(dialog.end.folder)
    assert answers.asked == ["file", f"folder {tmp_path}"]


def test_the_size_follows_what_is_chosen(
    dialog: ExportDialog, answers: Answers, tmp_path: Path
) -> None:
    form = dialog.form
    assert form.sized.text().startswith("about ")
    whole = form.file_size
    choose(form.kinds, 1)
    assert form.file_size < whole / 2
    choose(form.kinds, 0)
    choose(form.part, 1)
    tick(form.objects, 0)
    assert form.wish.objects == {1, 2}
    assert form.file_size == estimated_bytes(form.kind.form, form.wish, 800, 0, {1, 2})
    with_columns = form.sized.text()
    toggle(form.extras)
    assert form.sized.text() != with_columns
    answers.file = tmp_path / "some.ply"
    export(dialog)
    written = read_ply(tmp_path / "some.ply")
    assert len(written) == 800
    assert (tmp_path / "some.ply").stat().st_size == pytest.approx(form.file_size, rel=0.03)
    for row in range(1, form.objects.count()):
        tick(form.objects, row)
    assert form.sized.text() == "nothing is chosen"
    assert not dialog.begin.isEnabled()


def test_things_at_hand_copies_and_what_is_hidden(
    program: Program, answers: Answers, tmp_path: Path
) -> None:
    program.document.commit(Duplicate((1,)))
    program.document.commit(SetVisible((2,), False))
    program.document.show(placed=(1,))
    program.exporting.ask()
    dialog = program.exporting.dialog
    assert dialog is not None
    assert dialog.form.wish.objects == {1}
    assert not dialog.form.visible.isChecked()
    answers.file = tmp_path / "one.ply"
    export(dialog)
    assert len(read_ply(tmp_path / "one.ply")) == 800
    click(dialog.end.back)
    choose(dialog.form.part, 0)
    toggle(dialog.form.visible)
    answers.file = tmp_path / "shown.glb"
    choose(dialog.form.kinds, 3)
    export(dialog)
    assert len(read_splats(tmp_path / "shown.glb")) == 1200
    assert len(read_glb(tmp_path / "shown.glb").items("nodes")) == 1 + 3


def test_what_cannot_be_written_is_told_and_the_old_file_stays(
    dialog: ExportDialog, answers: Answers, tmp_path: Path
) -> None:
    answers.file = tmp_path / "gone" / "a.ply"
    export(dialog)
    assert dialog.end.head.text() == "It was not exported"
    assert "cannot be written: No such file or directory." in dialog.end.words.text()
    assert not dialog.end.folder.isVisible()
    click(dialog.end.back)
    old = tmp_path / "old.ply"
    old.write_bytes(b"as it was")
    answers.file, answers.agrees = tmp_path / "old", False
    click(dialog.begin)
    assert answers.asked == ["file", "file", "sure"]
    assert dialog.pages.currentWidget() is dialog.first
    assert old.read_bytes() == b"as it was"
    answers.agrees = True
    export(dialog)
    assert len(read_ply(old)) == 1200


def test_cancelled_nothing_is_left(
    program: Program, dialog: ExportDialog, answers: Answers, tmp_path: Path
) -> None:
    old = answers.file = tmp_path / "old.ply"
    for _ in range(5):  # it may be done before it can be ended, and says so then
        old.write_bytes(b"as it was")
        click(dialog.begin)
        click(dialog.progress.cancel)
        until(lambda: dialog.pages.currentWidget() is dialog.end)
        cancelled = dialog.end.head.text() == "Cancelled"
        assert (old.read_bytes() == b"as it was") is cancelled
        if cancelled:
            break
        click(dialog.end.back)
    assert cancelled
    assert not list(tmp_path.glob(f"{UNFINISHED}*"))
    assert not program.exporting.running


def test_with_the_dialog_closed_a_notice_tells_the_end(
    program: Program, dialog: ExportDialog, answers: Answers, tmp_path: Path
) -> None:
    answers.file = tmp_path / "later.ply"
    click(dialog.begin)
    dialog.close()
    box = notice(program, "later.ply holds 1,200 Gaussians", 90)
    assert [words for words, _ in box.notice.actions] == ["Show the folder"]
    program.exporting.show_folder()
    assert answers.asked[-1] == f"folder {tmp_path}"
