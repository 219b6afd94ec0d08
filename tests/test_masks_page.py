"""The page of masks and the list of objects, told states: they show those, and wish by edits."""

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from core.capture.photos import Capture
from core.scene.document import State
from core.scene.mask_edits import AddObject, ChangeObject, ConfirmMasks, ForgetMasks, RemoveObject
from tests.mask_bench import squares
from tests.mask_scenes import CHAIR, TABLE, room
from widgets.canvas.objects_panel import ObjectsPanel
from widgets.canvas.page import MasksPage, object_at_hand


@pytest.fixture
def page(qtbot: QtBot) -> MasksPage:
    answer = MasksPage()
    qtbot.addWidget(answer, before_close_func=lambda widget: widget.release())
    answer.resize(900, 600)
    return answer


@pytest.fixture
def panel(qtbot: QtBot) -> ObjectsPanel:
    answer = ObjectsPanel()
    qtbot.addWidget(answer)
    answer.resize(260, 500)
    answer.show()
    return answer


def test_only_a_photo_that_is_looked_at_is_wanted(page: MasksPage) -> None:
    wanted: list[str] = []
    page.photo_wanted.connect(wanted.append)
    state = State(room(), selected="a.jpg")
    page.show_state(State(), state)
    assert wanted == []
    page.show()
    assert set(wanted) == {"a.jpg"}
    page.show_pixels("b.jpg", squares())
    assert not page.ready
    page.show_pixels("a.jpg", squares())
    assert page.ready
    page.show_state(state, replace(state, object=3))
    assert page.ready
    assert page.object_id == 3


def test_a_photo_of_the_same_name_in_another_project_is_another(page: MasksPage) -> None:
    state = State(room(), selected="a.jpg")
    page.show()
    page.show_state(State(), state)
    page.show_pixels("a.jpg", squares())
    assert state.plan.capture is not None
    moved = tuple(replace(p, path=Path("/else") / p.name) for p in state.plan.capture.photos)
    other = replace(state, plan=replace(state.plan, capture=Capture(moved)))
    page.show_state(state, other)
    assert not page.ready
    page.show_state(other, State())
    assert not page.ready


def test_pixels_of_another_size_are_not_shown(page: MasksPage) -> None:
    page.show()
    page.show_state(State(), State(room(), selected="a.jpg"))
    page.show_pixels("a.jpg", squares()[:100])
    assert not page.ready


def test_what_the_tools_are_for_where_nothing_was_chosen() -> None:
    masks = room().masks
    assert object_at_hand(masks, None) == (CHAIR, False)
    assert object_at_hand(masks, TABLE.id) == (TABLE, False)
    without = replace(masks, objects=masks.objects[:3])
    thing, new = object_at_hand(without, None)
    assert (thing.id, thing.name, new) == (4, "Object 1", True)


def test_the_list_shows_the_objects_and_wishes_by_edits(
    panel: ObjectsPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = State(room(), selected="b.jpg", object=CHAIR.id)
    edits: list[object] = []
    chosen: list[object] = []
    panel.edited.connect(edits.append)
    panel.chosen.connect(chosen.append)
    panel.show_state(State(), state)
    assert panel.list.count() == 5
    assert panel.current() == CHAIR
    assert (edits, chosen) == ([], [])
    panel.list.setCurrentRow(4)
    assert chosen == [TABLE.id]
    panel.confirm.click()
    panel.clear.click()
    assert isinstance(edits[0], ConfirmMasks)
    assert isinstance(edits[1], ForgetMasks)
    assert edits[1].names == ("b.jpg",)
    panel.new_object()
    assert isinstance(edits[2], AddObject)
    assert chosen[-1] == edits[2].object.id == 4
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("  Stool ", True))
    panel.rename(CHAIR)
    assert isinstance(edits[3], ChangeObject)
    assert edits[3].object == replace(CHAIR, name="Stool")
    panel.show_state(state, replace(state, object=CHAIR.id))
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert isinstance(edits[4], RemoveObject)
    assert edits[4].id == CHAIR.id
    panel.remove(state.plan.masks.objects[0])  # the background stays
    assert len(edits) == 5


def test_confirming_is_for_masks_that_came_from_others(panel: ObjectsPanel) -> None:
    for name, able, clear in (
        ("a.jpg", False, True),
        ("b.jpg", True, True),
        ("c.jpg", False, False),
    ):
        panel.show_state(State(), State(room(), selected=name))
        assert panel.confirm.isEnabled() is able
        assert panel.clear.isEnabled() is clear
