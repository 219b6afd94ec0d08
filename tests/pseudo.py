"""A language that brackets every text, so that a text that misses translation shows."""

import re
from collections.abc import Collection, Iterator

from PySide6.QtCore import QTranslator
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QDockWidget,
    QGroupBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListWidget,
    QMenu,
    QPlainTextEdit,
    QSpinBox,
    QTabBar,
    QTextEdit,
    QToolBox,
    QWidget,
)

LEFT, RIGHT = "⟦", "⟧"
BRACKETED = re.compile(f"{LEFT}[^{LEFT}{RIGHT}]*{RIGHT}")
TAG = re.compile(r"<[^<>]*>|&\w+;")
FILE_NAME = re.compile(
    r"(?<!\w)[\w~@%+:\\/.-]*\.[A-Za-z]\w{1,8}\b|(?<!\w)[\w.~:-]*[\\/][\w\\/.~-]+"
)
KEYS = re.compile(r"\(?\b(?:(?:Ctrl|Shift|Alt|Meta)\+)+\w+\)?")
WORD = re.compile(r"[^\W\d_]{2,}")


class Bracketing(QTranslator):
    """Translates "Save" as "⟦Save⟧"."""

    def translate(  # type: ignore[override]
        self, context: str, text: str, disambiguation: str | None = None, n: int = -1
    ) -> str:
        return f"{LEFT}{text}{RIGHT}" if text else ""

    def isEmpty(self) -> bool:
        return False


def is_translated(text: str) -> bool:
    """Whether what stands outside the brackets is no words: numbers, signs, keys, file names."""
    while BRACKETED.search(text):
        text = BRACKETED.sub(" ", text)
    for harmless in (TAG, KEYS, FILE_NAME):
        text = harmless.sub(" ", text)
    return WORD.search(text) is None


def untranslated(root: QWidget, allowed: Collection[str] = ()) -> list[str]:
    """Each visible text in `root` and below that missed translation, with where it stands."""
    return sorted(
        {
            f"{place}: {text!r}"
            for place, text in texts(root)
            if text not in allowed and not is_translated(text)
        }
    )


def texts(root: QWidget) -> Iterator[tuple[str, str]]:
    """Every text of `root`, of all below it, and of their actions: where it stands, and it."""
    for widget in (root, *root.findChildren(QWidget)):
        place = f"{type(widget).__name__} {widget.objectName()}".strip()
        everyone = (
            *(
                (widget.windowTitle(),)
                if widget.isWindow() or isinstance(widget, QDockWidget)
                else ()
            ),
            *(widget.toolTip(), widget.statusTip(), widget.whatsThis()),
            *(widget.accessibleName(), widget.accessibleDescription()),
        )
        yield from ((place, text) for text in (*everyone, *_own(widget)))
    for action in root.findChildren(QAction):
        for text in (action.text(), action.toolTip(), action.statusTip(), action.whatsThis()):
            yield f"QAction {action.objectName()}".strip(), text


def _own(widget: QWidget) -> list[str]:
    """The texts that only this kind of widget has. What the user typed is not among them."""
    match widget:
        case QLabel() | QAbstractButton():
            return [widget.text()]
        case QGroupBox() | QMenu():
            return [widget.title()]
        case QTabBar():
            tabs = range(widget.count())
            return [text(i) for i in tabs for text in (widget.tabText, widget.tabToolTip)]
        case QToolBox():
            return [widget.itemText(i) for i in range(widget.count())]
        case QComboBox():
            return [widget.placeholderText(), *map(widget.itemText, range(widget.count()))]
        case QLineEdit() | QTextEdit() | QPlainTextEdit():
            return [widget.placeholderText()]
        case QListWidget():
            return [widget.item(i).text() for i in range(widget.count())]
        case QSpinBox():
            return [widget.prefix(), widget.suffix(), widget.specialValueText()]
        case QAbstractSpinBox():
            return [widget.specialValueText()]
        case QHeaderView() if widget.model() is not None:
            sections = range(widget.count())
            model, way = widget.model(), widget.orientation()
            return [str(model.headerData(i, way) or "") for i in sections]
    return []
