"""What is written over the curves: titles, ticks, and the values under the mouse."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from widgets import theme
from widgets.guard import guarded
from widgets.panels.activity import short_count
from widgets.panels.curve_data import FOOT, GUTTER, TITLE, Area, Axis, Series

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
MIDDLE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, eq=False)
class Reading:
    """A curve whose value is told. `decimals` -1: a count. `dots`: each point is marked."""

    name: str
    series: Series
    color: str
    decimals: int
    dots: bool = False


class CurveText(QWidget):
    """Lies over the canvas."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._areas: Sequence[Area] = ()
        self._across = Axis(0, 1, ())
        self._ups: Sequence[Axis] = ()
        self._readings: Sequence[Sequence[Reading]] = ()
        self._mouse: float | None = None

    def show_plots(
        self,
        areas: Sequence[Area],
        across: Axis,
        ups: Sequence[Axis],
        readings: Sequence[Sequence[Reading]],
    ) -> None:
        """Write for these plots."""
        self._areas, self._across, self._ups, self._readings = areas, across, ups, readings
        self.update()

    def hover(self, x: float | None) -> None:
        """Tell the values under this x of the mouse; None: the newest."""
        self._mouse = x
        self.update()

    def hovered(self) -> float | None:
        """The iteration under the mouse."""
        if self._mouse is None or not any(len(r.series) for g in self._readings for r in g):
            return None
        for area in self._areas:
            if area.left <= self._mouse <= area.right:
                part = (self._mouse - area.left) / area.width
                return self._across.low + part * (self._across.high - self._across.low)
        return None

    def told(self, group: int) -> list[str]:
        """The values that stand beside the title of a plot."""
        at = self.hovered()
        answer = []
        for reading in self._readings[group]:
            point = reading.series.last if at is None else reading.series.at(at)
            if point is not None:
                answer.append(f"{reading.name} {number(point[1], reading.decimals)}".strip())
        return answer

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPointSizeF(max(7.0, font.pointSizeF() - 1))
        painter.setFont(font)
        titles = (self.tr("Loss"), self.tr("PSNR, dB"), self.tr("Gaussians"))
        stacked = len({area.left for area in self._areas}) == 1
        for i, area in enumerate(self._areas):
            self._write_title(painter, area, titles[i], i)
            self._write_ticks(painter, area, self._ups[i])
            self._mark_points(painter, area, i)
            if not stacked or i == len(self._areas) - 1:
                self._write_iterations(painter, area)
        self._mark_mouse(painter)

    def _write_title(self, painter: QPainter, area: Area, title: str, group: int) -> None:
        look = theme.current()
        font = QFont(painter.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.save()
        painter.setFont(font)
        painter.setPen(QColor(look.soft))
        line = QRectF(area.left - GUTTER + 10, area.top - TITLE + 2, area.right, TITLE - 6)
        painter.drawText(line, LEFT, title)
        right = area.right
        least = line.left() + painter.fontMetrics().horizontalAdvance(title) + 8
        told = self.told(group)
        known = [r for r in self._readings[group] if r.series.last is not None]
        for words, reading in zip(reversed(told), reversed(known), strict=True):
            width = painter.fontMetrics().horizontalAdvance(words)
            if right - width < least:
                break
            painter.setPen(QColor(reading.color))
            painter.drawText(
                QRectF(right - width - 1, line.top(), width + 2, line.height()), RIGHT, words
            )
            right -= width + 12
        painter.restore()

    def _write_ticks(self, painter: QPainter, area: Area, up: Axis) -> None:
        painter.setPen(QColor(theme.current().soft))
        height = painter.fontMetrics().height()
        # As many as there is room for.
        every = max(1, round(len(up.ticks) * height * 1.1 / max(1.0, area.height)))
        for tick in up.ticks[::every]:
            y = area.bottom - area.height * (tick - up.low) / (up.high - up.low)
            words = short_count(tick) if up.high >= 1000 else f"{tick:.{up.decimals}f}"
            painter.drawText(QRectF(0, y - height / 2, area.left - 6, height), RIGHT, words)

    def _write_iterations(self, painter: QPainter, area: Area) -> None:
        painter.setPen(QColor(theme.current().soft))
        ticks = self._across.ticks
        every = max(1, round(len(ticks) * 46 / max(1.0, area.width)))
        for tick in ticks[::every]:
            x = area.left + area.width * (tick - self._across.low) / (
                self._across.high - self._across.low
            )
            words = short_count(tick) if tick else self.tr("iteration 0")
            where = QRectF(x - 40, area.bottom + 3, 80, FOOT - 4)
            if tick == 0:
                where.moveLeft(area.left - 4)
                painter.drawText(where, LEFT, words)
            elif x + 14 > area.right:
                where.moveRight(area.right + 4)
                painter.drawText(where, RIGHT, words)
            elif x - 18 > area.left + 60:
                painter.drawText(where, MIDDLE, words)

    def _mark_points(self, painter: QPainter, area: Area, group: int) -> None:
        up = self._ups[group]
        for reading in self._readings[group]:
            if not reading.dots:
                continue
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(reading.color))
            x, y = reading.series.points()
            across = area.left + area.width * self._across.part(x)
            height = area.bottom - area.height * up.part(y).clip(0, 1)
            for point in zip(across.tolist(), height.tolist(), strict=True):
                painter.drawEllipse(QPointF(*point), 2.5, 2.5)

    def _mark_mouse(self, painter: QPainter) -> None:
        at = self.hovered()
        if at is None:
            return
        look = theme.current()
        painter.setPen(QPen(QColor(look.soft), 1, Qt.PenStyle.DashLine))
        for area in self._areas:
            x = area.left + area.width * (at - self._across.low) / (
                self._across.high - self._across.low
            )
            painter.drawLine(QPointF(x, area.top), QPointF(x, area.bottom))
        last = self._areas[-1]
        words = self.tr("iteration {count}").format(count=f"{round(at):,}")
        painter.fillRect(
            QRectF(last.left - 5, last.bottom + 2, last.width + 12, FOOT),
            QColor(look.panel),
        )
        painter.setPen(QColor(look.text))
        painter.drawText(QRectF(last.left, last.bottom + 3, last.width, FOOT - 4), MIDDLE, words)


def number(value: float, decimals: int) -> str:
    """A value as it is read out; `decimals` -1: a count, in full."""
    return f"{round(value):,}" if decimals < 0 else f"{value:.{decimals}f}"
