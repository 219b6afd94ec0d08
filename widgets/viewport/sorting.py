"""Which splats lie before the eye, far to near."""

import numpy as np
from numpy.typing import NDArray

from widgets.viewport.eye import Eye
from widgets.viewport.kernels import (
    KEYS,
    depths_before,
    keep_thinned,
    placed_before,
    sort_by_depth,
)
from widgets.viewport.placing import Placed


class Sorter:
    """Sorts by depth; keeps its scratch memory between calls, so one thread at a time.

    Keys are 16 bit. Seen in perspective they are spaced like the logarithm of z, so that
    a few splats at the horizon do not take the resolution from the others: neighbouring
    keys differ by 0.03 % of z where nothing is nearer than 0.01 or further than 1000.
    """

    def __init__(self) -> None:
        self._depths = np.empty(0, np.float32)
        self._rows = np.empty(0, np.uint32)
        self._keys = np.empty(0, np.uint16)
        self._starts = np.empty(KEYS, np.uint32)

    def order(
        self, means: NDArray[np.float32], eye: Eye, placed: Placed | None = None
    ) -> NDArray[np.uint32]:
        """Rows of `means` [N, 3] with z > eye.near, far to near, as a new array [M].

        Or instances of them, with the poses of their placements.
        """
        if placed is not None and placed.as_captured:
            placed = None
        room = len(means) if placed is None else len(placed.instances)
        if len(self._depths) < room:
            self._depths = np.empty(room, np.float32)
            self._rows = np.empty(room, np.uint32)
            self._keys = np.empty(room, np.uint16)
        row, near = eye.camera_from_scene[2], np.float32(eye.near)
        if placed is None:
            listed = depths_before(means, row.astype(np.float32), near, self._depths, self._rows)
        else:
            rows = row[:3] @ placed.poses
            rows[:, 3] += row[3]
            listed = placed_before(
                means, placed.instances.rows, placed.instances.slots, rows.astype(np.float32),
                near, self._depths, self._rows,
            )  # fmt: skip
        count, low, high = listed
        # Added to z, this makes the range one binade, in which floats are evenly spaced.
        shift = high - 2 * low if eye.orthographic or low <= 0 else 0.0
        order = np.empty(count, np.uint32)
        sort_by_depth(
            self._depths[:count], self._rows, np.float32(shift), np.float32(low),
            np.float32(high), self._keys, self._starts, order,
        )  # fmt: skip
        return order


def thinned(order: NDArray[np.uint32], thin: int) -> NDArray[np.uint32]:
    """The rows of `order` divisible by `thin`: from any side the same ones, so nothing flickers."""
    if thin == 1:
        return order
    kept = np.empty(len(order), np.uint32)
    return kept[: keep_thinned(order, np.uint32(thin), kept)]
