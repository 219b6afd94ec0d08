"""An object changed by words in the window: asked for, undone, compared with before."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.prior_compare import Other
from core.gaussians.arrays import SplatArrays
from core.scene.document import State
from core.scene.mask_edits import AddObject
from tests import prior_networks as networks
from tests.viewport_scenes import three_blobs
from tests.window_parts import click, notice, opened, until
from widgets.panels.prior_words import Words, WordsDialog


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


def test_an_object_is_changed_and_that_can_be_undone(qapp: QApplication, tmp_path: Path) -> None:
    folder = tmp_path / "sd"
    networks.pipeline("StableDiffusionPipeline", networks.stable()).save_pretrained(folder)
    with opened(tmp_path) as program:
        wording, objects = program.prior.wording, program.window.objects
        blobs = three_blobs()
        made = program.state.plan.masks.new_object("Blob")
        third = np.arange(len(blobs)) < len(blobs) // 3
        ids = np.where(third, made.id, 0).astype(np.int32)
        program.document.load(State(content=replace(blobs, object_id=ids)))
        program.document.commit(AddObject(made))
        thing = program.state.plan.masks.object(made.id)
        program.show_workspace("build")
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
        until(lambda: program.window.viewport.wipe is not None, 120)
        program.document.undo()
        assert program.state.trained is None
        until(lambda: program.prior.comparison.chosen is Other.NOTHING)
        program.document.redo()
        entries = {entry.text(): entry for entry in objects.menu(thing).actions()}
        entries["As the photos have it"].trigger()
        assert program.state.trained is None
        assert not program.state.plan.reworks
        program.document.load(State())


def test_it_can_be_stopped(qapp: QApplication, tmp_path: Path) -> None:
    with opened(tmp_path) as program:
        wording = program.prior.wording
        wording.begin(3)
        notice(program, "The scene has nothing of this object yet")
        assert wording.running is None
