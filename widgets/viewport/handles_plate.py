"""Draws the handles of what is chosen over the picture, and how far a drag has come."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from widgets.guard import guarded
from widgets.viewport.dragging import Motion
from widgets.viewport.eye import Eye
from widgets.viewport.handles import KNOB, Handles, Part, seen

COLORS = {
    Part.X: QColor(235, 87, 87),
    Part.Y: QColor(111, 191, 80),
    Part.Z: QColor(84, 140, 245),
    Part.RING: QColor(255, 196, 60),
    Part.KNOB: QColor(240, 240, 240),
}
HELD = QColor(255, 255, 255)
SHADE = QColor(10, 12, 15, 150)
HEAD = 9.0  # of an arrow, logical pixels
PLATE = QColor(20, 22, 26, 190)
ERASED = QColor(235, 70, 70, 90)
POINT = 5.0  # radius, logical pixels

Array = NDArray[np.float64]


class HandlesPlate(QWidget):
    """As large as the viewport; lets the mouse through."""

    def __init__(self, viewport: QWidget) -> None:
        super().__init__(viewport)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self._lines: dict[Part, QPolygonF] = {}
        self._held: Part | None = None
        self._words = ""
        self._at = QPointF()
        self._discs: list[tuple[QPointF, float]] = []
        self.hide()

    def show_handles(
        self, shown: Handles | None, eye: Eye, held: Part | None, done: Motion | None
    ) -> None:
        """Draw `shown`, of which `held` is taken; `done` tells how far."""
        before, ratio = self._extent(), self.devicePixelRatioF()
        self._lines = {}
        if shown is None:
            self._held, self._words = None, ""
            self.setVisible(bool(self._discs))
            self._cover(before)
            return
        for part in shown.parts:
            points = seen(shown, part, eye) / ratio
            if len(points) > 1 and np.abs(points).max() < 1e5:
                self._lines[part] = QPolygonF([QPointF(x, y) for x, y in points.tolist()])
        foot, _ = eye.project(shown.pivot)
        self._at = QPointF(*(foot / ratio).tolist())
        self._held, self._words = held, words(done)
        self.show()
        self._cover(before)

    def show_points(self, points: Sequence[tuple[Array, float]], eye: Eye) -> None:
        """Mark points [3] of the scene, and discs of so many scene units around them."""
        before, ratio = self._extent(), self.devicePixelRatioF()
        self._discs = []
        for point, radius in points:
            pixel, z = eye.project(point)
            across = radius * eye.fx / (1.0 if eye.orthographic else max(float(z), 1e-9))
            self._discs.append((QPointF(*(pixel / ratio).tolist()), across / ratio))
        if points:
            self.show()
        self._cover(before)

    def _cover(self, before: QRectF) -> None:
        parent = self.parentWidget()
        if parent is not None and self.size() != parent.size():
            self.resize(parent.size())
        self.update(before.united(self._extent()).toAlignedRect())

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for part, line in self._lines.items():
            color = HELD if part is self._held else COLORS[part]
            for pen in (QPen(SHADE, 4.0), QPen(color, 2.5 if part is self._held else 1.8)):
                painter.setPen(pen)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawPolyline(line)
            painter.setPen(QPen(SHADE, 1.0))
            painter.setBrush(color)
            if part is Part.KNOB:
                at = line.at(line.count() - 1)
                painter.drawRect(QRectF(at.x() - KNOB, at.y() - KNOB, 2 * KNOB, 2 * KNOB))
            elif part is not Part.RING:
                painter.drawPolygon(_head(line))
        for at, radius in self._discs:
            painter.setPen(QPen(SHADE, 1.0))
            painter.setBrush(ERASED if radius else HELD)
            painter.drawEllipse(at, radius or POINT, radius or POINT)
        if self._words:
            self._say(painter)
        painter.end()

    def _say(self, painter: QPainter) -> None:
        font = QFont(self.font())
        font.setPixelSize(13)
        painter.setFont(font)
        width = painter.fontMetrics().horizontalAdvance(self._words) + 16
        plate = QRectF(self._at.x() - width / 2, self._at.y() + 14, width, 24)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(PLATE)
        painter.drawRoundedRect(plate, 6, 6)
        painter.setPen(HELD)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, self._words)

    def _extent(self) -> QRectF:
        whole = QRectF(self._at.x() - 150, self._at.y() - 20, 300, 70)
        for line in self._lines.values():
            whole = whole.united(line.boundingRect())
        for at, radius in self._discs:
            size = 2 * max(radius, POINT)
            whole = whole.united(QRectF(at.x() - size / 2, at.y() - size / 2, size, size))
        return whole.adjusted(-20, -20, 20, 20)


def words(done: Motion | None) -> str:
    """How far a drag has come."""
    if done is None:
        return ""
    if done.angle is not None:
        return f"{math.degrees(done.angle):.1f}°"
    if done.factor is not None:
        return f"{100 * done.factor:.1f} %"
    if done.way is None:
        return ""
    return "   ".join(
        f"{name} {part:+.3f}"
        for name, part in zip("xyz", done.way, strict=True)
        if abs(part) > 5e-4
    )


def _head(line: QPolygonF) -> QPolygonF:
    """The tip of an arrow along a line of two points."""
    start, end = line.at(0), line.at(line.count() - 1)
    way = end - start
    length = max(math.hypot(way.x(), way.y()), 1e-6)
    way /= length
    side = QPointF(-way.y(), way.x()) * (HEAD * 0.45)
    back = end - way * (HEAD * 0.3)
    return QPolygonF([end + way * (HEAD * 0.7), back + side, back - side])
