"""What lies over the photo: the brush's ring, boxes, lassos, points, and words at the edge."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from core.segment.protocol import Prompt
from widgets import theme
from widgets.canvas.drags import Marks
from widgets.canvas.sight import Sight
from widgets.guard import guarded

DOT = 5.0  # logical pixels, half a point's mark
INSIDE, OUTSIDE = "#35c46a", "#f0524a"
PADDING = 6


@dataclass(frozen=True, eq=False)
class Over:
    """All that is drawn. `ring`: middle and radius of the brush in image pixels."""

    marks: Marks = field(default_factory=Marks)
    prompt: Prompt = field(default_factory=Prompt)
    ring: tuple[float, float, float] | None = None
    taking: bool = False  # whether the tool takes away
    words: Sequence[str] = ()  # at the lower edge
    busy: str = ""  # in the middle of the upper edge


class Overlay(QWidget):
    """Lies over the canvas and lets the mouse through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._over, self._sight = Over(), Sight()

    def show_over(self, over: Over, sight: Sight) -> None:
        """Draw this from now on."""
        self._over, self._sight = over, sight
        self.update()

    @property
    def over(self) -> Over:
        return self._over

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        over = self._over
        if over.prompt.box is not None:
            self._box(painter, over.prompt.box)
        if over.marks.box is not None:
            self._box(painter, over.marks.box)
        if over.marks.path:
            line = QPolygonF([self._at(*place) for place in over.marks.path])
            _twice(painter, lambda: painter.drawPolygon(line))
        for (x, y), inside in zip(over.prompt.points, over.prompt.foreground, strict=True):
            _dot(painter, self._at(float(x), float(y)), bool(inside))
        if over.ring is not None:
            x, y, radius = over.ring
            size = max(1.5, radius * self._sight.scale)
            _twice(painter, lambda: painter.drawEllipse(self._at(x, y), size, size))
            if over.taking:
                _sign(painter, self._at(x, y), plus=False)
        self._words(painter)
        painter.end()

    def _at(self, x: float, y: float) -> QPointF:
        return QPointF(*self._sight.widget_place(x, y))

    def _box(self, painter: QPainter, box: Sequence[float]) -> None:
        area = QRectF(self._at(box[0], box[1]), self._at(box[2], box[3]))
        _twice(painter, lambda: painter.drawRect(area))

    def _words(self, painter: QPainter) -> None:
        line = painter.fontMetrics().height()
        left, top = 10.0, self.height() - line - 2 * PADDING - 8.0
        for words in self._over.words:
            left += _label(painter, words, left, top) + 6
        if self._over.busy:
            width = painter.fontMetrics().horizontalAdvance(self._over.busy) + 2 * PADDING
            _label(painter, self._over.busy, (self.width() - width) / 2, 12.0)


def _twice(painter: QPainter, draw: object) -> None:
    """A light line on a dark one: it shows on anything."""
    assert callable(draw)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, width in ((QColor(0, 0, 0, 170), 3.0), (QColor("#ffffff"), 1.2)):
        painter.setPen(QPen(color, width))
        draw()


def _dot(painter: QPainter, at: QPointF, inside: bool) -> None:
    painter.setPen(QPen(QColor("#ffffff"), 1.5))
    painter.setBrush(QColor(INSIDE if inside else OUTSIDE))
    painter.drawEllipse(at, DOT + 1.5, DOT + 1.5)
    _sign(painter, at, plus=inside)


def _sign(painter: QPainter, at: QPointF, *, plus: bool) -> None:
    painter.setPen(QPen(QColor("#ffffff"), 1.6))
    painter.drawLine(at - QPointF(3, 0), at + QPointF(3, 0))
    if plus:
        painter.drawLine(at - QPointF(0, 3), at + QPointF(0, 3))


def _label(painter: QPainter, words: str, left: float, top: float) -> float:
    """Words on a ground of the theme's; how wide that is."""
    look, metrics = theme.current(), painter.fontMetrics()
    width = metrics.horizontalAdvance(words) + 2 * PADDING
    area = QRectF(left, top, width, metrics.height() + PADDING)
    ground = QColor(look.panel)
    ground.setAlphaF(0.88)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(area, look.radius, look.radius)
    painter.setPen(QColor(look.text))
    painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), words)
    return width
