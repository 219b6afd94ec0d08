"""A scene that grows beyond its photos, in the whole window: kept, made anew, undone, left away."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.program import Program
from core.gaussians.arrays import SplatArrays
from core.gaussians.provenance import Origin
from core.scene.additions import Kind
from tests import hidden_wall
from tests.display import missing_display
from tests.window_parts import CONTROL, Answers, at_rest, click, press, until

WHY = missing_display()
pytestmark = pytest.mark.skipif(bool(WHY), reason=WHY)


def made(program: Program) -> list[Kind]:
    return [each.kind for each in program.state.plan.additions]


def asked(program: Program, words: str) -> None:
    """Wait for the question after a step, and answer it."""
    until(lambda: answer_of(program, words) is not None, 300)
    found = answer_of(program, words)
    assert found is not None
    click(found)


def answer_of(program: Program, words: str) -> QWidget | None:
    for box in program.window.banner.boxes:
        for each in box.buttons:
            if each.text() == words:
                return each
    return None


@pytest.mark.slow
def test_steps_are_shown_kept_redone_and_left(
    program: Program, answers: Answers, tmp_path: Path
) -> None:
    program.document.load(hidden_wall.state())
    program.show_workspace("layout")
    before = program.state
    program.actions["grow_look_around"].trigger()
    until(lambda: answer_of(program, "Keep") is not None, 300)
    assert made(program) == [Kind.BEYOND]  # shown,
    assert program.document.undo_label is None  # and not kept yet
    first, bare = program.state.content, before.content
    assert isinstance(first, SplatArrays)
    assert isinstance(bare, SplatArrays)
    assert (first.origin == Origin.FILLED).sum() > (bare.origin == Origin.FILLED).sum()
    asked(program, "Another")
    until(lambda: answer_of(program, "Keep") is not None, 300)
    again = program.state.content
    assert isinstance(again, SplatArrays)
    assert not np.array_equal(first.sh[-100:], again.sh[-100:])
    asked(program, "Keep")
    assert program.document.undo_label == "Grow: look around 1"
    asked(program, "Stop")
    assert made(program) == [Kind.BEYOND]
    press(program.window, Qt.Key.Key_Z, CONTROL)
    assert made(program) == []
    press(program.window, Qt.Key.Key_Z, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert made(program) == [Kind.BEYOND]
    kept = program.state.content
    answers.file = tmp_path / "room.maquette"
    program.projects.save_as()
    until(lambda: not program.document.modified)
    program.document.load(hidden_wall.state())
    program.open(tmp_path / "room.maquette")
    until(lambda: made(program) == [Kind.BEYOND] and at_rest(program))
    opened_again = program.state.content
    assert isinstance(opened_again, SplatArrays)
    assert isinstance(kept, SplatArrays)
    np.testing.assert_array_equal(opened_again.means, kept.means)
    assert len(program.arranging.filling.made_up(())) == 1
    click(program.window.workspaces.segments.buttons["layout"])
    program.actions["take_out"].trigger()
    assert made(program) == []
