"""Draws the wanted picture bit by bit: coarse while things move, and fine when they rest."""

import time
from dataclasses import dataclass

import moderngl
import numpy as np
from numpy.typing import NDArray

from widgets.viewport.eye import Eye
from widgets.viewport.layers import NOTHING, Shown, upload
from widgets.viewport.options import Color, Options
from widgets.viewport.quality import FULL, Pace, Quality, may_redraw, measured, next_quality
from widgets.viewport.renderer import Drawing, Pixels, Renderer


@dataclass(frozen=True, eq=False)
class Subject:
    """What a picture is of."""

    eye: Eye
    options: Options
    shown: Shown

    def same(self, other: "Subject | None") -> bool:
        return other is not None and self.shown is other.shown and self.same_view(other)

    def same_view(self, other: "Subject") -> bool:
        """Whether nothing differs but for what nobody waits for."""
        return (
            self.shown.awaited == other.shown.awaited
            and self.options == other.options
            and same_eye(self.eye, other.eye)
        )


@dataclass(frozen=True, eq=False)
class Sheet:
    """A picture, finished or in the making."""

    subject: Subject
    quality: Quality
    moving: bool


class Easel:
    """Needs the context current in every method. `renderer` is released by whoever made it."""

    def __init__(self, context: moderngl.Context, renderer: Renderer) -> None:
        self.renderer = renderer
        self._context = context
        self.finished: Sheet | None = None
        self._shown = NOTHING
        self._drawing: Drawing | None = None
        self._sheet: Sheet | None = None
        self._pace = Pace()
        self.took = 0.0  # seconds of drawing in the finished picture
        self._finished_at = 0.0

    def done(self, subject: Subject) -> bool:
        """Whether the finished picture is of `subject`, and as fine as can be."""
        last = self.finished
        return last is not None and last.quality == FULL and subject.same(last.subject)

    def pending(self, subject: Subject, moving: bool) -> bool:
        """Whether there is something to draw now."""
        if self._drawing is not None:
            return True
        last = self.finished
        if last is None or (not moving and last.quality != FULL):
            return True
        if subject.same(last.subject):
            return False
        if moving or not subject.same_view(last.subject):
            return True
        return may_redraw(time.perf_counter(), self._finished_at, self.took)

    def work(self, subject: Subject, moving: bool, seconds: float) -> bool:
        """Draw on for about `seconds`; whether a picture was finished."""
        # A coarse picture is soon done; a fine one of what has moved on is of no use.
        if self._sheet and not self._sheet.moving and not subject.same_view(self._sheet.subject):
            self._drawing = None
        if self._drawing is None:
            self._begin(subject, moving)
        assert self._drawing is not None
        if not self._drawing.advance(seconds):
            return False
        self._finish()
        return True

    def complete(self, subject: Subject) -> None:
        """Draw `subject` as finely as can be, however long it takes."""
        self._drawing = None
        while not self.done(subject):
            self.work(subject, False, 1.0)

    def present(self, framebuffer: int, background: Color) -> None:
        """Show the last finished picture in the framebuffer of that number."""
        there = self._context.detect_framebuffer(framebuffer)
        if self.finished is None:
            there.clear(*background, 1.0)
        self.renderer.present(there)

    def pixels(self, *, transparent: bool) -> Pixels:
        return self.renderer.pixels(transparent=transparent)

    def point_at(self, x: float, y: float) -> NDArray[np.float64] | None:
        """The scene point [3] that the finished picture shows at a pixel."""
        depth = self.renderer.depth_at(x, y)
        if depth is None or self.finished is None:
            return None
        start, way = self.finished.subject.eye.ray(x, y)
        return start + way * depth

    def _begin(self, subject: Subject, moving: bool) -> None:
        upload(self.renderer, self._shown, subject.shown)
        self._shown = subject.shown
        quality = next_quality(self._pace, moving)
        self._sheet = Sheet(subject, quality, moving)
        self._drawing = self.renderer.begin(subject.eye, subject.options, quality)

    def _finish(self) -> None:
        assert self._sheet is not None
        assert self._drawing is not None
        self.finished = self._sheet
        self._finished_at = time.perf_counter()
        self.took = self._drawing.seconds
        self._pace = measured(self._pace, self._sheet.quality, self.took)
        self._drawing = None


def same_eye(a: Eye, b: Eye) -> bool:
    """Whether two eyes see the same."""
    return a is b or (
        np.array_equal(a.camera_from_scene, b.camera_from_scene)
        and (a.width, a.height, a.fx, a.fy, a.cx, a.cy, a.orthographic, a.near, a.far)
        == (b.width, b.height, b.fx, b.fy, b.cx, b.cy, b.orthographic, b.near, b.far)
    )
