"""The dock of properties: settings as edits, facts as they are."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tests.panel_state import capture, photo, placed, reconstruction, state

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.capture.photos import Capture
from core.capture.reconstruction import Verdict
from core.pipeline.settings import PRESETS, Preset
from core.pipeline.split import Split
from core.scene.document import Document, State
from core.scene.edits import ChangeSettings
from core.scene.shown import PointCloud, TriangleMesh
from widgets.panels.facts import photo_facts, scene_facts
from widgets.panels.properties import Properties

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def dock(qtbot: QtBot) -> Properties:
    answer = Properties()
    qtbot.addWidget(answer)
    answer.resize(320, 800)
    answer.show()
    qtbot.waitExposed(answer)
    return answer


def test_presets_and_single_settings_are_edits(dock: Properties, qtbot: QtBot) -> None:
    edits: list[ChangeSettings] = []
    dock.edited.connect(edits.append)
    assert dock.presets.choice() == "standard"
    qtbot.mouseClick(dock.presets.buttons["quick"], LEFT)
    qtbot.mouseClick(dock.presets.buttons["quick"], LEFT)  # nothing new
    assert edits == [ChangeSettings(PRESETS[Preset.QUICK])]
    assert not dock.form.isVisible()
    qtbot.mouseClick(dock.more, LEFT)
    assert dock.form.isVisible()
    box = dock.form.editors["iterations"].box
    box.selectAll()
    qtbot.keyClicks(box, "2222")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert edits[-1].settings == replace(PRESETS[Preset.QUICK], iterations=2222)
    assert "Changed from the preset." in dock.about.text()
    qtbot.mouseClick(dock.presets.buttons["quick"], LEFT)
    assert edits[-1].settings == PRESETS[Preset.QUICK]


def test_undo_is_shown_and_emits_nothing(dock: Properties, qtbot: QtBot) -> None:
    document = Document(state())
    document.changed.connect(dock.show_state)
    edits: list[object] = []
    dock.edited.connect(edits.append)
    dock.edited.connect(document.commit)
    qtbot.mouseClick(dock.presets.buttons["best"], LEFT)
    document.undo()
    assert dock.presets.choice() == "standard"
    assert dock.form.value() == PRESETS[Preset.STANDARD]
    document.redo()
    assert dock.presets.choice() == "best"
    assert len(edits) == 1


def test_arrows_go_through_the_presets(dock: Properties, qtbot: QtBot) -> None:
    buttons = dock.presets.buttons
    dock.activateWindow()
    qtbot.waitUntil(dock.isActiveWindow)
    buttons["standard"].setFocus()
    qtbot.keyClick(buttons["standard"], Qt.Key.Key_Right)
    assert dock.presets.choice() == "best"
    assert buttons["best"].hasFocus()
    qtbot.keyClick(buttons["best"], Qt.Key.Key_Right)
    assert dock.presets.choice() == "quick"


def test_facts_of_the_selected_photo(dock: Properties, qtbot: QtBot) -> None:
    old = state()
    new = replace(old, selected="p1.jpg")
    dock.show_state(old, new)
    assert dock.photo.isVisible()
    assert dock.photo.facts() == {
        "Name": "p1.jpg",
        "Status": "Ready",
        "Size": "400 by 300 px",
        "Focal length": "330 px, from the file",
        "Camera": "Phone",
        "Sharpness": "good (0.1)",
        "Brightness": "good (50 %)",
    }
    dock.show_state(new, replace(new, selected=None))
    assert not dock.photo.isVisible()


def test_the_photo_once_placed() -> None:
    there = replace(state(reconstruction=placed("p1.jpg")), selected="p1.jpg")
    facts = dict(photo_facts(there))
    assert facts["Status"] == "Placed by 812 points."
    assert facts["Focal length"] == "321 px, worked out"


@pytest.mark.parametrize(("exposure", "words"), [(0.1, "dark (10 %)"), (0.9, "very bright (90 %)")])
def test_odd_photos(exposure: float, words: str) -> None:
    plain = photo("a.jpg", blurred=True)
    odd = replace(
        plain, focal_px=None, camera="", quality=replace(plain.quality, exposure=exposure)
    )
    facts = dict(photo_facts(replace(state(Capture((odd,))), selected="a.jpg")))
    assert facts["Brightness"] == words
    assert facts["Sharpness"].startswith("blurred")
    assert facts["Focal length"] == facts["Camera"] == "unknown"


def test_facts_of_the_scene(dock: Properties) -> None:
    assert not dock.scene.isVisible()
    step = SimpleNamespace(iteration=1500, iterations=3000, psnr=26.13)
    parts = {"split": Split(("p0.jpg",), ("p1.jpg",)), "step": step}
    there = state(capture(2), reconstruction=placed("p0.jpg", "p1.jpg"), **parts)
    dock.show_state(state(), there)
    assert dock.scene.facts() == {
        "Iterations": "1,500 of 3,000",
        "PSNR": "26.1 dB",
        "Placed photos": "2",
        "Sparse points": "0",
        "Floor": "not found",
        "Photos used": "1 to train, 1 to test",
    }
    cloud = PointCloud(np.zeros((1200, 3), np.float32), np.zeros((1200, 3), np.uint8))
    assert dict(scene_facts(State(content=cloud))) == {"Points": "1,200"}
    mesh = TriangleMesh(cloud.positions, np.zeros((7, 3), np.int32), cloud.colors)
    assert dict(scene_facts(State(content=mesh))) == {"Triangles": "7"}
    assert scene_facts(State()) == ()


def test_warnings_are_shown_while_they_hold(dock: Properties, qtbot: QtBot) -> None:
    def told() -> list[str]:
        labels = [label for label in dock.findChildren(QLabel) if label.isVisible()]
        return [label.text() for label in labels if label.text().startswith("The places")]

    found = reconstruction(
        Verdict("p0.jpg", True, "Placed."), warnings=("The places may be wrong.",)
    )
    old, new = state(), state(reconstruction=found)
    dock.show_state(old, new)
    qtbot.wait(10)
    assert told() == ["The places may be wrong."]
    dock.show_state(new, old)
    qtbot.wait(10)
    assert told() == []
