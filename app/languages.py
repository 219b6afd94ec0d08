"""The language of the window: ours from `resources/translations`, Qt's own from Qt."""

import re
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

FOLDER = Path(str(files("resources"))) / "translations"
PREFIX = "maquette_"
ENGLISH = "en"  # the language that the texts are written in
INSTALLED = "language"  # what our translators are called among the application's children


class Language(NamedTuple):
    """`code` as in "de" or "pt_BR"; `name` in the language itself."""

    code: str
    name: str


def languages(folder: Path = FOLDER) -> tuple[Language, ...]:
    """Those there are: English, and one for each file `maquette_CODE.qm`, by name."""
    codes = [file.stem.removeprefix(PREFIX) for file in folder.glob(f"{PREFIX}*.qm")]
    known = [code for code in codes if re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2})?", code)]
    others = [Language(code, QLocale(code).nativeLanguageName().capitalize()) for code in known]
    return (Language(ENGLISH, "English"), *sorted(others, key=lambda language: language.name))


def install(application: QCoreApplication, wish: str, folder: Path = FOLDER) -> str:
    """Let texts made from now on be in the language `wish`; the code of the one chosen.

    "" wishes for the system's. English where there is no such language, or its file is damaged.
    """
    for translator in application.findChildren(QTranslator, INSTALLED):
        application.removeTranslator(translator)
        translator.setParent(None)
    code = _nearest(wish, {language.code for language in languages(folder)})
    ours = QTranslator(application)
    if code == ENGLISH or not ours.load(str(folder / f"{PREFIX}{code}.qm")):
        ours.setParent(None)
        return ENGLISH
    qts = QTranslator(application)
    # Buttons of Qt's dialogs; some languages have none.
    qts.load(f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    for translator in (qts, ours):  # the last one is asked first
        translator.setObjectName(INSTALLED)
        application.installTranslator(translator)
    return code


def _nearest(wish: str, there: set[str]) -> str:
    """The first of what is wished for that is there: "pt_BR", else "pt", else English."""
    wishes = [wish] if wish else [name.replace("-", "_") for name in QLocale.system().uiLanguages()]
    for each in wishes:
        for code in (each, each.split("_")[0]):
            if code in there:
                return code
    return ENGLISH
