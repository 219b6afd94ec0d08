"""Keeps what the renderer is to be given in step with the state and the worker; knows no Qt."""

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from core.gaussians.arrays import SplatArrays
from core.scene.document import State
from core.scene.shown import PointCloud, TriangleMesh
from widgets.viewport.easel import same_eye
from widgets.viewport.eye import Eye
from widgets.viewport.frustums import Frustum
from widgets.viewport.layers import (
    NOTHING,
    FlatPhoto,
    Pixels,
    Shown,
    content_box,
    floor,
    frustums,
    sparse_points,
)
from widgets.viewport.line_layer import Segments
from widgets.viewport.palette import palette
from widgets.viewport.worker import Worker

# While things move, splats are sorted anew only when the eye has turned by this, in radians, ...
TURN = math.radians(0.4)
# ... or gone on by this, in scene sizes.
STEP = 2e-3
LONGEST_WAIT = 20.0  # seconds, for splats to be sorted
# Newer splats of a building that are waited for after a mask has changed: among them are those that
# follow it.
FOLLOWING = 3


class Contents:
    """`shown` is a new value whenever anything in it is new."""

    def __init__(self, worker: Worker) -> None:
        colors = palette(State().plan.masks.objects)
        self.shown: Shown = replace(NOTHING, palette=colors)
        self._worker = worker
        self._state = State()
        self._thumbnails: dict[str, Pixels] = {}
        self._splats: SplatArrays | None = None
        self._building = False
        self._following = 0  # of FOLLOWING, how many are still to come
        self._sorted_for: Eye | None = None
        self._aim: Eye | None = None
        self._advised: Frustum | None = None

    def show_state(self, old: State | None, new: State, eye: Eye) -> None:
        """Take over what of `new` is another than in `old`; splats come when they are ready."""
        old = State() if old is None else old
        self._state = new
        if old.plan.masks.photos is not new.plan.masks.photos:
            self._following = FOLLOWING
        if old.plan.masks.objects != new.plan.masks.objects:
            self._show(palette=palette(new.plan.masks.objects))
        if old.content is not new.content:
            self._show_content(new, eye)
        if old.marked is not new.marked:
            self._worker.mark(new.marked, eye)
        if self.shown.layout is not new.plan.layout:
            self._show(layout=new.plan.layout)
            if self._splats is not None:
                self._worker.place(new.plan.layout, eye)
        if old.reconstruction is not new.reconstruction:
            self._show(sparse=sparse_points(new.reconstruction), floor=floor(new.reconstruction))
        if (old.reconstruction, old.plan.held_out, old.plan.excluded, old.split) != (
            new.reconstruction, new.plan.held_out, new.plan.excluded, new.split,
        ):  # fmt: skip
            if old.reconstruction is not new.reconstruction:
                self._advised = None
            self._show_frustums()
        if self.shown.chosen != frozenset(new.placed):
            self._show(chosen=frozenset(new.placed))
        if self.shown.selected != new.selected:
            self._show(selected=new.selected)

    def set_thumbnails(self, thumbnails: Mapping[str, Pixels]) -> None:
        """Add or replace the small pictures on the frustums."""
        self._thumbnails.update(thumbnails)
        if self.shown.frustums:
            self._show_frustums()

    def set_photo(self, photo: FlatPhoto | None) -> None:
        """The photo that the wipe shows."""
        if photo is not self.shown.photo:
            self._show(photo=photo)

    def set_volume(self, volume: Segments | None) -> None:
        """The box or sphere in which splats are marked."""
        if volume is not None or self.shown.volume is not None:
            self._show(volume=volume)

    def set_handles(self, handles: Segments | None) -> None:
        """What the chosen things are taken by."""
        if handles is not None or self.shown.handles is not None:
            self._show(handles=handles)

    @property
    def bare(self) -> Shown:
        """What is shown, without what is there only to be taken hold of."""
        shown = self.shown
        if shown.splats is not None and shown.splats.marks is not None:
            shown = replace(shown, splats=shown.splats._replace(marks=None))
        if shown.handles is None and shown.volume is None and not shown.chosen:
            return shown
        return replace(shown, handles=None, volume=None, chosen=frozenset())

    def collect(self) -> None:
        """Take over splats and orders that have become ready."""
        ready = self._worker.take()
        if ready is not None and self._splats is not None:
            before = self.shown.splats
            newer = before is not None and before.packed is not ready.packed
            if newer and self._building and not self._following:
                self.shown = replace(self.shown, splats=ready)
            else:
                self._following = max(0, self._following - newer)
                self._show(splats=ready)

    def aim(self, eye: Eye, scene_size: float) -> None:
        """Have the splats sorted for `eye`, if they are not; while it moves, not each time."""
        rests = self._aim is not None and same_eye(self._aim, eye)
        self._aim = eye
        if self._splats is None or (self._sorted_for and same_eye(self._sorted_for, eye)):
            return
        if rests or self._sorted_for is None or turned(self._sorted_for, eye, scene_size):
            self._sorted_for = eye
            self._worker.sort(eye)

    @property
    def waiting(self) -> bool:
        """Whether something is being readied."""
        return not self._worker.idle

    def settle(self, eye: Eye) -> None:
        """Wait until the splats are sorted for `eye`."""
        self._aim = eye
        self.aim(eye, 1.0)
        until = time.perf_counter() + LONGEST_WAIT
        while self.waiting and time.perf_counter() < until:
            self.collect()
            time.sleep(0.001)
        self.collect()

    def _show_content(self, state: State, eye: Eye) -> None:
        content, layout = state.content, state.plan.layout
        self._splats = content if isinstance(content, SplatArrays) and len(content) else None
        if self._splats is not None:
            self._sorted_for = eye
            self._worker.show(self._splats, eye, layout)
        else:
            self._worker.forget()
        # The splats of a scene being built follow one another, and nobody waits for each.
        built = state.step is not None and state.reconstruction is not None
        self._building = built and self._splats is not None and self.shown.splats is not None
        if self._building:
            return
        self._show(
            splats=self.shown.splats if self._splats is not None else None,
            points=content if isinstance(content, PointCloud) else None,
            mesh=content if isinstance(content, TriangleMesh) else None,
            box=content_box(content, layout) if content is not None and len(content) else None,
        )

    def set_advised(self, advised: Frustum | None) -> None:
        """The camera of a photo that is yet to be taken, scene frame."""
        self._advised = advised
        self._show_frustums()

    def _show_frustums(self) -> None:
        known = frustums(self._state, self._thumbnails)
        self._show(frustums=known if self._advised is None else (*known, self._advised))

    def _show(self, **parts: Any) -> None:
        self.shown = replace(self.shown, awaited=self.shown.awaited + 1, **parts)


def turned(before: Eye, now: Eye, scene_size: float) -> bool:
    """Whether an order made for one eye shows its age before another."""
    if before.orthographic != now.orthographic:
        return True
    steps = np.linalg.norm(now.centre - before.centre) / scene_size
    return bool(before.forward @ now.forward < math.cos(TURN) or steps > STEP)
