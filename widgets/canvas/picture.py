"""The photo and its labels on the graphics card, drawn by vispy in a context of its own."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget
from vispy import gloo  # type: ignore[import-untyped]
from vispy.color import Color  # type: ignore[import-untyped]

from core.segment.tiles import Area
from shaders import source
from widgets.canvas.sight import Sight
from widgets.drawn.canvas import GuardedCanvas

CHUNK = 2048  # pixels, a side of a texture: the oldest cards take as many
LEAST_SIDE = 256  # pixels of the smallest copy of a chunk
BORDER = 1.2  # physical pixels: how far a border reaches inside

Pixels = NDArray[np.uint8]


class Chunk:
    """A part of a photo: its pixels in a few sizes, and what its labels are drawn with."""

    def __init__(self, area: Area, pixels: Pixels) -> None:
        self.area = area
        self.photos: list[gloo.Texture2D] = []
        self._add(pixels)
        while min(pixels.shape[:2]) > 2 * LEAST_SIDE:
            size = (-(-pixels.shape[1] // 2), -(-pixels.shape[0] // 2))
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
            self._add(pixels)
        blank = np.zeros((*area.shape, 2), np.uint8)
        self.labels = gloo.Texture2D(
            blank, format="luminance_alpha", interpolation="nearest", wrapping="clamp_to_edge"
        )

    def photo(self, scale: float) -> gloo.Texture2D:
        """The copy for `scale` physical pixels a photo's pixel."""
        halvings = int(np.floor(np.log2(1 / min(scale, 1.0)) + 0.25))
        texture = self.photos[min(halvings, len(self.photos) - 1)]
        texture.interpolation = "nearest" if scale >= 2 else "linear"
        return texture

    def release(self) -> None:
        for texture in (*self.photos, self.labels):
            texture.delete()

    def _add(self, pixels: Pixels) -> None:
        whole = np.ascontiguousarray(pixels)
        self.photos.append(gloo.Texture2D(whole, interpolation="linear", wrapping="clamp_to_edge"))


class PictureCanvas(GuardedCanvas):
    """Draws a photo and its labels."""

    complaint = "The masks cannot be drawn"

    def __init__(self, parent: QWidget, failed: Callable[[], None]) -> None:
        super().__init__(parent, failed)
        self._chunks: list[Chunk] = []
        self._sight = Sight()
        self._ground = Color("#000000")
        self._program = gloo.Program(source("mask.vert"), source("mask.frag"))
        self._palette = gloo.Texture2D(
            np.zeros((2, 256, 4), np.uint8), interpolation="nearest", wrapping="clamp_to_edge"
        )
        self._program["palette"] = self._palette
        self.show_look(brightness=0.0, fill=0.5, outline=1.0)
        self.show_answer(None)

    def show_photo(self, pixels: Pixels | None) -> None:
        """Draw this photo [H, W, 3] from now on, without labels."""
        for chunk in self._chunks:
            chunk.release()
        self._chunks = []
        if pixels is not None:
            height, width = pixels.shape[:2]
            for top in range(0, height, CHUNK):
                for left in range(0, width, CHUNK):
                    area = Area(left, top, min(left + CHUNK, width), min(top + CHUNK, height))
                    self._chunks.append(Chunk(area, pixels[area.rows, area.columns]))
        self.update()

    def show_slots(self, area: Area, slots: Pixels) -> None:
        """Slots and answers [h, w, 2] of the pixels in `area`."""
        for chunk in self._chunks:
            common = area.meet(chunk.area)
            if common:
                part = slots[
                    common.top - area.top : common.bottom - area.top,
                    common.left - area.left : common.right - area.left,
                ]
                offset = (common.top - chunk.area.top, common.left - chunk.area.left)
                chunk.labels.set_data(np.ascontiguousarray(part), offset=offset)
        self.update()

    def show_palette(self, colors: NDArray[np.uint8]) -> None:
        """[2, 256, 4], as the shader tells."""
        self._palette.set_data(colors)
        self.update()

    def show_sight(self, sight: Sight) -> None:
        self._sight = sight
        self.update()

    def show_look(self, brightness: float, fill: float, outline: float) -> None:
        """`brightness` -1 to 1, the others 0 to 1."""
        self._program["brightness"] = 2.0**-brightness
        self._program["fill"], self._program["outline"] = fill, outline
        self.update()

    def show_answer(self, color: str | None) -> None:
        """Show what the segmenter found in this colour, or not."""
        self._program["answer_shown"] = 0.0 if color is None else 1.0
        self._program["answer_color"] = Color(color or "#000000").rgb
        self.update()

    def show_ground(self, color: str) -> None:
        self._ground = Color(color)
        self.update()

    def paint(self) -> None:
        """See `GuardedCanvas`."""
        gloo.set_viewport(0, 0, *self.physical_size)
        gloo.clear(color=self._ground)
        gloo.set_state(depth_test=False, blend=False, cull_face=False)
        for chunk in self._chunks:
            self._draw(chunk)

    def release(self) -> None:
        """See `GuardedCanvas`."""
        self._chunks = []
        super().release()

    def _draw(self, chunk: Chunk) -> None:
        sight, (width, height) = self._sight, self.size
        ratio = float(self.pixel_scale)
        area = chunk.area
        ends = (
            *sight.widget_place(area.left, area.top),
            *sight.widget_place(area.right, area.bottom),
        )
        if ends[2] < 0 or ends[3] < 0 or ends[0] > width or ends[1] > height:
            return
        program = self._program
        program["corner"] = _corners(area.left, area.top, area.right, area.bottom)
        program["place"] = _corners(0, 0, 1, 1)
        program["photo_scale"] = 2 * sight.scale / width, -2 * sight.scale / height
        program["photo_corner"] = 2 * sight.left / width - 1, 1 - 2 * sight.top / height
        program["photo"] = chunk.photo(sight.scale * ratio)
        program["labels"] = chunk.labels
        step = BORDER / (sight.scale * ratio)
        program["near"] = step / area.shape[1], step / area.shape[0]
        program.draw("triangle_strip")


def _corners(left: float, top: float, right: float, bottom: float) -> NDArray[np.float32]:
    places: Sequence[tuple[float, float]] = (
        (left, top), (right, top), (left, bottom), (right, bottom),
    )  # fmt: skip
    return np.array(places, np.float32)
