"""The photos of the state as Qt's lists want them."""

from collections.abc import Mapping
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage

from core.scene.document import State
from core.segment.labels import Standing as MaskStanding
from widgets.guard import guarded, guarded_with
from widgets.panels.mask_standing import standing_words
from widgets.panels.photo_status import PhotoStatus, Standing, photo_statuses

THUMBNAIL = QSize(72, 54)  # logical pixels
SHARPEST = 2  # devicePixelRatio up to which thumbnails are kept sharp
Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


class Role(IntEnum):
    """What the delegate asks for besides Qt's own roles."""

    STATUS = Qt.ItemDataRole.UserRole + 1
    THUMBNAIL = Qt.ItemDataRole.UserRole + 2


class PhotoModel(QAbstractListModel):
    """One row a photo; `ticked` wishes that one takes part or not."""

    ticked = Signal(str, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.names: list[str] = []
        self._statuses: dict[str, PhotoStatus] = {}
        self._pictures: dict[str, QImage] = {}

    def show_statuses(self, state: State) -> None:
        """Take over what changed; rows whose photo stays keep their place in selections."""
        statuses = photo_statuses(state)
        names = list(statuses)
        if names == self.names:
            for row, name in enumerate(names):
                if statuses[name] != self._statuses[name]:
                    self._statuses[name] = statuses[name]
                    self.dataChanged.emit(self.index(row), self.index(row))
            return
        self._rearrange(names, statuses)
        self._pictures = {name: self._pictures[name] for name in names if name in self._pictures}

    def _rearrange(self, names: list[str], statuses: dict[str, PhotoStatus]) -> None:
        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        rows = {name: row for row, name in enumerate(names)}
        then = [self.names[index.row()] for index in kept]
        self.names, self._statuses = names, statuses
        now = [self.index(rows[name]) if name in rows else NOWHERE for name in then]
        self.changePersistentIndexList(kept, now)
        self.layoutChanged.emit()

    def show_pictures(self, pictures: Mapping[str, NDArray[np.uint8]]) -> None:
        """Add thumbnails [h, w, 3] by name."""
        rows = {name: row for row, name in enumerate(self.names)}
        for name, pixels in pictures.items():
            self._pictures[name] = fitted(pixels)
            if name in rows:
                index = self.index(rows[name])
                self.dataChanged.emit(index, index, [Role.THUMBNAIL])

    def picture(self, name: str) -> QImage | None:
        return self._pictures.get(name)

    def status(self, name: str) -> PhotoStatus:
        return self._statuses[name]

    def usable(self, name: str) -> bool:
        """Whether it is a photo, not a file that could not be read."""
        status = self._statuses.get(name)
        return status is not None and status.standing is not Standing.LEFT_OUT

    @guarded_with(lambda: 0)
    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.names)

    @guarded
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.names):
            return None
        name = self.names[index.row()]
        status = self._statuses[name]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return name
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join([name, status.detail or status.words, *_of_mask(status)])
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join([name, status.words, *_of_mask(status)])
            case Qt.ItemDataRole.CheckStateRole if self.usable(name):
                excluded = status.standing is Standing.EXCLUDED
                return Qt.CheckState.Unchecked if excluded else Qt.CheckState.Checked
            case Role.STATUS:
                return status
            case Role.THUMBNAIL:
                return self._pictures.get(name)
        return None

    @guarded
    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        checked = Qt.CheckState(value) == Qt.CheckState.Checked
        self.ticked.emit(self.names[index.row()], checked)
        return True

    @guarded_with(lambda: Qt.ItemFlag.NoItemFlags)
    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or index.row() >= len(self.names):
            return Qt.ItemFlag.NoItemFlags
        if not self.usable(self.names[index.row()]):
            # Told about, and found by the keyboard, but nothing can be done with it.
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsUserCheckable
            | Qt.ItemFlag.ItemNeverHasChildren
        )


def _of_mask(status: PhotoStatus) -> list[str]:
    """Whose the mask is, where there is one."""
    there = status.mask is not MaskStanding.NONE
    return [standing_words(status.mask)] if there else []


def fitted(pixels: NDArray[np.uint8]) -> QImage:
    """A picture [h, w, 3] as large as any thumbnail needs it, with memory of its own."""
    whole = as_image(pixels)
    return whole.scaled(
        THUMBNAIL * SHARPEST,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )


def as_image(pixels: NDArray[np.uint8]) -> QImage:
    """A picture [h, w, 3] uint8 RGB as Qt's, with memory of its own."""
    height, width = pixels.shape[:2]
    rows = np.ascontiguousarray(pixels)
    return QImage(rows.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
