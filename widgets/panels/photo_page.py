"""The photo at hand, large, with what became of it."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.scene.document import State
from widgets.guard import guarded
from widgets.panels.parts import Eliding, Panel, column
from widgets.panels.photo_status import photo_status


class PhotoPage(Panel):
    """Shows the photo that is selected: first its thumbnail, then a larger picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("page", parent)
        self.picture = Picture()
        self.picture.setAccessibleName(self.tr("The selected photo"))
        self._title, self._words = Eliding(role="heading"), Eliding(role="soft")
        self.name: str | None = None
        layout = column(self.picture, self._title, self._words, spacing=6)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setStretch(0, 1)
        self.setLayout(layout)
        self._hint = self.tr("Choose a photo on the left to see it here.")
        self._show(None, State())

    def show_state(self, old: State | None, new: State) -> None:
        """Show `new`; nothing is done where photo and verdict are the same."""
        if old is None or any(
            getattr(old, name) is not getattr(new, name)
            for name in ("selected", "plan", "reconstruction")
        ):
            self._show(new.selected, new)

    def show_picture(self, name: str, pixels: NDArray[np.uint8]) -> None:
        """A picture [h, w, 3] of the photo `name`; ignored where it is not the one shown."""
        if name == self.name:
            self.picture.show_pixels(pixels)

    def _show(self, name: str | None, state: State) -> None:
        if name != self.name:
            self.picture.show_pixels(None)
        self.name = name
        self._title.show_text(name or "")
        self._words.show_text(photo_status(state, name).words if name else self._hint)


class Picture(QWidget):
    """A picture as large as it fits, its shape kept."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixmap: QPixmap | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_pixels(self, pixels: NDArray[np.uint8] | None) -> None:
        """[h, w, 3], or None for nothing."""
        if pixels is None:
            self._pixmap = None
        else:
            pixels = np.ascontiguousarray(pixels)
            h, w = pixels.shape[:2]
            image = QImage(pixels.data, w, h, 3 * w, QImage.Format.Format_RGB888)
            self._pixmap = QPixmap.fromImage(image)  # a copy
        self.update()

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._pixmap is None:
            return
        size = self._pixmap.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(left, top, size.width(), size.height())
        painter.drawPixmap(area, self._pixmap, QRectF(self._pixmap.rect()))
        painter.end()
