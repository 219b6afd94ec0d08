"""`maquette bench drag`: how well a large thing follows the mouse in the window.

A made-up scene of 200,000 splats, all one thing, in the workspace of the layout; it is dragged in
rounds by the middle of the view. Nothing is trained meanwhile.
"""

import argparse
import math
import time
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from app.bench.rasterizer import cpu_name
from app.bench.scenes import trained_scene
from app.bench.window import MOVE_SECONDS, SETTLE, run_in_window, until, wait
from app.engine.events import EngineState
from app.program import Program
from core.errors import Unavailable
from core.gaussians.arrays import SplatArrays
from core.scene.document import State
from widgets.panels.workspaces import LAYOUT
from widgets.viewport.navigation import Side

SPLATS, THING = 200_000, 2
SECONDS, ROUNDS = 10.0, 3
REACH = (60, 25)  # logical pixels to either side


def run(arguments: argparse.Namespace) -> int:
    """Measure and print: lines for people, or with `arguments.json` one JSON object."""
    return run_in_window(arguments, measure, report)


def measure(program: Program) -> dict[str, Any]:
    """All figures as plain numbers. Raises `Unavailable` where nothing can be taken hold of."""
    engines = program.desk.engine, program.building.engine  # both are busy while they start
    until(program, lambda: all(each.state is EngineState.READY for each in engines))
    return {"bench": "drag", "cpu": cpu_name(), **dragged(program)}


def dragged(program: Program) -> dict[str, Any]:
    """The size of it all, and the figures of the middlemost of `ROUNDS` drags."""
    splats = SplatArrays.from_gaussians(trained_scene(SPLATS))
    ids = np.full(len(splats), THING, np.int32)
    program.document.load(State(content=replace(splats, object_id=ids)))
    program.window.workspaces.chosen.emit(LAYOUT)
    view = program.window.viewport
    view.look_from(Side.FRONT)
    program.document.show(placed=(THING,))
    wait(SETTLE)
    until(program, lambda: not view.busy)
    rounds = [_dragged(program) for _ in range(ROUNDS)]
    middle = sorted(rounds, key=lambda each: each["pictures_a_second"])[ROUNDS // 2]
    return {"splats": len(splats), "viewport": list(view.physical_size()), **middle}


def _dragged(program: Program) -> dict[str, float]:
    """Of one drag in rounds that is given up."""
    view = program.window.viewport
    start, drawn = _place(program), list[float]()
    seen = view.drawn.connect(drawn.append)
    _mouse(program, QMouseEvent.Type.MouseButtonPress, start)
    began, cpu = time.monotonic(), time.process_time()
    while (spent := time.monotonic() - began) < SECONDS:
        way = QPoint(round(REACH[0] * math.sin(3 * spent)), round(REACH[1] * math.cos(2 * spent)))
        _mouse(program, QMouseEvent.Type.MouseMove, start + way)
        wait(MOVE_SECONDS)
    spent, used = time.monotonic() - began, time.process_time() - cpu
    dragging = view.arranger.dragging
    view.arranger.cancel()
    _mouse(program, QMouseEvent.Type.MouseButtonRelease, start)
    view.drawn.disconnect(seen)
    wait(SETTLE)
    if not dragging or not drawn:
        raise Unavailable("The thing could not be dragged.", hint="Is the window seen?")
    return {"pictures_a_second": len(drawn) / spent, "cpu_ms_a_picture": 1e3 * used / len(drawn)}


def _place(program: Program) -> QPoint:
    """Where the thing can be taken hold of, itself and none of its handles."""
    view = program.window.viewport
    easel, ratio = view.easel, view.devicePixelRatioF()
    centre, wide, high = view.rect().center(), view.width() // 3, view.height()
    # Well below the height of the eye, or the floor is not seen from above.
    for down, across in product(range(high // 5, high // 3, 8), range(-wide, wide, 20)):
        at = centre + QPoint(across, down)
        pixel = at.x() * ratio, at.y() * ratio
        there = easel is not None and easel.renderer.placement_at(*pixel) == THING
        if there and not view.arranger.hover(pixel):
            return at
    raise Unavailable("The thing is not seen.", hint="Is there OpenGL?")


def _mouse(program: Program, kind: QMouseEvent.Type, where: QPoint) -> None:
    view, left = program.window.viewport, Qt.MouseButton.LeftButton
    none = Qt.MouseButton.NoButton
    button = none if kind is QMouseEvent.Type.MouseMove else left
    held = none if kind is QMouseEvent.Type.MouseButtonRelease else left
    place, over = QPointF(where), QPointF(view.mapToGlobal(where))
    event = QMouseEvent(kind, place, over, button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view, event)


def report(found: dict[str, Any]) -> list[str]:
    """The figures of `measure` as lines to read."""
    width, height = found["viewport"]
    return [
        f"{found['cpu']}; a thing of {found['splats']} splats, viewport {width}x{height}",
        f"Dragged: {found['pictures_a_second']:.1f} pictures a second, "
        f"{found['cpu_ms_a_picture']:.0f} ms of CPU time each",
    ]
