"""Masks in the whole program: mark, correct, go on, save, open again; by mouse and keys."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.engine.events import EngineState
from app.program import Program
from core.gaussians.arrays import SplatArrays
from core.gaussians.start import gaussians_from_points
from core.project.folder import open_project
from core.scene.document import State
from core.segment.labels import BACKGROUND, PhotoMask, Standing
from core.segment.mask_export import MaskFormat
from tests.mask_bench import drag_photo
from tests.window_parts import (
    CONTROL,
    Answers,
    Room,
    at_rest,
    click,
    know_places,
    notice,
    opened,
    press,
    small_room,
    take_photos,
    until,
)
from widgets.canvas.options import Shown, Tool
from widgets.canvas.page import MasksPage
from widgets.panels.photo_model import Role

Key = Qt.Key
FIRST, SECOND = "IMG_0001.jpg", "IMG_0002.jpg"


@pytest.fixture(scope="module")
def answers() -> Answers:
    return Answers()


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    return small_room(tmp_path_factory.mktemp("room"))


@pytest.fixture(scope="module")
def program(
    qapp: QApplication, tmp_path_factory: pytest.TempPathFactory, answers: Answers
) -> Iterator[Program]:
    """One for the whole story: each test goes on where the one before it ended."""
    with opened(tmp_path_factory.mktemp("home"), answers) as program:
        yield program


@pytest.fixture(scope="module")
def page(program: Program) -> MasksPage:
    return program.window.masks


def mask(program: Program, name: str = FIRST) -> PhotoMask:
    return program.state.plan.masks.photos[name]


def pixels_of(state: State) -> dict[str, tuple[NDArray[np.uint16], NDArray[np.bool_]]]:
    photos = state.plan.masks.photos
    return {name: (each.labels(), each.by_hand()) for name, each in photos.items()}


def test_the_workspace_shows_the_first_photo(program: Program, page: MasksPage, room: Room) -> None:
    until(lambda: program.desk.engine.state is EngineState.READY)
    take_photos(program, room)
    press(program.window, Key.Key_2, CONTROL)
    until(lambda: page.ready)
    assert page.isVisible()
    assert program.state.selected == FIRST
    assert program.window.objects.isVisible()
    assert not program.window.properties.isVisible()
    assert page.view.hasFocus()


def test_painting_without_an_object_makes_one_in_one_step(
    program: Program, page: MasksPage
) -> None:
    press(page.view, Key.Key_B)
    assert page.options.tool is Tool.BRUSH
    for _ in range(6):
        press(page.view, Key.Key_BracketLeft)
    drag_photo(page.view, (30, 40), (60, 50), (60, 80))
    thing = program.state.plan.masks.object(2)
    assert thing.name == "Object 1"
    assert program.state.object == 2
    assert program.window.objects.current() == thing
    assert mask(program).where(2).sum() > 200
    press(program.window, Key.Key_Z, CONTROL)
    assert program.state.plan.masks.photos == {}
    assert all(each.id != 2 for each in program.state.plan.masks.objects)
    press(program.window, Key.Key_Y, CONTROL)
    assert mask(program).where(2).sum() > 200


def test_corrections_are_exact(program: Program, page: MasksPage) -> None:
    before = mask(program).where(2)
    drag_photo(page.view, (60, 50), (60, 60), keys=Qt.KeyboardModifier.AltModifier)
    after = mask(program)
    taken = before & ~after.where(2)
    assert taken[55, 60]
    assert (after.where(BACKGROUND) == taken).all()
    press(page.view, Key.Key_J)  # what the eraser left is open: no hole
    press(page.view, Key.Key_G)
    assert mask(program).where(2).sum() > after.where(2).sum()


def test_the_strip_shows_whose_masks_are(program: Program) -> None:
    model = program.window.strip.model
    statuses = {name: model.index(i).data(Role.STATUS).mask for i, name in enumerate(model.names)}
    assert statuses.pop(FIRST) is Standing.USER
    assert set(statuses.values()) == {Standing.NONE}
    told = model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "mask is yours" in told


def test_a_and_d_go_through_the_photos(program: Program, page: MasksPage) -> None:
    press(page.view, Key.Key_D)
    until(lambda: page.ready and program.state.selected == SECOND)
    assert page.bench.tools.mask is not None
    assert not page.bench.tools.mask.ids()
    press(page.view, Key.Key_A)
    until(lambda: page.ready and program.state.selected == FIRST)
    press(page.view, Key.Key_A)  # there is none before
    assert program.state.selected == FIRST
    assert page.bench.tools.mask is mask(program)


def test_a_box_finds_and_enter_accepts(program: Program, page: MasksPage) -> None:
    press(page.view, Key.Key_N)
    assert program.state.object == 3
    press(page.view, Key.Key_R)
    drag_photo(page.view, (82, 48), (122, 92))
    until(lambda: page.bench.answer is not None)
    assert page.found.isVisible()
    answer = page.bench.answer
    assert answer is not None
    press(page.view, Key.Key_Q)
    page.view.setFocus()
    press(page.view, Key.Key_Return)
    assert np.array_equal(mask(program).where(3), answer.whole() > 0)
    assert program.document.undo_label == "Find Object 2"
    assert not page.found.isVisible()


def test_escape_forgets_and_going_on_does_not(program: Program, page: MasksPage) -> None:
    before = mask(program)
    drag_photo(page.view, (20, 100))
    until(lambda: page.bench.answer is not None)
    press(page.view, Key.Key_Escape)
    assert page.bench.prompt.is_empty
    assert mask(program) is before
    drag_photo(page.view, (20, 100))
    until(lambda: page.bench.answer is not None)
    press(page.view, Key.Key_D)
    until(lambda: page.ready and program.state.selected == SECOND)
    assert mask(program) is not before
    press(program.window, Key.Key_Z, CONTROL)
    assert mask(program) is before


def test_objects_are_chosen_locked_hidden_and_colored(program: Program, page: MasksPage) -> None:
    objects = program.window.objects
    press(page.view, Key.Key_4)  # the fourth in the list
    assert program.state.object == 2
    line = objects.list.itemWidget(objects.list.item(3))
    click(line.lock)
    assert program.state.plan.masks.object(2).locked
    line = objects.list.itemWidget(objects.list.item(3))
    click(line.eye)
    assert not program.state.plan.masks.object(2).visible
    line = objects.list.itemWidget(objects.list.item(3))
    click(line.swatch)
    assert program.state.plan.masks.object(2).color == "#123456"
    page.view.setFocus()
    press(page.view, Key.Key_H)
    assert page.options.shown is Shown.NOTHING
    press(page.view, Key.Key_H)
    assert page.options.shown is Shown.FILL
    assert objects.menu(program.state.plan.masks.object(2)).actions()[0].isEnabled()
    assert not objects.menu(program.state.plan.masks.object(0)).actions()[0].isEnabled()


def test_saved_and_opened_the_pixels_are_the_same(
    program: Program, page: MasksPage, answers: Answers, tmp_path: Path
) -> None:
    then = program.state
    answers.file = tmp_path / "scene.maquette"
    press(program.window, Key.Key_S, CONTROL)
    until(lambda: not program.document.modified)
    program.open(answers.file)
    until(lambda: at_rest(program) and program.state is not then and program.state.path is not None)
    now = program.state
    assert now.plan.masks.objects == then.plan.masks.objects
    assert now.plan.masks.next_id == then.plan.masks.next_id
    for name, (labels, hand) in pixels_of(then).items():
        assert np.array_equal(pixels_of(now)[name][0], labels)
        assert np.array_equal(pixels_of(now)[name][1], hand)
    assert pixels_of(now).keys() == pixels_of(then).keys()
    assert open_project(answers.file).masks.photos.keys() == now.plan.masks.photos.keys()


@pytest.mark.parametrize("form", [MaskFormat.LABELS, MaskFormat.COCO])
def test_masks_are_exported_and_imported(
    program: Program, answers: Answers, tmp_path: Path, form: MaskFormat
) -> None:
    program.show_workspace("masks")
    program.window.banner.clear()
    then = pixels_of(program.state)
    answers.file = tmp_path / ("masks.json" if form is MaskFormat.COCO else "masks")
    program.actions[f"export_{form.value}"].trigger()
    notice(program, "were written to")
    program.window.banner.clear()
    program.actions["import_coco" if form is MaskFormat.COCO else "import_masks"].trigger()
    notice(program, "were imported")
    now = pixels_of(program.state)
    assert all(np.array_equal(now[name][0], labels) for name, (labels, _) in then.items())
    assert program.document.undo_label == "Import masks"
    program.document.undo()


def test_what_is_wrong_with_masks_is_a_sentence(
    program: Program, answers: Answers, tmp_path: Path
) -> None:
    before = program.state.plan
    (tmp_path / f"{FIRST}.png").write_bytes(b"no picture")
    answers.file = tmp_path
    program.actions["import_masks"].trigger()
    box = notice(program, "not a PNG")
    assert "Traceback" not in f"{box.notice.problem}{box.notice.hint}{box.notice.log}"
    assert program.state.plan is before


def test_a_network_that_cannot_be_opened_is_a_sentence(
    program: Program, answers: Answers, tmp_path: Path
) -> None:
    answers.file = tmp_path / "sam.pth"
    answers.file.write_bytes(b"no weights")
    program.window.banner.clear()
    program.actions["segmenter_file"].trigger()
    notice(program, "sam.pth")
    assert program.masking.place == ""
    assert program.actions["segmenter_plain"].isChecked()
    assert program.memory.preferences.segmenter == ""


@pytest.mark.slow
def test_masks_are_carried_over_in_one_step(program: Program, page: MasksPage, room: Room) -> None:
    know_places(program, room)
    reconstruction = program.state.reconstruction
    assert reconstruction is not None
    splats = SplatArrays.from_gaussians(gaussians_from_points(reconstruction.points))
    program.document.show(content=splats)
    program.show_workspace("masks")
    program.actions.refresh()
    before = program.state.plan
    mine = mask(program)
    press(page.view, Key.Key_M, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert program.actions["carry_masks"].text() == "Stop carrying over"
    until(lambda: program.document.undo_label == "Carry masks over", 180)
    assert program.actions["carry_masks"].text() == "Carry over to all photos"
    assert len(program.state.plan.masks.photos) == 8
    assert (mask(program).labels()[mine.by_hand()] == mine.labels()[mine.by_hand()]).all()
    assert isinstance(program.state.content, SplatArrays)
    assert program.state.content.object_id.any()
    press(program.window, Key.Key_Z, CONTROL)
    assert program.state.plan is before
    program.document.show(content=None, reconstruction=None)


def test_elsewhere_the_letters_are_other_keys(program: Program, page: MasksPage) -> None:
    tool = page.options.tool
    program.show_workspace("build")
    program.actions.refresh()
    press(program.window.viewport, Key.Key_W)
    assert page.options.tool is tool
    assert program.window.properties.isVisible()
    assert not program.window.objects.isVisible()
