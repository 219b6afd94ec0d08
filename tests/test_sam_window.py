"""Networks of the user's in the whole program: small random ones in the real formats, by mouse.

Random networks find nonsense: that what they find is shown, cycled and taken is what is tested.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

pytest.importorskip("transformers", exc_type=ImportError)

from app.engine.desk import Errand
from app.engine.events import EngineState
from app.program import Program
from tests.engine_jobs import looks, note_looks
from tests.mask_bench import drag_photo
from tests.sam_networks import saved_checkpoint, saved_folder
from tests.window_parts import (
    CONTROL,
    Answers,
    Room,
    notice,
    opened,
    pause,
    press,
    small_room,
    take_photos,
    until,
)
from tests.word_networks import saved_dino
from widgets.canvas.options import Tool
from widgets.canvas.page import MasksPage

Key = Qt.Key
FIRST = "IMG_0001.jpg"
PATIENCE = 120  # seconds: the processes are at low priority


@pytest.fixture(scope="module")
def answers() -> Answers:
    return Answers()


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    return small_room(tmp_path_factory.mktemp("room"))


@pytest.fixture(scope="module")
def sam3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_folder(tmp_path_factory.mktemp("networks"), "sam3")


@pytest.fixture(scope="module")
def program(
    qapp: QApplication, tmp_path_factory: pytest.TempPathFactory, answers: Answers
) -> Iterator[Program]:
    """One for the whole story: each test goes on where the one before it ended."""
    with opened(tmp_path_factory.mktemp("home"), answers) as program:
        yield program


@pytest.fixture(scope="module")
def page(program: Program, room: Room) -> MasksPage:
    """Where masks are made, with the first photo."""
    until(lambda: program.desk.engine.state is EngineState.READY, PATIENCE)
    take_photos(program, room)
    press(program.window, Key.Key_2, CONTROL)
    until(lambda: program.window.masks.ready)
    return program.window.masks


def use(program: Program, answers: Answers, place: Path, action: str) -> None:
    """Choose the network at `place` in the menu, and wait until it is there."""
    answers.file = place
    program.window.banner.clear()
    program.actions[action].trigger()
    notice(program, f"by {place.name} now", PATIENCE)
    program.window.banner.clear()  # the next Esc would close it, and nothing else
    assert program.actions[action].isChecked()


def refused(program: Program, answers: Answers, place: Path, action: str) -> str:
    """Choose what is wrong: what is said about it."""
    answers.file = place
    program.window.banner.clear()
    program.actions[action].trigger()
    told = notice(program, place.name, PATIENCE).notice
    assert not told.log
    return f"{told.problem} {told.hint}"


def find(page: MasksPage, *places: tuple[float, float]) -> None:
    """Show an object, by a click or a box, until something is found."""
    page.view.setFocus()
    press(page.view, Key.Key_Q if len(places) == 1 else Key.Key_R)
    drag_photo(page.view, *places)
    until(lambda: page.bench.answer is not None and not page.bench.busy, PATIENCE)


def move(page: MasksPage, x: float, y: float) -> None:
    across, down = page.view.sight.widget_place(x, y)
    QTest.mouseMove(page.view, QPoint(round(across), round(down)))
    pause(0.03)


def looked(program: Program) -> int:
    """How often the networks have looked at a photo."""
    told: list[object] = []
    program.masking._segmenter.ask(Errand(looks, hear=told.append))
    until(lambda: told)
    assert isinstance(told[0], int)
    return told[0]


def test_a_network_answers_and_its_candidates_are_cycled(
    program: Program, page: MasksPage, answers: Answers, sam3: Path
) -> None:
    assert not page.options_bar.words.isEnabled()
    assert "Grounding DINO or SAM 3" in page.options_bar.words.toolTip()
    assert not program.actions["find_words"].isEnabled()
    program.masking._segmenter.ask(Errand(note_looks))
    use(program, answers, sam3, "segmenter_folder")
    press(page.view, Key.Key_N)
    find(page, (60, 50))
    for i in range(3):
        assert page.bench.answers == (i, 3)
        assert page.bench.answer is not None
        assert page.bench.answer.whole()[50, 60]  # the click holds, whatever the network says
        press(page.view, Key.Key_Tab)
    assert (answer := page.bench.answer) is not None
    press(page.view, Key.Key_Return)
    mask = program.state.plan.masks.photos[FIRST]
    assert np.array_equal(mask.where(2), answer.whole() > 0)


def test_boxes_and_corrections_are_answered(program: Program, page: MasksPage) -> None:
    page.view.setFocus()
    press(page.view, Key.Key_N)
    find(page, (20, 20), (90, 80))
    press(page.view, Key.Key_E)
    before = page.bench.answer
    drag_photo(page.view, (80, 70))
    until(lambda: page.bench.answer is not before and not page.bench.busy, PATIENCE)
    answer = page.bench.answer
    assert answer is not None
    assert not answer.whole()[70, 80]
    page.view.setFocus()
    press(page.view, Key.Key_Escape)
    until(lambda: page.bench.answer is None)


def test_where_the_mouse_rests_lights_up(program: Program, page: MasksPage) -> None:
    press(page.view, Key.Key_Q)
    lights = page.bench.lights
    move(page, 40.5, 40.5)
    move(page, 42.5, 42.5)
    until(lambda: lights.lit is not None and lights.lit.whole()[42, 42], PATIENCE)
    assert page.bench.answer is None
    assert not page.found.isVisible()
    assert program.window.banner.boxes == []


def test_words_find_things_that_a_click_takes(program: Program, page: MasksPage) -> None:
    assert not program.masking.words.missing  # the SAM 3 chosen for clicks knows words
    page.view.setFocus()
    press(page.view, Key.Key_F, CONTROL)
    field = page.options_bar.words
    until(field.hasFocus)
    assert page.options.tool is Tool.PICK
    QTest.keyClicks(field, "chair, lamp")
    until(lambda: not page.bench.busy)  # the proposals that the tool asked for
    press(field, Key.Key_Return)
    until(lambda: page.bench.lights.proposals._all is not None, PATIENCE)
    assert page.view.hasFocus()
    place = np.argwhere(page.bench.lights.proposals._all.whole())[0]
    before = program.state.plan.masks
    move(page, place[1] + 0.5, place[0] + 0.5)
    lit = page.bench.lights.lit
    assert lit is not None
    drag_photo(page.view, (place[1], place[0]))
    after = program.state.plan.masks
    assert after is not before
    assert program.document.undo_label.startswith("Pick ")
    assert after.photos[FIRST].where(page.object_id)[place[0], place[1]]


def test_a_photo_is_looked_at_once(program: Program, page: MasksPage) -> None:
    before = looked(program)
    assert before == 2  # once for clicks, once for words
    press(page.view, Key.Key_Q)
    find(page, (30, 80))
    press(page.view, Key.Key_Escape)
    find(page, (100, 60))
    press(page.view, Key.Key_Escape)
    assert looked(program) == before
    press(page.view, Key.Key_D)
    until(lambda: page.ready and program.state.selected == "IMG_0002.jpg")
    find(page, (100, 60))
    press(page.view, Key.Key_Escape)
    assert looked(program) == before + 1


def test_what_is_wrong_is_a_sentence_and_all_goes_on(
    program: Program, page: MasksPage, answers: Answers, sam3: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "sam_cut.pth"
    cut.write_bytes(b"PK\x03\x04 cut off")
    assert "cut off or damaged" in refused(program, answers, cut, "segmenter_file")
    other = tmp_path / "bert"
    other.mkdir()
    (other / "config.json").write_text(json.dumps({"model_type": "bert"}))
    assert "none of sam" in refused(program, answers, other, "segmenter_folder")
    said = refused(program, answers, other, "finder_folder")
    assert "neither Grounding DINO nor SAM 3" in said
    (other / "config.json").write_bytes((sam3 / "config.json").read_bytes())
    weights = (sam3 / "model.safetensors").read_bytes()
    (other / "model.safetensors").write_bytes(weights[: len(weights) // 2])
    for action in ("segmenter_folder", "finder_folder"):
        assert "cannot be read" in refused(program, answers, other, action)
    assert program.masking.place == str(sam3)
    assert program.memory.preferences.segmenter == str(sam3)
    find(page, (30, 30))
    press(page.view, Key.Key_Escape)


def test_without_its_files_the_built_in_segmenter_goes_on(
    program: Program, page: MasksPage, answers: Answers, sam3: Path, tmp_path: Path
) -> None:
    program.masking.place = str(tmp_path / "gone")
    page.view.setFocus()
    press(page.view, Key.Key_Q)
    drag_photo(page.view, (82, 48))
    notice(program, "the built-in segmenter finds objects", PATIENCE)
    assert program.masking.place == ""
    find(page, (82, 48), (122, 92))
    press(page.view, Key.Key_Escape)
    use(program, answers, sam3, "segmenter_folder")
    program.window.banner.clear()
    program.actions["segmenter_plain"].trigger()
    notice(program, "the built-in segmenter now", PATIENCE)
    assert not page.options_bar.words.isEnabled()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["checkpoint", "sam", "sam2"])
def test_the_other_formats_answer_as_well(
    program: Program, page: MasksPage, answers: Answers, tmp_path: Path, kind: str
) -> None:
    if kind == "checkpoint":
        use(program, answers, saved_checkpoint(tmp_path), "segmenter_file")
    else:
        use(program, answers, saved_folder(tmp_path, kind), "segmenter_folder")
    assert program.masking.words.missing
    find(page, (70, 40))
    assert page.bench.answers[1] > 1
    press(page.view, Key.Key_Escape)


@pytest.mark.slow
def test_proposals_light_up_under_the_mouse(
    program: Program, page: MasksPage, answers: Answers, sam3: Path
) -> None:
    use(program, answers, sam3, "segmenter_folder")
    page.view.setFocus()
    press(page.view, Key.Key_P)
    assert page.options.tool is Tool.PICK
    until(lambda: page.bench.lights.proposals.known and not page.bench.busy, PATIENCE)
    for x in range(10, 150, 20):
        move(page, x, 60)
        press(page.view, Key.Key_Tab)
    press(page.view, Key.Key_Q)


@pytest.mark.slow
def test_boxes_of_words_are_filled_by_the_segmenter(
    program: Program, page: MasksPage, answers: Answers, tmp_path: Path
) -> None:
    program.window.banner.clear()
    program.actions["segmenter_plain"].trigger()
    notice(program, "the built-in segmenter now", PATIENCE)
    use(program, answers, saved_dino(tmp_path / "dino"), "finder_folder")
    assert program.memory.preferences.finder == str(tmp_path / "dino")
    page.view.setFocus()
    press(page.view, Key.Key_F, CONTROL)
    field = page.options_bar.words
    field.clear()
    QTest.keyClicks(field, "red chair")
    until(lambda: not page.bench.busy)
    press(field, Key.Key_Return)
    until(lambda: page.bench.lights.proposals._all is not None, PATIENCE)
    assert page.bench.lights.lit is not None
    program.actions["finder_none"].trigger()
    assert not field.isEnabled()
