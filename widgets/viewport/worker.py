"""The thread that readies splats for drawing: packs new ones and sorts them, the newest first."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays
from core.geometry.pose import Pose
from core.scene.cuts import applied, relabelled, relabels
from core.scene.layout import Layout, Placement
from core.scene.regions import Region, rows_in
from widgets.viewport.dims import Bytes, Dimmer
from widgets.viewport.eye import Eye
from widgets.viewport.packing import PackedSplats, pack
from widgets.viewport.picking import splat_at
from widgets.viewport.placing import Applied, Instances, Placed, instances, poses, structure
from widgets.viewport.sorting import Sorter


class Ready(NamedTuple):
    """Splats, which of them are drawn, and in which order, far to near, before `eye`."""

    packed: PackedSplats
    order: NDArray[np.uint32]  # of the instances
    eye: Eye
    instances: Instances
    marks: NDArray[np.bool_] | None = None  # [N] which splats are marked
    dims: Bytes | None = None  # [V] how much of their light is taken


class Marking(NamedTuple):
    """Which splats are to be marked: none for None."""

    region: Region | None


UNMARKED = Marking(None)


@dataclass(frozen=True, eq=False)
class Wish:
    """What is wanted and not begun: new splats, another layout, a new order, or all of it."""

    splats: SplatArrays | None = None
    eye: Eye | None = None
    layout: Layout | None = None
    marked: Marking | None = None


@dataclass(frozen=True, eq=False)
class Known:
    """What the last wish left."""

    splats: SplatArrays
    packed: PackedSplats
    layout: Layout
    instances: Instances
    dimmer: Dimmer
    marking: Marking = UNMARKED
    marks: NDArray[np.bool_] | None = None


class Worker:
    """Works on the newest wish only; `told` is called in its thread when something is ready.

    `told` gets an error where packing or sorting failed, else None.
    """

    def __init__(self, told: Callable[[Exception | None], None], *, early: bool = False) -> None:
        """`early`: compile at once what the first splats would otherwise wait for."""
        self._told = told
        self._early = early
        self._changed = threading.Condition()  # guards all below
        self._wish = Wish()
        self._known: Known | None = None
        self._ready: Ready | None = None
        self._forgotten = 0
        self._busy = False
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="viewport", daemon=True)
        self._thread.start()

    def show(self, splats: SplatArrays, eye: Eye, layout: Layout | None = None) -> None:
        """Pack `splats` and sort them for `eye`; others that still wait are passed over."""
        with self._changed:
            before = self._wish
            self._wish = Wish(splats, eye, layout or before.layout, before.marked)
            self._changed.notify()

    def place(self, layout: Layout, eye: Eye) -> None:
        """Sort the newest splats as `layout` has them."""
        with self._changed:
            self._wish = replace(self._wish, eye=eye, layout=layout)
            self._changed.notify()

    def sort(self, eye: Eye) -> None:
        """Sort the newest splats for `eye`."""
        with self._changed:
            self._wish = replace(self._wish, eye=eye)
            self._changed.notify()

    def mark(self, region: Region | None, eye: Eye) -> None:
        """Tell which of the newest splats, and of those to come, lie in `region`."""
        with self._changed:
            self._wish = replace(self._wish, eye=eye, marked=Marking(region))
            self._changed.notify()

    def forget(self) -> None:
        """Drop all splats."""
        with self._changed:
            self._wish, self._known, self._ready = Wish(), None, None
            self._forgotten += 1

    def take(self) -> Ready | None:
        """What became ready since the last call, if anything did."""
        with self._changed:
            ready, self._ready = self._ready, None
            return ready

    @property
    def idle(self) -> bool:
        """Whether nothing is under way, nor waits to be taken."""
        with self._changed:
            return not self._busy and self._wish.eye is None and self._ready is None

    def close(self) -> None:
        """End the thread, after what it is at."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        sorter = Sorter()
        if self._early:
            _rehearse(sorter)
        while True:
            with self._changed:
                self._busy = False
                self._changed.wait_for(lambda: self._closing or self._wish.eye is not None)
                if self._closing:
                    return
                wish, self._wish, forgotten = self._wish, Wish(), self._forgotten
                known = self._known
                self._busy = True
            try:
                known, ready = _worked(sorter, known, wish)
            except Exception as error:  # noqa: BLE001 - a thread has nobody above to tell
                self._told(error)
                continue
            with self._changed:
                if ready is None or forgotten != self._forgotten:
                    continue
                self._ready, self._known = ready, known
            self._told(None)


def _rehearse(sorter: Sorter) -> None:
    one, none = np.ones((1, 3), np.float32), np.zeros(1, np.float32)
    quats, ids = np.ones((1, 4), np.float32), np.zeros(1, np.int32)
    eye = Eye(np.eye(4), 1, 1, 1.0, 1.0, 0.5, 0.5)
    splats = SplatArrays(one, quats, one, none, one[:, None], ids)
    aside = Layout({0: Placement(0, 0, Pose(np.eye(3), np.ones(3)))})
    known, _ = _worked(sorter, None, Wish(splats, eye))
    known, ready = _worked(sorter, known, Wish(eye=eye, layout=aside))
    assert known is not None
    assert ready is not None
    placed = Placed(known.instances, poses(aside, known.instances.placements))
    splat_at(ready.packed, placed, eye, 0.5, 0.5)


def _worked(sorter: Sorter, known: Known | None, wish: Wish) -> tuple[Known | None, Ready | None]:
    assert wish.eye is not None
    known = _after(known, wish)
    if known is None:
        return None, None
    placed = Placed(known.instances, poses(known.layout, known.instances.placements))
    order = sorter.order(known.packed.means, wish.eye, placed)
    dims = known.dimmer.dims(known.layout)
    return known, Ready(known.packed, order, wish.eye, known.instances, known.marks, dims)


def _after(known: Known | None, wish: Wish) -> Known | None:
    """What is known once `wish` is met; what it leaves alone is kept."""
    layout = wish.layout or (known.layout if known is not None else Layout())
    marking = wish.marked or (known.marking if known is not None else UNMARKED)
    splats = wish.splats or (known.splats if known is not None else None)
    if splats is None:
        return None
    fresh = known is None or splats is not known.splats
    if not fresh and known is not None and structure(layout) == structure(known.layout):
        known = replace(known, layout=layout)
        if marking == known.marking:
            return known
        marks = _marks(splats, applied(splats, layout.cuts), marking)
        return replace(known, marking=marking, marks=marks)
    cut = applied(splats, layout.cuts)
    same = not fresh and known is not None and relabels(known.layout.cuts) == relabels(layout.cuts)
    packed = known.packed if same and known else pack(relabelled(splats, layout.cuts))
    listed, marks = instances(splats, layout, cut), _marks(splats, cut, marking)
    if not fresh and known is not None and known.layout.cuts == layout.cuts:
        dimmer = known.dimmer.among(listed)
    else:
        dimmer = Dimmer(relabelled(splats, layout.cuts), cut[1], listed)
    return Known(splats, packed, layout, listed, dimmer, marking, marks)


def _marks(splats: SplatArrays, cut: Applied, marking: Marking) -> NDArray[np.bool_] | None:
    ids, gone = cut
    return None if marking.region is None else rows_in(marking.region, splats, ids) & ~gone
