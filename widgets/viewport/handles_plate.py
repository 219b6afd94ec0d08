"""Says over the picture how far a drag has come, and marks points."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from widgets.guard import guarded
from widgets.viewport.dragging import Motion
from widgets.viewport.eye import Eye

INK, SHADE = QColor(255, 255, 255), QColor(10, 12, 15, 150)
PLATE = QColor(20, 22, 26, 190)
ALARM = QColor(176, 38, 38, 220)
POINT = 5.0  # radius, logical pixels
PLATE_SIZE = (260, 26)  # the widest, logical pixels

Array = NDArray[np.float64]


class HandlesPlate(QWidget):
    """As large as the viewport; lets the mouse through. Lines are the renderer's: what is painted
    here is small, or rare."""

    def __init__(self, viewport: QWidget) -> None:
        super().__init__(viewport)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self._words = ""
        self._alarm = False
        self._at = QPointF()
        self._points: list[QPointF] = []
        self.hide()

    def say(
        self, pivot: Array | None, done: Motion | None, eye: Eye, *, alarm: bool = False
    ) -> None:
        """Tell below `pivot` [3] how far a drag has come; `alarm`: and that it runs into things."""
        before = self._extent()
        self._alarm = alarm
        self._words = "" if pivot is None else words(done)
        if alarm:
            self._words = f"{self._words}   {self.tr('runs into something')}".strip()
        if pivot is not None:
            pixel, _ = eye.project(pivot)
            self._at = QPointF(*(pixel / self.devicePixelRatioF()).tolist())
        self._cover(before)

    def show_points(self, points: Sequence[Array], eye: Eye) -> None:
        """Mark points [3] of the scene."""
        before, ratio = self._extent(), self.devicePixelRatioF()
        self._points = [QPointF(*(eye.project(point)[0] / ratio).tolist()) for point in points]
        self._cover(before)

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(SHADE, 1.0))
        painter.setBrush(INK)
        for at in self._points:
            painter.drawEllipse(at, POINT, POINT)
        if self._words:
            self._say(painter)
        painter.end()

    def _cover(self, before: QRectF) -> None:
        """Paint anew what was there `before`, and what is there now."""
        there = bool(self._words or self._points)
        parent = self.parentWidget()
        if there and parent is not None and self.size() != parent.size():
            self.resize(parent.size())
        if there or not self.isHidden():
            self.update(before.united(self._extent()).toAlignedRect())
        if there == self.isHidden():
            self.setVisible(there)

    def _say(self, painter: QPainter) -> None:
        font = QFont(self.font())
        font.setPixelSize(13)
        painter.setFont(font)
        width = min(painter.fontMetrics().horizontalAdvance(self._words) + 16, PLATE_SIZE[0])
        plate = QRectF(self._at.x() - width / 2, self._at.y() + 14, width, 24)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ALARM if self._alarm else PLATE)
        painter.drawRoundedRect(plate, 6, 6)
        painter.setPen(INK)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, self._words)

    def _extent(self) -> QRectF:
        wide, high = PLATE_SIZE
        whole = QRectF()
        if self._words:
            whole = QRectF(self._at.x() - wide / 2, self._at.y() + 13, wide, high)
        for at in self._points:
            size = 2 * POINT + 4
            whole = whole.united(QRectF(at.x() - size / 2, at.y() - size / 2, size, size))
        return whole


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
    parts = zip("xyz", done.way, strict=True)
    return "   ".join(f"{name} {part:+.3f}" for name, part in parts if abs(part) > 5e-4)
