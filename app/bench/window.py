"""`maquette bench window`: how smooth the window stays while training, and what it costs training.

Opens the window, builds a scene of the sample photos, and looks at a timer of 16 ms while
nobody touches anything, while the scene is orbited, and at the pace of training with the window
seen and hidden, in turns.
"""

import argparse
import math
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from app.bench.rasterizer import cpu_name
from app.cli.console import say, say_json, tell
from app.commands.gui import check_display, make_application
from app.opening import open_program
from app.program import SAMPLE, Program
from app.threads import set_threads
from core.errors import Unavailable
from core.pipeline.settings import PRESETS, Preset
from core.scene.edits import ChangeSettings

TICK = 16  # milliseconds
TURNS, TURN_SECONDS = 8, 8.0  # with the window seen and hidden, each
GROWN = 1500  # iterations: before, the pace falls too steeply for turns to be compared
SETTLE = 1.0  # seconds after a change before anything is counted
ORBIT_SECONDS = 60.0
MOVE_SECONDS = 0.03  # between two moves of the mouse


def run(arguments: argparse.Namespace) -> int:
    """Measure and print: lines for people, or with `arguments.json` one JSON object."""
    return run_in_window(arguments, measure, report)


def run_in_window(
    arguments: argparse.Namespace,
    measure: Callable[[Program], dict[str, Any]],
    report: Callable[[dict[str, Any]], list[str]],
) -> int:
    """`measure` in a window of its own, and `report` it. Raises `Unavailable` without a display."""
    check_display()
    set_threads()
    application = make_application()
    with tempfile.TemporaryDirectory() as folder:
        program = open_program(application, None, preferences=Path(folder) / "bench.ini")
        try:
            found = measure(program)
        finally:
            program.building.abandon()
            program.document.mark_saved(Path(folder))  # nobody is to be asked
            program.window.close()
            program.close()
    if arguments.json:
        say_json(found)
    else:
        say("\n".join(report(found)))
    return 0


def measure(program: Program) -> dict[str, Any]:
    """All figures as plain numbers. Raises `Unavailable` where the sample cannot be built."""
    settings = replace(PRESETS[Preset.STANDARD], iterations=12_000)
    program.document.commit(ChangeSettings(settings))
    tell("Building a scene of the sample photos")
    program.take([SAMPLE])
    until(program, lambda: program.state.plan.capture is not None)
    program.build()
    until(program, lambda: program.state.step is not None and program.state.step.iteration > GROWN)
    tell("Measuring while nobody touches the window")
    still, ratios = _turns(program)
    tell("Measuring while the scene is orbited")
    ticks = Ticks()
    drawn: list[float] = []
    program.window.viewport.drawn.connect(drawn.append)
    _orbit(program, ORBIT_SECONDS)
    step = program.state.step
    return {
        "bench": "window",
        "cpu": cpu_name(),
        "gaussians": step.gaussians if step is not None else 0,
        "viewport": list(program.window.viewport.physical_size()),
        "still_ms": _summary(still),
        "orbiting_ms": _summary(ticks.stop()),
        "orbiting_fps": len(drawn) / ORBIT_SECONDS,
        "training_seen_over_hidden": statistics.median(ratios),
        "training_ratios": ratios,
    }


class Ticks:
    """Intervals between the beats of a timer, in milliseconds."""

    def __init__(self) -> None:
        self._times = [time.perf_counter()]
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(lambda: self._times.append(time.perf_counter()))
        self._timer.start(TICK)

    def stop(self) -> list[float]:
        self._timer.stop()
        return [1e3 * float(gap) for gap in np.diff(self._times)]


def _turns(program: Program) -> tuple[list[float], list[float]]:
    """Intervals while the window is seen, and the pace of training seen over hidden."""
    gaps: list[float] = []
    rates: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(2 * TURNS):
        seen = turn % 2 == 0
        program.window.setVisible(seen)
        wait(SETTLE)
        ticks = Ticks()
        before, began = _iteration(program), time.monotonic()
        wait(TURN_SECONDS)
        rates[seen].append((_iteration(program) - before) / (time.monotonic() - began))
        if seen:
            gaps += ticks.stop()
    program.window.show()
    wait(SETTLE)
    # Each turn seen against the hidden ones around it, for training slows down as it grows.
    hidden = [rates[False][0], *rates[False]]
    around = [(hidden[i] + hidden[i + 1]) / 2 for i in range(TURNS)]
    return gaps, [seen / other for seen, other in zip(rates[True], around, strict=True)]


def _orbit(program: Program, seconds: float) -> None:
    """Drag the mouse round and round."""
    viewport = program.window.viewport
    centre, radius = viewport.rect().center(), min(viewport.width(), viewport.height()) / 4
    send = QMouseEvent.Type

    def at(angle: float) -> QPoint:
        return centre + QPoint(round(radius * math.cos(angle)), round(radius * math.sin(angle)))

    def mouse(kind: QMouseEvent.Type, where: QPoint) -> None:
        place, over = QPointF(where), QPointF(viewport.mapToGlobal(where))
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        button = none if kind is send.MouseMove else left
        held = none if kind is send.MouseButtonRelease else left
        event = QMouseEvent(kind, place, over, button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(viewport, event)

    mouse(send.MouseButtonPress, at(0.0))
    began = time.monotonic()
    while (spent := time.monotonic() - began) < seconds:
        mouse(send.MouseMove, at(2.0 * spent))
        wait(MOVE_SECONDS)
    mouse(send.MouseButtonRelease, at(2.0 * seconds))


def _iteration(program: Program) -> float:
    return program.building.activity.done


def until(program: Program, true: Callable[[], bool], limit: float = 600.0) -> None:
    """Let events be handled until it is `true`; raises `Unavailable` after `limit` seconds."""
    end = time.monotonic() + limit
    while not true():
        wait(0.1)
        boxes = program.window.banner.boxes
        if (boxes and boxes[0].notice.kind == "error") or time.monotonic() > end:
            words = boxes[0].notice.problem if boxes else "The sample took too long to build."
            raise Unavailable(words, hint="Without the sample's scene nothing can be measured.")


def wait(seconds: float) -> None:
    """Let events be handled for so long."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def _summary(gaps: list[float]) -> dict[str, float]:
    low, middle, high = np.percentile(gaps, (50, 99, 100))
    return {"median": float(low), "p99": float(middle), "longest": float(high)}


def report(found: dict[str, Any]) -> list[str]:
    """The figures of `measure` as lines to read."""

    def gaps(name: str) -> str:
        each = found[name]
        return (
            f"median {each['median']:.1f} ms, 99th percentile {each['p99']:.1f} ms, "
            f"longest {each['longest']:.0f} ms"
        )

    width, height = found["viewport"]
    return [
        f"{found['cpu']}; {found['gaussians']} Gaussians in training, viewport {width}x{height}",
        f"A timer of {TICK} ms while training, nobody touching: {gaps('still_ms')}",
        f"  while orbiting: {gaps('orbiting_ms')}; {found['orbiting_fps']:.1f} pictures a second",
        "Pace of training with the window seen over hidden: "
        f"{found['training_seen_over_hidden']:.3f}",
    ]
