"""Priors in the window: their targets, what they cost, and two versions of a scene compared."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.prior_compare import Other
from app.program import Program
from core.gaussians.arrays import SplatArrays
from core.pipeline.settings import AUTO, NONE, PRESETS, Preset, Settings
from core.prior.imagined import Imagined
from core.scene.document import State
from tests.viewport_scenes import three_blobs
from tests.window_parts import opened, ready, seen, until
from widgets.panels.prior_choice import FOLDER
from widgets.panels.prior_targets import PriorTargets
from widgets.panels.properties import Properties


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


def test_two_versions_are_compared_by_the_wipe(qapp: QApplication, tmp_path: Path) -> None:
    with opened(tmp_path) as program:
        comparison, viewport = program.prior.comparison, program.window.viewport
        until(lambda: ready(program), 120)
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
        until(lambda: red_left_only(program), 60)
        # Moved, the old picture fits no more; at rest there is a new one.
        before = viewport.pilot.camera
        QTest.keyClick(viewport, Qt.Key.Key_Home)
        until(lambda: viewport.pilot.camera is not before and viewport.wipe is not None)
        program.actions["compare_nothing"].trigger()
        assert viewport.wipe is None
        program.document.load(State())


def test_the_scene_at_which_the_prior_began_is_kept(qapp: QApplication, tmp_path: Path) -> None:
    with opened(tmp_path) as program:
        comparison = program.prior.comparison
        program.document.load(scene(1.0))
        program.building.imagined.emit(news())
        assert comparison.version(Other.BEGUN) is None  # nothing was trained before it
        assert program.window.docks["prior"].isVisible()
        assert len(program.window.targets.pairs) == 1
        program.document.load(State())
