"""The photo at hand, large, with what became of it, and a lone one's horizon."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.scene.document import State
from core.scene.photo_edits import SetStance
from core.single.looked import Looked
from core.single.stance import UNTOLD, Horizon, Stance
from widgets.guard import guarded
from widgets.panels.horizon import HorizonLayer
from widgets.panels.parts import Eliding, Panel, column
from widgets.panels.photo_status import photo_status


class PhotoPage(Panel):
    """Shows the photo that is selected; over a lone one what tells how it was taken."""

    previewed = Signal(object)  # SetStance
    edited = Signal(object)  # SetStance

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("page", parent)
        self.picture = Picture()
        self.horizon = HorizonLayer(self.picture)
        self.picture.placed.connect(self._place)
        self.horizon.previewed.connect(lambda wanted: self.previewed.emit(self._edit(wanted)))
        self.horizon.moved.connect(lambda wanted: self.edited.emit(self._edit(wanted)))
        self.horizon.given_up.connect(lambda: self.previewed.emit(self._edit(None)))
        self._looked: Looked | None = None
        self._stance = UNTOLD
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
            self._show_horizon(new)

    def show_looked(self, looked: Looked | None, state: State) -> None:
        """Show what was found in a lone photo."""
        self._looked = looked
        self._show_horizon(state)

    def show_picture(self, name: str, pixels: NDArray[np.uint8]) -> None:
        """A picture [h, w, 3] of the photo `name`; ignored where it is not the one shown."""
        if name == self.name:
            self.picture.show_pixels(pixels)

    def _show_horizon(self, state: State) -> None:
        found = self._looked if self._looked and self._looked.photo.name == self.name else None
        stance = UNTOLD if found is None else state.plan.stances.get(found.photo.name, UNTOLD)
        if not self.horizon.dragging:
            self._stance = stance
        self.horizon.show_looked(found, stance.horizon)

    def _edit(self, horizon: Horizon | None) -> SetStance:
        """The photo with that horizon, or as it was before the drag."""
        assert self._looked is not None
        stance: Stance = replace(self._stance, horizon=horizon) if horizon else self._stance
        return SetStance(self._looked.photo.name, stance)

    def _place(self, area: QRectF) -> None:
        self.horizon.setGeometry(self.picture.rect())
        self.horizon.area = area
        self.horizon.update()

    def _show(self, name: str | None, state: State) -> None:
        if name != self.name:
            self.picture.show_pixels(None)
        self.name = name
        self._title.show_text(name or "")
        self._words.show_text(photo_status(state, name).words if name else self._hint)


class Picture(QWidget):
    """A picture as large as it fits, its shape kept."""

    placed = Signal(QRectF)  # where it is drawn

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
        self.placed.emit(self.area())
        self.update()

    def area(self) -> QRectF:
        """Where the picture is drawn; empty while there is none."""
        if self._pixmap is None:
            return QRectF()
        size = self._pixmap.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        return QRectF(left, top, size.width(), size.height())

    @guarded
    def resizeEvent(self, event: QResizeEvent) -> None:
        self.placed.emit(self.area())

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._pixmap is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(self.area(), self._pixmap, QRectF(self._pixmap.rect()))
        painter.end()
