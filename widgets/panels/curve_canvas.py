"""The lines of the curves, drawn by vispy; all text over them is drawn by Qt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget
from vispy import gloo  # type: ignore[import-untyped]
from vispy.color import Color  # type: ignore[import-untyped]
from vispy.visuals import LineVisual  # type: ignore[import-untyped]

from widgets.drawn.canvas import GuardedCanvas
from widgets.panels.curve_data import Area, Axis, Numbers, by_column

SAMPLES = 4
Floats = NDArray[np.float32]
FIRST_LINE = (1.0, 1.0)  # somewhere: vispy wants at least one point


@dataclass(frozen=True, eq=False)
class Line:
    """One curve: values, where they are drawn, and the colour."""

    x: Numbers
    y: Numbers
    color: str


@dataclass(frozen=True, eq=False)
class Plot:
    """Curves that share axes and a place on the canvas."""

    area: Area
    across: Axis
    up: Axis
    lines: tuple[Line, ...]


class CurveCanvas(GuardedCanvas):
    """A canvas of lines in logical pixels."""

    complaint = "The curves cannot be drawn"

    def __init__(self, parent: QWidget, failed: Callable[[], None]) -> None:
        # Smooth by samples: smooth lines are dotted where they consist of short pieces.
        super().__init__(parent, failed, config={"samples": SAMPLES})
        self._ground = Color("#000000")
        self._grid = LineVisual(np.zeros((2, 2), np.float32), connect="segments", antialias=False)
        self._curves = LineVisual(np.zeros((2, 2), np.float32), method="gl", antialias=False)

    def show_plots(self, plots: Sequence[Plot], ground: str, grid: str) -> None:
        """Draw these from now on."""
        self._ground = Color(ground)
        rules = [_rules(plot) for plot in plots]
        self._grid.set_data(pos=np.concatenate(rules).astype(np.float32), color=grid, width=1)
        points, colors, connected = _strips(plots)
        scale = float(self.pixel_scale)
        self._curves.set_data(pos=points, color=colors, connect=connected, width=1.5 * scale)
        self.update()

    def on_resize(self, _event: object) -> None:
        self._fit()

    def paint(self) -> None:
        """See `GuardedCanvas`."""
        gloo.clear(color=self._ground)
        self._fit()
        self._grid.draw()
        self._curves.draw()

    def _fit(self) -> None:
        area = (0, 0, *self.physical_size)
        gloo.set_viewport(*area)
        for visual in (self._grid, self._curves):
            visual.transforms.configure(canvas=self, viewport=area)


def _rules(plot: Plot) -> Numbers:
    """A line across at each tick, [2 R, 2]."""
    area = plot.area
    heights = area.bottom - area.height * plot.up.part(np.array(plot.up.ticks))
    # On the middle of a pixel, where a thin line stays thin.
    heights = np.round(heights) + 0.5
    ends = np.array([[area.left, 0.0], [area.right, 0.0]])
    rules = np.tile(ends, (len(heights), 1))
    rules[:, 1] = np.repeat(heights, 2)
    return rules


def _strips(plots: Sequence[Plot]) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """All curves one after the other: points [N, 2], colours [N, 4], joined to the next [N - 1]."""
    points, colors, joined = [], [], []
    for plot in plots:
        for line in plot.lines:
            if len(line.x) < 2:
                continue
            area = plot.area
            x, y = by_column(line.x, line.y, plot.across, area.width)
            across = area.left + area.width * plot.across.part(x)
            up = area.bottom - area.height * np.clip(plot.up.part(y), 0, 1)
            points.append(np.column_stack([across, up]))
            colors.append(np.tile(Color(line.color).rgba, (len(x), 1)))
            joined.append(np.append(np.ones(len(x) - 1, bool), False))
    if not points:
        nothing = np.tile(np.array(FIRST_LINE), (2, 1)).astype(np.float32)
        return nothing, np.zeros((2, 4), np.float32), np.zeros(1, bool)
    return (
        np.concatenate(points).astype(np.float32),
        np.concatenate(colors).astype(np.float32),
        np.concatenate(joined)[:-1],
    )
