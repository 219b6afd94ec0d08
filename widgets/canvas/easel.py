"""Where the photo is drawn, once it is seen."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QWidget

from core.segment.labels import PhotoMask
from core.segment.masks import Masks
from core.segment.tiles import Tiled
from widgets import theme
from widgets.canvas.options import CanvasOptions, Shown
from widgets.canvas.paint import Palette
from widgets.canvas.sight import Sight
from widgets.drawn.place import CanvasPlace

if TYPE_CHECKING:
    from collections.abc import Callable

    from widgets.canvas.picture import PictureCanvas

FRESH = 0.6  # of all tiles: where more have changed, all are drawn anew


class Easel(CanvasPlace):
    """Keeps what is to be seen, and gives the canvas only what has changed."""

    def __init__(self, parent: QWidget) -> None:
        sorry = QCoreApplication.translate(
            "Easel",
            "Masks need OpenGL to be drawn, which cannot be had here. "
            "Masks can still be imported, and the scene be built.",
        )
        super().__init__(sorry, parent)
        self.failed.connect(self.release)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._canvas: PictureCanvas | None = None
        self._making = False
        self._pixels: NDArray[np.uint8] | None = None
        self._photo_drawn: NDArray[np.uint8] | None = None
        self._mask: PhotoMask | None = None
        self._mask_drawn: PhotoMask | None = None
        self._answer: Tiled | None = None
        self._answer_drawn: Tiled | None = None
        self._palette = Palette.of(Masks())
        self._palette_drawn: Palette | None = None
        self._sight, self._options, self._color = Sight(), CanvasOptions(), "#ffffff"
        theme.notifier().changed.connect(self.draw)

    def show_photo(self, pixels: NDArray[np.uint8] | None, mask: PhotoMask | None) -> None:
        """A photo [H, W, 3] and its mask, of the same size."""
        self._pixels, self._mask, self._answer = pixels, mask, None
        self.draw()

    def show_mask(self, mask: PhotoMask) -> None:
        """Another version of the mask."""
        self._mask = mask
        self.draw()

    def show_answer(self, answer: Tiled | None, color: str) -> None:
        """What the segmenter found, in the colour of its object."""
        self._answer, self._color = answer, color
        self.draw()

    def show_objects(self, masks: Masks) -> None:
        """Colours, and which objects are seen."""
        self._palette = Palette.of(masks)
        self.draw()

    def show_view(self, sight: Sight, options: CanvasOptions) -> None:
        """Which part, and how."""
        self._sight, self._options = sight, options
        self.draw()

    def release(self) -> None:
        """Give the canvas back; the next time it is shown there is a new one."""
        canvas, self._canvas = self._canvas, None
        self._photo_drawn = self._mask_drawn = self._answer_drawn = self._palette_drawn = None
        if canvas is not None:
            canvas.release()

    def draw(self) -> None:
        """Bring the canvas up to date, once it can be seen."""
        if not self.isVisible() or not self.can_draw() or self._making:
            return
        if self._canvas is None:
            # Qt may tell of sizes meanwhile, which is no reason to make another one.
            self._making = True
            self._canvas = self.made(_canvas)
            self._making = False
        if self._canvas is None:
            return
        canvas, options = self._canvas, self._options
        if self._pixels is not self._photo_drawn:
            canvas.show_photo(self._pixels)
            self._photo_drawn, self._mask_drawn = self._pixels, None
        self._draw_labels(canvas)
        canvas.show_sight(self._sight)
        canvas.show_ground(theme.current().window)
        hidden = options.shown is Shown.NOTHING
        filled = options.opacity if options.shown is Shown.FILL else 0.0
        canvas.show_look(options.brightness, filled, 0.0 if hidden else 0.9)
        canvas.show_answer(None if self._answer is None else self._color)

    def _draw_labels(self, canvas: "PictureCanvas") -> None:
        mask = self._mask
        if self._pixels is None or mask is None:
            return
        if self._palette is not self._palette_drawn:
            canvas.show_palette(self._palette.colors)
            drawn = self._palette_drawn
            same = drawn is not None and np.array_equal(drawn.slots, self._palette.slots)
            self._palette_drawn = self._palette
            if not same:
                self._mask_drawn = None
        if self._mask_drawn is None:
            areas = {mask.codes.area}
        else:
            areas = set(mask.codes.changes(self._mask_drawn.codes))
            if self._answer is not self._answer_drawn:
                for answer in (self._answer, self._answer_drawn):
                    bounds = answer.bounds() if answer is not None else None
                    areas |= {bounds} if bounds else set()
        if len(areas) > FRESH * len(mask.codes.tiles):
            areas = {mask.codes.area}
        for area in areas:
            canvas.show_slots(area, self._palette.drawn(mask, self._answer, area))
        self._mask_drawn, self._answer_drawn = mask, self._answer


def _canvas(place: QWidget, fail: "Callable[[], None]") -> "PictureCanvas":
    from widgets.canvas.picture import PictureCanvas

    canvas = PictureCanvas(place, fail)
    canvas.native.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    canvas.native.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return canvas
