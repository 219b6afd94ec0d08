"""All shortcuts on one searchable sheet."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLayout,
    QLineEdit,
    QScrollArea,
    QWidget,
)

from widgets.panels.parts import Panel, button, column, label, named, row


@dataclass(frozen=True)
class Shortcut:
    """One action: where it belongs, what it does, and its keys, each as "Ctrl+Shift+Z"."""

    section: str
    text: str
    keys: tuple[str, ...]


class ShortcutSheet(QDialog):
    """Shows the rows by section; typing leaves those that hold all the words."""

    def __init__(self, rows: Sequence[Shortcut], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.resize(560, 640)
        self._rows = tuple(rows)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search actions and keys"))
        self.search.setClearButtonEnabled(True)
        named(self.search, self.tr("Search"), self.tr("Shows the shortcuts that hold these words"))
        self.search.textChanged.connect(self._refill)
        self.nothing = label(self.tr("No shortcut holds these words."), "soft")
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        named(self.area, self.tr("Shortcuts"))
        close = button(self.tr("Close"), self.tr("Close this sheet (Esc)"), role="primary")
        close.clicked.connect(self.accept)
        whole = column(self.search, self.nothing, self.area, row(-1, close), spacing=10)
        whole.setContentsMargins(16, 16, 16, 12)
        self.setLayout(whole)
        self._refill("")
        self.search.setFocus()

    def shown(self) -> tuple[Shortcut, ...]:
        """The rows that hold all the words searched for."""
        return matching(self._rows, self.search.text())

    def _refill(self, _words: str) -> None:
        rows = self.shown()
        self.nothing.setVisible(not rows)
        self.area.setVisible(bool(rows))
        page = Panel("panel")
        grid = QGridLayout(page)
        grid.setContentsMargins(14, 8, 14, 14)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        line, section = 0, ""
        for shortcut in sorted(rows, key=lambda row: self._sections().index(row.section)):
            if shortcut.section != section:
                section = shortcut.section
                title = label(section, "section")
                title.setContentsMargins(0, 10, 0, 2)
                grid.addWidget(title, line, 0, 1, 2)
                line += 1
            words = label(shortcut.text, "", wraps=True)
            words.setAccessibleName(f"{shortcut.text}: {' or '.join(shortcut.keys)}")
            grid.addWidget(words, line, 0)
            grid.addLayout(_caps(shortcut.keys), line, 1)
            line += 1
        grid.setRowStretch(line, 1)
        self.area.setWidget(page)

    def _sections(self) -> list[str]:
        return list(dict.fromkeys(row.section for row in self._rows))


def matching(rows: Sequence[Shortcut], words: str) -> tuple[Shortcut, ...]:
    """The rows that hold each of `words` somewhere, letter case aside."""
    wanted = words.casefold().split()
    return tuple(
        row
        for row in rows
        if all(
            word in f"{row.section} {row.text} {' '.join(row.keys)}".casefold() for word in wanted
        )
    )


def caps(keys: str) -> list[str]:
    """The keys of one shortcut as they are printed on the keyboard: "Ctrl", "Shift", "Z"."""
    native = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText) or keys
    whole = native.removesuffix("+")
    parts = [part.strip() for part in whole.split("+")]
    if whole != native:  # the key is "+" itself
        parts = [part for part in parts if part] + ["+"]
    return [part for part in parts if part]


def _caps(keys: Sequence[str]) -> QHBoxLayout:
    """All ways to press a shortcut, the keys of each as caps."""
    things: list[QWidget | QLayout | int] = [-1]
    for i, way in enumerate(keys):
        if i:
            things.append(label(QCoreApplication.translate("ShortcutSheet", "or"), "soft"))
        things.extend(label(cap, "keycap") for cap in caps(way))
    return row(*things, spacing=4)
