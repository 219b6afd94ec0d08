"""Lies over a lone photo: the edges that tell how it was taken, and a horizon to be dragged."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from core.single.looked import Looked
from core.single.stance import Horizon, within
from widgets import theme
from widgets.guard import guarded
from widgets.panels.parts import named

Array = NDArray[np.float64]

NEAR = 9.0  # logical pixels: how near to the line the mouse has it
BALL = 7.0  # half of an end's mark
LINE, SHADE = QColor("#ffd23f"), QColor(0, 0, 0, 150)
COLORS = (QColor("#ff6b5e"), QColor("#5fd47c"), QColor("#5aa9ff"))  # across, upright, ahead
CONTINUED = 8  # the longest edges along each level direction, drawn on to where they meet
FARTHEST = 3.0  # widths of the picture that these are drawn on
PADDING = 8


@dataclass(frozen=True)
class Grip:
    """What is dragged: an `end` (0 left, 1 right) or the whole line, from where both were."""

    end: int | None
    y: float
    horizon: Horizon


class HorizonLayer(QWidget):
    """Shows a `Looked`; says where the user wants the horizon, in units of the photo's height."""

    previewed = Signal(object)  # Horizon
    moved = Signal(object)  # Horizon
    given_up = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.area = QRectF()  # where the photo is
        self.looked: Looked | None = None
        self.horizon: Horizon | None = None
        self._lines = True
        self._grip: Grip | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        named(self, self.tr("Horizon"), self.tr("Drag the line, or its ends to tilt it"))
        self.setToolTip("")
        self.hide()

    @property
    def dragging(self) -> bool:
        return self._grip is not None

    def show_looked(self, looked: Looked | None, horizon: Horizon | None) -> None:
        """Show what was found, and the horizon as it is told now."""
        self.looked = looked
        self.horizon = None if looked is None else horizon or looked.horizon
        self._judge()

    def show_lines(self, shown: bool) -> None:
        """Whether anything is drawn over the photo."""
        self._lines = shown
        self._judge()

    def ends(self) -> tuple[QPointF, QPointF]:
        """Where the marks at the horizon's ends are: beside the photo's edges, always in sight."""
        assert self.horizon is not None
        first, last = self._line()
        inset = (BALL + 1) / max(last.x() - first.x(), 1.0)
        rows = [first.y() + part * (last.y() - first.y()) for part in (inset, 1 - inset)]
        low, high = BALL + 1, self.height() - BALL - 1
        left, right = (min(max(row, low), high) for row in rows)
        return QPointF(first.x() + BALL + 1, left), QPointF(last.x() - BALL - 1, right)

    def _line(self) -> tuple[QPointF, QPointF]:
        """The horizon from edge to edge of the photo, in sight or not."""
        assert self.horizon is not None
        left, right = (self.area.top() + each * self.area.height() for each in self.horizon)
        return QPointF(self.area.left(), left), QPointF(self.area.right(), right)

    def _judge(self) -> None:
        self.setVisible(self._lines and self.horizon is not None)
        if self.horizon is None:
            self._grip = None
        self.update()

    def _at(self, place: QPointF) -> Grip | None:
        """What the mouse has at `place`."""
        if self.horizon is None or self.area.isEmpty():
            return None
        ends = self.ends()
        for k, end in enumerate(ends):
            if QLineF(end, place).length() <= NEAR + BALL:
                return Grip(k, place.y(), self.horizon)
        first, last = self._line()
        part = (place.x() - first.x()) / max(last.x() - first.x(), 1.0)
        row = first.y() + part * (last.y() - first.y())
        if 0 <= part <= 1 and abs(place.y() - row) <= NEAR:
            return Grip(None, place.y(), self.horizon)
        return None

    def _dragged(self, place: QPointF) -> Horizon:
        assert self._grip is not None
        off = (place.y() - self._grip.y) / max(self.area.height(), 1.0)
        left, right = self._grip.horizon
        if self._grip.end != 1:
            left += off
        if self._grip.end != 0:
            right += off
        return within((left, right), self.area.width(), self.area.height())

    @guarded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = self._at(event.position())
        if self._grip is None:
            event.ignore()

    @guarded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            self.previewed.emit(self._dragged(event.position()))
            return
        grip = self._at(event.position())
        shape = Qt.CursorShape.ArrowCursor if grip is None else Qt.CursorShape.SizeVerCursor
        self.setCursor(shape)

    @guarded
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None and event.button() == Qt.MouseButton.LeftButton:
            horizon, moved = self._dragged(event.position()), event.position().y() != self._grip.y
            self._grip = None
            if moved:
                self.moved.emit(horizon)
            else:
                self.given_up.emit()

    @guarded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._grip is not None:
            self._grip = None
            self.given_up.emit()
        else:
            event.ignore()

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        if self.looked is None or self.horizon is None or self.area.isEmpty():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_edges(painter, self.looked)
        for color, width in ((SHADE, 4.5), (LINE, 2.0)):
            painter.setPen(QPen(color, width))
            painter.drawLine(*self._line())
        painter.setPen(QPen(QColor("#202020"), 1.5))
        painter.setBrush(LINE)
        for end in self.ends():
            painter.drawEllipse(end, BALL, BALL)
        self._paint_legend(painter, self.looked)

    def _paint_edges(self, painter: QPainter, looked: Looked) -> None:
        """Edges by their direction, and the level ones on to where their direction vanishes."""
        sizes = np.array([looked.width, looked.height], np.float64)
        corner = np.array([self.area.left(), self.area.top()])
        shape = np.array([self.area.width(), self.area.height()])
        ends = corner + looked.edges / sizes * shape
        lengths = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
        for axis, color in enumerate(COLORS):
            mine = np.flatnonzero(looked.along == axis)
            if axis != 1 and abs(looked.meet[axis, 2]) > 1e-9:
                place = corner + looked.meet[axis, :2] / looked.meet[axis, 2] / sizes * shape
                longest = mine[np.argsort(-lengths[mine])][:CONTINUED]
                painter.setPen(QPen(_faint(color), 1.0, Qt.PenStyle.DashLine))
                painter.drawLines([_continued(ends[k], place, shape[0]) for k in longest])
            lines = [QLineF(*ends[k].ravel().tolist()) for k in mine]
            for shade, width in ((SHADE, 3.5), (color, 1.8)):
                painter.setPen(QPen(shade, width))
                painter.drawLines(lines)

    def _paint_legend(self, painter: QPainter, looked: Looked) -> None:
        """What the colours are for, at the photo's lower edge."""
        words = (self.tr("across"), self.tr("upright"), self.tr("ahead"))
        rows = [
            (color, f"{word} {int((looked.along == axis).sum())}")
            for axis, (color, word) in enumerate(zip(COLORS, words, strict=True))
        ]
        rows.append((LINE, self.tr("horizon")))
        metrics = painter.fontMetrics()
        width = sum(metrics.horizontalAdvance(word) + 4 * PADDING for _, word in rows)
        high = metrics.height() + PADDING
        plate = QRectF(self.area.left() + PADDING, 0, width + PADDING, high)
        plate.moveBottom(self.area.bottom() - PADDING)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 170))
        painter.drawRoundedRect(plate, theme.current().radius, theme.current().radius)
        x = plate.left() + PADDING
        for color, word in rows:
            middle = plate.center().y()
            painter.setPen(QPen(color, 3))
            painter.drawLine(QLineF(x, middle, x + 2 * PADDING, middle))
            painter.setPen(QColor("#f2f2f2"))
            x += 2.5 * PADDING
            room = metrics.horizontalAdvance(word)
            place = QRectF(x, plate.top(), room + 2, high)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, word)
            x += room + 1.5 * PADDING


def _faint(color: QColor) -> QColor:
    return QColor(color.red(), color.green(), color.blue(), 120)


def _continued(edge: Array, place: Array, width: float) -> QLineF:
    """From the end of `edge` [2, 2] that is nearer to `place` [2] on towards it."""
    away = np.linalg.norm(edge - place, axis=1)
    near = edge[int(away.argmin())]
    step = (place - near) * min(1.0, FARTHEST * width / max(float(away.min()), 1e-9))
    return QLineF(*near.tolist(), *(near + step).tolist())
