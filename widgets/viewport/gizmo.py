"""The small compass in the corner: which way the axes point, and a ball on each to look from."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from widgets.guard import guarded
from widgets.viewport.navigation import Side

Array = NDArray[np.float64]

SIZE = 88  # logical pixels
ARM, BALL = 30.0, 8.5
AXES = (
    (Side.RIGHT, Side.LEFT, "X", QColor(235, 87, 87)),
    (Side.TOP, Side.BOTTOM, "Y", QColor(111, 191, 80)),
    (Side.FRONT, Side.BACK, "Z", QColor(84, 140, 245)),
)


class Ball(NamedTuple):
    """The end of an axis as it is seen. `depth` is larger further away."""

    side: Side
    letter: str  # "" at the negative end
    color: QColor
    x: float
    y: float
    depth: float


class Gizmo(QWidget):
    """Shows the turn of the camera; says which side the user wants to look from."""

    chosen = Signal(object)  # a Side

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._turn: Array = np.diag([1.0, -1.0, -1.0])
        self._under: Side | None = None
        self.setFixedSize(SIZE, SIZE)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Compass"))
        self.setAccessibleDescription(
            self.tr("Shows which way the axes point. Click an end to look from there.")
        )
        self.setToolTip(self.tr("Click an end of an axis to look from there"))

    def sizeHint(self) -> QSize:
        return QSize(SIZE, SIZE)

    def show_turn(self, turn: Array) -> None:
        """`turn` [3, 3] is the rotation from the scene to the camera."""
        if not np.array_equal(turn, self._turn):
            self._turn = turn.copy()
            self.update()

    def side_at(self, at: QPointF) -> Side | None:
        """The end of an axis that is seen there."""
        near = [
            ball
            for ball in self.balls()
            if (at.x() - ball.x) ** 2 + (at.y() - ball.y) ** 2 <= (BALL + 2) ** 2
        ]
        return min(near, key=lambda ball: ball.depth).side if near else None

    def balls(self) -> Iterator[Ball]:
        """The ends of the axes."""
        for axis, (plus, minus, letter, color) in enumerate(AXES):
            x, y, depth = self._turn[:, axis]
            for side, sign, name in ((plus, 1, letter), (minus, -1, "")):
                middle = SIZE / 2
                yield Ball(
                    side,
                    name,
                    color,
                    middle + sign * ARM * x,
                    middle + sign * ARM * y,
                    sign * depth,
                )

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for ball in sorted(self.balls(), key=lambda ball: -ball.depth):
            self._paint(painter, ball)
        painter.end()

    def _paint(self, painter: QPainter, ball: Ball) -> None:
        at, color = QPointF(ball.x, ball.y), QColor(ball.color)
        color.setAlphaF(1.0 if ball.depth <= 0 else 0.75)
        if ball.letter:
            painter.setPen(QPen(color, 2.0))
            painter.drawLine(QPointF(SIZE / 2, SIZE / 2), at)
        painter.setPen(QPen(QColor(255, 255, 255) if ball.side is self._under else color, 1.5))
        inside = QColor(color)
        inside.setAlphaF(color.alphaF() if ball.letter else 0.3)
        painter.setBrush(inside)
        painter.drawEllipse(at, BALL, BALL)
        if ball.letter:
            font = QFont(self.font())
            font.setPixelSize(11)
            font.setBold(True)
            painter.setFont(font)
            painter.setPen(QColor(15, 17, 20))
            box = QRectF(ball.x - BALL, ball.y - BALL, 2 * BALL, 2 * BALL)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, ball.letter)

    @guarded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.side_at(event.position()))

    @guarded
    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)

    @guarded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        side = self.side_at(event.position())
        if side is None or event.button() != Qt.MouseButton.LeftButton:
            event.ignore()  # beside the balls it is the viewport's
            return
        self.chosen.emit(side)

    def _hover(self, side: Side | None) -> None:
        if side is not self._under:
            self._under = side
            self.update()
