"""The first page: where to drop things, the sample, what the computer can do, recent projects."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QGridLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from widgets import icons, theme
from widgets.guard import guarded, guarded_with
from widgets.panels.drop import paths_of
from widgets.panels.parts import Eliding, Panel, button, column, label, mark, named, row, set_role
from widgets.panels.photo_model import as_image

PAGE_WIDTH = 4 * 200 + 3 * 12 + 48  # four cards in a row
CARD_WIDTH = 200
PICTURE = QSize(198, 112)


@dataclass(frozen=True, eq=False)
class Recent:
    """A project opened before. `when` in words; `picture` [h, w, 3]; `missing`: gone since."""

    path: Path
    name: str
    when: str
    picture: NDArray[np.uint8] | None = None
    missing: bool = False


class Welcome(QScrollArea):
    """What there is to do while nothing is open."""

    dropped = Signal(object)  # tuple[Path, ...]
    photos_wanted = Signal()
    open_wanted = Signal()
    sample_wanted = Signal()
    recent_chosen = Signal(object)  # Path

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAcceptDrops(True)
        named(self, self.tr("Welcome"))
        self.target = self._target()
        self.hardware = QVBoxLayout()
        self.hardware.setSpacing(6)
        self.recents = QGridLayout()
        self.recents.setSpacing(12)
        self.recents_title = label(self.tr("Recent projects"), "section")
        self._cards: list[RecentCard] = []
        self.hardware_title = label(self.tr("This computer"), "section")
        middle = QWidget()
        middle.setMaximumWidth(PAGE_WIDTH)
        middle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        inner = column(
            self._head(), 4, self.target, 8, self.recents_title, self.recents, 8,
            self.hardware_title, self.hardware, -1,
        )  # fmt: skip
        inner.setContentsMargins(24, 28, 24, 24)
        middle.setLayout(inner)
        page = Panel("page")
        outer = row(middle)
        outer.insertStretch(0, 1)
        outer.addStretch(1)
        outer.setStretchFactor(middle, 1000)
        page.setLayout(outer)
        self.setWidget(page)
        self.show_hardware(())
        self.show_recents(())

    def show_hardware(self, lines: Sequence[tuple[str, bool]]) -> None:
        """What was found out about the computer, each with whether it is good."""
        _emptied(self.hardware)
        for words, good in lines:
            sign = mark("check", "good") if good else mark("warning", "warning")
            text = label(words, "", wraps=True)
            line = row(sign, text, spacing=8)
            line.setAlignment(sign, Qt.AlignmentFlag.AlignTop)
            line.setStretchFactor(text, 1)
            self.hardware.addLayout(line)
        self.hardware_title.setVisible(bool(lines))

    def show_recents(self, recents: Sequence[Recent]) -> None:
        """The projects opened before, the newest first."""
        for card in self._cards:
            card.hide()
            card.deleteLater()
        self._cards = [RecentCard(recent) for recent in recents]
        for card in self._cards:
            card.chosen.connect(self.recent_chosen)
        self.recents_title.setVisible(bool(recents))
        self._arrange()

    def cards(self) -> tuple["RecentCard", ...]:
        return tuple(self._cards)

    def _head(self) -> QWidget:
        head = QWidget()
        logo = mark(icons.APPLICATION, size=44)
        words = column(
            label(self.tr("Maquette"), "display"),
            label(self.tr("Turns a handful of photos into a 3D scene."), "soft"),
            spacing=0,
        )
        head.setLayout(row(logo, 6, words, -1))
        return head

    def _target(self) -> QWidget:
        target = Panel("drop")
        arrow = row(-1, mark("drop", "accent", 44), -1)
        title = label(
            self.tr("Drop photos, a folder, a project or a scene here"), "heading", wraps=True
        )
        hint = label(
            self.tr("10 to 50 photos, taken a step apart while walking around the scene."),
            "soft",
            wraps=True,
        )
        for words in (title, hint):
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.buttons = [
            self._button(
                self.tr("Choose photos…"), self.tr("Choose photos, or a video"), "add-photos",
                self.photos_wanted.emit, "primary",
            ),
            self._button(
                self.tr("Open…"), self.tr("Open a project, or a PLY, SPZ or GLB file"), "open",
                self.open_wanted.emit,
            ),
            self._button(
                self.tr("Try the sample"),
                self.tr("12 photos of a room that come with the program"),
                "sample",
                self.sample_wanted.emit,
            ),
        ]  # fmt: skip
        inner = column(-1, arrow, 4, title, hint, 12, row(-1, *self.buttons, -1), -1)
        inner.setContentsMargins(24, 30, 24, 30)
        target.setLayout(inner)
        target.setMinimumHeight(230)
        return target

    def _button(
        self, text: str, tip: str, icon: str, does: Callable[[], object], role: str = ""
    ) -> QPushButton:
        answer = button(text, tip, icon=icon, role=role)
        answer.clicked.connect(lambda: does())
        return answer

    def highlight(self, over: bool) -> None:
        """Show that what is dragged would be taken."""
        set_role(self.target, "true" if over else "false", "over")

    def _arrange(self) -> None:
        columns = max(1, (min(self.viewport().width(), PAGE_WIDTH) - 48 + 12) // (CARD_WIDTH + 12))
        for i, card in enumerate(self._cards):
            self.recents.addWidget(card, i // columns, i % columns)
        for i in range(self.recents.columnCount()):
            self.recents.setColumnStretch(i, 0)
        self.recents.setColumnStretch(columns, 1)

    @guarded
    def resizeEvent(self, event: QResizeEvent) -> None:
        QScrollArea.resizeEvent(self, event)
        self._arrange()

    @guarded
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if paths_of(event.mimeData()):
            event.acceptProposedAction()
            self.highlight(True)

    @guarded
    def dragMoveEvent(self, event: QDropEvent) -> None:
        if paths_of(event.mimeData()):
            event.acceptProposedAction()

    @guarded
    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.highlight(False)

    @guarded
    def dropEvent(self, event: QDropEvent) -> None:
        self.highlight(False)
        paths = paths_of(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)


class RecentCard(QPushButton):
    """A recent project: its picture, its name, and when it was last open."""

    chosen = Signal(object)  # Path

    def __init__(self, recent: Recent) -> None:
        super().__init__()
        self.setObjectName("recent")
        self.recent = recent
        self._picture = None if recent.picture is None else as_image(recent.picture)
        self.setFixedWidth(CARD_WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setEnabled(not recent.missing)
        when = self.tr("Not there any more") if recent.missing else recent.when
        named(self, f"{recent.name}, {when}", str(recent.path))
        name = Eliding(recent.name, "strong")
        told = Eliding(when, "soft")
        for words in (name, told):
            words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._inner = column(name, told, spacing=1)
        self._inner.setContentsMargins(10, PICTURE.height() + 8, 10, 9)
        self.setLayout(self._inner)
        self.clicked.connect(lambda: self.chosen.emit(recent.path))

    @guarded_with(lambda: QSize(CARD_WIDTH, 170))
    def sizeHint(self) -> QSize:
        return QSize(CARD_WIDTH, self._inner.sizeHint().height())

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        QPushButton.paintEvent(self, event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inset = 2 if self.hasFocus() else 1
        area = QRectF(inset, inset, self.width() - 2 * inset, PICTURE.height())
        shape = QPainterPath()
        shape.addRoundedRect(area.adjusted(0, 0, 0, 10), 7, 7)
        painter.setClipPath(shape)
        painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
        painter.fillRect(area, theme.current().field)
        if self._picture is None:
            square = QRectF(0, 0, 32, 32)
            square.moveCenter(area.center())
            icons.paint(painter, "build", theme.current().faint, square)
            return
        if self.recent.missing:
            painter.setOpacity(0.3)
        scale = max(area.width() / self._picture.width(), area.height() / self._picture.height())
        shown = QRectF(0, 0, self._picture.width() * scale, self._picture.height() * scale)
        shown.moveCenter(area.center())
        painter.drawImage(shown, self._picture)


def _emptied(box: QVBoxLayout) -> None:
    """Take out and end all that is in `box`."""
    while (item := box.takeAt(0)) is not None:
        inner = item.layout()
        while inner is not None and (part := inner.takeAt(0)) is not None:
            widget = part.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
