"""The thread that readies splats for drawing: packs new ones and sorts them, the newest first."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.gaussians.arrays import SplatArrays
from widgets.viewport.eye import Eye
from widgets.viewport.packing import PackedSplats, pack
from widgets.viewport.picking import splat_depth
from widgets.viewport.sorting import Sorter


class Ready(NamedTuple):
    """Splats and their order, far to near, before `eye`."""

    packed: PackedSplats
    order: NDArray[np.uint32]
    eye: Eye


@dataclass(frozen=True, eq=False)
class Wish:
    """What is wanted and not begun: new splats, a new order, or both."""

    splats: SplatArrays | None = None
    eye: Eye | None = None


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
        self._packed: PackedSplats | None = None
        self._ready: Ready | None = None
        self._forgotten = 0
        self._busy = False
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="viewport", daemon=True)
        self._thread.start()

    def show(self, splats: SplatArrays, eye: Eye) -> None:
        """Pack `splats` and sort them for `eye`; others that still wait are passed over."""
        with self._changed:
            self._wish = Wish(splats, eye)
            self._changed.notify()

    def sort(self, eye: Eye) -> None:
        """Sort the newest splats for `eye`."""
        with self._changed:
            self._wish = replace(self._wish, eye=eye)
            self._changed.notify()

    def forget(self) -> None:
        """Drop all splats."""
        with self._changed:
            self._wish, self._packed, self._ready = Wish(), None, None
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
                packed = self._packed
                self._busy = True
            try:
                ready = _worked(sorter, packed, wish)
            except Exception as error:  # noqa: BLE001 - a thread has nobody above to tell
                self._told(error)
                continue
            with self._changed:
                if ready is None or forgotten != self._forgotten:
                    continue
                self._ready, self._packed = ready, ready.packed
            self._told(None)


def _rehearse(sorter: Sorter) -> None:
    one, none = np.ones((1, 3), np.float32), np.zeros(1, np.float32)
    quats, ids = np.ones((1, 4), np.float32), np.zeros(1, np.int32)
    eye = Eye(np.eye(4), 1, 1, 1.0, 1.0, 0.5, 0.5)
    splats = SplatArrays(one, quats, one, none, one[:, None], ids)
    ready = _worked(sorter, None, Wish(splats, eye))
    assert ready is not None
    splat_depth(ready.packed, eye, 0.5, 0.5)


def _worked(sorter: Sorter, packed: PackedSplats | None, wish: Wish) -> Ready | None:
    assert wish.eye is not None
    if wish.splats is not None:
        packed = pack(wish.splats)
    if packed is None:
        return None
    return Ready(packed, sorter.order(packed.means, wish.eye), wish.eye)
