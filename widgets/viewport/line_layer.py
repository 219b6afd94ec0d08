"""Straight lines of a width in pixels, any number in one draw call."""

from dataclasses import dataclass

import moderngl
import numpy as np
from numpy.typing import NDArray

from widgets.viewport.eye import Eye
from widgets.viewport.objects import Objects, set_uniforms

RECORD = np.dtype([("start", "f4", 3), ("end", "f4", 3), ("color", "u1", 4), ("anchor", "f4", 3)])


@dataclass(frozen=True, eq=False)
class Segments:
    """Lines from `starts` to `ends` [S, 3], scene frame, in `colors` [S, 3 or 4] in [0, 1].

    A segment is left out where the eye is near its anchor [S, 3].
    """

    starts: NDArray[np.floating]
    ends: NDArray[np.floating]
    colors: NDArray[np.floating]
    anchors: NDArray[np.floating]


def joined(one: Segments | None, other: Segments | None) -> Segments | None:
    """Both as one."""
    if one is None or other is None:
        return one or other
    starts, ends = (
        np.concatenate(pair) for pair in ((one.starts, other.starts), (one.ends, other.ends))
    )
    colors = np.concatenate([one.colors[:, :3], other.colors[:, :3]])
    return Segments(starts, ends, colors, np.concatenate([one.anchors, other.anchors]))


class LineLayer:
    """Several batches, one for each switch of the options, with one program."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._program = objects.program("line.vert", "line.frag")
        self._batches: dict[str, tuple[moderngl.VertexArray, moderngl.Buffer, int]] = {}

    def set(self, name: str, segments: Segments | None) -> None:
        """The lines of batch `name`; None for none."""
        if name in self._batches:
            self._objects.release(*self._batches.pop(name)[:2])
        if segments is None or not len(segments.starts):
            return
        count = len(segments.starts)
        records = np.zeros(count, RECORD)
        records["start"], records["end"] = segments.starts, segments.ends
        records["anchor"] = segments.anchors
        channels = segments.colors.shape[1]
        records["color"][:, 3] = 255
        records["color"][:, :channels] = np.round(segments.colors * 255)
        buffer = self._objects.buffer(records.tobytes())
        names = ("in_start", "in_end", "in_color", "in_anchor")
        content = [(buffer, "3f 3f 4f1 3f /i", *names)]
        self._batches[name] = self._objects.vertices(self._program, content), buffer, count

    def draw(
        self, name: str, eye: Eye, width: float, hide: float = 0.0, *, over: bool = False
    ) -> None:
        """Draw batch `name` with lines `width` pixels wide, and their depth; or `over` all."""
        if name not in self._batches:
            return
        vertices, _, count = self._batches[name]
        context = self._objects.context
        context.enable_only(moderngl.BLEND if over else moderngl.BLEND | moderngl.DEPTH_TEST)
        context.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        context.depth_func = "<="
        set_uniforms(
            self._program,
            u_clip_from_scene=eye.clip_from_scene(),
            u_size=(float(eye.width), float(eye.height)),
            u_width=width,
            u_eye=tuple(eye.centre),
            u_hide=hide,
        )
        vertices.render(moderngl.TRIANGLE_STRIP, 4, instances=count)


def axes(length: float) -> Segments:
    """x red, y green and z blue, from the origin."""
    colors = np.array([[0.90, 0.28, 0.30], [0.40, 0.75, 0.30], [0.30, 0.52, 0.95]])
    zero = np.zeros((3, 3))
    return Segments(zero, length * np.eye(3), colors, zero)


def box(low: NDArray[np.floating], high: NDArray[np.floating]) -> Segments:
    """The twelve edges of an upright box."""
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    pairs = [(i, i | bit) for i in range(8) for bit in (1, 2, 4) if not i & bit]
    placed = low + corners * (np.asarray(high) - low)
    starts, ends = (placed[[pair[k] for pair in pairs]] for k in (0, 1))
    return Segments(starts, ends, np.tile([0.95, 0.75, 0.25], (12, 1)), np.zeros((12, 3)))
