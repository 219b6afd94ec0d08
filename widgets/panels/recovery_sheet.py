"""Offers what was not saved when the program did not end well: a picture, a name, a date."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from widgets import icons, theme
from widgets.panels.parts import Eliding, Panel, button, column, label, named, row

PICTURE = QSize(148, 100)
WIDTH = 560


@dataclass(frozen=True, eq=False)
class Found:
    """One scene: `folder` is what it is known by; `when` and `where` are words."""

    folder: Path
    name: str
    when: str
    where: str
    picture: QImage


class RecoverySheet(QDialog):
    """Closes by itself when something is recovered, or nothing is left."""

    recover_wanted = Signal(object)  # Path, the folder
    discard_wanted = Signal(object)

    def __init__(self, found: Sequence[Found], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Unsaved work"))
        self.setFixedWidth(WIDTH)
        words = label(
            self.tr("Maquette did not end well. This was kept of what was not saved:"), wraps=True
        )
        self.cards = [FoundCard(each) for each in found]
        self._list = QVBoxLayout()
        self._list.setSpacing(10)
        for card in self.cards:
            self._list.addWidget(card)
            card.recover.clicked.connect(lambda _=False, each=card: self._recover(each))
            card.discard.clicked.connect(lambda _=False, each=card: self._discard(each))
        later = button(
            self.tr("Decide later"), self.tr("Keep it, and ask again at the next start (Esc)")
        )
        later.clicked.connect(self.reject)
        whole = column(words, self._list, row(-1, later), spacing=12)
        whole.setContentsMargins(16, 16, 16, 12)
        self.setLayout(whole)
        if self.cards:
            self.cards[0].recover.setFocus()

    def _recover(self, card: "FoundCard") -> None:
        self.accept()
        self.recover_wanted.emit(card.found.folder)

    def _discard(self, card: "FoundCard") -> None:
        self.discard_wanted.emit(card.found.folder)
        self.cards.remove(card)
        self._list.removeWidget(card)
        card.hide()
        card.deleteLater()
        if self.cards:
            self.adjustSize()
        else:
            self.reject()


class FoundCard(Panel):
    """A scene with what can be done about it."""

    def __init__(self, found: Found) -> None:
        super().__init__("card")
        self.found = found
        named(self, f"{found.name}, {found.when}, {found.where}")
        self.recover = button(self.tr("Recover"), self.tr("Open it as it was then"), role="primary")
        self.discard = button(self.tr("Discard"), self.tr("Throw it away for good"))
        kept = self.tr("Kept on {when}").format(when=found.when)
        words = column(
            Eliding(found.name, "strong"), Eliding(kept, ""), Eliding(found.where, "soft"),
            -1, row(self.recover, self.discard, -1), spacing=3,
        )  # fmt: skip
        inner = row(_picture(found), 12, words)
        inner.setStretchFactor(words, 1)
        inner.setContentsMargins(10, 10, 10, 10)
        self.setLayout(inner)


def _picture(found: Found) -> QLabel:
    answer = QLabel()
    answer.setFixedSize(PICTURE)
    answer.setAlignment(Qt.AlignmentFlag.AlignCenter)
    if found.picture.isNull():
        answer.setPixmap(icons.icon("build", theme.current().faint).pixmap(QSize(32, 32)))
        return answer
    grown = Qt.AspectRatioMode.KeepAspectRatioByExpanding
    smooth = Qt.TransformationMode.SmoothTransformation
    size = PICTURE * 2  # of screens with small pixels
    picture = found.picture.scaled(size, grown, smooth)
    left, top = picture.width() - size.width(), picture.height() - size.height()
    pixmap = QPixmap.fromImage(picture.copy(left // 2, top // 2, size.width(), size.height()))
    pixmap.setDevicePixelRatio(2)
    answer.setPixmap(pixmap)
    return answer
