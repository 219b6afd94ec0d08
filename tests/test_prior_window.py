"""Priors in the window: targets, versions compared, models, and objects changed by words."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.prior.compare import Other
from app.program import Program
from core.gaussians.arrays import SplatArrays
from core.pipeline.settings import AUTO, NONE, PRESETS, Preset, Settings
from core.prior.imagined import Imagined
from core.scene.document import State
from core.scene.mask_edits import AddObject
from tests import prior_networks as networks
from tests.hub import Hub, serving
from tests.test_models import LARGE, NAME, files
from tests.viewport_scenes import three_blobs
from tests.window_parts import Answers, cleared, click, notice, opened, ready, seen, until
from widgets.panels.models_page import ModelsPage
from widgets.panels.prior_choice import FOLDER
from widgets.panels.prior_targets import PriorTargets
from widgets.panels.prior_words import Words, WordsDialog
from widgets.panels.properties import Properties

ANSWERS = Answers()
SAM = "facebook/sam2.1-hiera-small"


@pytest.fixture(scope="module")
def kept(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with opened(tmp_path_factory.mktemp("window"), ANSWERS) as program:
        until(lambda: ready(program))
        yield program


@pytest.fixture
def program(kept: Program) -> Iterator[Program]:
    """One for all tests: its processes take long to start."""
    ANSWERS.agrees, ANSWERS.file = True, None
    ANSWERS.asked.clear()
    yield kept
    cleared(kept)


def news(part: float = 1.0, used: bool = True) -> Imagined:
    picture = np.full((30, 40, 3), 200, np.uint8)
    relied = np.full((30, 40), round(255 * part), np.uint8)
    return Imagined(picture, picture // 2, relied, used, 1.25, 0.31)


def test_targets_stand_below_their_renders_and_tell_what_they_cost(qtbot: QtBot) -> None:
    panel = PriorTargets()
    qtbot.addWidget(panel)
    panel.resize(700, 260)
    panel.show()
    panel.add(news())
    panel.add(news(0.2, used=False))
    assert "1.2 s a target" in panel.cost.text()
    assert "31 % of the work" in panel.cost.text()
    told = panel.pairs.accessibleDescription()
    assert told == "not used; 100 % sure"
    image = panel.pairs.grab().toImage()
    colors = {image.pixelColor(x, y).red() for x in range(60, 400, 5) for y in range(0, 200, 5)}
    assert {200, 100} <= colors  # the scene, and a target relied on
    assert any(30 < red < 60 for red in colors)  # one that is not
    panel.clear()
    assert len(panel.pairs) == 0


def test_the_prior_is_a_setting(qtbot: QtBot, tmp_path: Path) -> None:
    dock, edits = Properties(), []
    qtbot.addWidget(dock)
    dock.resize(320, 900)
    dock.show()
    dock.edited.connect(edits.append)
    dock.more.click()
    editor = dock.form.editors["prior"]
    assert editor.box.currentData() == NONE
    editor.box.setCurrentIndex(editor.box.findData(AUTO))
    assert edits[-1].settings.prior == AUTO
    assert not editor.line.isVisible()
    editor.box.setCurrentIndex(editor.box.findData(FOLDER))
    assert len(edits) == 1  # no folder yet, nothing asked
    assert editor.line.isVisible()
    qtbot.keyClicks(editor.line, str(tmp_path))
    assert editor.line.property("wrong") == "true"
    assert "no model" in editor.line.toolTip()
    (tmp_path / "model_index.json").write_text("{}")
    qtbot.keyClick(editor.line, Qt.Key.Key_Backspace)
    qtbot.keyClicks(editor.line, str(tmp_path)[-1])
    assert editor.line.property("wrong") == "false"
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert edits[-1].settings.prior == str(tmp_path)
    strength = dock.form.editors["prior_strength"].box
    strength.setValue(0.5)
    assert edits[-1].settings.prior_strength == 0.5


def scene(red: float, settings: Settings = PRESETS[Preset.QUICK]) -> State:
    blobs = three_blobs()
    sh = blobs.sh.copy()
    sh[:, 0] = np.array([red, -red, -red])
    content = replace(blobs, sh=sh)
    assert isinstance(content, SplatArrays)
    state = State(content=content)
    return replace(state, plan=replace(state.plan, settings=settings))


def red_left_only(program: Program) -> bool:
    """Whether red things are seen left of the middle and nowhere else."""
    left, right = np.array_split(seen(program), 2, axis=1)
    reds = [((half[..., 0] - half[..., 1]) > 0.2).mean() for half in (left, right)]
    return bool(reds[0] > 0.005 > reds[1])


def test_two_versions_are_compared_by_the_wipe(program: Program) -> None:
    comparison, viewport = program.prior.comparison, program.window.viewport
    program.document.load(scene(1.5))
    program.show_workspace("build")
    assert not program.actions["compare_built"].isEnabled()
    program.building.began.emit(True)  # as when it is built anew
    program.document.show(content=scene(-1.5).content)
    program.actions.refresh()
    program.actions["compare_built"].trigger()
    assert comparison.chosen is Other.BUILT
    until(lambda: viewport.wipe == 0.5)
    assert "without a prior" in comparison.words(Other.BUILT)
    until(lambda: red_left_only(program))
    # Moved, the old picture fits no more; at rest there is a new one.
    before = viewport.pilot.camera
    QTest.keyClick(viewport, Qt.Key.Key_Home)
    until(lambda: viewport.pilot.camera is not before and viewport.wipe is not None)
    program.actions["compare_nothing"].trigger()
    assert viewport.wipe is None
    program.document.load(State())


def test_the_scene_at_which_the_prior_began_is_kept(program: Program) -> None:
    comparison = program.prior.comparison
    program.document.load(scene(1.0))
    program.building.imagined.emit(news())
    assert comparison.version(Other.BEGUN) is None  # nothing was trained before it
    assert program.window.docks["prior"].isVisible()
    assert len(program.window.targets.pairs) == 1
    program.document.load(State())


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    pytest.importorskip("huggingface_hub", exc_type=ImportError)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    (tmp_path / "hub").mkdir()
    with serving({NAME: files()}) as served:
        yield served


def page_of(program: Program) -> ModelsPage:
    program.actions["models"].trigger()
    (page,) = (p for p in program.window.findChildren(ModelsPage) if p.isVisible())
    return page


def test_a_model_is_downloaded_once_the_user_agrees(
    program: Program, tmp_path: Path, hub: Hub
) -> None:
    ANSWERS.agrees = False
    program.prior.models.endpoint = hub.endpoint
    page = page_of(program)
    line = page.lines[NAME]
    assert line.standing.text() == "not here"
    assert not line.fetch.isVisible()  # downloads are off unless they are allowed
    page.allow.click()
    assert program.memory.preferences.downloads
    click(line.fetch)
    assert ANSWERS.asked == ["sure"]
    assert hub.asked == 0
    ANSWERS.agrees = True
    click(line.fetch)
    assert line.stop.isVisible()
    notice(program, f"{NAME} is here", 120)
    assert line.standing.text() == "here"
    large = list((tmp_path / "hub").glob("models--*/snapshots/*/unet/*.fp16.safetensors"))
    assert [file.read_bytes() == LARGE for file in large] == [True]
    click(line.use)
    assert program.state.plan.settings.prior == NAME
    assert program.document.undo_label == "Change prior"
    assert line.standing.text() == "in use"
    program.document.undo()
    assert line.standing.text() == "here"
    page.allow.click()
    assert not any(each.fetch.isVisible() for each in page.lines.values())
    page.reject()


@pytest.mark.slow
def test_what_the_hub_refuses_is_told(program: Program, hub: Hub) -> None:
    program.prior.models.endpoint = hub.endpoint
    page = page_of(program)
    page.allow.click()
    click(page.lines[SAM].fetch)
    notice(program, "The hub knows no", 120)
    assert page.lines[SAM].fetch.isVisible()


def test_a_folder_can_be_named_and_masks_agree(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "sam"
    folder.mkdir()
    ANSWERS.file = folder
    page = page_of(program)
    asked: list[str] = []
    monkeypatch.setattr(program.masking, "use", asked.append)
    click(page.lines[SAM].point)
    assert asked == [str(folder)]
    assert program.memory.preferences.models == {SAM: folder}
    assert page.lines[SAM].standing.text() == "here"
    program.masking.place = str(folder)  # as once it is opened
    program.masking.opened.emit(str(folder))
    assert page.lines[SAM].standing.text() == "in use"
    assert program.actions["segmenter_folder"].isChecked()
    program.masking.place = ""
    program.masking.opened.emit("")
    until(lambda: page.lines[SAM].standing.text() == "here")


def test_words_and_a_network_are_asked_for(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = WordsDialog("Chair", "", 1500)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.begin.isEnabled()
    qtbot.keyClicks(dialog.words, "a red chair")
    assert not dialog.begin.isEnabled()
    assert not dialog.network.box.isVisible()
    qtbot.keyClicks(dialog.network.line, str(tmp_path))
    assert dialog.begin.isEnabled()
    dialog.keep.click()
    assert dialog.answer() == Words("a red chair", str(tmp_path), True, 1500)


@pytest.mark.slow
def test_an_object_is_changed_and_that_can_be_undone(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "sd"
    networks.pipeline("StableDiffusionPipeline", networks.stable()).save_pretrained(folder)
    wording, objects = program.prior.wording, program.window.objects
    blobs = three_blobs()
    made = program.state.plan.masks.new_object("Blob")
    third = np.arange(len(blobs)) < len(blobs) // 3
    ids = np.where(third, made.id, 0).astype(np.int32)
    program.document.load(State(content=replace(blobs, object_id=ids)))
    program.document.commit(AddObject(made))
    thing = program.state.plan.masks.object(made.id)
    program.show_workspace("build")
    wording.begin(99)
    notice(program, "The scene has nothing of this object yet")
    asked: list[tuple[str, str]] = []

    def answer(name: str, place: str) -> Words:
        asked.append((name, place))
        return Words("a chair", str(folder), False, 4)

    wording.ask = answer
    entries = {entry.text(): entry for entry in objects.menu(thing).actions()}
    entries["Change by words…"].trigger()
    assert asked == [("Blob", "")]
    assert wording.running == made.id
    texts = [entry.text() for entry in objects.menu(thing).actions()]
    assert "Stop the change by words" in texts
    # A process that steps back for others takes long to load a network where they work.
    until(lambda: wording.running is None, 900)
    box = notice(program, "It is “a chair” now", 1)
    content, trained = program.state.content, program.state.trained
    assert isinstance(content, SplatArrays)
    assert trained is not None
    assert program.document.undo_label == "Change to “a chair”"
    buttons = [b for b in box.findChildren(type(program.window.progress.stop)) if b.isVisible()]
    click(next(b for b in buttons if "Compare" in b.text()))
    assert program.prior.comparison.chosen is Other.WORDS
    until(lambda: program.window.viewport.wipe is not None)
    program.document.undo()
    assert program.state.trained is None
    until(lambda: program.prior.comparison.chosen is Other.NOTHING)
    program.document.redo()
    entries = {entry.text(): entry for entry in objects.menu(thing).actions()}
    entries["As the photos have it"].trigger()
    assert program.state.trained is None
    assert not program.state.plan.reworks
    program.document.load(State())
