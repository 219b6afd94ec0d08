"""Which splats stand out: one bit each of a texture, in the order of the table."""

import numpy as np
from numpy.typing import NDArray

from widgets.viewport.objects import Objects
from widgets.viewport.options import Color
from widgets.viewport.packing import ACROSS

COLOR: Color = (0.10, 0.68, 1.0)  # seldom in a room, and not that of an outline
WORDS = ACROSS // 32  # of a row
UNIT = 6  # of the texture, after those of the splats


class Marks:
    """Given any time, and sent to the graphics card by the next `prepare`."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._wanted: NDArray[np.bool_] | None = None
        self._sent: NDArray[np.bool_] | None = None
        self._texture = objects.texture((WORDS, 1), 1, "u4")

    def set(self, marks: NDArray[np.bool_] | None) -> None:
        """[N], None for none."""
        self._wanted = marks

    def prepare(self, count: int) -> dict[str, object]:
        """What the shader is told, for a table of `count` splats."""
        there = self._wanted is not None and len(self._wanted) == count
        if there and self._wanted is not None and self._wanted is not self._sent:
            self._send(self._wanted)
        return {"u_marks": UNIT, "u_marked": there, "u_mark": COLOR}

    def use(self) -> None:
        self._texture.use(UNIT)

    def _send(self, marks: NDArray[np.bool_]) -> None:
        rows = max(1, -(-len(marks) // ACROSS))
        padded = np.zeros(rows * ACROSS, bool)
        padded[: len(marks)] = marks
        words = np.packbits(padded, bitorder="little").view("<u4").reshape(rows, WORDS)
        if self._texture.height != rows:
            self._objects.release(self._texture)
            self._texture = self._objects.texture((WORDS, rows), 1, "u4")
        self._texture.write(words.tobytes())
        self._sent = marks
