"""Forms: every kind of field, real typing, silence where nothing was changed by hand."""

from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Optional

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from core.pipeline.settings import PRESETS, Preset, Settings
from widgets.panels.fields import FieldText, Form, without_none
from widgets.panels.settings_words import is_preset, preset_words, settings_texts


class Wood(Enum):
    OAK = 1
    DARK_ELM = 2


@dataclass(frozen=True)
class Table:
    legs: int = field(default=4, metadata={"low": 3, "high": 8, "help": "How many legs."})
    height: float = field(default=0.7, metadata={"label": "How high", "unit": "m", "step": 0.1})
    round: bool = False
    wood: Wood = Wood.OAK
    name: str = "table"
    place: Path = Path("/")
    limit: float | None = field(default=None, metadata={"low": 1, "high": 99, "nothing": "None"})
    guests: Optional[int] = None  # noqa: UP045 - the older spelling must do as well


@pytest.fixture
def form(qtbot: QtBot) -> Form:
    answer = Form(Table)
    qtbot.addWidget(answer)
    answer.show_value(Table())
    answer.show()
    qtbot.waitExposed(answer)
    return answer


@pytest.fixture
def heard(form: Form) -> list[Table]:
    values: list[Table] = []
    form.changed.connect(values.append)
    return values


def typed(qtbot: QtBot, box: object, words: str) -> None:
    box.selectAll()  # type: ignore[attr-defined]
    qtbot.keyClicks(box, words)
    qtbot.keyClick(box, Qt.Key.Key_Return)


def test_numbers_are_typed(form: Form, heard: list[Table], qtbot: QtBot) -> None:
    typed(qtbot, form.editors["legs"].box, "6")
    typed(qtbot, form.editors["height"].box, "1.25")
    assert heard == [Table(legs=6), Table(legs=6, height=1.25)]
    assert form.value() == Table(legs=6, height=1.25)
    qtbot.keyClick(form.editors["legs"].box, Qt.Key.Key_Up)
    assert form.value().legs == 7


def test_numbers_out_of_range_cannot_be_typed(form: Form, heard: list[Table], qtbot: QtBot) -> None:
    typed(qtbot, form.editors["legs"].box, "9")
    assert form.value().legs <= 8
    typed(qtbot, form.editors["legs"].box, "x")
    typed(qtbot, form.editors["legs"].box, "2")
    assert 3 <= form.value().legs <= 8
    assert all(3 <= value.legs <= 8 for value in heard)


def test_ticks_choices_and_words(form: Form, heard: list[Table], qtbot: QtBot) -> None:
    qtbot.keyClick(form.editors["round"].box, Qt.Key.Key_Space)
    qtbot.keyClick(form.editors["wood"].box, Qt.Key.Key_Down)
    typed(qtbot, form.editors["name"].box, "desk")
    assert heard[-1] == Table(round=True, wood=Wood.DARK_ELM, name="desk")
    assert len(heard) == 3
    assert form.editors["wood"].box.itemText(1) == "Dark elm"


def test_optional_values(form: Form, heard: list[Table], qtbot: QtBot) -> None:
    editor = form.editors["limit"]
    assert not editor.inner.isVisible()
    assert editor.tick.text() == "None"
    qtbot.keyClick(editor.tick, Qt.Key.Key_Space)
    assert heard[-1].limit == 1
    assert editor.inner.isVisible()
    typed(qtbot, editor.inner.box, "50")
    assert heard[-1].limit == 50
    qtbot.keyClick(editor.tick, Qt.Key.Key_Space)
    assert heard[-1].limit is None
    qtbot.keyClick(editor.tick, Qt.Key.Key_Space)
    assert heard[-1].limit == 50  # what it was before
    qtbot.keyClick(form.editors["guests"].tick, Qt.Key.Key_Space)
    assert heard[-1].guests == 0


def test_paths_that_are_not_there_are_told(
    form: Form, heard: list[Table], qtbot: QtBot, tmp_path: Path
) -> None:
    box = form.editors["place"].box
    typed(qtbot, box, str(tmp_path / "nowhere"))
    assert box.property("wrong") == "true"
    assert "no such" in box.toolTip()
    typed(qtbot, box, str(tmp_path))
    assert box.property("wrong") == "false"
    assert form.value().place == tmp_path


def test_showing_emits_nothing(form: Form, heard: list[Table]) -> None:
    other = Table(5, 1.5, True, Wood.DARK_ELM, "desk", Path("/tmp"), 12.5, 3)
    form.show_value(other)
    assert form.value() == other
    assert form.editors["legs"].box.value() == 5
    assert form.editors["limit"].inner.box.value() == 12.5
    form.show_value(Table())
    assert form.value() == Table()
    assert heard == []


def test_typing_what_is_there_emits_nothing(form: Form, heard: list[Table], qtbot: QtBot) -> None:
    typed(qtbot, form.editors["legs"].box, "4")
    typed(qtbot, form.editors["name"].box, "table")
    assert heard == []


def test_names_for_those_who_hear_the_screen(form: Form) -> None:
    captions = {label.text(): label for label in form.findChildren(QLabel)}
    assert captions["Legs"].buddy() is form.editors["legs"].box
    assert form.editors["legs"].box.accessibleName() == "Legs"
    assert form.editors["legs"].box.toolTip() == "How many legs."
    assert form.editors["height"].box.accessibleName() == "How high"
    assert form.editors["height"].box.suffix() == " m"


def test_the_wheel_leaves_what_is_not_in_use(form: Form, qtbot: QtBot) -> None:
    box = form.editors["legs"].box
    form.editors["name"].box.setFocus()
    turn = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(box, turn)
    assert box.value() == 4


def test_unknown_kinds_are_our_mistake(qtbot: QtBot) -> None:
    @dataclass(frozen=True)
    class Odd:
        parts: "tuple[int, ...]" = ()

    with pytest.raises(TypeError, match="no editor"):
        Form(Odd)


def test_without_none() -> None:
    assert without_none(int | None) == (int, True)
    assert without_none(Optional[float]) == (float, True)  # noqa: UP045
    assert without_none(str) == (str, False)


def test_settings_have_words_for_all_fields(qtbot: QtBot) -> None:
    texts = settings_texts()
    elsewhere = {"preset", "without"}
    assert elsewhere | set(texts) == set(Settings.__dataclass_fields__)
    assert all(text.label and text.help for text in texts.values())
    assert set(preset_words()) == set(Preset)
    form = Form(Settings, texts, only=tuple(texts))
    qtbot.addWidget(form)
    for settings in PRESETS.values():
        form.show_value(settings)
        shown = {
            name: editor.box.value()
            for name, editor in form.editors.items()
            if name
            not in ("time_limit", "judge", "prior", "depth", "fill", "words_prior", "expand")
        }
        assert form.editors["judge"].box.isChecked() == settings.judge
        assert replace(settings, **shown) == settings
        assert is_preset(settings)
    assert not is_preset(replace(settings, seed=7))


def test_words_given_come_before_metadata(qtbot: QtBot) -> None:
    form = Form(Table, {"legs": FieldText(label="Feet", low=0, high=2)}, only=("legs",))
    qtbot.addWidget(form)
    assert list(form.editors) == ["legs"]
    assert form.editors["legs"].box.maximum() == 2
    assert form.findChild(QLabel).text() == "Feet"
