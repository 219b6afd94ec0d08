"""The dock of live curves: loss, likeness to the photos, and how the scene grows."""

import time
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QHideEvent, QMouseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from core.train.steps import Step
from widgets import theme
from widgets.drawn.place import CanvasPlace
from widgets.guard import guarded
from widgets.panels.curve_data import Axis, Series, arranged, axis, spread
from widgets.panels.curve_text import CurveText, Reading
from widgets.panels.parts import Panel, column, named

if TYPE_CHECKING:
    from collections.abc import Callable

    from widgets.panels.curve_canvas import CurveCanvas

PAUSE_MS = 250  # between two redraws at least
LONGEST_MS = 3000
SHARE = 0.007  # of the time that redrawing may take, where it is slow


class Curves(Panel):
    """Grows as training goes on. Draws only while it is seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("panel", parent)
        self.setMinimumSize(180, 120)
        self.loss, self.train, self.test, self.count = (Series() for _ in range(4))
        self._canvas: CurveCanvas | None = None
        self._stale = True
        self.redraw_ms = 0.0  # what the last redraw took
        sorry = self.tr(
            "Curves need OpenGL, which cannot be had here. Training goes on all the same: "
            "the line at the bottom has the numbers."
        )
        self._drawn = CanvasPlace(sorry)
        self._drawn.failed.connect(self.release)
        self._place, self.sorry = self._drawn.place, self._drawn.sorry
        self.text = CurveText(self._place)
        self.text.setMouseTracking(True)
        self.text.installEventFilter(self)
        self.setLayout(column(self._drawn))
        named(self, self.tr("Training curves"))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._redraw)
        theme.notifier().changed.connect(self._changed)

    def add(self, step: Step) -> None:
        """One step of the training."""
        self.loss.add(step.iteration, step.loss)
        self.train.add(step.iteration, step.psnr)
        self.count.add(step.iteration, step.gaussians)
        self._changed()

    def add_test(self, iteration: int, psnr: float) -> None:
        """How like the held-out photos the scene was at `iteration`, in dB."""
        self.test.add(iteration, psnr)
        self._changed()

    def clear(self) -> None:
        """Forget all curves."""
        self.loss, self.train, self.test, self.count = (Series() for _ in range(4))
        self._changed()

    def release(self) -> None:
        """Give the canvas back; the next time it is shown there is a new one."""
        self._timer.stop()
        canvas, self._canvas = self._canvas, None
        if canvas is not None:
            canvas.release()

    def can_draw(self) -> bool:
        """Whether there is a canvas, as far as was tried."""
        return self._drawn.can_draw()

    def _changed(self) -> None:
        self._stale = True
        if self.isVisible() and not self._timer.isActive():
            slow = min(self.redraw_ms / SHARE, LONGEST_MS)
            self._timer.start(round(max(PAUSE_MS, slow)))

    def _redraw(self) -> None:
        if not self.isVisible() or not self._stale or not self.can_draw():
            return
        if self._canvas is None:
            self._canvas = self._drawn.made(_canvas)
            self.text.raise_()
        if self._canvas is None:
            return
        began = time.perf_counter()
        self._stale = False
        self._show()
        self._canvas.native.repaint()
        # After the window has been put together anew, which is most of the work.
        QTimer.singleShot(0, self, lambda: self._took(time.perf_counter() - began))

    def _took(self, seconds: float) -> None:
        self.redraw_ms = 1000 * seconds

    def _show(self) -> None:
        from widgets.panels.curve_canvas import Line, Plot

        look = theme.current()
        areas = arranged(self._place.width(), self._place.height())
        loss, train, test, count = (
            series.points() for series in (self.loss, self.train, self.test, self.count)
        )
        across = self._across()
        groups = (
            (Line(*loss, look.curves[0]),),
            (Line(*train, look.curves[1]), Line(*test, look.curves[2])),
            (Line(*count, look.curves[3]),),
        )
        plots = [
            Plot(area, across, _up([line.y for line in lines]), lines)
            for area, lines in zip(areas, groups, strict=True)
        ]
        assert self._canvas is not None
        self._canvas.show_plots(plots, look.panel, look.line)
        self.text.show_plots(areas, across, [plot.up for plot in plots], self._readings())

    def _across(self) -> Axis:
        lasts = [series.last for series in (self.loss, self.test) if series.last is not None]
        if not lasts:
            return axis(0, 100)
        newest = max(last[0] for last in lasts)
        # To its end, not to the next round number: the curves fill the width.
        rough = axis(0, newest)
        return Axis(0, newest, tuple(t for t in rough.ticks if t <= newest), rough.decimals)

    def _readings(self) -> tuple[tuple[Reading, ...], ...]:
        colors = theme.current().curves
        return (
            (Reading("", self.loss, colors[0], 4),),
            (
                Reading(self.tr("training"), self.train, colors[1], 1),
                Reading(self.tr("test"), self.test, colors[2], 1, dots=True),
            ),
            (Reading("", self.count, colors[3], -1),),
        )

    @guarded
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove:
            self.text.hover(event.position().x())
        elif event.type() == QEvent.Type.Leave:
            self.text.hover(None)
        return False

    @guarded
    def resizeEvent(self, event: QResizeEvent) -> None:
        Panel.resizeEvent(self, event)
        self.text.setGeometry(0, 0, self.width(), self.height())
        self._changed()

    @guarded
    def showEvent(self, event: QShowEvent) -> None:
        Panel.showEvent(self, event)
        self.text.setGeometry(0, 0, self.width(), self.height())
        self._stale = True
        self._timer.start(0)

    @guarded
    def hideEvent(self, event: QHideEvent) -> None:
        Panel.hideEvent(self, event)
        self._timer.stop()


def _up(curves: list[np.ndarray]) -> Axis:
    """The axis that holds what matters of all `curves`."""
    ranges = [spread(values) for values in curves if len(values)]
    if not ranges:
        return axis(0, 1)
    return axis(min(low for low, _ in ranges), max(high for _, high in ranges), 3)


def _canvas(place: QWidget, fail: "Callable[[], None]") -> "CurveCanvas":
    from widgets.panels.curve_canvas import CurveCanvas

    return CurveCanvas(place, fail)
