"""Paints over the picture what is gone around, and where a brush is."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from widgets.guard import guarded

LINE, SHADE, FILL = QColor(40, 178, 255), QColor(10, 12, 15, 170), QColor(40, 178, 255, 36)


class OutlinePlate(QWidget):
    """As large as the viewport; lets the mouse through. Positions in logical pixels."""

    def __init__(self, viewport: QWidget) -> None:
        super().__init__(viewport)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self._outline = QPolygonF()
        self._brush: tuple[QPointF, float] | None = None
        self.hide()

    def show_outline(self, corners: Sequence[tuple[float, float]]) -> None:
        """Of what is being gone around; empty for nothing."""
        before = self._extent()
        self._outline = QPolygonF([QPointF(*each) for each in corners])
        self._cover(before)

    def show_brush(self, at: tuple[float, float] | None, radius: float) -> None:
        """Where the brush is; None for none."""
        before = self._extent()
        self._brush = None if at is None else (QPointF(*at), radius)
        self._cover(before)

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # A dark line below the light one: one of both is seen on any ground.
        for pen, fill in ((QPen(SHADE, 3.0), FILL), (QPen(LINE, 1.4), Qt.GlobalColor.transparent)):
            painter.setPen(pen)
            painter.setBrush(fill)
            if self._outline.size() > 1:
                painter.drawPolygon(self._outline)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            if self._brush is not None:
                painter.drawEllipse(self._brush[0], self._brush[1], self._brush[1])
        painter.end()

    def _cover(self, before: QRectF) -> None:
        """Paint anew what was there `before`, and what is there now."""
        there = self._outline.size() > 1 or self._brush is not None
        parent = self.parentWidget()
        if there and parent is not None and self.size() != parent.size():
            self.resize(parent.size())
        if there or not self.isHidden():
            self.update(before.united(self._extent()).adjusted(-4, -4, 4, 4).toAlignedRect())
        if there == self.isHidden():
            self.setVisible(there)

    def _extent(self) -> QRectF:
        whole = self._outline.boundingRect()
        if self._brush is not None:
            at, radius = self._brush
            whole = whole.united(QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius))
        return whole
