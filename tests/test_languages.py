"""Other languages: texts are found, translated, and none is left out."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import QCoreApplication, QLocale, QObject, QTranslator
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialogButtonBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app import translate
from app.languages import Language, install, languages
from tests.pseudo import Bracketing, is_translated, untranslated

GERMAN = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en">
<context><name>Window</name>
<message><source>Open the door</source><translation>Öffne die Tür</translation></message>
<message numerus="yes"><source>%n door(s)</source><translation>
<numerusform>%n Tür</numerusform><numerusform>%n Türen</numerusform></translation></message>
</context></TS>
"""


class Window(QObject):
    def label(self) -> str:
        return self.tr("Open the door")

    def count(self, n: int) -> str:
        return self.tr("%n door(s)", "", n)


@pytest.fixture
def german(tmp_path: Path) -> Path:
    """A folder with one language, compiled by Qt's own tool."""
    texts = tmp_path / "maquette_de.ts"
    texts.write_text(GERMAN, encoding="utf-8")
    if not translate.compile_texts(texts):
        pytest.skip("pyside6-lrelease, which comes with PySide6-Essentials, does not run here")
    return tmp_path


@pytest.fixture
def application(qapp: QApplication) -> Iterator[QApplication]:
    yield qapp
    install(qapp, "en")


@pytest.fixture
def bracketed(qapp: QApplication) -> Iterator[None]:
    translator = Bracketing()
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


def test_a_language_is_spoken_once_installed(application: QApplication, german: Path) -> None:
    window = Window()
    assert languages(german) == (Language("en", "English"), Language("de", "Deutsch"))
    assert install(application, "de", german) == "de"
    assert window.label() == "Öffne die Tür"
    assert [window.count(n) for n in (1, 2)] == ["1 Tür", "2 Türen"]
    assert QCoreApplication.translate("Window", "Close the door") == "Close the door"
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    assert box.buttons()[0].text() == "Abbrechen"
    assert install(application, "en", german) == "en"
    assert window.label() == "Open the door"


def test_the_last_choice_alone_is_installed(application: QApplication, german: Path) -> None:
    for _ in range(3):
        install(application, "de", german)
    assert len(application.findChildren(QTranslator, "language")) == 2
    install(application, "en", german)
    assert application.findChildren(QTranslator, "language") == []


@pytest.mark.parametrize(
    ("wish", "chosen"), [("de_AT", "de"), ("fr", "en"), ("en", "en"), ("../de", "en")]
)
def test_the_nearest_language_is_chosen(
    application: QApplication, german: Path, wish: str, chosen: str
) -> None:
    assert install(application, wish, german) == chosen


@pytest.mark.parametrize(
    ("system", "chosen"), [(["de-DE", "en"], "de"), (["en-GB", "de"], "en"), (["fr"], "en")]
)
def test_without_a_wish_it_is_the_systems(
    application: QApplication,
    german: Path,
    monkeypatch: pytest.MonkeyPatch,
    system: list[str],
    chosen: str,
) -> None:
    class System:
        def uiLanguages(self) -> list[str]:
            return system

    monkeypatch.setattr(QLocale, "system", staticmethod(System))
    assert install(application, "", german) == chosen


def test_a_damaged_file_leaves_english(application: QApplication, tmp_path: Path) -> None:
    (tmp_path / "maquette_de.qm").write_bytes(b"no translations")
    assert install(application, "de", tmp_path) == "en"
    assert languages(tmp_path / "absent") == (Language("en", "English"),)


def test_texts_are_collected_from_the_program(tmp_path: Path) -> None:
    texts = tmp_path / "maquette_xx.ts"
    if not translate.collect(texts):
        pytest.skip("pyside6-lupdate, which comes with PySide6-Essentials, does not run here")
    found = texts.read_text(encoding="utf-8")
    assert "<name>Hardware</name>" in found
    assert "{total} of memory, {free} of it free." in found


def test_the_tool_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in ([], ["de", "fr"], ["../de"]):
        assert translate.main(wrong) == 2
        assert "python -m app.translate CODE" in capsys.readouterr().err


def test_every_text_is_written_where_it_is_translated() -> None:
    """lupdate reads the source: it wants the text there, and its context or class."""
    wrong = [
        f"{path.relative_to(REPOSITORY)}:{call.lineno}"
        for layer in ("app", "widgets")
        for path in sorted((REPOSITORY / layer).rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and not _has_its_words(call)
    ]
    assert wrong == []


def _has_its_words(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Name) and call.func.id == "tr":
        return False  # no class to be the context of
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    needed = {"tr": 1, "translate": 2, "QT_TRANSLATE_NOOP": 2}.get(name, 0)
    return all(
        isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        for argument in call.args[:needed]
    )


@pytest.mark.parametrize(
    ("text", "translated"),
    [
        ("⟦Save⟧", True),
        ("", True),
        ("12.5 %", True),
        ("⟦12 of {n}⟧ · ⟦dB⟧", True),
        ("⟦Open ⟦Save⟧ again⟧", True),
        ("<b>⟦Save⟧</b> (Ctrl+S)", True),
        ("IMG_0001.jpg", True),
        ("/home/me/scene.maquette", True),
        ("C:\\photos\\one.png ⟦is open⟧", True),
        ("Save", False),
        ("⟦Save⟧ as", False),
        ("<b>Bold</b>", False),
        ("Save IMG_0001.jpg", False),
        ("Done. Next", False),
    ],
)
def test_words_outside_the_brackets_are_seen(text: str, translated: bool) -> None:
    assert is_translated(text) == translated


def test_texts_that_miss_translation_are_found(qtbot: QtBot, bracketed: None) -> None:
    assert Window().label() == "⟦Open the door⟧"
    assert Window().count(3) == "⟦3 door(s)⟧"
    good, bad = QWidget(), QWidget()
    qtbot.addWidget(good)
    qtbot.addWidget(bad)
    QVBoxLayout(good).addWidget(QLabel(Window().label()))
    assert untranslated(good) == []
    fill_with_words(bad)
    found = {entry.split(": ", 1)[1].strip("'") for entry in untranslated(bad, ["allowed"])}
    assert found == {f"word {letter}" for letter in "abcdefghijklmnop"}


def fill_with_words(bad: QWidget) -> None:
    """Each kind of place where a text can stand, but for one that is allowed."""
    bad.setWindowTitle("word a")
    column = QVBoxLayout(bad)
    tabs, combo, line = QTabWidget(), QComboBox(), QLineEdit("typed by the user")
    tabs.addTab(QWidget(), "word b")
    tabs.setTabToolTip(0, "word c")
    combo.addItems(["word d", "allowed"])
    line.setPlaceholderText("word e")
    spin, menu, button = QSpinBox(), QMenu("word f", bad), QPushButton("word g")
    spin.setSuffix(" word h".strip())
    menu.addAction("word i")
    button.setToolTip("word j")
    button.setAccessibleName("word k")
    button.setStatusTip("word l")
    action = QAction("word m", bad)
    action.setToolTip("word n")
    bad.addAction(action)
    for widget in (tabs, combo, line, spin, button, QGroupBox("word o"), QLabel("word p")):
        column.addWidget(widget)
