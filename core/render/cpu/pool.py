"""Arrays used again from frame to frame: fresh large ones cost a page fault every 4 KB."""

import weakref
from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
LINE = 64  # bytes
KEPT = 24  # free arrays of a kind; sizes change as the table grows, so the oldest go


class Pool:
    """Lends arrays; each comes back by itself when the last view of it is dropped."""

    def __init__(self) -> None:
        self._free: dict[np.dtype[Any], list[Array]] = defaultdict(list)

    def lend(self, shape: tuple[int, ...], kind: type) -> Array:
        """An array of `shape`, its contents left from before."""
        count = int(np.prod(shape))
        owner = self._owner(count, np.dtype(kind))
        # Views of views point at the first array whose base is no array: through the
        # memoryview that is this one, so it lives exactly as long as its views.
        lent: Array = np.frombuffer(owner.data, kind, count)
        weakref.finalize(lent, self._back, owner).atexit = False
        return lent.reshape(shape)

    def _owner(self, count: int, kind: np.dtype[Any]) -> Array:
        free = self._free[kind]
        fits = [k for k, array in enumerate(free) if count <= array.size <= 2 * count + 4096]
        if fits:
            return free.pop(min(fits, key=lambda k: free[k].size))
        return _aligned(count + count // 8 + 1024, kind)

    def _back(self, owner: Array) -> None:
        free = self._free[owner.dtype]
        free.append(owner)
        if len(free) > KEPT:
            free.pop(0)


def _aligned(count: int, kind: np.dtype[Any]) -> Array:
    """Zeros that begin where a line of the cache does: a record of one line is then in one."""
    raw = np.zeros(count * kind.itemsize + LINE, np.uint8)
    skip = -raw.ctypes.data % LINE
    return raw[skip : skip + count * kind.itemsize].view(kind)


POOL = Pool()
