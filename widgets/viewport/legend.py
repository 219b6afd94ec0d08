"""What the splats' colours mean where they are not their own: a list over the picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from core.gaussians.arrays import SplatArrays
from core.gaussians.provenance import Origin
from core.scene.document import State
from core.scene.movable import labelled
from core.segment.labels import SceneObject
from core.segment.masks import color_of
from widgets.guard import guarded
from widgets.viewport.options import Shading
from widgets.viewport.palette import FILLED, HARDLY, ONE_PHOTO, UNJUDGED, WELL, hexadecimal

MOST = 10  # entries; the last then tells how many more there are
LINE, DOT, GAP, EDGE = 19, 10, 8, 9  # logical pixels
SLACK = 2  # words are measured in whole pixels, and cut where a part of one is missing
WIDEST = 420
PLATE, BORDER, INK = QColor(20, 22, 26, 165), QColor(255, 255, 255, 90), QColor("#f2f3f5")

translate = QCoreApplication.translate


@dataclass(frozen=True)
class Entry:
    """A colour "#rrggbb" and what it means; "" for words alone."""

    color: str
    words: str


def legend(shading: Shading, state: State) -> tuple[Entry, ...]:
    """The colours that `shading` gives to the splats of `state`; none where it has no list."""
    splats = labelled(state)
    if splats is None or not len(splats):
        return ()
    match shading:
        case Shading.OBJECTS:
            return _shortened(_of_objects(splats, state.plan.masks.objects))
        case Shading.ORIGIN:
            return _of_origins(splats)
    return ()


def _of_objects(splats: SplatArrays, objects: Sequence[SceneObject]) -> tuple[Entry, ...]:
    """In the order of the objects' list, those that have splats; then the ids of no object."""
    present = np.bincount(splats.object_id[splats.object_id >= 0]) > 0
    there = set(np.flatnonzero(present).tolist())
    known = {each.id for each in objects}
    other = translate("Viewport", "Object {number}")
    return (
        *(Entry(each.color, each.name) for each in objects if each.id in there and each.visible),
        *(Entry(color_of(id_), other.format(number=id_)) for id_ in sorted(there - known)),
    )


def _of_origins(splats: SplatArrays) -> tuple[Entry, ...]:
    entries = [
        (WELL, translate("Viewport", "Well measured by the photos")),
        (HARDLY, translate("Viewport", "Hardly measured")),
        (ONE_PHOTO, translate("Viewport", "Guessed: seen by one photo, or by none")),
        (FILLED, translate("Viewport", "Filled in or imagined, without evidence")),
    ]
    unjudged = (splats.origin == Origin.OBSERVED) & (splats.confidence >= 1)
    if unjudged.any():
        entries.append((UNJUDGED, translate("Viewport", "Not judged: training does so at its end")))
    return tuple(Entry(hexadecimal(color), words) for color, words in entries)


def _shortened(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    if len(entries) <= MOST:
        return entries
    more = translate("Viewport", "and {count} more").format(count=len(entries) - MOST + 1)
    return (*entries[: MOST - 1], Entry("", more))


class LegendPlate(QWidget):
    """Lets the mouse through; hidden while there is nothing to tell."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.entries: tuple[Entry, ...] = ()
        self.hide()

    def show_entries(self, entries: tuple[Entry, ...]) -> None:
        """Tell these, from the top."""
        if entries == self.entries:
            return
        self.entries = entries
        self.setAccessibleName(", ".join(entry.words for entry in entries))
        self.resize(self.sizeHint())
        self.setVisible(bool(entries))
        self.update()

    def shown_words(self) -> tuple[str, ...]:
        """What is written of each entry in the room that there is."""
        room = self.width() - 2 * EDGE - DOT - GAP
        return tuple(self._shown(entry, room) for entry in self.entries)

    def _shown(self, entry: Entry, room: int) -> str:
        return self.fontMetrics().elidedText(entry.words, Qt.TextElideMode.ElideRight, room)

    @guarded
    def sizeHint(self) -> QSize:
        # Else it would measure by a font that it is not written in: the style sheet's comes later.
        self.ensurePolished()
        metrics = self.fontMetrics()
        longest = max((metrics.horizontalAdvance(each.words) for each in self.entries), default=0)
        width = min(WIDEST, longest + SLACK + DOT + GAP + 2 * EDGE)
        return QSize(width, LINE * len(self.entries) + EDGE)

    @guarded
    def changeEvent(self, event: QEvent) -> None:
        QWidget.changeEvent(self, event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.resize(self.sizeHint())

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(PLATE)
        painter.drawRoundedRect(self.rect(), 6, 6)
        for i, entry in enumerate(self.entries):
            line = QRect(EDGE, EDGE // 2 + i * LINE, self.width() - 2 * EDGE, LINE)
            if entry.color:
                painter.setPen(BORDER)
                painter.setBrush(QColor(entry.color))
                painter.drawEllipse(line.left(), line.center().y() - DOT // 2, DOT, DOT)
            painter.setPen(INK)
            words = line.adjusted(DOT + GAP, 0, 0, 0)
            painter.drawText(
                words, Qt.AlignmentFlag.AlignVCenter, self._shown(entry, words.width())
            )
        painter.end()
